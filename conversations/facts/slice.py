from typing import assert_never

import msgspec

from conversations.events.facts import Fact, FactsCited, FactsObserved, FactSuperseded
from conversations.ids import EntityRef

KEPT_REPLACED = 16
"""Far more than arrive while one turn runs."""

FactEvent = FactsObserved | FactsCited | FactSuperseded


def get_fact_key(*, subject: EntityRef, name: str) -> str:
    """Names the one canonical fact of this subject and name."""
    return f"{subject.kind}:{subject.key}:{name}"


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """The canonical fact of each subject and name, and those that were told."""

    canonical: dict[str, Fact] = {}
    cited: dict[str, Fact] = {}
    """What the shopper was last told, by subject and name: it outlives a newer canonical value."""
    replaced: tuple[Fact, ...] = ()
    """Those that news lately overtook: the turn that ran meanwhile told them, and cites them at its end."""
    observed: int = 0
    """Facts observed so far; the next id is minted from it."""

    def find(self, *, subject: EntityRef, name: str) -> Fact | None:
        """The canonical fact, if one was observed."""
        return self.canonical.get(get_fact_key(subject=subject, name=name))

    def find_cited(self, *, subject: EntityRef, name: str) -> Fact | None:
        """What the shopper was last told of it."""
        return self.cited.get(get_fact_key(subject=subject, name=name))


def apply_facts(facts: Facts, event: FactEvent) -> Facts:
    """Answers the slice after the event."""
    replace = msgspec.structs.replace
    match event:
        case FactsObserved():
            return _observed(facts, event)
        case FactsCited():
            by_id = {fact.id: fact for fact in (*facts.replaced, *facts.canonical.values())}
            told = [by_id[id] for id in event.ids if id in by_id]
            cited = {get_fact_key(subject=fact.subject, name=fact.name): fact for fact in told}
            return replace(facts, cited={**facts.cited, **cited})
        case FactSuperseded():
            key = get_fact_key(subject=event.fact.subject, name=event.fact.name)
            before = facts.canonical.get(key)
            return replace(
                facts,
                canonical={**facts.canonical, key: event.fact},
                replaced=(*facts.replaced, before)[-KEPT_REPLACED:] if before else facts.replaced,
                observed=facts.observed + 1,
            )
        case _:
            assert_never(event)


def _observed(facts: Facts, event: FactsObserved) -> Facts:
    canonical = dict(facts.canonical)
    late: list[Fact] = []
    for fact in event.facts:
        key = get_fact_key(subject=fact.subject, name=fact.name)
        if _is_newer(canonical.get(key), fact):
            late.append(fact)
        else:
            canonical[key] = fact
    return msgspec.structs.replace(
        facts,
        canonical=canonical,
        replaced=(*facts.replaced, *late)[-KEPT_REPLACED:],
        observed=facts.observed + len(event.facts),
    )


def _is_newer(known: Fact | None, fact: Fact) -> bool:
    """Whether the same source gave what is known in a later version: news may overtake a turn's reading."""
    return known is not None and known.source == fact.source and known.version > fact.version


def cool_facts(facts: Facts, *, gone: frozenset[str]) -> Facts:
    """Leaves the facts of items that are not at hand any more to the journal. Policies and orders stay."""
    if not gone:
        return facts
    return msgspec.structs.replace(
        facts,
        canonical={key: fact for key, fact in facts.canonical.items() if fact.subject.key not in gone},
        cited={key: fact for key, fact in facts.cited.items() if fact.subject.key not in gone},
    )
