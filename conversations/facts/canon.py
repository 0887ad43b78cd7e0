"""Which of several answers to one question holds: by whose they are, then by version, then by time.

Of each source the newest answer is kept: by version, which a source counts by itself, then by time. Among these
the highest authority holds that had not run out when any other of them was read; among equals, the latest. That
is a function of the answers alone, in whatever order they arrived. An answer that runs out the moment it is given
(what an order was charged) holds until another one is read.
"""

from collections.abc import Iterable
from datetime import datetime

from conversations.events.facts import AUTHORITIES, ConflictRule, Fact, FactConflict

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
    """The newest answer of each source, with this one among them; of two of one moment, the one that came last."""
    newest = {_get_place(head): head for head in heads}
    known = newest.get(_get_place(fact))
    if known is None or _get_age(fact) >= _get_age(known):
        newest[_get_place(fact)] = fact
    return tuple(newest[place] for place in sorted(newest))


def choose_canonical(heads: tuple[Fact, ...]) -> Fact:
    """The one that holds."""
    standing = [head for head in heads if _stands(head, heads)]
    return max(standing or heads, key=_get_weight)


def _stands(head: Fact, heads: tuple[Fact, ...]) -> bool:
    until = head.valid_until
    return until is None or all(other is head or other.observed_at < until for other in heads)


def find_conflict(*, winner: Fact, loser: Fact) -> FactConflict | None:
    """Says by which rule one of two answers gave way; None where they agree, or were no answers to one question."""
    if winner.value == loser.value or winner.id == loser.id or get_line(winner) != get_line(loser):
        return None
    rule: ConflictRule
    if winner.authority != loser.authority:
        rule = "authority" if _RANKS[winner.authority] > _RANKS[loser.authority] else "run_out"
    elif _get_source(winner) == _get_source(loser) and winner.version != loser.version:
        rule = "version"
    else:
        rule = "time"
    return FactConflict(subject=winner.subject, name=winner.name, winner=winner.id, loser=loser, rule=rule)


def follows(fact: Fact, *, before: Fact) -> bool:
    """Whether an answer only took the place of the same source's earlier one."""
    return _get_place(fact) == _get_place(before)


def _get_source(fact: Fact) -> str:
    return fact.source.partition("@")[0]


def _get_place(fact: Fact) -> tuple[str, str]:
    return (fact.authority, _get_source(fact))


def _get_age(fact: Fact) -> tuple[int, datetime]:
    return (fact.version, fact.observed_at)


def _get_weight(fact: Fact) -> tuple[int, datetime, int, str]:
    return (_RANKS[fact.authority], fact.observed_at, fact.version, _get_source(fact))
