"""A replay as JSON for programs, or as a few lines and tables for people."""

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from commerce_agent.replaying.rerun import FactsOf, Outcome, TurnReplayed
from conversations.ids import ConversationId
from conversations.replay import Difference

MARKS: dict[Outcome, tuple[str, str]] = {
    "same": ("=", "green"),
    "different": ("≠", "yellow"),
    "not_replayed": ("?", "yellow"),
    "undecided": ("·", "dim"),
}
LONGEST_VALUE = 160


class StateCheck(msgspec.Struct, frozen=True, kw_only=True):
    """The state that Redis served against the fold of the journal up to the same version."""

    version: int
    """The journal's."""
    served: int | None
    """The version that Redis held; None where it held none."""
    differences: tuple[Difference, ...]


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation, replayed."""

    conversation: ConversationId
    facts: FactsOf
    state: StateCheck
    turns: tuple[TurnReplayed, ...]
    recorded_by: tuple[str, ...] = ()
    """The versions of the code that recorded it."""
    run_by: str = ""
    """The version that ran it again."""

    @property
    def is_different(self) -> bool:
        """Whether anything came out otherwise than it was recorded."""
        return bool(self.state.differences) or any(turn.outcome == "different" for turn in self.turns)

    @property
    def is_whole(self) -> bool:
        """Whether every turn that decided anything was run again."""
        return all(turn.outcome != "not_replayed" for turn in self.turns)

    @property
    def is_same(self) -> bool:
        """Whether everything that was decided came out again as it was recorded."""
        return self.is_whole and not self.is_different

    @property
    def exit_code(self) -> int:
        """What the command answers with: of a turn that could not be run again nobody can say that it is the same."""
        if self.is_different:
            return 1
        return 0 if self.is_whole else 2


def to_json(replay: Replay) -> dict[str, object]:
    """The replay in plain values."""
    return {
        "conversation": replay.conversation,
        "facts": replay.facts,
        "recorded_by": replay.recorded_by,
        "run_by": replay.run_by,
        "same": replay.is_same,
        "whole": replay.is_whole,
        "state": msgspec.to_builtins(replay.state),
        "turns": [
            {
                "turn": turn.turn,
                "said": turn.said,
                "outcome": turn.outcome,
                "reason": turn.reason,
                "differences": msgspec.to_builtins(turn.differences),
            }
            for turn in replay.turns
        ],
    }


def print_replay(replay: Replay, *, console: Console) -> None:
    """Prints the replay for a person."""
    recorded = ", ".join(replay.recorded_by) or "a version that was not noted"
    console.print(Text(f"Recorded by {recorded}; run again by {replay.run_by}.", style="dim"))
    for turn in replay.turns:
        mark, style = MARKS[turn.outcome]
        line = Text(f"{mark} {turn.turn:>3}  {' / '.join(turn.said.splitlines())}", style=style)
        console.print(line)
        if turn.reason:
            console.print(Text(f"       {turn.reason}", style="dim"))
        _print_differences(turn.differences, console=console, columns=("recorded", f"facts {replay.facts}"))
    _print_state(replay.state, console=console)
    different = sum(turn.outcome == "different" for turn in replay.turns)
    left_out = sum(turn.outcome == "not_replayed" for turn in replay.turns)
    undecided = sum(turn.outcome == "undecided" for turn in replay.turns)
    nothing = f", in {undecided} nothing was decided" if undecided else ""
    console.print(
        Text(
            f"{len(replay.turns)} turns: {different} came out otherwise, {left_out} could not be run again{nothing}."
        )
    )


def _print_state(state: StateCheck, *, console: Console) -> None:
    if state.served is None:
        console.print(Text(f"State at version {state.version}: Redis holds none to compare it with."))
        return
    same = "is" if not state.differences else "is NOT"
    console.print(Text(f"State: what Redis holds at version {state.served} {same} the fold of the journal."))
    _print_differences(state.differences, console=console, columns=("journal", "Redis"))


def _print_differences(
    differences: tuple[Difference, ...], *, console: Console, columns: tuple[str, str]
) -> None:
    if not differences:
        return
    table = Table(show_edge=False, pad_edge=False)
    for name in ("path", *columns):
        table.add_column(name, overflow="fold")
    for each in differences:
        table.add_row(Text(each.path), Text(_shorten(each.before)), Text(_shorten(each.after)))
    console.print(table)


def _shorten(value: str) -> str:
    return value if len(value) <= LONGEST_VALUE else f"{value[: LONGEST_VALUE - 1]}…"
