"""What a journal says of items, terms and facts, read once, so that a decision's record can be told in words."""

from collections.abc import Iterable
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
from conversations.events.entities import EntitiesIntroduced, EntitiesShown, Entity
from conversations.events.facts import Amount, Fact, FactsObserved, FactSuperseded
from conversations.events.messages import CardsShown, ConversationOpened
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

    currency: str
    """What prices and their limits are in; empty where nobody said."""
    units: dict[str, str]
    """The unit of each measure, as the items told it."""
    names: dict[EntityRef, str]
    terms: dict[str, Constraint]
    facts: dict[str, list[tuple[int, Fact]]]
    """What was told under each id, with the seq it was noted at: one id may have been given to several answers."""
    newest: dict[tuple[EntityRef, str], Fact]
    showings: dict[EntityRef, list[Showing]]
    calls: dict[int, list[ToolCalled]]
    """The tool calls of each turn, with their arguments."""
    changes: dict[int, list[str]]
    """What each turn changed of the shopper's terms, in words."""
    decisions: dict[int, tuple[datetime, Decision]]
    """Each turn's decision, and when it was committed."""
    decided: dict[int, int]
    """The seq of each turn's decision."""
    words: dict[int, str]
    """The digest of the catalogue's words that each turn worked from, where they were kept."""

    @classmethod
    def read(cls, events: tuple[Recorded, ...]) -> Self:
        """Reads a journal once."""
        register = cls(
            currency=_find_currency(events),
            units={},
            names={},
            terms={},
            facts={},
            newest={},
            showings={},
            calls={},
            changes={},
            decisions={},
            decided={},
            words={},
        )
        for recorded in events:
            register._note(recorded)
        return register

    def name(self, ref: EntityRef) -> str:
        """An item's name, or its key where it was never named."""
        return self.names.get(ref, ref.key)

    def tell(self, term: Constraint) -> str:
        """A term in words."""
        return tell_constraint(term, currency=self.currency, unit=self.units.get(term.field, ""))

    def find_showing(self, ref: EntityRef, *, before: int) -> Showing | None:
        """Where it was last shown in a turn before that one."""
        earlier = [seen for seen in self.showings.get(ref, ()) if seen.turn < before]
        return earlier[-1] if earlier else None

    def find_fact(self, told: str, *, turn: int) -> Fact | None:
        """The fact of this id as the decision of the turn knew it."""
        known = self.facts.get(told, [])
        until = self.decided.get(turn)
        then = [fact for seq, fact in known if until is None or seq <= until]
        return then[-1] if then else known[0][1] if known else None

    def _note(self, recorded: Recorded) -> None:
        event = recorded.event
        match event:
            case EntitiesShown():
                self._note_items(event, turn=recorded.turn)
            case EntitiesIntroduced():
                self.names.update((entity.ref, entity.name) for entity in event.entities)
                self._note_units(event.entities)
            case CardsShown():
                self.names.update((card.ref, card.title) for card in event.cards)
            case FactsObserved():
                for fact in event.facts:
                    self._note_fact(fact, seq=recorded.seq)
            case FactSuperseded():
                self._note_fact(event.fact, seq=recorded.seq)
            case _:
                self._note_turn(recorded)

    def _note_turn(self, recorded: Recorded) -> None:
        event = recorded.event
        match event:
            case ToolCalled():
                self.calls.setdefault(recorded.turn, []).append(event)
            case DecisionMade():
                self.decisions[recorded.turn] = (recorded.at, event.decision)
                self.decided[event.decision.turn] = recorded.seq
                if event.basis is not None:
                    self.words[recorded.turn] = event.basis.words
            case ConstraintStated():
                self.terms[event.constraint.id] = event.constraint
            case ConstraintSuperseded() | ConstraintWithdrawn() if event.id in self.terms:
                self.changes.setdefault(recorded.turn, []).append(self._tell_change(event))
            case _:
                pass

    def _note_items(self, event: EntitiesShown, *, turn: int) -> None:
        self._note_units(event.entities)
        for place, entity in enumerate(event.entities, start=1):
            self.names[entity.ref] = entity.name
            self.showings.setdefault(entity.ref, []).append(Showing(turn=turn, place=place))

    def _note_units(self, entities: Iterable[Entity]) -> None:
        """An item tells a measure twice, as "219 g" and as 219: what is beside the number is the unit."""
        for entity in entities:
            for name in entity.measures.keys() & entity.attributes.keys():
                number, _, unit = entity.attributes[name][0].partition(" ")
                if unit and number == f"{entity.measures[name]:g}":
                    self.units.setdefault(name, unit)

    def _note_fact(self, fact: Fact, *, seq: int) -> None:
        self.facts.setdefault(fact.id, []).append((seq, fact))
        self.newest[fact.subject, fact.name] = fact

    def _tell_change(self, event: ConstraintSuperseded | ConstraintWithdrawn) -> str:
        told = self.tell(self.terms[event.id])
        if isinstance(event, ConstraintWithdrawn):
            return f"Ended: {told} ({ENDINGS[event.reason]})"
        if event.by in self.terms:
            return f"Replaced: {told}, now {self.tell(self.terms[event.by])}"
        return f"Replaced: {told}"


def _find_currency(events: Iterable[Recorded]) -> str:
    """What the conversation was opened in; of one that does not say, that of the first sum."""
    for recorded in events:
        match recorded.event:
            case ConversationOpened(currency=currency) if currency:
                return currency
            case FactsObserved(facts=facts):
                for fact in facts:
                    if isinstance(fact.value, Amount):
                        return fact.value.currency
            case _:
                pass
    return ""
