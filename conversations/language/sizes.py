"""Sizes of things to wear: letters, names, and numbers of the EU, UK and US systems."""

import re
from collections.abc import Sequence
from functools import lru_cache

import msgspec

from conversations.language.shop_language import find_english
from conversations.language.telling_shops import find_shop_language
from conversations.language.tokens import Token, list_tokens
from conversations.language.tongue import Tongue
from conversations.language.vocabulary import Vocabulary

_SYSTEMS = frozenset({"eu", "uk", "us"})
_LETTERS = frozenset({"xxs", "xs", "xl", "xxl", "xxxl", "2xl", "3xl"})
_LONGEST = 4
_REACH = re.compile(r"(\d{1,3})\s*[-–]\s*(\d{1,3})(?:\s*([a-z]+))?")
_PART = re.compile(r"1/(?:2|4|8|10|16)|3/4|4/4|7/8")


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """A size in a text, spelt as the shop spells it where it has it."""

    value: str
    first: int
    after: int


@lru_cache(maxsize=64)
def list_spellings(vocabulary: Vocabulary, tongue: Tongue) -> dict[str, str]:
    """The shop's sizes by one spelling; a size that the shop names in its own language also by the English name."""
    language = find_shop_language(vocabulary)
    named = {find_english(size, language=language): size for size in vocabulary.sizes if size.isalpha()}
    english = {get_normal_size(name, tongue): size for name, size in named.items() if name in tongue.sizes}
    return english | {get_normal_size(size, tongue): size for size in vocabulary.sizes}


@lru_cache(maxsize=4096)
def get_normal_size(name: str, tongue: Tongue) -> str:
    """Answers one spelling for the names of a size: "extra large", "x-large" and "xl" are "XL"; "EU 42" is
    "42".
    """
    words = [t.word for t in list_tokens(name) if t.is_word and t.word not in tongue.size_words]
    joined = " ".join(words)
    tight = "".join(words)
    return tongue.sizes.get(joined) or tongue.sizes.get(tight) or joined.upper()


def goes_by(size: str, *, number: str) -> bool:
    """Answers whether the number alone stands for a size that has more to it: "180" for "180x200", "43" for "43-46"
    and for "39-46".
    """
    plain = len(number) > 1 and number.replace(".", "", 1).isdecimal()
    return plain and (
        re.match(rf"{re.escape(number)}\s?[^\W\d]", size) is not None or _reaches(size, number=number)
    )


def _reaches(size: str, *, number: str) -> bool:
    reach = _REACH.fullmatch(size.strip().lower())
    return (
        reach is not None
        and float(reach[1]) < float(reach[2])
        and (float(reach[1]) <= float(number) <= float(reach[2]))
    )


def find_size(
    tokens: Sequence[Token], *, at: int, tongue: Tongue, vocabulary: Vocabulary, opened: bool = False
) -> Size | None:
    """Answers the size that starts with the token: after "size" or "in" any name or number, else only "XL"
    and its like. `opened` says that a size is what comes here: "I wear M".
    """
    first = at
    cued = tokens[at].word in tongue.size_words
    while at < len(tokens) and (
        tokens[at].word in tongue.size_words or (cued and _joins_size(tokens[at], tongue))
    ):
        at += 1
    opened = (
        opened
        or cued
        or (at > 0 and tokens[at - 1].word in tongue.grammar.inside)
        or _after_article(tokens, at, tongue)
        or _after_color(tokens, at, tongue, vocabulary)
    )
    if (part := _find_fraction(tokens, at, tongue, vocabulary)) is not None:
        value, after = part
        return Size(value=value, first=first, after=after)
    named = _find_name(tokens, at, tongue)
    if named:
        normal, after = named
        alone = sum(_says_something(token, tongue) for token in tokens) <= after - at
        sure = tokens[at].word in _LETTERS or after - at > 1
        chosen = _is_chosen(tokens, at, after, tongue) and normal in list_spellings(vocabulary, tongue)
        if (opened or sure or alone or chosen) and vocabulary.sizes:
            said = "".join(token.word for token in tokens[at:after])
            own = next((size for size in vocabulary.sizes if size.lower() == said), None)
            return Size(value=own or _spell(normal, vocabulary, tongue), first=first, after=after)
    if not (opened and at < len(tokens)):
        return None
    numbered = _find_number(tokens, at, tongue)
    if numbered is None:
        return None
    number, after = numbered
    if cued or number in list_spellings(vocabulary, tongue) or _is_reached(number, vocabulary):
        after = after + 1 if after < len(tokens) and tokens[after].word in _SYSTEMS else after
        return Size(value=_spell(number, vocabulary, tongue), first=first, after=after)
    return None


def _find_fraction(
    tokens: Sequence[Token], at: int, tongue: Tongue, vocabulary: Vocabulary
) -> tuple[str, int] | None:
    """A size of the shop that is a part of the whole: "3/4", also said: "the half size"."""
    words = [token.word for token in tokens[at : at + 4]]
    if words and "/" in words[0]:
        spelt = list_spellings(vocabulary, tongue).get(words[0])
        return (spelt, at + 1) if spelt else None
    said = tongue.sized_parts
    for length in (3, 1):
        name = "".join(words[:length]).replace("-", "")
        behind = words[length + 1 :] if words[length : length + 1] == ["-"] else words[length:]
        if name in said and behind[:1] and behind[0] in tongue.size_words:
            own = _list_parts(vocabulary).get(said[name])
            return (own, at + len(words) - len(behind) + 1) if own else None
    return None


@lru_cache(maxsize=64)
def _list_parts(vocabulary: Vocabulary) -> dict[float, str]:
    """The shop's sizes that are written as a fraction, by their value."""
    parts = {size: find_part(size) for size in vocabulary.sizes}
    return {part: size for size, part in parts.items() if part is not None}


def find_part(size: str) -> float | None:
    """Answers what part of the whole a size is: 0.75 of "3/4"; None of "38/40" and of whatever is no such part."""
    if _PART.fullmatch(size.strip()) is None:
        return None
    numerator, denominator = size.split("/")
    return int(numerator) / int(denominator)


def _is_chosen(tokens: Sequence[Token], first: int, after: int, tongue: Tongue) -> bool:
    """As in "the medium in black", "a rain jacket, medium": a size with an article, or by itself."""
    grammar = tongue.grammar
    before = tokens[first - 1].word if first else ""
    following = tokens[after].word if after < len(tokens) else ""
    ends = (
        not following[:1].isalpha()
        or following in grammar.prepositions | grammar.standin_one | grammar.standin_many
    )
    listed = before == "," and not following[:1].isalnum()
    return listed or (before in grammar.definite and (ends or following in tongue.stopwords))


def _says_something(token: Token, tongue: Tongue) -> bool:
    """False for the small words around a size that is all that is said: "take the medium, please"."""
    small = tongue.stopwords | tongue.grammar.acquiring
    return token.is_word and (token.word not in small or token.word in tongue.sizes)


def _find_number(tokens: Sequence[Token], at: int, tongue: Tongue) -> tuple[str, int] | None:
    """The number of a size as digits, halves included: "nine and a half", "9½", "9 1/2" are "9.5"."""
    word = tokens[at].word
    if word.replace(".", "").replace(",", "").isdecimal() and word.count(".") + word.count(",") < 2:
        value = float(word.replace(",", "."))
    elif word in tongue.numbers:
        value = tongue.numbers[word]
    else:
        return None
    after = at + 1
    following = tokens[after].word if after < len(tokens) else ""
    if following in tongue.units or following in tongue.currencies or following == "%":
        return None
    half = _find_half(tokens, after, tongue) if value == int(value) else None
    return (f"{value + 0.5:g}", half) if half else (f"{value:g}", after)


def _find_half(tokens: Sequence[Token], at: int, tongue: Tongue) -> int | None:
    """The index behind "and a half", "½" or "1/2"; None where the tokens are something else."""
    words = [token.word for token in tokens[at : at + 3]]
    if words[:1] == ["½"]:
        return at + 1
    if words[:1] == ["1/2"]:
        return at + 1
    while at < len(tokens) and tokens[at].word in tongue.grammar.adding | tongue.grammar.articles:
        at += 1
    word = tokens[at].word if at < len(tokens) else ""
    return (
        at + 1
        if words[:1] and words[0] in tongue.grammar.adding and tongue.fractions.get(word) == 0.5
        else None
    )


def _joins_size(token: Token, tongue: Tongue) -> bool:
    grammar = tongue.grammar
    return token.word in grammar.articles or token.word in grammar.copulas or token.word in grammar.part_of


def _after_article(tokens: Sequence[Token], at: int, tongue: Tongue) -> bool:
    grammar = tongue.grammar
    return at > 1 and tokens[at - 1].word in grammar.articles and tokens[at - 2].word in grammar.inside


def _after_color(tokens: Sequence[Token], at: int, tongue: Tongue, vocabulary: Vocabulary) -> bool:
    """As in "do you have it in red medium?": the size stands behind the colour."""
    inside = at > 1 and tokens[at - 2].word in tongue.grammar.inside
    return inside and any(tokens[at - 1].word == color.lower() for color in vocabulary.colors)


@lru_cache(maxsize=8)
def _list_openings(tongue: Tongue) -> frozenset[str]:
    """Whatever the name of a size can begin with: "x" of "x-large", which is known as "xlarge"."""
    return frozenset(name[:end] for name in tongue.sizes for end in range(1, len(name) + 1))


def _find_name(tokens: Sequence[Token], at: int, tongue: Tongue) -> tuple[str, int] | None:
    if at >= len(tokens) or tokens[at].word not in _list_openings(tongue) or not tokens[at].is_word:
        return None
    for after in range(min(at + _LONGEST, len(tokens)), at, -1):
        words = [token.word for token in tokens[at:after] if token.word != "-"]
        name = tongue.sizes.get(" ".join(words)) or (len(words) > 1 and tongue.sizes.get("".join(words)))
        if name:
            return name, after
    return None


def _spell(normal: str, vocabulary: Vocabulary, tongue: Tongue) -> str:
    spelt = list_spellings(vocabulary, tongue)
    own = spelt.get(normal) or spelt.get(get_normal_size(normal, tongue))
    return own or _find_measured(normal, vocabulary) or normal


def _find_measured(number: str, vocabulary: Vocabulary) -> str:
    """As in "size 95" of belts of "95 cm": the one size of the shop that has the number and more to it. "43" of socks
    in "43-46" stays as it is said, for shoes may come in 43 and other socks in "42-44".
    """
    measured = [size for size in vocabulary.sizes if goes_by(size, number=number)]
    bare = {size for size in measured if (reach := _REACH.fullmatch(size.strip().lower())) and not reach[3]}
    return measured[0] if len(measured) == 1 and not bare else ""


def _is_reached(number: str, vocabulary: Vocabulary) -> bool:
    """Whether a size of the shop reaches from one number to another, and over this one."""
    return len(number) > 1 and any(_reaches(size, number=number) for size in vocabulary.sizes)
