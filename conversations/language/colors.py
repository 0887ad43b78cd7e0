"""Colours: what a colour word covers, and how well a shop's colour name fits it."""

import re
from functools import lru_cache

import msgspec

from conversations.language.tokens import list_tokens
from conversations.language.tongue import Tongue

_JOINTS = re.compile(r"\s*(?:/|,|&|\+|\band\b|\bwith\b|-(?=\w+$))\s*")


class Color(msgspec.Struct, frozen=True, kw_only=True):
    """A colour as someone names it."""

    name: str
    """"light grey"; spellings are evened out."""
    base: str
    """The colour word without its modifier: "grey"."""
    families: frozenset[str]
    modifier: str = ""


class Palette(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A language's colours, indexed by the words that name them."""

    families: dict[str, frozenset[str]]
    """A colour word with the families it belongs to; a family is its own."""
    spellings: dict[str, str]
    modifiers: dict[str, str]
    openers: frozenset[str]
    """The words that the name of a colour can begin with: of any other word none does."""


@lru_cache(maxsize=8)
def build_palette(tongue: Tongue) -> Palette:
    """Answers the index of the language's colours."""
    families: dict[str, set[str]] = {family: {family} for family in tongue.colors}
    for family, shades in tongue.colors.items():
        for shade in shades:
            families.setdefault(shade, set()).add(family)
    fixed = {word: frozenset(of) for word, of in families.items()}
    named = {word.split()[0] for word in fixed}
    return Palette(
        families=fixed,
        spellings=tongue.color_spellings,
        modifiers=tongue.color_modifiers,
        openers=frozenset({*named, *tongue.color_modifiers, *tongue.color_spellings}),
    )


@lru_cache(maxsize=16384)
def find_color(phrase: str, palette: Palette) -> Color | None:
    """Answers the colour that the phrase names as a whole: "light gray", "navy", "forest green"."""
    words = [palette.spellings.get(t.word, t.word) for t in list_tokens(phrase) if t.is_word]
    modifier = palette.modifiers.get(words[0], "") if len(words) > 1 else ""
    rest = words[1:] if modifier else words
    base = " ".join(rest)
    families = palette.families.get(base)
    if families is None and len(rest) == 2:
        families = _of_two(rest[0], rest[1], palette)
    if not families:
        return None
    return Color(name=" ".join((modifier, base)).strip(), base=base, families=families, modifier=modifier)


@lru_cache(maxsize=16384)
def list_colors(value: str, palette: Palette) -> tuple[Color, ...]:
    """Answers the colours in a shop's colour name: "Black / Cobalt Blue" has two."""
    found = []
    for part in _JOINTS.split(value.lower()):
        color = find_color(part, palette) or _last_word(part, palette)
        if color:
            found.append(color)
    return tuple(found)


def get_fit(*, asked: Color, has: Color) -> int:
    """Answers 0 where the colour asked for is another one, 1 where it covers, 2 where it is meant, 3 where it
    is named.
    """
    if asked.name == has.name:
        return 3
    if asked.base == has.base:
        if not asked.modifier:
            return 2
        return 1 if not has.modifier else 0
    if asked.modifier and has.modifier and asked.modifier != has.modifier:
        return 0
    covers = asked.base in has.families and asked.base != has.base
    return 1 if covers and not asked.modifier else 0


def _of_two(first: str, second: str, palette: Palette) -> frozenset[str] | None:
    """Answers the family of "cobalt blue" and "olive green"; "maroon white" is two colours."""
    one, other = palette.families.get(first), palette.families.get(second)
    return other if one and other and one & other else None


def _last_word(part: str, palette: Palette) -> Color | None:
    words = part.split()
    return find_color(words[-1], palette) if words else None
