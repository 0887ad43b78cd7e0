"""Numbers by themselves in a sentence about goods, as "it used to be eighty": they must be known from somewhere."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cache

from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.cues import get_cues
from commerce_agent.agent.grounding.numbers import get_number_pattern, normalise, read_number

_SMALLEST = 20
"""Smaller ones are said of anything: "the first three"."""
_YEARS = re.compile(r"(?:19|20)\d\d")
_CALLED = re.compile(
    r"(?:[^\W\d_a-zß-ÿ][\w’'-]*|\b(?:size|top|number|page|route|größe|talla|taille|seite|página))\.?\s*$"
)
"""Before a number that is part of a name or a mark: "SPF 50", "Model 90", "size 42"."""


@cache
def _get_pattern() -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\w.,#/:$€£¥₹%-])(?:(?P<whole>{get_number_pattern()})\s+)?(?P<n>{get_number_pattern()})(?![.,'’]\d)(?=\s*(?:[.;!?)]|,\s|$))(?!,\s*(?:\w+\s+)?\d)",
        re.IGNORECASE,
    )


def list_loose_numbers(text: str, *, claims: Iterable[Claim]) -> Iterator[Claim]:
    """Each of them that no claim has read already."""
    read = [(claim.start, claim.start + len(claim.text)) for claim in claims]
    for match in _get_pattern().finditer(text):
        start, end = match.span("n")
        values = read_number(match["n"])
        if match["whole"]:
            # "Twelve fifty" is 12.50, "one twenty" is 120.
            start = match.start()
            wholes = read_number(match["whole"])
            values = tuple(
                normalise(each)
                for whole in wholes
                for part in values
                for each in (whole + part / 100, whole * 100 + part)
            )
        if (
            not values
            or (max(values) < _SMALLEST and not match["whole"])
            or any(first < end and start < last for first, last in read)
        ):
            continue
        before = text[:start]
        is_opening = not before.strip(" *_\"“„«'(")
        if _YEARS.fullmatch(match["n"]) or (not is_opening and _is_called(before)):
            continue
        yield Claim(kind="number", text=text[start:end], start=start, values=values)


def _is_called(before: str) -> bool:
    """A capital at the beginning of the sentence makes no name."""
    found = _CALLED.search(before)
    return found is not None and before[: found.start()].strip() != ""


def is_unreal(text: str, *, before: int) -> bool:
    """Whether the clause before a place supposes what is not so: "if it were half off"."""
    found = [match.start() for match in get_cues().words["unreal"].finditer(text[:before])]
    return bool(found) and "," not in text[found[-1] : before]


def find_known(values: tuple[Decimal, ...], among: Iterable[dict[Decimal, str]]) -> str | None:
    """The fact of the first of them that is known."""
    return next((known[value] for known in among for value in values if value in known), None)
