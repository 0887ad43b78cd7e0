from typing import assert_never

import msgspec

from conversations.events.facts import Fact, FactsCited, FactsObserved, FactSuperseded
from conversations.ids import EntityRef

FactEvent = FactsObserved | FactsCited | FactSuperseded


def get_fact_key(*, subject: EntityRef, name: str) -> str:
    """Names the one canonical fact of this subject and name."""
    return f"{subject.kind}:{subject.key}:{name}"


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """The canonical fact of each subject and name, and those that were told."""

    canonical: dict[str, Fact] = {}
    cited: dict[str, Fact] = {}
    """What the shopper was last told, by subject and name: it outlives a newer canonical value."""
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
            canonical = dict(facts.canonical)
            for fact in event.facts:
                key = get_fact_key(subject=fact.subject, name=fact.name)
                if not _is_newer(canonical.get(key), fact):
                    canonical[key] = fact
            return replace(facts, canonical=canonical, observed=facts.observed + len(event.facts))
        case FactsCited():
            told = set(event.ids)
            cited = dict(facts.cited)
            cited.update({key: fact for key, fact in facts.canonical.items() if fact.id in told})
            return replace(facts, cited=cited)
        case FactSuperseded():
            key = get_fact_key(subject=event.fact.subject, name=event.fact.name)
            return replace(
                facts, canonical={**facts.canonical, key: event.fact}, observed=facts.observed + 1
            )
        case _:
            assert_never(event)


def _is_newer(known: Fact | None, fact: Fact) -> bool:
    """Whether what is known came from the same source in a later version: news may overtake a turn's reading."""
    return known is not None and known.source == fact.source and known.version > fact.version
