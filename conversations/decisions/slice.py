from typing import assert_never

import msgspec

from conversations.events.decisions import Decision, DecisionMade, ToolCalled

DecisionEvent = DecisionMade | ToolCalled

KEPT_DECISIONS = 5
"""So many decisions that weighed items are kept, however many turns ago they were made, and as many others."""


class Decisions(msgspec.Struct, frozen=True, kw_only=True):
    """The latest decisions, oldest first."""

    latest: tuple[Decision, ...] = ()


def apply_decisions(decisions: Decisions, event: DecisionEvent) -> Decisions:
    """Answers the slice after the event. A tool call is recorded for the trail and changes no state."""
    match event:
        case DecisionMade():
            return Decisions(latest=_kept((*decisions.latest, event.decision)))
        case ToolCalled():
            return decisions
        case _:
            assert_never(event)


def _kept(decisions: tuple[Decision, ...]) -> tuple[Decision, ...]:
    """A why-question asks for what was weighed, which chat about other things must not push out."""
    weighed = [decision.id for decision in decisions if decision.candidates][-KEPT_DECISIONS:]
    others = [decision.id for decision in decisions if not decision.candidates][-KEPT_DECISIONS:]
    kept = {*weighed, *others}
    return tuple([decision for decision in decisions if decision.id in kept])
