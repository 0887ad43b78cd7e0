from typing import assert_never

import msgspec

from conversations.events.decisions import Decision, DecisionMade, ToolCalled

DecisionEvent = DecisionMade | ToolCalled

KEPT_DECISIONS = 5
"""Why-questions reach this far back without reading the journal."""


class Decisions(msgspec.Struct, frozen=True, kw_only=True):
    """The latest decisions, oldest first."""

    latest: tuple[Decision, ...] = ()


def apply_decisions(decisions: Decisions, event: DecisionEvent) -> Decisions:
    """Answers the slice after the event. A tool call is recorded for the trail and changes no state."""
    match event:
        case DecisionMade():
            return Decisions(latest=(*decisions.latest, event.decision)[-KEPT_DECISIONS:])
        case ToolCalled():
            return decisions
        case _:
            assert_never(event)
