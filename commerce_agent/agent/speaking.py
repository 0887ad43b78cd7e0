"""Who may speak in a turn, and how one that cannot says so."""

from typing import Protocol

import msgspec

from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.closing import Used
from commerce_agent.agent.merchant_settings import SettingsKeeper
from commerce_agent.agent.model_door import ModelDoor


class Spoken(Protocol):
    """A planner other than the built-in one."""

    name: str

    async def answer(self, scene: Scene, *, door: ModelDoor) -> Used:
        """Says the reply; raises `PlannerFailed` when it could not or may not, and nothing it did is kept then."""
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
        self.used: Used | None = None
        """What it took until then, where anything was asked."""
