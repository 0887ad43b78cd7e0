"""Many words as one short pattern: it finds what they would find side by side, the longest first."""

import random
import re

import pytest

from commerce_agent.agent.grounding.alternation import (
    alternate_in_order,
    alternate_letters,
    write_letters,
    write_phrase,
)
from commerce_agent.agent.grounding.cues import get_cues
from commerce_agent.agent.grounding.numbers import get_number_pattern


def write_side_by_side(words: list[str]) -> str:
    return "|".join(write_phrase(word) for word in sorted(set(words), key=lambda word: (-len(word), word)))


def write_shared(words: list[str]) -> str:
    return alternate_letters(write_letters(word) for word in words)


def list_found(pattern: str, text: str) -> tuple[list[str], list[int]]:
    """What is found in the text, and every place where a match of the pattern can end."""
    compiled = re.compile(pattern, re.IGNORECASE)
    ends = [end for end in range(len(text) + 1) if compiled.fullmatch(text, 0, end)]
    return [match.group() for match in compiled.finditer(text)], ends


@pytest.mark.parametrize(
    ("words", "pattern"),
    [
        (["a"], "a"),
        (["to", "two"], "t(?:o|wo)"),
        (["in", "in stock"], r"in(?:\s+stock|)"),
        (["it's", "its"], "it(?:['’]s|s)"),
        (["dreißig und drei", "vierzig und drei"], r"(?:dreiß|vierz)ig\s+und\s+drei"),
    ],
)
def test_what_words_share_stands_once(words: list[str], pattern: str) -> None:
    assert write_shared(words) == pattern


def test_the_numbers_of_every_language_are_found_as_side_by_side() -> None:
    words = sorted(get_cues().numbers)
    choose = random.Random(1)
    apart, shared = write_side_by_side(words), write_shared(words)
    texts = [
        text
        for word in words
        for other in choose.sample(words, 2)
        for text in (
            word,
            word.upper(),
            word[:-1],
            f"{word}{other}",
            f"{word} et {other}",
            f"{other}-{word}s",
        )
    ]

    whole = [rf"(?<!\w)(?:{pattern})(?!\w)" for pattern in (apart, shared)]
    differing = [
        text
        for text in choose.sample(texts, 1500)
        if list_found(apart, text) != list_found(shared, text)
        or list_found(whole[0], text) != list_found(whole[1], text)
    ]

    assert len(words) > 1000
    assert differing == []


def test_words_of_any_sort_are_found_as_side_by_side() -> None:
    choose = random.Random(2)
    differing = []
    for _ in range(300):
        words = [" ".join("".join(choose.choices("abab ", k=6)).split()) or "a" for _ in range(12)]
        long = [f"{word} {end}" for word in words for end in ("abababababab", "ba", "bababababababa b")]
        text = "".join(choose.choices([*words, *long, " "], k=5))
        if list_found(write_side_by_side(words + long), text) != list_found(write_shared(words + long), text):
            differing.append((words, text))

    assert differing == []


@pytest.mark.parametrize(
    ("words", "pattern"),
    [
        (["get it now", "get it"], r"get\s+it(?:\s+now|)"),
        (["get @ now", "get it", "give it"], r"g(?:et\s+(?:\w+\s+now|it)|ive\s+it)"),
        (["@ is in", "is in", "in"], r"i(?:s\s+in|n)|\w+\s+is\s+in"),
    ],
)
def test_words_with_a_slot_share_what_stands_before_it(words: list[str], pattern: str) -> None:
    assert write_slotted(words) == pattern


def test_words_with_slots_are_found_as_side_by_side() -> None:
    choose = random.Random(3)
    differing = []
    for _ in range(400):
        words = [" ".join("".join(choose.choices("abab@ ", k=6)).split()) or "a" for _ in range(12)]
        words = sorted(
            {f"a{word}" if word[0] == "@" else word for word in words}, key=lambda each: (-len(each), each)
        )
        apart = "|".join(write_phrase(word).replace("@", r"\w+") for word in words)
        text = "".join(choose.choices([*(word.replace("@", "ba") for word in words), " "], k=5))
        if list_found(apart, text) != list_found(write_slotted(words), text):
            differing.append((words, text))

    assert differing == []


def write_slotted(words: list[str]) -> str:
    letters = [tuple(r"\w+" if letter == "@" else write_phrase(letter) for letter in word) for word in words]
    return alternate_in_order(letters, loose={r"\w+"})


def test_a_number_takes_a_process_no_long_pattern() -> None:
    assert len(get_number_pattern()) < 25_000
