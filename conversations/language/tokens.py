"""Text as words with their places, lower-cased, each with its stem."""

import re
from collections.abc import Sequence
from functools import lru_cache

import msgspec
import snowballstemmer

_WORD = re.compile(
    r"[^\W\d_]+(?:['’][^\W\d_]+)*|(?<![\w/.-])\d{1,2}/\d{1,2}(?![\w/-])|\d+(?:[.,]\d+)*|[^\w\s]|_",
    re.UNICODE,
)
"""A bare fraction is one word, as sizes are written: "a 3/4 guitar", "size 38/40"."""
_POSSESSIVE = re.compile(r"'s$|'$")
_ONLY_WORDS_UP_TO = 4000
JOINTS = frozenset({"and", "&", "und", "et", "y"})
"""Words between the parts of a name that a name is recognised without: "Fell & Fern"."""


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A word, a number or a mark of punctuation, and where it stands in the text."""

    word: str
    """Lower-cased; a possessive ending is cut off."""
    stem: str
    start: int
    end: int
    is_word: bool
    """True for words and numbers, False for punctuation."""
    possessive: bool = False


@lru_cache(maxsize=8)
def _get_stemmer(language: str) -> snowballstemmer.basestemmer.BaseStemmer:
    return snowballstemmer.stemmer(language)


_VOWELS = frozenset("aeiouy")
_SHORT_FORM = 3
_SINGULAR = frozenset({"lens", "gas", "bias", "canvas", "atlas"})
"""Nouns in one that end as others do in many; the stemmer would cut them: "lenses" are of a "lens"."""

_IRREGULAR = {
    "calves": "calf", "dwarves": "dwarf", "elves": "elf", "geese": "goose", "halves": "half", "hooves": "hoof",
    "knives": "knife", "loaves": "loaf", "mice": "mouse", "scarves": "scarf", "shelves": "shelf", "teeth": "tooth",
    "wolves": "wolf",
}  # fmt: skip
"""Nouns whose many the stemmer does not know for their one; those that are verbs or units as well are left to it."""


@lru_cache(maxsize=65536)
def get_stem(word: str, *, language: str = "english") -> str:
    """Answers the stem of a lower-case word: "shoes" and "shoe" have the same."""
    if len(word) < 3 or not word.isalpha() or (language == "english" and word in _SINGULAR):
        return word
    if language == "english" and len(word) == _SHORT_FORM and word[-1] == "s" and _VOWELS.isdisjoint(word):
        return word[:-1]  # "TVs", "PCs": the stemmer takes them for words without a plural.
    if language == "english":
        word = _IRREGULAR.get(word, word)
    stem: str = _get_stemmer(language).stemWord(word)
    return stem


def list_tokens(text: str, *, language: str = "english") -> tuple[Token, ...]:
    """Answers the words of the text in order. Only the first few thousand characters of a text are read."""
    return _read_tokens(text, language)


@lru_cache(maxsize=4096)
def _read_tokens(text: str, language: str) -> tuple[Token, ...]:
    tokens = []
    for match in _WORD.finditer(text[:_ONLY_WORDS_UP_TO]):
        word = match.group().lower().replace("’", "'")
        bare = (_POSSESSIVE.sub("", word) or word) if "'" in word else word
        stem = get_stem(bare, language=language)
        tokens.append(
            Token(
                word=bare,
                stem=stem,
                start=match.start(),
                end=match.end(),
                is_word=bare[0].isalnum(),
                possessive=bare != word,
            )
        )
    return tuple(tokens)


def is_part_of_name(tokens: Sequence[Token], at: int) -> bool:
    """True for a letter that a hyphen joins to the word after it: the "U" of "U-lock" is no small word."""
    joined = tokens[at : at + 3]
    return (
        len(joined) == 3
        and len(joined[0].word) == 1
        and joined[0].word.isalpha()
        and joined[1].word == "-"
        and joined[0].end == joined[1].start
        and joined[1].end == joined[2].start
    )


def find_code(tokens: Sequence[Token], at: int) -> tuple[str, int] | None:
    """A model number that starts with the token, with the index behind it: "D2E" is "=d2e", "PK-310" is "=pk310".

    A sign stands before it, so that "D2" is no part of "D2E".
    """
    if at and tokens[at - 1].end == tokens[at].start and tokens[at - 1].word not in "(\"'“,;:":
        return None
    after = at + 1
    while after < len(tokens) and tokens[after].start == tokens[after - 1].end:
        if not (tokens[after].is_word or tokens[after].word in "-/"):
            break
        after += 1
    while not tokens[after - 1].is_word and after > at:
        after -= 1
    if after <= at + 1:
        return None  # One word by itself, or a mark.
    parts = [token.word for token in tokens[at:after] if token.is_word]
    mixed = any(part.isalpha() for part in parts) and any(part.isdecimal() for part in parts)
    return ("=" + "".join(parts), after) if mixed else None


@lru_cache(maxsize=65536)
def list_codes(text: str) -> frozenset[str]:
    """The model numbers of a text."""
    return find_codes(list_tokens(text))


def find_codes(tokens: Sequence[Token]) -> frozenset[str]:
    """The model numbers among words."""
    found = [find_code(tokens, at) for at, token in enumerate(tokens) if token.is_word]
    return frozenset([code[0] for code in found if code])


@lru_cache(maxsize=65536)
def get_key(phrase: str, *, language: str = "english") -> str:
    """Answers what two spellings of one phrase share: "T-shirts", "tshirt" and "t shirt" are one."""
    return join_stems(list_tokens(phrase, language=language))


def join_stems(tokens: Sequence[Token]) -> str:
    """The key of a phrase that was read: see `get_key`."""
    words = [token for token in tokens if token.is_word]
    joined = "".join([token.stem for token in words if token.word not in JOINTS])
    return joined or "".join([token.stem for token in words])


@lru_cache(maxsize=65536)
def list_stems(phrase: str, *, language: str = "english") -> tuple[str, ...]:
    """Answers the stems of the words of a phrase, without punctuation."""
    return tuple(token.stem for token in list_tokens(phrase, language=language) if token.is_word)
