"""Periods in what is said of goods: "runs for 10 hours" is of the item, "ships in 2 days" of a term of the shop."""

import re
from functools import lru_cache

from commerce_agent.agent.grounding.claims import list_periods
from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.cues import get_cues

GOODS, AGES, ANSWERED = "", "age", "answer"
"""Under these are the periods of goods, the ages of readings, and terms that a system answers by their names."""


@lru_cache(maxsize=1024)
def list_periods_of(text: str, *, name: str = "") -> tuple[tuple[Claim, tuple[str, ...]], ...]:
    """Each with what it is told of. The shop's texts are looked through for every sentence of a reply."""
    found: list[tuple[Claim, tuple[str, ...]]] = []
    for sentence in re.split(r'(?<=[.!?;])\s|\n|","', text):
        topics = list_topics_of(f"{name} {sentence}")
        found.extend((claim, topics) for claim in list_periods(sentence))
    return tuple(found)


def list_topics_of(text: str) -> tuple[str, ...]:
    """What a period beside these words is told of: a term of the shop that the words around it name, else the goods."""
    topics = get_cues().find_topics(text.replace("_", " "))
    return tuple(name_of_goods(topic) for topic in sorted(topics)) or (GOODS,)


def name_of_goods(topic: str) -> str:
    """What the periods are kept under that a text of goods, and no policy, gives for a term: "ships in 2 days"."""
    return f"goods:{topic}"
