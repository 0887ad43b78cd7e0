"""Which of several answers to one question holds: by whose they are, then by version, then by time.

A shop that exchanges a system has another teller: of each authority the latest one is heard, whatever those before it
said and how they numbered it. Tellers are numbered where they are entered, so that nobody needs to know when an answer
came. Of each source the newest answer is kept: by version, then by time. Among these the highest authority holds that
had not run out when any other of them was read; among equals, the highest version, then the latest. An answer that
nobody numbered (version 0) says nothing of versions, so time decides between it and the best of the numbered ones. Of
two that a source gave in one version at one instant, and that differ, one holds by what it says: neither is later, so
neither may win by having arrived last. That is a function of the answers alone, in whatever order they arrived. An
answer that runs out the moment it is given (what an order was charged) holds until another one is read.

A policy's answer for another scope is an answer to another question: what holds of each scope is a function of the
answers for it, and the scope that was answered last is what a question without one means.

Whoever reads twice within one instant does know which came last, and says so (`date_after`).

A source's later answer only follows its earlier one, unless both have one number: who says two things under one
version contradicts itself, and the earlier of them gives way by a rule too.

What gave way is kept with the rule in `facts.conflicts` and in the decision that cites the fact.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from conversations.events.facts import (
    AUTHORITIES,
    UNBOOKED,
    Authority,
    ConflictRule,
    Fact,
    FactConflict,
    Reckoned,
)

ONE_INSTANT = timedelta(milliseconds=1)
NEXT = timedelta(microseconds=1)
_RANKS = {authority: rank for rank, authority in enumerate(reversed(AUTHORITIES))}


def get_line(fact: Fact) -> str:
    """What else the question was about: a policy's answer for another scope is an answer to another question."""
    return _get_source(fact) if fact.subject.kind == "policy" else ""


def says_otherwise(fact: Fact, *, before: Fact) -> bool:
    """Whether it is another answer: another value, or a promotion of the same title that takes off something else."""
    if fact.value != before.value:
        return True
    now, then = (each.source.partition("@")[2] for each in (fact, before))
    return fact.subject.kind == "promotion" and "" not in (now, then) and now != then


def merge_heads(heads: Iterable[Fact], fact: Fact) -> tuple[Fact, ...]:
    """The newest answer of each source that its shop still has, with this one among them."""
    newest = {_get_place(head): head for head in heads}
    known = newest.get(_get_place(fact))
    if known is None or _is_newer(fact, than=known):
        newest[_get_place(fact)] = fact
    last: dict[Authority, int] = {}
    for head in newest.values():
        last[head.authority] = max(_get_teller(head), last.get(head.authority, 0))
    return tuple(
        newest[place]
        for place in sorted(newest)
        if _get_teller(newest[place]) == last[newest[place].authority]
    )


def choose_canonical(heads: tuple[Fact, ...]) -> Fact:
    """The one that holds."""
    standing = [head for head in heads if _stands(head, heads)] or list(heads)
    highest = max(_RANKS[head.authority] for head in standing)
    peers = [head for head in standing if _RANKS[head.authority] == highest]
    numbered = sorted((peer for peer in peers if peer.version), key=_get_weight)
    # By pairs it would go round in a ring: a version, a later one, and between the two one that has none.
    return max([*numbered[-1:], *(peer for peer in peers if not peer.version)], key=_get_date)


def _stands(head: Fact, heads: tuple[Fact, ...]) -> bool:
    until = head.valid_until
    return until is None or all(other is head or other.observed_at < until for other in heads)


def find_conflict(*, winner: Fact, loser: Fact, heads: tuple[Fact, ...]) -> FactConflict | None:
    """Says by which rule one of two answers gave way among these; None where they agree, or were no answers to one
    question.
    """
    if winner.value == loser.value or winner.id == loser.id or get_line(winner) != get_line(loser):
        return None
    rule: ConflictRule
    if winner.authority != loser.authority:
        rule = "authority" if _RANKS[winner.authority] > _RANKS[loser.authority] else "run_out"
    elif _get_teller(winner) != _get_teller(loser):
        rule = "teller"
    elif _get_source(winner) == _get_source(loser):
        rule = _tell_rule(later=_get_age(winner) > _get_age(loser), versions=winner.version != loser.version)
    else:
        rule = _find_rule_between_sources(winner, loser, heads=heads)
    return FactConflict(subject=winner.subject, name=winner.name, winner=winner.id, loser=loser, rule=rule)


def _find_rule_between_sources(winner: Fact, loser: Fact, *, heads: tuple[Fact, ...]) -> ConflictRule:
    """Of two sources of one authority."""
    if winner.version and loser.version:
        is_before, versions = _get_age(winner) < _get_age(loser), winner.version != loser.version
    else:
        is_before, versions = winner.observed_at < loser.observed_at, winner.observed_at == loser.observed_at
    if is_before:
        # It had run out; else a third one's higher version overtook it.
        return "version" if _stands(loser, heads) else "run_out"
    return _tell_rule(later=_get_date(winner)[:2] != _get_date(loser)[:2], versions=versions)


def _tell_rule(*, later: bool, versions: bool) -> ConflictRule:
    if not later:
        return "order"
    return "version" if versions else "time"


def date_after(fact: Fact, *, heads: Iterable[Fact]) -> Fact:
    """The answer that was read last, dated after what its source said in the same version at the same instant."""
    for before in heads:
        if not follows(fact, before=before) or before.version != fact.version:
            continue
        # What was moved on by a microsecond before is of the same instant still.
        if timedelta(0) <= before.observed_at - fact.observed_at < ONE_INSTANT:
            is_other = says_otherwise(fact, before=before) or before.stale != fact.stale
            return msgspec.structs.replace(
                fact, observed_at=before.observed_at + NEXT if is_other else before.observed_at
            )
    return fact


def follows(fact: Fact, *, before: Fact) -> bool:
    """Whether an answer only took the place of the same source's earlier one."""
    return (_get_place(fact), _get_teller(fact)) == (_get_place(before), _get_teller(before))


def contradicts(fact: Fact, *, before: Fact) -> bool:
    """Whether a source says another thing under one version: it does not say that anything has changed. What a sale or
    a promotion makes of a price no version counts, nor whether a code holds for a cart, nor what a shop calls the
    availability of goods of which it has as many as before, nor what is sold here before its system has booked it.
    """
    if _is_unbooked(fact) or _is_unbooked(before):
        return False
    numbered = bool(fact.version) and fact.version == before.version
    return numbered and fact.name not in ("price", "availability") and fact.subject.kind != "promotion"


def _is_unbooked(fact: Fact) -> bool:
    return isinstance(fact.reckoned, Reckoned) and UNBOOKED in fact.reckoned.used


def _get_source(fact: Fact) -> str:
    return fact.source.partition("@")[0]


def _get_place(fact: Fact) -> tuple[Authority, str]:
    return (fact.authority, _get_source(fact))


def _get_teller(fact: Fact) -> int:
    return 0 if fact.teller is msgspec.UNSET else fact.teller


def _is_newer(fact: Fact, *, than: Fact) -> bool:
    if _get_age(fact) != _get_age(than):
        return _get_age(fact) > _get_age(than)
    return _tell_apart(fact) >= _tell_apart(than)


def _tell_apart(fact: Fact) -> tuple[bool, bytes]:
    """An order between answers of one source, version and instant: a fresh one first, then by what they say."""
    said = (fact.value, fact.valid_until, fact.source, fact.id)
    return (not fact.stale, msgspec.json.encode(said))


def _get_age(fact: Fact) -> tuple[int, int, datetime]:
    return (_get_teller(fact), fact.version, fact.observed_at)


def _get_weight(fact: Fact) -> tuple[int, int, datetime, str]:
    return (*_get_age(fact), _get_source(fact))


def _get_date(fact: Fact) -> tuple[datetime, int, str]:
    return (fact.observed_at, fact.version, _get_source(fact))
