"""Who may speak in a turn, and how one that cannot says so."""

from typing import Protocol

import msgspec

from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.closing import Spoke, Used
from commerce_agent.agent.shop.settings import SettingsKeeper
from commerce_agent.agent.spending.model_door import ModelDoor


class Attempt:
    """What a turn has taken so far of whoever answers it: on record also where it is closed before the answer."""

    def __init__(self) -> None:
        self.settings = 0
        """The version of the shop's settings that holds; 0 before they are read, and where there are none."""
        self.tier = ""
        """How large the shop's budget is; empty before its settings are read."""
        self.used: Used | None = None
        """What a model took, whatever came of its answer; None where none was asked."""

    def close(self, *, planner: str, reason: str) -> Spoke:
        """Who gave the reply, with what it took."""
        return Spoke(planner=planner, reason=reason, used=self.used, settings=self.settings)

    def close_without_words(self, *, reason: str) -> Spoke:
        """That nobody gave one, with the numbers of what it took: of the words any may be what cannot be stored."""
        used = self.used and Used(
            model="",
            input_tokens=self.used.input_tokens,
            output_tokens=self.used.output_tokens,
            micros=self.used.micros,
        )
        return Spoke(planner="none", reason=reason, used=used, settings=self.settings)


class Spoken(Protocol):
    """A planner other than the built-in one."""

    name: str

    async def answer(self, scene: Scene, *, door: ModelDoor, attempt: Attempt) -> None:
        """Says the reply, and leaves in the attempt what it took, however it ends.

        Raises `PlannerFailed` when it could not or may not, and nothing it did is kept then.
        """
        ...


class Models(msgspec.Struct, frozen=True, kw_only=True):
    """What a turn asks a model by: who speaks, through which door, and what the shop wants of it."""

    settings: SettingsKeeper
    door: ModelDoor
    claude: Spoken | None = None


class PlannerFailed(Exception):
    """The planner could not finish the turn. The built-in planner answers in its place."""

    def __init__(self, *, planner: str, reason: str) -> None:
        super().__init__(f"{planner} could not answer: {reason}.")
        self.planner = planner
        self.reason = reason
