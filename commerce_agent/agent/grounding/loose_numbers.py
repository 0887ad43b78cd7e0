"""Numbers by themselves in a sentence about goods, as "it used to be eighty": they must be known from somewhere."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cache

from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.cues import BLANK, get_cues
from commerce_agent.agent.grounding.numbers import DIGITS, get_number_pattern, normalise, read_number

_SMALLEST = 20
"""Smaller ones are said of anything: "the first three"."""
_YEARS = re.compile(r"(?:19|20)\d\d")
_CALLED = re.compile(
    r"(?:[^\W\d_a-zß-ÿ][\w’'-]*|\b(?:size|top|number|page|route|größe|talla|taille|seite|página))\.?\s*$"
)
"""Before a number that is part of a name or a mark: "SPF 50", "Model 90", "size 42"."""

_SIZED = re.compile(r"\b(?:size|größe|talla|taille)\s*$", re.IGNORECASE)
"""Before what is no number of goods: "no size 28 for the boots"."""


_LAST_WORD = re.compile(
    r"(?<![^\W_])(?P<word>\d[\d.,]*(?<![.,])(?![.,]?\d)|[^\W\d_]+)(?=\s*(?:[.;!?)]|,\s|$))(?!,\s*(?:\w+\s+)?\d)"
)
"""What stands before a stop: a number there has nothing behind it that it would be the number of."""
_STOCK = re.compile(
    r"\b(?:stock|left|available|remaining|lager|verfügbar|übrig|existencias|disponible|quedan|restant)\w*",
    re.IGNORECASE,
)
_FARTHEST = 48
_MOST_COUNTED = 12
_OF_CART = re.compile(
    r"\b(?:cart|basket|bag|order\w*|add\w*|put|take|buy\w*|want\w*|need\w*|warenkorb|bestell\w*|leg\w*|nimm|nehm\w*|carrito|cesta"
    r"|pedido|añad\w*|panier|commande\w*|ajout\w*|pren\w*)\b",
    re.IGNORECASE,
)
"""With these so many are wanted, or in the cart."""
_DIGITS = re.compile(
    rf"(?<![\w.,#/:&+°§–-])(?P<n>{DIGITS})(?![\w/:&+°–-]|[.,]\d|\s*(?:%|x\s?\d))"
    r"(?=\s*(?:[,.;!?)—]|$)|\s+(?:of|and|or|for|it|is|are|at|on|in|from|to|with|if|that|which|but|so|right|now|only"
    r"|today|left|even|all|von|und|oder|für|ist|sind|bei|im|ab|mit|davon|de|y|o|para|es|son|en|con|et|ou|pour|est|sont"
    r"|avec|dans|chez)\b)",
    re.IGNORECASE,
)
"""No part of a mark, a ratio, an hour or a span: "24/7", "USB-C 3", "14:00", "360°"; and the number of nothing that
is named behind it, as "40 degrees" is: those are read as what the goods measure, or are advice."""


@cache
def _get_number_at_end() -> re.Pattern[str]:
    number = get_number_pattern()
    return re.compile(
        rf"(?<![\w.,#/:$€£¥₹%-])(?:(?P<whole>{number})\s+)?(?P<n>{number})$",
        re.IGNORECASE,
    )


@cache
def _get_last_words() -> frozenset[str]:
    cues = get_cues()
    return frozenset(re.split(r"[\s-]", form)[-1] for form in (*cues.numbers, *cues.hundreds))


def list_loose_numbers(text: str, *, claims: Iterable[Claim]) -> Iterator[Claim]:
    """Each of them that no claim has read already."""
    read = [(claim.start, claim.start + len(claim.text)) for claim in claims]
    for claim in (*_list_of_named(text), *_list_anywhere(text)):
        if not any(begun < claim.start + len(claim.text) and claim.start < done for begun, done in read):
            read.append((claim.start, claim.start + len(claim.text)))
            yield claim
    for last in _LAST_WORD.finditer(text):
        if not (last["word"][0].isdigit() or last["word"].lower() in _get_last_words()):
            continue
        first = max(0, last.end() - _FARTHEST)
        match = _get_number_at_end().search(text[first : last.end()])
        if match is None:
            continue
        start, end = first + match.start(), last.end()
        values = _read(match)
        if not values or any(begun < end and start < done for begun, done in read):
            continue
        before = text[:start]
        is_opening = not before.strip(" *_\"“„«'(")
        if _YEARS.fullmatch(match["n"]) or (not is_opening and _is_called(before)):
            continue
        yield Claim(kind="number", text=text[start:end], start=start, values=values)


def _list_of_named(text: str) -> Iterator[Claim]:
    """As in "the system says 4 for the A": so many of goods there are, unless they are those of the cart."""
    if text.rstrip().endswith("?") or BLANK not in text or _OF_CART.search(text):
        return
    head, colon, _ = text.partition(":")
    if colon and BLANK not in head and _STOCK.search(head) is None:
        return  # "The year: 2022 for the A" tells of something else.
    for match in _get_of_named().finditer(text):
        if _SIZED.search(text[: match.start()]):
            continue
        values = read_number(match["n"])
        yield Claim(kind="count", text=match["n"], start=match.start(), values=values, unit="left")


@cache
def _get_of_named() -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\w.,#/:&+°§$€£–-])(?P<n>{DIGITS})\s+(?:(?:of|for|von|für|vom|de|del|para|pour|du)\s+)"
        rf"(?:(?:the|our|these|those|der|den|die|das|dem|el|la|los|las|le|les)\s+)*{BLANK}+\w{{0,2}}(?!\s+(?:for|to|from|in)\b)",
        re.IGNORECASE,
    )


def _list_anywhere(text: str) -> Iterator[Claim]:
    """Those in digits that are too large to count what was shown, wherever they stand; a question claims none."""
    if text.rstrip().endswith("?"):
        return
    for match in _DIGITS.finditer(text):
        values = read_number(match["n"])
        is_small = not values or (max(values) <= _MOST_COUNTED and max(values) == int(max(values)))
        if is_small or _YEARS.fullmatch(match["n"]):
            continue
        before = text[: match.start()]
        if before.strip(" *_\"“„«'(") and _is_called(before):
            continue
        yield Claim(kind="number", text=match["n"], start=match.start(), values=values)


def _read(match: re.Match[str]) -> tuple[Decimal, ...]:
    """What it may mean; nothing where it is too small to mean anything. "Twelve fifty" is 12.50, "one twenty" 120."""
    values = read_number(match["n"])
    if not match["whole"]:
        return values if values and max(values) >= _SMALLEST else ()
    return tuple(
        normalise(each)
        for whole in read_number(match["whole"])
        for part in values
        for each in (whole + part / 100, whole * 100 + part)
    )


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
