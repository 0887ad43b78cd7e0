"""What a turn has found out so far: its events in order, and the state they lead to.

The state is folded when somebody looks at it: after the last event of a turn nobody does, and what the journal then
reads back is folded anyhow.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from conversations.entities import Entities, EntityEvent
from conversations.events import Event, Recorded
from conversations.events.decisions import Candidate, PolicyPassedOver, ToolCalled
from conversations.events.facts import (
    Authority,
    Fact,
    FactsCited,
    FactsObserved,
    FactSuperseded,
    FactValue,
    Reckoned,
)
from conversations.events.messages import ReplyGiven
from conversations.facts import get_line, is_like, says_otherwise
from conversations.ids import EntityRef
from conversations.state import ConversationState, apply

_CHANGEABLE = {
    "variant": frozenset({"price", "list_price", "stock", "availability"}),
    "order": frozenset({"status", "total"}),
}
"""What of each kind of subject is told only as it was read in the same turn, or just before it."""
_ENDING = ("policy", "promotion")
"""Of these the end that a fact carries is the end of what it tells, and not of an answer's use."""
_JUST_NOW = timedelta(minutes=1)


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of the shop's systems that is about to become a fact."""

    subject: EntityRef
    name: str
    value: FactValue
    source: str
    observed_at: datetime
    valid_until: datetime | None = None
    version: int = 0
    stale: bool = False
    authority: Authority = "api"
    reckoned: Reckoned | msgspec.UnsetType = msgspec.UNSET
    teller: int = 0
    """Which of the systems that the shop has had said it: see `Fact.teller`."""


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    """A question to the shop and its answer, as text."""

    question: str
    answer: msgspec.Raw


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A trail as it stood at one moment."""

    state: ConversationState
    events: tuple[Event, ...]
    candidates: tuple[Candidate, ...]
    cited: dict[str, Fact]
    policies: tuple[str, ...]
    passed_over: tuple[PolicyPassedOver, ...]
    noted: tuple[Noted, ...]
    read: frozenset[tuple[EntityRef, str]]


class Trail:
    """Collects a turn's events; its state is always that after the last one."""

    def __init__(self, *, state: ConversationState, turn: int, at: datetime) -> None:
        self._folded = state
        """The state up to the event before `_unfolded`."""
        self._unfolded: list[Event] = []
        self._told = state.facts
        self.focus_before = state.entities.focus
        """What was in hand when the turn began."""
        recent = state.entities.asked_in >= state.transcript.turns - 1
        self.asked_before = state.entities.asked if recent else None
        """The question that stood open when the turn began."""
        self.since = state.version
        """The version of the state that the turn started from."""
        self.turn = turn
        self.at = at
        self._events: list[Event] = []
        self._candidates: list[Candidate] = []
        self._cited: dict[str, Fact] = {}
        self._policies: list[str] = []
        self._passed_over: list[PolicyPassedOver] = []
        self._noted: list[Noted] = []
        self._noted_in_vain: list[Noted] = []
        self._read: set[tuple[EntityRef, str]] = set()
        self._parts = 0
        self._versions: dict[EntityRef, EntityRef] = {}

    @property
    def state(self) -> ConversationState:
        """The conversation as it stands with everything recorded so far."""
        if self._unfolded:
            after = self._folded
            for event in self._unfolded:
                after = apply(
                    after,
                    Recorded(seq=after.version + 1, frame=None, at=self.at, turn=self.turn, event=event),
                )
            self._folded = after
            self._unfolded.clear()
        return self._folded

    @property
    def entities(self) -> Entities:
        """The items of that state: what moves none of them is not folded for it."""
        if any(isinstance(event, EntityEvent | ReplyGiven) for event in self._unfolded):
            return self.state.entities
        return self._folded.entities

    @property
    def events(self) -> tuple[Event, ...]:
        """Everything recorded so far, in order."""
        return tuple(self._events)

    def note_version(self, ref: EntityRef, *, version: EntityRef) -> None:
        """Notes which version of an item was meant: only the shop knew that it comes in that size."""
        self._versions[ref] = version

    def list_versions(self) -> tuple[EntityRef, ...]:
        """All versions that were asked for in this turn."""
        return tuple(self._versions.values())

    def find_version(self, ref: EntityRef) -> EntityRef:
        """The version that was meant where the item was, or the item."""
        return self._versions.get(ref, ref)

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """The items that were weighed, kept and rejected."""
        return tuple(self._candidates)

    @property
    def cited(self) -> tuple[Fact, ...]:
        """The facts the reply rests on, in the order they were first used."""
        return tuple(self._cited.values())

    @property
    def policies(self) -> tuple[str, ...]:
        """The policy versions that were used, as `returns/store@3`."""
        return tuple(dict.fromkeys(self._policies))

    @property
    def passed_over(self) -> tuple[PolicyPassedOver, ...]:
        """The policies that gave way to those that were used."""
        return tuple(dict.fromkeys(self._passed_over))

    def mark(self) -> Mark:
        """Where the trail stands now, to return to."""
        return Mark(
            state=self.state,
            events=tuple(self._events),
            candidates=tuple(self._candidates),
            cited=dict(self._cited),
            policies=tuple(self._policies),
            passed_over=tuple(self._passed_over),
            noted=tuple(self._noted),
            read=frozenset(self._read),
        )

    def return_to(self, mark: Mark) -> None:
        """Forgets what was found out since the mark; nothing of it was committed."""
        self._folded = mark.state
        self._unfolded.clear()
        self._events = list(mark.events)
        self._candidates = list(mark.candidates)
        self._cited = dict(mark.cited)
        self._policies = list(mark.policies)
        self._passed_over = list(mark.passed_over)
        self._noted = list(mark.noted)
        self._read = set(mark.read)

    def give_up_since(self, mark: Mark) -> None:
        """The same, but the record keeps which tools were called in vain, and what the shop answered them."""
        called = list_dropped(self._events[len(mark.events) :])
        self._noted_in_vain += self._noted[len(mark.noted) :]
        self.return_to(mark)
        self.record(*called)

    def record(self, *events: Event) -> None:
        """Appends events; the state moves on with them."""
        self._unfolded.extend(events)
        self._events.extend(events)

    def record_observations(self, observations: tuple[Observation, ...]) -> tuple[Fact, ...]:
        """Turns answers into facts. One that says the same as before at the same instant keeps its fact."""
        facts: list[Fact] = []
        fresh: list[Fact] = []
        before = self.state.facts
        for seen in observations:
            self._read.add((seen.subject, seen.name))
            known = before.find(subject=seen.subject, name=seen.name)
            fact = Fact(
                id=f"f{before.observed + len(fresh) + 1}",
                subject=seen.subject,
                name=seen.name,
                value=seen.value,
                source=seen.source,
                observed_at=seen.observed_at,
                valid_until=seen.valid_until,
                version=seen.version,
                stale=seen.stale,
                authority="cache" if seen.stale and seen.authority == "api" else seen.authority,
                reckoned=seen.reckoned,
                teller=seen.teller or msgspec.UNSET,
            )
            if known is not None:
                fact = before.date(fact)
                if _says_the_same(known, fact):
                    facts.append(known)
                    continue
            fresh.append(fact)
            facts.append(fact)
        self._record_fresh(fresh)
        return tuple(facts)

    def get_state_as_read(self) -> ConversationState:
        """The state without prices, stock and states of orders that were asked for in no turn of this minute, and
        without what has ended: nobody knows whether they hold. Of policies and promotions the talk hears by itself.
        """
        facts = self.state.facts
        canonical = {key: fact for key, fact in facts.canonical.items() if self._is_current(fact)}
        replace = msgspec.structs.replace
        return replace(self.state, facts=replace(facts, canonical=canonical))

    def _is_current(self, fact: Fact) -> bool:
        if (fact.subject, fact.name) in self._read:
            return True
        has_run_out = fact.valid_until is not None and fact.valid_until <= self.at
        if fact.name not in _CHANGEABLE.get(fact.subject.kind, ()):
            return not (has_run_out and fact.subject.kind in _ENDING)
        return not (fact.stale or has_run_out) and self.at - fact.observed_at <= _JUST_NOW

    def _record_fresh(self, fresh: list[Fact]) -> None:
        """What the shopper was told otherwise is superseded; the rest is observed."""
        overtaken: list[FactSuperseded] = []
        observed: list[Fact] = []
        before = self.state.facts
        for fact in fresh:
            told = before.find_told(subject=fact.subject, name=fact.name, line=get_line(fact))
            if told and not fact.stale and says_otherwise(fact, before=told) and is_like(fact, before=told):
                overtaken.append(FactSuperseded(id=told.id, fact=fact))
            else:
                observed.append(fact)
        # In the order in which their ids were minted, so that the next ids follow.
        if observed:
            self.record(FactsObserved(facts=tuple(observed)))
        self.record(*overtaken)

    def list_changes(self) -> tuple[tuple[Fact, Fact], ...]:
        """What the shopper was told before this turn and what holds now, where that is something else: first of what
        the reply cites, then of what news had changed before. A price with a code is held against none without it.
        """
        changes: list[tuple[Fact, Fact]] = []
        for fact in self.cited:
            told = self._told.find_told(subject=fact.subject, name=fact.name, line=get_line(fact))
            if told and told.value != fact.value and is_like(fact, before=told):
                changes.append((told, fact))
        seen = {now.id for _, now in changes}
        for told in (*self._told.cited.values(), *self._told.cited_elsewhere.values()):
            change = self._find_change_of(told)
            if change is not None and change[1].id not in seen:
                changes.append(change)
        return tuple(changes)

    def find_change(self, *, subject: EntityRef, name: str) -> tuple[Fact, Fact] | None:
        """What the shopper was told, and what holds, where news had it changed before this turn began."""
        told = self._told.find_cited(subject=subject, name=name)
        return None if told is None else self._find_change_of(told)

    def _find_change_of(self, told: Fact) -> tuple[Fact, Fact] | None:
        """The same of what was told in answer to one question: a policy's other scope is another one."""
        line = get_line(told)
        heard = self._told.find(subject=told.subject, name=told.name, line=line)
        holds = self.state.facts.find(subject=told.subject, name=told.name, line=line)
        if heard is None or holds is None or holds.stale or told.value in (heard.value, holds.value):
            return None
        return (told, holds) if is_like(heard, before=told) and is_like(holds, before=told) else None

    def cite(self, *facts: Fact) -> None:
        """Says that the reply rests on these facts."""
        for fact in facts:
            self._cited[fact.id] = fact

    def record_citations(self) -> None:
        """Records what the reply told, once, at the end of the turn."""
        if self._cited:
            self.record(FactsCited(ids=tuple(self._cited)))

    def weigh(self, *candidates: Candidate) -> None:
        """Adds items that were weighed; a later verdict on the same item takes the earlier one's place."""
        weighed = {candidate.ref for candidate in candidates}
        self._candidates = [kept for kept in self._candidates if kept.ref not in weighed]
        self._candidates.extend(candidates)

    def use_policy(self, version: str, *passed_over: PolicyPassedOver) -> None:
        """Says that a policy version was used, and which others gave way to it."""
        self._policies.append(version)
        self._passed_over.extend(passed_over)

    @property
    def noted(self) -> tuple[Noted, ...]:
        """What the shop was asked and answered, in order."""
        return tuple(self._noted)

    @property
    def noted_for_record(self) -> tuple[Noted, ...]:
        """The same, with what was answered to questions that only an attempt asked which was given up: its prompt can
        be written again from these.
        """
        asked = {noted.question for noted in self._noted}
        return (*self._noted, *(noted for noted in self._noted_in_vain if noted.question not in asked))

    def note_answer(self, noted: Noted) -> None:
        """Keeps an answer of the shop, so that the turn can be run again."""
        self._noted.append(noted)

    def mint_part(self) -> str:
        """The next part's id, unique within the conversation."""
        self._parts += 1
        return f"t{self.turn}p{self._parts}"


def list_dropped(events: Iterable[Event]) -> tuple[ToolCalled, ...]:
    """The tool calls among events of which nothing else is kept."""
    return tuple(
        msgspec.structs.replace(event, dropped=True) for event in events if isinstance(event, ToolCalled)
    )


def _says_the_same(known: Fact, seen: Fact) -> bool:
    return (known.value, known.source, known.teller, known.version, known.stale, known.observed_at) == (
        seen.value,
        seen.source,
        seen.teller,
        seen.version,
        seen.stale,
        seen.observed_at,
    )
