"""What the shop's own data says an item is: its qualities, materials, measures, and words to look others up in."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

import msgspec

from commerce_agent.agent.grounding.cues import get_cues
from commerce_agent.agent.grounding.numbers import DIGITS, get_number_pattern, read_number
from commerce_agent.agent.grounding.quality_words import get_units, list_found
from commerce_agent.decoding import decode_json
from conversations.language.catalogue import GLOSSED, index_words
from conversations.language.shop_language import list_measures_of
from conversations.language.tokens import list_stems

Text = tuple[str, str]
"""The name of an attribute, empty for a text that is none, and what it says."""

YES = frozenset({"yes", "true", "ja", "sí", "si", "oui", "y", "1", "included", "verdadero", "vrai", "wahr"})
NO = frozenset(
    {"no", "false", "nein", "non", "none", "n", "0", "not included", "without", "falso", "faux", "falsch"}
)
_SHORT_UNIT = 2
_INCHES = re.compile(r"(\d)\s*(?:in\.?|″|\")(?=\s*(?:$|[x×]))")
_BY_SIDES = re.compile(r"(\d+(?:\.\d+)?)\s*[x×]\s*(\d+(?:\.\d+)?)\s*([^\W\d_]+)")
_TOLD = ("title", "product_title", "description", "brand", "category", "color", "size", "material", "pattern")


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """A number with a unit, in base units."""

    name: str
    """The attribute that it stands in; empty for one in a text."""
    dimension: str
    value: float


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """One item by its texts."""

    qualities: dict[str, bool]
    """Each that a text speaks of, and whether the item has it."""
    materials: frozenset[str]
    flags: dict[str, bool]
    """What the shop answers with yes or no, by the words of the attribute's name in English and in the shop's own."""
    measures: tuple[Measure, ...]
    bare: frozenset[float]
    """Numbers that stand alone as what an attribute is: the shop has no unit for them."""
    stems: frozenset[str]
    """Those of every word in the texts, and of what it is in English."""
    words: str
    """All of it, in small letters."""


@lru_cache(maxsize=2048)
def describe(texts: tuple[Text, ...]) -> Described:
    """What an item's texts come to."""
    qualities: dict[str, bool] = {}
    materials: set[str] = set()
    flags: dict[str, bool] = {}
    measures: list[Measure] = []
    for name, value in texts:
        plain = name.replace("_", " ").lower()
        answer = _read_answer(value)
        if plain and answer is not None:
            flags.update(dict.fromkeys(list_measures_of(plain) if " " not in plain else {plain}, answer))
        told = {found.meaning: found.sort for found in list_found(plain)} if plain else {}
        for meaning, sort in told.items():
            if sort == "material" or answer is None:
                continue
            qualities[meaning] = answer
        text = f"{plain}: {value.lower()}" if answer is None else ""
        for meaning, has in _list_qualities(text):
            qualities[meaning] = qualities.get(meaning, True) and has
        materials.update(found.meaning for found in list_found(text) if found.sort == "material")
        measures.extend(_list_measures(plain, value))
    words = "\n".join(f"{name.replace('_', ' ')}: {value}" for name, value in texts).lower()
    return Described(
        qualities=qualities,
        materials=frozenset(materials),
        flags=flags,
        measures=tuple(measures),
        bare=frozenset(float(number) for _, value in texts for number in read_number(value.strip())),
        stems=list_meanings(words),
        words=words,
    )


def _read_answer(value: str) -> bool | None:
    plain = value.strip().lower()
    return True if plain in YES else False if plain in NO else None


def _list_qualities(text: str) -> Iterator[tuple[str, bool]]:
    for found in list_found(text):
        if found.sort == "refused":
            yield found.meaning, False
        elif found.sort in ("quality", "doing"):
            before = re.split(r"[.;:!?\n]|,\s|\b(?:but|aber|sondern|pero|mais)\b", text[: found.start])[-1]
            yield found.meaning, not get_cues().has("negation", text=" ".join(before.split()[-4:]))


def _list_measures(name: str, value: str) -> Iterator[Measure]:
    for number, dimension in list_amounts(_write_out(value)):
        yield Measure(name=name, dimension=dimension, value=number)
    # "battery_hours: 10" and "weight_kg: 2" have their unit in the name.
    unit = get_units().get(name.rsplit(" ", 1)[-1]) if " " in name else None
    if unit and (numbers := read_number(value.strip())):
        yield Measure(name=name, dimension=unit[0], value=float(numbers[0]) * unit[1])


def _write_out(value: str) -> str:
    """With its units beside each number: "24 in" and "4 x 8 ft", as feeds write them."""
    plain = _INCHES.sub(r"\1 inch", value.strip())
    return _BY_SIDES.sub(lambda sides: f"{sides[1]} {sides[3]} x {sides[2]} {sides[3]}", plain)


@lru_cache(maxsize=1)
def get_amount_pattern() -> re.Pattern[str]:
    """A number and a unit; letters that are a unit only behind digits stand apart from units that are words."""
    units = sorted(get_units(), key=len, reverse=True)
    long = "|".join(re.escape(unit).replace(r"\ ", r"\s+") for unit in units if len(unit) > _SHORT_UNIT)
    short = "|".join(re.escape(unit) for unit in units if len(unit) <= _SHORT_UNIT)
    return re.compile(
        rf"(?:(?P<n>{get_number_pattern()})[\s-]?(?P<unit>{long})|(?P<d>{DIGITS})[\s-]?(?P<short>{short}))(?![\w²³])",
        re.IGNORECASE,
    )


def may_have_amount(text: str) -> bool:
    """Whether there are a number and a unit in it at all: a cheap look before the whole pattern."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    if _list_unit_words().isdisjoint(words):
        return False
    return any(letter.isdigit() for letter in text) or not get_cues().numbers.keys().isdisjoint(words)


@lru_cache(maxsize=1)
def _list_unit_words() -> frozenset[str]:
    return frozenset(unit.partition(" ")[0] for unit in get_units())


@lru_cache(maxsize=4096)
def list_amounts(text: str) -> tuple[tuple[float, str], ...]:
    """The amounts of a text in base units, with what they measure."""
    if not may_have_amount(text):
        return ()
    return tuple(
        read_amount(match)
        for match in get_amount_pattern().finditer(text)
        if read_number(match["n"] or match["d"])
    )


def read_amount(match: re.Match[str]) -> tuple[float, str]:
    """What a match of the pattern comes to."""
    name = " ".join((match["unit"] or match["short"]).lower().split())
    dimension, factor = get_units()[name]
    return round(float(read_number(match["n"] or match["d"])[0]) * factor, 6), dimension


@lru_cache(maxsize=4096)
def list_meanings(text: str) -> frozenset[str]:
    """The stems of the words, and those of what the words of other languages are in English."""
    words = re.findall(r"[^\W_]+", text.lower())
    english = [
        entry.english
        for language in GLOSSED
        for word in dict.fromkeys(words)
        if (entry := index_words(language).exact.get(word))
    ]
    return frozenset(list_stems(" ".join((*words, *english)))) | frozenset(words)


def list_texts_of(noted: Iterable[str]) -> dict[str, tuple[Text, ...]]:
    """By SKU, what the shop's answers of a turn say of its goods."""
    texts: dict[str, list[Text]] = {}
    for answer in noted:
        for sku, told in _read_records(answer):
            texts.setdefault(sku, []).extend(told)
    return {sku: tuple(dict.fromkeys(told)) for sku, told in texts.items()}


@lru_cache(maxsize=256)
def _read_records(answer: str) -> tuple[tuple[str, tuple[Text, ...]], ...]:
    return tuple(_walk(decode_json(answer.encode()))) if '"sku"' in answer else ()


def _walk(value: object) -> Iterator[tuple[str, tuple[Text, ...]]]:
    if isinstance(value, Mapping):
        sku = value.get("sku")
        if isinstance(sku, str):
            yield sku, tuple(_list_told(value))
        for each in value.values():
            yield from _walk(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _walk(each)


def _list_told(record: Mapping[object, object]) -> Iterator[Text]:
    for name in _TOLD:
        if isinstance(text := record.get(name), str) and text:
            # What an item is called, or says of itself at length, is no attribute with a value.
            yield ("" if name in ("title", "product_title", "description") else name), text
    attributes = record.get("attributes")
    if isinstance(attributes, Mapping):
        yield from ((str(name), str(value)) for name, value in attributes.items() if value)
