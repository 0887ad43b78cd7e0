"""What a journal says of items, terms and facts, read once, so that a decision's record can be told in words."""

from datetime import datetime
from typing import Self

import msgspec

from commerce_agent.agent.explain.plain import tell_constraint
from conversations.events import Recorded
from conversations.events.constraints import (
    Constraint,
    ConstraintStated,
    ConstraintSuperseded,
    ConstraintWithdrawn,
)
from conversations.events.decisions import Decision, DecisionMade, ToolCalled
from conversations.events.entities import EntitiesIntroduced, EntitiesShown
from conversations.events.facts import Fact, FactsObserved, FactSuperseded
from conversations.events.messages import CardsShown
from conversations.ids import EntityRef

ENDINGS = {
    "dropped": "dropped by the shopper",
    "topic_changed": "another topic",
    "started_over": "started over",
}


class Showing(msgspec.Struct, frozen=True, kw_only=True):
    """Where an item stood when it was put before the shopper."""

    turn: int
    place: int


class Register(msgspec.Struct, frozen=True, kw_only=True):
    """What is known over the whole conversation; `read` fills it."""

    names: dict[EntityRef, str]
    terms: dict[str, Constraint]
    facts: dict[str, Fact]
    newest: dict[tuple[EntityRef, str], Fact]
    showings: dict[EntityRef, list[Showing]]
    calls: dict[int, list[ToolCalled]]
    """The tool calls of each turn, with their arguments."""
    changes: dict[int, list[str]]
    """What each turn changed of the shopper's terms, in words."""
    decisions: dict[int, tuple[datetime, Decision]]
    """Each turn's decision, and when it was committed."""

    @classmethod
    def read(cls, events: tuple[Recorded, ...]) -> Self:
        """Reads a journal once."""
        register = cls(
            names={}, terms={}, facts={}, newest={}, showings={}, calls={}, changes={}, decisions={}
        )
        for recorded in events:
            register._note(recorded)
        return register

    def name(self, ref: EntityRef) -> str:
        """An item's name, or its key where it was never named."""
        return self.names.get(ref, ref.key)

    def find_showing(self, ref: EntityRef, *, before: int) -> Showing | None:
        """Where it was last shown in a turn before that one."""
        earlier = [seen for seen in self.showings.get(ref, ()) if seen.turn < before]
        return earlier[-1] if earlier else None

    def _note(self, recorded: Recorded) -> None:
        event = recorded.event
        match event:
            case EntitiesShown():
                self._note_items(event, turn=recorded.turn)
            case EntitiesIntroduced():
                self.names.update((entity.ref, entity.name) for entity in event.entities)
            case CardsShown():
                self.names.update((card.ref, card.title) for card in event.cards)
            case FactsObserved():
                for fact in event.facts:
                    self._note_fact(fact)
            case FactSuperseded():
                self._note_fact(event.fact)
            case _:
                self._note_turn(recorded)

    def _note_turn(self, recorded: Recorded) -> None:
        event = recorded.event
        match event:
            case ToolCalled():
                self.calls.setdefault(recorded.turn, []).append(event)
            case DecisionMade():
                self.decisions[recorded.turn] = (recorded.at, event.decision)
            case ConstraintStated():
                self.terms[event.constraint.id] = event.constraint
            case ConstraintSuperseded() | ConstraintWithdrawn() if event.id in self.terms:
                self.changes.setdefault(recorded.turn, []).append(self._tell_change(event))
            case _:
                pass

    def _note_items(self, event: EntitiesShown, *, turn: int) -> None:
        for place, entity in enumerate(event.entities, start=1):
            self.names[entity.ref] = entity.name
            self.showings.setdefault(entity.ref, []).append(Showing(turn=turn, place=place))

    def _note_fact(self, fact: Fact) -> None:
        self.facts[fact.id] = fact
        self.newest[fact.subject, fact.name] = fact

    def _tell_change(self, event: ConstraintSuperseded | ConstraintWithdrawn) -> str:
        told = tell_constraint(self.terms[event.id])
        if isinstance(event, ConstraintWithdrawn):
            return f"Ended: {told} ({ENDINGS[event.reason]})"
        if event.by in self.terms:
            return f"Replaced: {told}, now {tell_constraint(self.terms[event.by])}"
        return f"Replaced: {told}"
