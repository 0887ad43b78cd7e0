"""The words for what goods are like: qualities, materials, units, and how a sentence says that an item is so."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec

from commerce_agent.agent.grounding.cues import BLANK, alternate, compile_words, get_cues
from commerce_agent.agent.grounding.whole_words import Words
from commerce_agent.agent.phrases import LANGUAGES, get_book
from commerce_agent.decoding import convert, decode_yaml
from conversations.language.tongues import get_tongue

_FOLDER = Path(__file__).parent / "qualities"
_PREFIX = 3
_ENDINGS = r"(?:e|en|er|es|em|s)?"
_WORD = re.compile(r"[^\W\d_]+")


class Catalogue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One language's words, as a translator edits them."""

    qualities: dict[str, tuple[str, ...]]
    doing: dict[str, tuple[str, ...]]
    """The same said by a verb: "goes in the dishwasher"."""
    refused: dict[str, tuple[str, ...]]
    """What says that an item is not so: "hand wash only"."""
    made_of: tuple[str, ...]
    origin: tuple[str, ...]
    fitting: tuple[str, ...]
    having: tuple[str, ...]
    subjects: tuple[str, ...]
    pointing: tuple[str, ...]
    be: tuple[str, ...]
    measuring: tuple[str, ...]
    nearly: tuple[str, ...]
    least: tuple[str, ...]
    most: tuple[str, ...]
    stopping: tuple[str, ...]
    """Behind one of these the sentence says something else than what the item is."""
    agreeing: tuple[str, ...]
    articles: tuple[str, ...]
    whole: tuple[str, ...]
    """What holds a word of denial and denies nothing: "not only"."""
    generic: tuple[str, ...]
    """What goods are made of that names no material: "parts"."""
    units: dict[str, str]
    """What the language calls a unit, with the English name."""
    dimensions: dict[str, tuple[str, ...]]
    """By which words a measure is told, under its English name: "wide" is of a width."""
    kinds_of: dict[str, tuple[str, ...]]
    """Oak is wood: who says the wider word says nothing wrong."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A word of the catalogue in a text."""

    start: int
    end: int
    meaning: str
    sort: str
    """`quality`, `doing`, `refused` or `material`."""


class _Form(msgspec.Struct, frozen=True, kw_only=True):
    pattern: re.Pattern[str]
    meaning: str
    sort: str


@cache
def get_catalogues() -> tuple[Catalogue, ...]:
    """Those of every language, read once a process."""
    return tuple(
        convert(decode_yaml(path.read_text(encoding="utf-8")), Catalogue)
        for path in sorted(_FOLDER.glob("*.yaml"))
    )


@cache
def get_piece(name: str) -> str:
    """Every language's words of one meaning, as a piece of a pattern."""
    return alternate(word for each in get_catalogues() for word in getattr(each, name))


@cache
def get_wholes() -> re.Pattern[str]:
    """What denies nothing though it sounds so."""
    return re.compile(rf"(?<!\w)(?:{get_piece('whole')})(?!\w)", re.IGNORECASE)


@cache
def get_wider() -> dict[str, frozenset[str]]:
    """The materials that each wider word is true of."""
    return {wide: frozenset(narrow) for each in get_catalogues() for wide, narrow in each.kinds_of.items()}


@cache
def get_dimensions() -> dict[str, Words]:
    """Each language's words for what is measured, by its English name."""
    listed: dict[str, list[str]] = {}
    for each in get_catalogues():
        for name, words in each.dimensions.items():
            listed.setdefault(name, []).extend(words)
    return {name: compile_words(words) for name, words in listed.items()}


@cache
def get_generic() -> frozenset[str]:
    """What names no material."""
    return frozenset(word for each in get_catalogues() for word in each.generic)


def list_found(text: str) -> Iterator[Found]:
    """Each word for a quality or a material in the text, the longest at its place; `text` is in small letters."""
    forms, after = _index_forms(), 0
    for word in _WORD.finditer(text):
        if word.start() < after:
            continue
        for form in forms.get(word.group()[:_PREFIX], ()):
            if match := form.pattern.match(text, word.start()):
                after = match.end()
                yield Found(start=match.start(), end=after, meaning=form.meaning, sort=form.sort)
                break


@cache
def _index_forms() -> dict[str, tuple[_Form, ...]]:
    """By the first letters of a form, the longest form first: most words of a sentence begin none."""
    listed: dict[str, list[tuple[int, _Form]]] = {}
    for meaning, sort, form in _list_forms():
        compiled = _Form(pattern=_compile(form), meaning=meaning, sort=sort)
        opening = _WORD.search(form)
        if opening:
            listed.setdefault(opening.group()[:_PREFIX], []).append((len(form), compiled))
    return {
        prefix: tuple(form for _, form in sorted(forms, key=lambda each: -each[0]))
        for prefix, forms in listed.items()
    }


def _list_forms() -> Iterator[tuple[str, str, str]]:
    for each in get_catalogues():
        for sort, named in (("doing", each.doing), ("refused", each.refused), ("quality", each.qualities)):
            for meaning, forms in named.items():
                yield from ((meaning, sort, form) for form in forms)
    for language in LANGUAGES:
        for english, form in get_book(language).names.get("material", {}).items():
            yield (english, "material", form.lower())
            yield (english, "material", english)


def _compile(form: str) -> re.Pattern[str]:
    spelled = re.escape(form).replace(r"\-", r"[-\s]?").replace(r"\ ", r"\s+").replace("'", "['’]")
    return re.compile(rf"{spelled}{_ENDINGS}(?!\w)")


@cache
def get_units() -> dict[str, tuple[str, float]]:
    """What each unit measures and how many base units it is; without those that are money, stars or angles."""
    left_out = ("rating", "fahrenheit", "temperature")
    money = set(get_cues().list_words("money"))
    return {
        form: what
        for form, what in _list_units()
        if what[0] not in left_out and form not in money and form.replace(" ", "").isalpha()
    }


@cache
def get_units_like_money() -> dict[str, float]:
    """How many base units those are that a currency is called by as well, as "pound" is."""
    money = set(get_cues().list_words("money"))
    return {form: factor for form, (_, factor) in _list_units() if form in money}


def _list_units() -> Iterator[tuple[str, tuple[str, float]]]:
    units = get_tongue().units
    yield from units.items()
    for each in get_catalogues():
        yield from ((form, units[name]) for form, name in each.units.items())


@cache
def get_saying() -> re.Pattern[str]:
    """How a clause leads up to what an item is: subject, verb, and words that are neither another subject nor "for"."""
    lead = rf"(?:\W+(?!(?:{get_piece('stopping')})\b)[\w’']+){{0,8}}?"
    subject = (
        rf"(?:{BLANK}+\w{{0,2}}|(?<!\w)(?:{get_piece('subjects')})(?!\w)"
        rf"|(?<!\w)(?:{get_piece('pointing')})\s+[\w-]+(?:\s+[\w-]+)?)"
    )
    between = rf"(?:\W+(?!(?:{get_piece('stopping')})\b)\w+){{0,3}}?"
    be = rf"(?:\W+(?:{get_piece('be')})(?:n['’]t)?(?!\w)|['’](?:s|re|est)\b)"
    bare = (
        r"(?:(?:^|[,;:—–]\s*|(?<!\w)y\s+)(?:es|son|está|están|c['’]est)"
        r"|(?<!\w)(?:and|but|und|et|aber)\s+(?:is|are|ist|sind|est))\b"
    )
    return re.compile(rf"(?:{subject}{between}{be}|{bare})(?P<rest>{lead})\W*$", re.IGNORECASE)


@cache
def get_subject() -> re.Pattern[str]:
    """A subject with its verb of having, measuring, fitting or being made, right before what is told."""
    subject = (
        rf"(?:{BLANK}+\w{{0,2}}|(?<!\w)(?:{get_piece('subjects')})(?!\w)"
        rf"|(?<!\w)(?:{get_piece('pointing')})\s+[\w-]+(?:\s+[\w-]+)?)"
    )
    return re.compile(
        rf"(?:{subject}|^\W*(?:{get_piece('agreeing')})\b)(?P<rest>(?:\W+(?!(?:{get_piece('stopping')})\b)[\w’']+){{0,5}}?)"
        r"(?:['’](?:s|re|est)\b)?\W*$",
        re.IGNORECASE,
    )


@cache
def get_words(*names: str) -> Words:
    """Every language's words of these meanings."""
    return compile_words(word for name in names for each in get_catalogues() for word in getattr(each, name))
