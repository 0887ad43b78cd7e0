"""Why a turn answered as it did: terms, candidates, references, facts, tools and checks, in words."""

from datetime import datetime
from typing import Self

import msgspec

from commerce_agent.console.wording import (
    SCOPES,
    tell_constraint,
    tell_duration,
    tell_fact,
    tell_name,
    tell_number,
    tell_planner,
    tell_rule,
)
from conversations.events import Recorded
from conversations.events.constraints import (
    Constraint,
    ConstraintStated,
    ConstraintSuperseded,
    ConstraintWithdrawn,
)
from conversations.events.decisions import Candidate, Decision, DecisionMade, ToolCalled
from conversations.events.entities import EntitiesIntroduced, EntitiesShown, Reference
from conversations.events.facts import Fact, FactsObserved, FactSuperseded
from conversations.events.messages import CardsShown
from conversations.ids import EntityRef

ENDINGS = {
    "dropped": "dropped by the shopper",
    "topic_changed": "another topic",
    "started_over": "started over",
}
OUTCOMES = {"resolved": "Resolved", "ambiguous": "Ambiguous", "unknown": "Not found"}


class Register(msgspec.Struct, frozen=True, kw_only=True):
    """What the journal says of items, terms and facts, over the whole conversation."""

    names: dict[EntityRef, str]
    terms: dict[str, Constraint]
    facts: dict[str, Fact]
    newest: dict[tuple[EntityRef, str], Fact]

    @classmethod
    def read(cls, events: tuple[Recorded, ...]) -> Self:
        """Reads a journal once."""
        register = cls(names={}, terms={}, facts={}, newest={})
        for recorded in events:
            register._note(recorded)
        return register

    def _note(self, recorded: Recorded) -> None:
        event = recorded.event
        match event:
            case EntitiesShown() | EntitiesIntroduced():
                self.names.update((entity.ref, entity.name) for entity in event.entities)
            case CardsShown():
                self.names.update((card.ref, card.title) for card in event.cards)
            case ConstraintStated():
                self.terms[event.constraint.id] = event.constraint
            case FactsObserved():
                for fact in event.facts:
                    self._note_fact(fact)
            case FactSuperseded():
                self._note_fact(event.fact)

    def _note_fact(self, fact: Fact) -> None:
        self.facts[fact.id] = fact
        self.newest[fact.subject, fact.name] = fact

    def name(self, ref: EntityRef) -> str:
        """An item's name, or its key where it was never named."""
        return self.names.get(ref, ref.key)


class TermSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A term that was applied, or that changed in this turn."""

    words: str
    scope: str
    said: str
    turn: int


class CandidateSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An item that was weighed."""

    sku: str
    name: str
    rule: str
    reason: str
    margin: str


class ReferenceSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What a stretch of the shopper's words meant."""

    text: str
    outcome: str
    mood: str
    items: tuple[str, ...]
    question: str
    rules: tuple[str, ...]


class FactSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A fact the reply rests on: its value and age then, and what is known since."""

    subject: str
    name: str
    value: str
    source: str
    observed_at: datetime
    age: str
    version: int
    warning: str
    since: str


class ToolSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A tool that was called."""

    tool: str
    arguments: str
    outcome: str
    milliseconds: str


class VerdictSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A claim held against the facts."""

    claim: str
    fact: str
    passed: bool


class Reasons(msgspec.Struct, frozen=True, kw_only=True):
    """The record of one reply."""

    id: str
    planner: str
    planner_reason: str
    model: str
    tokens: str
    code_version: str
    policies: tuple[str, ...]
    terms: tuple[TermSeen, ...]
    changes: tuple[str, ...]
    kept: tuple[CandidateSeen, ...]
    rejected: tuple[CandidateSeen, ...]
    references: tuple[ReferenceSeen, ...]
    facts: tuple[FactSeen, ...]
    tools: tuple[ToolSeen, ...]
    verdicts: tuple[VerdictSeen, ...]


def explain_turn(events: tuple[Recorded, ...], *, register: Register) -> Reasons | None:
    """The reasons of a turn's reply, None where the turn has no decision yet."""
    made = [event.event.decision for event in events if isinstance(event.event, DecisionMade)]
    if not made:
        return None
    decision = made[-1]
    at = events[-1].at
    candidates = [(candidate.kept, _see_candidate(candidate)) for candidate in decision.candidates]
    return Reasons(
        id=decision.id,
        planner=tell_planner(decision.planner),
        planner_reason=decision.planner_reason,
        model=decision.model,
        tokens=_tell_tokens(decision),
        code_version=decision.code_version,
        policies=decision.policies,
        terms=tuple(_see_term(term) for term in decision.constraints),
        changes=tuple(words for event in events if (words := _find_change(event, register=register))),
        kept=tuple(seen for kept, seen in candidates if kept),
        rejected=tuple(seen for kept, seen in candidates if not kept),
        references=tuple(_see_reference(ref, register=register) for ref in decision.references),
        facts=_list_facts(decision, at=at, register=register),
        tools=tuple(_see_tool(event.event) for event in events if isinstance(event.event, ToolCalled)),
        verdicts=tuple(
            VerdictSeen(claim=v.claim, fact=_tell_ground(v.fact, register=register), passed=v.passed)
            for v in decision.grounding
        ),
    )


def _tell_tokens(decision: Decision) -> str:
    if not decision.input_tokens and not decision.output_tokens:
        return ""
    return f"{decision.input_tokens:,} in, {decision.output_tokens:,} out"


def _see_term(term: Constraint) -> TermSeen:
    return TermSeen(words=tell_constraint(term), scope=SCOPES[term.scope], said=term.text, turn=term.turn)


def _find_change(recorded: Recorded, *, register: Register) -> str:
    event = recorded.event
    match event:
        case ConstraintSuperseded() if event.id in register.terms:
            return f"Replaced: {tell_constraint(register.terms[event.id])}"
        case ConstraintWithdrawn() if event.id in register.terms:
            return f"Ended: {tell_constraint(register.terms[event.id])} ({ENDINGS[event.reason]})"
        case _:
            return ""


def _see_candidate(candidate: Candidate) -> CandidateSeen:
    return CandidateSeen(
        sku=candidate.ref.key,
        name=candidate.name,
        rule=tell_rule(candidate.rule),
        reason=candidate.reason,
        margin="" if candidate.margin is None else tell_number(candidate.margin),
    )


def _see_reference(reference: Reference, *, register: Register) -> ReferenceSeen:
    meant = reference.refs or reference.candidates
    moods = {"resolved": "good", "ambiguous": "low", "unknown": "none"}
    return ReferenceSeen(
        text=reference.text,
        outcome=OUTCOMES[reference.outcome],
        mood=moods[reference.outcome],
        items=tuple(f"{register.name(ref)} ({ref.key})" for ref in meant),
        question=tell_name(reference.question),
        rules=tuple(tell_name(rule) for rule in reference.rules),
    )


def _list_facts(decision: Decision, *, at: datetime, register: Register) -> tuple[FactSeen, ...]:
    ages = dict(zip(decision.facts, decision.fact_ages, strict=False))
    known = [register.facts[name] for name in decision.facts if name in register.facts]
    return tuple(_see_fact(fact, age=ages.get(fact.id), at=at, register=register) for fact in known)


def _see_fact(fact: Fact, *, age: float | None, at: datetime, register: Register) -> FactSeen:
    seconds = (at - fact.observed_at).total_seconds() if age is None else age
    warning = ""
    if fact.stale:
        warning = "Source out of reach: last known answer"
    elif fact.valid_until is not None and fact.valid_until < at:
        warning = "Past its time when used"
    newest = register.newest[fact.subject, fact.name]
    return FactSeen(
        subject=register.name(fact.subject),
        name=tell_name(fact.name),
        value=tell_fact(fact.value),
        source=fact.source,
        observed_at=fact.observed_at,
        age=tell_duration(seconds),
        version=fact.version,
        warning=warning,
        since="" if newest.value == fact.value else f"Later in this conversation: {tell_fact(newest.value)}",
    )


def _see_tool(event: ToolCalled) -> ToolSeen:
    return ToolSeen(
        tool=tell_name(event.tool),
        arguments=event.arguments,
        outcome=event.outcome,
        milliseconds=f"{event.milliseconds:.0f} ms",
    )


def _tell_ground(fact: str | None, *, register: Register) -> str:
    if fact is None or fact not in register.facts:
        return fact or "no fact says so"
    known = register.facts[fact]
    return f"{register.name(known.subject)}, {tell_name(known.name)}: {tell_fact(known.value)}"
