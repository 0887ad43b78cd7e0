"""The words that make a claim of a number, in every language at once: a reply may change its language."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path

import msgspec

from commerce_agent.agent.grounding.alternation import (
    alternate_in_order,
    alternate_letters,
    write_letters,
    write_phrase,
)
from commerce_agent.agent.grounding.cue_catalogue import APART, Catalogue
from commerce_agent.agent.grounding.whole_words import Words
from commerce_agent.decoding import convert, decode_yaml

_FOLDER = Path(__file__).parent / "cues"
_TENS = 10
BLANK = "\u2022"
"""Stands where a name stood, as long as the name: a 3 in a name is no claim, and places stay what they were."""
_ARTICLE = r"(?:(?:the|any|an?|that|this|of|das|die|den|der|el|la|los|las|le|les|l['’])\s*)?"
_NAME = rf"{_ARTICLE}{BLANK}+\w{{0,2}}"
"""What `{name}` in a phrase stands for."""
_ITEM = rf"(?:{_NAME}|{_ARTICLE}(?:it|them|those|these|one|this\s+one|that\s+one|es|ihn|sie|lo|la|le))"
"""What `{item}` stands for: a name, or a word that points at one."""
SLOTS = {"{item}": _ITEM, "{name}": _NAME, "{any}": r"\w+"}
"""By what stands in a phrase: the pattern of what it stands for."""
_SLOT_OR_LETTER = re.compile(r"\{\w+\}|.")


class Cues(msgspec.Struct, frozen=True, kw_only=True):
    """Every language's words as patterns; `pieces` are alternations to build further ones from."""

    words: dict[str, Words]
    pieces: dict[str, str]
    listed: dict[str, tuple[str, ...]]
    topics: dict[str, Words]
    promises: dict[str, Words]
    """By their meaning: `lifetime`, `any_time`, ..."""
    periods: dict[str, str]
    """Which unit a word is a form of: `days` → `day`."""
    parts_off: dict[int, Words]
    """Parts of a price by their percentage: half, a quarter, a third."""
    named_days: dict[str, str]
    """Days with a name, as `12-24`."""
    numbers: dict[str, Decimal]
    ahead: dict[str, str]
    """What is said of a day without its date, and which one it is."""
    seasons: dict[str, tuple[int, int]]
    parts_of_month: dict[str, tuple[int, int]]
    few_of: dict[str, Decimal]
    order_done: dict[str, str]
    order_is: dict[str, str]
    """By the state of an order, as an alternation."""
    hundreds: dict[str, Decimal]
    """Whole hundreds, which another number may follow."""
    after_hundreds: tuple[str, ...]

    def has(self, name: str, *, text: str) -> bool:
        """Whether the text holds a word of this meaning."""
        return self.words[name].search(text) is not None

    def list_words(self, name: str) -> tuple[str, ...]:
        """The words of a meaning as they stand in the catalogues."""
        return self.listed[name]

    def find_topics(self, text: str) -> frozenset[str]:
        """The reserved policies that the text is about."""
        return frozenset(name for name, pattern in self.topics.items() if pattern.search(text))


def alternate(words: Iterable[str]) -> str:
    """The words as one alternation, the longest first; spaces stand for any white space."""
    ordered = sorted(set(words), key=lambda word: (-len(word), word))
    if all(word == word.lower() and "{" not in word for word in ordered):
        return alternate_letters(write_letters(word) for word in ordered)
    return alternate_in_order([_write_slotted(word) for word in ordered], loose=SLOTS.values())


def _write_slotted(word: str) -> tuple[str, ...]:
    """A pattern for each of its letters and slots."""
    return tuple(SLOTS.get(each) or write_phrase(each) for each in _SLOT_OR_LETTER.findall(word))


def compile_words(words: Iterable[str]) -> Words:
    """A pattern of whole words in any case."""
    listed = tuple(words)
    return Words(pattern=rf"(?<!\w)(?:{alternate(listed)})(?!\w)", words=listed)


@cache
def get_cues() -> Cues:
    """The catalogues of every language, read once a process."""
    catalogues = [
        convert(decode_yaml(path.read_text(encoding="utf-8")), Catalogue)
        for path in sorted(_FOLDER.glob("*.yaml"))
    ]
    gathered = {
        name: tuple(word for each in catalogues for word in getattr(each, name))
        for name in Catalogue.__struct_fields__
        if name not in APART
    }
    topics = _gather(each.topics for each in catalogues)
    periods: dict[str, str] = {}
    for each in catalogues:
        periods |= {form: unit for unit, forms in each.periods.items() for form in forms}
    return Cues(
        words={name: compile_words(words) for name, words in gathered.items()},
        pieces={name: alternate(words) for name, words in gathered.items()},
        listed=gathered,
        topics={topic: compile_words(words) for topic, words in topics.items()},
        promises={
            meaning: compile_words(words)
            for meaning, words in _gather(each.promises for each in catalogues).items()
        },
        periods=periods,
        order_done=_join(each.order_done for each in catalogues),
        order_is=_join(each.order_is for each in catalogues),
        parts_off={
            part: compile_words(word for each in catalogues for word in _list_parts_off(each, part))
            for part in dict.fromkeys(part for each in catalogues for part in _list_parts(each))
        },
        named_days={
            name: day for each in catalogues for day, names in each.named_days.items() for name in names
        },
        ahead={form: day for each in catalogues for day, forms in each.ahead.items() for form in forms},
        seasons=_read_spans(each.seasons for each in catalogues),
        parts_of_month=_read_spans(each.parts_of_month for each in catalogues),
        few_of=_read_few(catalogues),
        hundreds={
            form: Decimal(100 * place)
            for each in catalogues
            for place, forms in enumerate(each.hundreds, start=1)
            for form in forms.split("|")
        },
        after_hundreds=tuple(dict.fromkeys(form for each in catalogues for form in each.after_hundreds)),
        numbers={form: value for each in catalogues for form, value in _spell_numbers(each).items()},
    )


def _list_parts(catalogue: Catalogue) -> Iterator[int]:
    """The parts that have a name, and what those leave of the whole."""
    for part in catalogue.parts:
        yield from (part, 100 - part)


def _list_parts_off(catalogue: Catalogue, part: int) -> tuple[str, ...]:
    """How the language says that this part of a price is taken off."""
    named = catalogue.parts.get(part, ())
    made = (form.format(part=name) for form in catalogue.off_by for name in named)
    rest = catalogue.parts.get(100 - part, ())
    left = (form.format(part=name) for form in catalogue.left_of for name in rest)
    return (*catalogue.part_off.get(part, ()), *made, *left)


def _gather(named: Iterable[dict[str, tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    """The words of every language under each name."""
    gathered: dict[str, tuple[str, ...]] = {}
    for each in named:
        for name, words in each.items():
            gathered[name] = (*gathered.get(name, ()), *words)
    return gathered


def _read_few(catalogues: Iterable[Catalogue]) -> dict[str, Decimal]:
    """How none and one of several are said: `only one` → 1."""
    return {
        form: Decimal(number)
        for each in catalogues
        for number, forms in each.few_of.items()
        for form in forms
    }


def _read_spans(named: Iterable[dict[str, tuple[str, ...]]]) -> dict[str, tuple[int, int]]:
    """The first and the last of each form: `early` → 1, 10."""
    return {
        form: (int(first), int(last))
        for span, forms in _gather(named).items()
        for first, _, last in (span.partition("-"),)
        for form in forms
    }


def _join(named: Iterable[dict[str, tuple[str, ...]]]) -> dict[str, str]:
    return {name: alternate(words) for name, words in _gather(named).items()}


def _spell_numbers(catalogue: Catalogue) -> dict[str, Decimal]:
    """Every number below a hundred, and a hundred, as the language writes it out; also dozens and the like."""
    spelled = {form: Decimal(100) for form in catalogue.hundred}
    spelled |= {form: Decimal(number) for number, forms in catalogue.amounts.items() for form in forms}
    for place, written in enumerate(catalogue.tens, start=2):
        for tens in written.split("|"):
            spelled[tens] = Decimal(place * _TENS)
            for unit, form in enumerate(catalogue.units):
                for joined in catalogue.joined:
                    spelled.setdefault(joined.format(tens=tens, unit=form), Decimal(place * _TENS + unit))
    return spelled | {form: Decimal(unit) for unit, form in enumerate(catalogue.units)}
