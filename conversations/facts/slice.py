from collections.abc import Container, Iterable, Iterator, Set
from datetime import datetime
from itertools import chain
from typing import TypeVar, assert_never

import msgspec

from conversations.events import Event
from conversations.events.facts import Fact, FactConflict, FactsCited, FactsObserved, FactSuperseded
from conversations.facts.canon import (
    choose_canonical,
    contradicts,
    date_after,
    find_conflict,
    follows,
    get_line,
    merge_heads,
)
from conversations.facts.likeness import is_like
from conversations.ids import EntityRef

KEPT_REPLACED = 16
"""Far more than arrive while one turn runs."""

KEPT_CONFLICTS = 32

STANDING = ("policy", "order")
"""Of these a shop, or a shopper, has a few."""
KEPT_PASSING = 8
"""Items that were read of but never shown or named: what was found sold out may be asked about in the next turns."""
KEPT_PROMOTIONS = 40
"""Codes that a shopper tries are of any number."""

FactEvent = FactsObserved | FactsCited | FactSuperseded

Kept = TypeVar("Kept", Fact, tuple[Fact, ...])


def get_fact_key(*, subject: EntityRef, name: str) -> str:
    """Names the one canonical fact of this subject and name."""
    return f"{subject.kind}:{subject.key}:{name}"


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """The canonical fact of each subject and name, and those that were told."""

    canonical: dict[str, Fact] = {}
    cited: dict[str, Fact] = {}
    """What the shopper was last told, by subject and name: it outlives a newer canonical value."""
    cited_elsewhere: dict[str, Fact] = {}
    """What was told last of each other scope of a policy, by subject, name and scope: it still holds there. Of a
    price, what was told before one that rests on something else, such as a code."""
    contenders: dict[str, tuple[Fact, ...]] = {}
    """Where several sources answered: the newest answer of each."""
    contenders_elsewhere: dict[str, tuple[Fact, ...]] = {}
    """The same for each other scope that a policy was asked for, by subject, name and scope: one scope's answers do
    not make another's forgotten."""
    conflicts: tuple[FactConflict, ...] = ()
    """Answers that lately differed from the one that holds, and why they gave way."""
    replaced: tuple[Fact, ...] = ()
    """Those that news lately overtook: the turn that ran meanwhile told them, and cites them at its end."""
    observed: int = 0
    """Facts observed so far; the next id is minted from it."""

    def find(self, *, subject: EntityRef, name: str, line: str | None = None) -> Fact | None:
        """The canonical fact, if one was observed. Of a policy, that of the scope that was answered last; with
        `line`, that of its own scope: see `get_line`.
        """
        key = get_fact_key(subject=subject, name=name)
        last = self.canonical.get(key)
        if line is None or (last is not None and get_line(last) == line):
            return last
        heads = self.contenders_elsewhere.get(_name_line(key, line=line))
        return choose_canonical(heads) if heads else None

    def list_heads(self, *, subject: EntityRef, name: str) -> tuple[Fact, ...]:
        """The newest answer of each source, where several gave one; the latest first."""
        heads = self.contenders.get(get_fact_key(subject=subject, name=name), ())
        return tuple(sorted(heads, key=lambda fact: fact.observed_at, reverse=True))

    def list_answers(self, *, subject: EntityRef, name: str) -> tuple[Fact, ...]:
        """The canonical fact of each scope, the one that was answered last first."""
        key = get_fact_key(subject=subject, name=name)
        others = (heads for place, heads in self.contenders_elsewhere.items() if place.startswith(f"{key}/"))
        last = self.canonical.get(key)
        return (*(() if last is None else (last,)), *map(choose_canonical, others))

    def list_elsewhere(self) -> tuple[Fact, ...]:
        """The canonical fact of each other scope of a policy than the one that was answered last."""
        return tuple(map(choose_canonical, self.contenders_elsewhere.values()))

    def find_cited(self, *, subject: EntityRef, name: str) -> Fact | None:
        """What the shopper was last told of it."""
        return self.cited.get(get_fact_key(subject=subject, name=name))

    def find_told(self, *, subject: EntityRef, name: str, line: str) -> Fact | None:
        """What the shopper was last told in answer to the very question of this line: see `get_line`."""
        last = self.find_cited(subject=subject, name=name)
        if last is None or get_line(last) == line:
            return last
        return self.cited_elsewhere.get(_name_line(get_fact_key(subject=subject, name=name), line=line))

    def list_told(self, *, subject: EntityRef, name: str) -> tuple[Fact, ...]:
        """What the shopper was told of it last, and before that where it rests on something else, such as no code."""
        key = get_fact_key(subject=subject, name=name)
        told = (self.cited.get(key), self.cited_elsewhere.get(_name_line(key, line="")))
        return tuple(fact for fact in told if fact is not None)

    def date(self, fact: Fact) -> Fact:
        """The fact as it was read now: after what the same source has said within the same instant."""
        key, line = get_fact_key(subject=fact.subject, name=fact.name), get_line(fact)
        before = self.canonical.get(key)
        if before is None:
            return fact
        if get_line(before) == line:
            return date_after(fact, heads=self.contenders.get(key, (before,)))
        return date_after(fact, heads=self.contenders_elsewhere.get(_name_line(key, line=line), ()))

    def list_conflicts(self, fact: Fact) -> tuple[FactConflict, ...]:
        """What lately gave way over the question that this fact answers."""
        asked = (fact.subject, fact.name)
        return tuple(conflict for conflict in self.conflicts if (conflict.subject, conflict.name) == asked)


def apply_facts(facts: Facts, event: FactEvent) -> Facts:
    """Answers the slice after the event."""
    match event:
        case FactsObserved():
            return _answered(facts, event.facts, keep_replaced=False)
        case FactsCited():
            return _cite(facts, told=_list_told(facts, ids=event.ids))
        case FactSuperseded():
            return _answered(facts, (event.fact,), keep_replaced=True)
        case _:
            assert_never(event)


STOCK = frozenset({"stock", "availability"})


def forget_told_stock(facts: Facts, *, refs: Set[EntityRef]) -> Facts:
    """Without what was told of the stock of these: the shopper has taken of it, or given of it back, and whatever was
    told before that measures no change of somebody else's doing.
    """
    if not refs:
        return facts
    told = {key for key, fact in facts.cited.items() if fact.name in STOCK and fact.subject in refs}
    return msgspec.structs.replace(facts, cited=_without(facts.cited, told)) if told else facts


def date_facts(facts: Facts, events: Iterable[Event]) -> tuple[Event, ...]:
    """What is appended next, its facts dated after those of the same instant that stand already."""
    replace, dated = msgspec.structs.replace, list[Event]()
    for event in events:
        match event:
            case FactsObserved():
                dated.append(replace(event, facts=tuple(facts.date(fact) for fact in event.facts)))
            case FactSuperseded():
                dated.append(replace(event, fact=facts.date(event.fact)))
            case _:
                dated.append(event)
    return tuple(dated)


def _list_told(facts: Facts, *, ids: tuple[str, ...]) -> list[Fact]:
    """The facts of these ids, as they hold or were lately overtaken. What is told was mostly read last."""
    missing, by_id = set(ids), dict[str, Fact]()
    elsewhere = chain.from_iterable(facts.contenders_elsewhere.values())
    for fact in chain(reversed(facts.canonical.values()), elsewhere, reversed(facts.replaced)):
        if fact.id in missing:
            by_id[fact.id] = fact
            missing.discard(fact.id)
            if not missing:
                break
    return [by_id[id] for id in ids if id in by_id]


def _cite(facts: Facts, *, told: Iterable[Fact]) -> Facts:
    """What was told of another scope, before or in the same turn, is not forgotten over what is told next."""
    cited, elsewhere = dict(facts.cited), facts.cited_elsewhere
    for fact in told:
        key, line = get_fact_key(subject=fact.subject, name=fact.name), get_line(fact)
        before = cited.get(key)
        if before is not None and get_line(before) != line:
            elsewhere = {**elsewhere, _name_line(key, line=get_line(before)): before}
            elsewhere.pop(_name_line(key, line=line), None)
        elif before is not None and fact.name == "price":
            elsewhere = _set_apart(elsewhere, before, fact=fact, place=_name_line(key, line=""))
        cited[key] = fact
    return msgspec.structs.replace(facts, cited=cited, cited_elsewhere=elsewhere)


def _set_apart(told: dict[str, Fact], before: Fact, *, fact: Fact, place: str) -> dict[str, Fact]:
    """A price that was told without a code is told still where one with the code follows. Where the like of it has
    moved, the shopper knows that it did, and the older one says no more.
    """
    if not is_like(fact, before=before):
        return {**told, place: before}
    if fact.value == before.value or place not in told:
        return told
    return {name: each for name, each in told.items() if name != place}


def _name_line(key: str, *, line: str) -> str:
    return f"{key}/{line}"


def _answered(facts: Facts, answers: tuple[Fact, ...], *, keep_replaced: bool) -> Facts:
    """The canon with these answers. What gave way is kept a while: a turn may have told it, and cite it yet."""
    canonical, contenders = dict(facts.canonical), dict(facts.contenders)
    elsewhere = facts.contenders_elsewhere
    replaced, conflicts = list(facts.replaced), list(facts.conflicts)
    for fact in answers:
        key = get_fact_key(subject=fact.subject, name=fact.name)
        before = canonical.get(key)
        if before is None:
            canonical[key] = fact
            continue
        heads, line = contenders.pop(key, (before,)), get_line(fact)
        if get_line(before) != line:
            elsewhere = {**elsewhere, _name_line(key, line=get_line(before)): heads}
            heads = elsewhere.pop(_name_line(key, line=line), ())
        merged = merge_heads(heads, fact)
        holds = canonical[key] = choose_canonical(merged)
        if len(merged) > 1:
            contenders[key] = merged
        for gone in (before, fact):
            if gone.id == holds.id:
                continue
            if keep_replaced or gone.id == fact.id:
                replaced.append(gone)
            followed = gone.id != fact.id and follows(holds, before=gone)
            followed = followed and not contradicts(holds, before=gone)
            conflict = None if followed else find_conflict(winner=holds, loser=gone, heads=merged)
            if conflict is not None:
                conflicts.append(conflict)
    return msgspec.structs.replace(
        facts,
        canonical=canonical,
        contenders=contenders,
        contenders_elsewhere=elsewhere,
        replaced=tuple(replaced[-KEPT_REPLACED:]),
        conflicts=tuple(conflicts[-KEPT_CONFLICTS:]),
        observed=facts.observed + len(answers),
    )


def cool_facts(facts: Facts, *, gone: Set[str], at_hand: Container[str], held: Set[str]) -> Facts:
    """Leaves the facts of items that are not at hand any more to the journal, and those of items that never were as
    others come: goods that a search found sold out, or that there is news of long after. What is held stays whatever
    its age, and so do policies and orders.
    """
    strangers = {
        key: fact
        for key, fact in chain(facts.canonical.items(), _list_told_only(facts))
        if fact.subject.key not in at_hand and fact.subject.kind not in STANDING
    }
    passing: dict[EntityRef, datetime] = {}
    cold = set[str]()
    for key, fact in strangers.items():
        ref = fact.subject
        if ref.key in held:
            continue
        if ref.key in gone:
            cold.add(key)
        else:
            passing[ref] = max(fact.observed_at, passing.get(ref, fact.observed_at))
    late = _list_late(passing)
    cold.update(key for key, fact in strangers.items() if fact.subject in late)
    if not cold:
        return facts
    return msgspec.structs.replace(
        facts,
        canonical=_without(facts.canonical, cold),
        cited=_without(facts.cited, cold),
        cited_elsewhere=_without(facts.cited_elsewhere, {_name_line(key, line="") for key in cold}),
        contenders=_without(facts.contenders, cold),
    )


def _list_told_only(facts: Facts) -> Iterator[tuple[str, Fact]]:
    return ((key, facts.cited[key]) for key in facts.cited.keys() - facts.canonical.keys())


def _list_late(passing: dict[EntityRef, datetime]) -> frozenset[EntityRef]:
    """Of each kind, those besides the ones that were asked about last."""
    late = set[EntityRef]()
    for kind in {ref.kind for ref in passing}:
        newest = sorted((ref for ref in passing if ref.kind == kind), key=lambda ref: (passing[ref], ref))
        most = KEPT_PROMOTIONS if kind == "promotion" else KEPT_PASSING
        late.update(newest[: max(0, len(newest) - most)])
    return frozenset(late)


def _without(kept: dict[str, Kept], keys: set[str]) -> dict[str, Kept]:
    rest = kept.copy()
    for key in keys:
        rest.pop(key, None)
    return rest
