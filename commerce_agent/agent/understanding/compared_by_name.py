"""Goods that are compared by their names, whether the talk has had them or not."""

import re
from collections.abc import Sequence

from commerce_agent.agent.understanding.english.cues import SIDE_BY_SIDE
from commerce_agent.agent.understanding.meant_goods import Phrase
from commerce_agent.agent.understanding.understood import Understanding
from conversations.events.entities import Reference

_BOTH_SIDES = re.compile(r"\w\W+(?:and|with|to|vs\.?|versus|or)\b\W+\w", re.IGNORECASE)


def compares_named(said: str) -> bool:
    """As in "snap vs golf umbrella": goods on both sides, with or without an article."""
    asked = SIDE_BY_SIDE.search(said)
    return asked is not None and _BOTH_SIDES.search(said) is not None


def with_lacking_sides(
    understanding: Understanding, references: Sequence[Reference], *, phrases: Sequence[Phrase]
) -> tuple[Reference, ...]:
    """As in "compare the snap and the poncho", where one was found: with what the shop has not on the other side."""
    sides = {each.text.lower() for each in (*references, *understanding.references) if each.refs}
    if len(sides) != 1 or not compares_named(understanding.said):
        return tuple(references)
    one = next(iter(sides))
    others = [phrase.text for phrase in phrases if phrase.definite and phrase.text.lower() not in one]
    rules = ("shop.name", "nothing_fits")
    return (*references, *(Reference(text=text, outcome="unknown", rules=rules) for text in others[:1]))
