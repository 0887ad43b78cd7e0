"""How many of something an item has, where the shop's own data counts it: "it has eight strings"."""

import re
from collections.abc import Iterable, Iterator

from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.cues import get_cues
from commerce_agent.agent.grounding.mentions import Read
from commerce_agent.agent.grounding.numbers import get_number_pattern, read_number
from commerce_agent.agent.grounding.told import Told

_SHORTEST = 4
_OPEN = ("condition", "unsure", "negation")


def list_counted_parts(read: Read, *, told: Told) -> Iterator[Claim]:
    """Each number right before the name of an attribute that is a bare number in the shop's data."""
    names = told.list_counted()
    small = read.text.lower()
    if small.rstrip().endswith("?") or not any(_get_stem(name) in small for name in names):
        return
    cues = get_cues()
    for name in names:
        pattern = (
            rf"(?<![\w.,€£$-])(?P<n>{get_number_pattern()})[\s-]+(?:[^\W\d_]+\s+)?"
            rf"{re.escape(_get_stem(name))}s?(?!\w)"
        )
        for match in re.finditer(pattern, read.text, re.IGNORECASE):
            before = read.text[: match.start()]
            values = read_number(match["n"])
            if not values or any(cues.has(each, text=before) for each in _OPEN):
                continue
            unit = f"is:counted:{name}"
            yield Claim(kind="property", text=match.group(), start=match.start(), values=values, unit=unit)


def find_counted(claim: Claim, told: Told, *, skus: Iterable[str], name: str) -> bool | None:
    """Whether any of the items has so many; None where none of them says how many."""
    known = [number for sku in skus for number in told.list_numbers(sku, name=name)]
    return bool(set(known) & set(claim.values)) if known else None


def _get_stem(name: str) -> str:
    return name[:-1] if len(name) > _SHORTEST and name.endswith("s") and not name.endswith("ss") else name
