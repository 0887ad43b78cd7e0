"""Goods that a sentence names and nobody knows: "the Zephyr lamp", where the shop has shown no such lamp."""

import re
from collections.abc import Iterable, Iterator

from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.cues import BLANK, get_cues

_CAPITAL = r"[^\W\d_a-zß-ÿ][\w'’]+"
_NAMED = rf"{_CAPITAL}(?:[ -]{_CAPITAL}){{0,3}}"
_WORD = re.compile(r"[^\W_]{2,}")
_LEAST_NOUN = 3
_ADDRESSED = frozenset(
    {
        "ihr",
        "ihre",
        "ihrer",
        "ihrem",
        "ihren",
        "ihres",
        "sie",
        "ihnen",
        "dein",
        "deine",
        "deiner",
        "usted",
        "vous",
    }
)
_OF_PLACES = re.compile(r"(?:[ai]an|ean|ish|ese|ic)$")
"""European, Spanish, Japanese, Nordic: how goods are, not what they are called."""


def list_invented(text: str, *, nouns: frozenset[str], known: Iterable[str]) -> Iterator[Claim]:
    """Each name beside a word for the shop's goods whose first word is not known. `text` has known names blanked.

    `nouns` are the last words of known names; `known` is all that was said, shown or read, and is looked through only
    where there is such a name.
    """
    words: set[str] | None = None
    for match in _find_beside(text, nouns):
        name = match.group("before") or match.group("after") or ""
        said = [word.lower() for word in _WORD.findall(name)]
        if match.group("before") and _is_opening(text, match.start()):
            said = said[1:]
        if not said or name.lower() in get_cues().list_words("button"):
            continue  # "Press Confirm", in a shop that sells presses.
        if words is None:
            words = _list_words(known) | nouns
        if not _is_ordinary(said[0], words=words):
            yield Claim(kind="name", text=name, start=match.start())


def _list_words(known: Iterable[str]) -> set[str]:
    return {word.lower() for each in known for word in _WORD.findall(each)}


def _find_beside(text: str, nouns: frozenset[str]) -> Iterator[re.Match[str]]:
    kinds = "|".join(
        re.escape(noun) for noun in sorted(nouns, key=len, reverse=True) if len(noun) >= _LEAST_NOUN
    )
    if not kinds:
        return iter(())
    noun = rf"(?i:{kinds})(?:s|es|n|en)?"
    before = rf"(?P<before>{_NAMED})(?:[ -]{BLANK}+){{0,2}}[ -]{noun}"
    return re.finditer(rf"(?<![\w-])(?:{before}|{noun} (?P<after>{_NAMED}))(?![\w-])", text)


def _is_opening(text: str, start: int) -> bool:
    """A capital at the beginning of a sentence makes no name."""
    before = text[:start].rstrip(" *_\"“„«'(")
    return not before or before[-1] in ".!?:\n|-•"


def _is_ordinary(word: str, *, words: set[str]) -> bool:
    return (
        word in words
        or word in _ADDRESSED
        or _OF_PLACES.search(word) is not None
        or any(letter.isdigit() for letter in word)
        or any(other in words for other in (word.removesuffix("s"), word.removesuffix("n"), f"{word}s"))
    )
