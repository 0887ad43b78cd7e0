"""A shop's vocabulary, indexed: which stretch of words names which of its terms."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

import msgspec

from conversations.language.compounds import list_heads
from conversations.language.order import find_order
from conversations.language.shop_language import find_english
from conversations.language.spelling import find_meant
from conversations.language.telling_shops import find_shop_language
from conversations.language.thesaurus import build_thesaurus, get_same
from conversations.language.tokens import JOINTS, Token, get_key, get_stem, list_stems, list_tokens
from conversations.language.tongue import Tongue
from conversations.language.vocabulary import NO, YES, Vocabulary, list_parts

_MERE_NUMBERS = re.compile(r"[\d.,+\s–—-]+")
"""Values that are numbers, or reach from one to another ("8+", "2-4"): the words beside them tell what of."""
_LONGEST = 6
_SEVERAL = 2
_SHORTEST_MISSPELT = 5
_SHORTEST_VERB = 3
_CAN = ("can", "i can", "you can", "we can", "that i can", "that you can", "that we can", "to", "be able to")
_CAN_BE = ("can be", "that can be", "which can be", "to be")
_INSIDE_NAMES = JOINTS | {"-", "'", "’", "/", "."}
_HAD = "yes"
_YES = YES | {"1", "y"}
_NO = NO | {"0", "n"}


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """A value that the shop's goods can have: `category` "Running shoes", `waterproof` "yes"."""

    field: str
    value: str


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of tokens that names terms; several where one name serves several fields."""

    first: int
    after: int
    terms: tuple[Term, ...]
    misspelt: bool = False


class Lexicon(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A vocabulary by key, with the single words that misspellings are measured against."""

    terms: dict[str, tuple[Term, ...]]
    words: tuple[str, ...]
    """The words of the shop's terms that are long enough to be misspelt."""
    stems: frozenset[str]
    small: dict[str, tuple[Term, ...]] = {}
    """Values that are small words elsewhere: the "down" of "down jackets". They count right before a kind of goods."""


_Naming = Callable[[str, Term, Tongue], set[str]]


@lru_cache(maxsize=64)
def build_lexicon(vocabulary: Vocabulary, tongue: Tongue) -> Lexicon:
    """Answers the index of the shop's words. The last 64 vocabularies are kept."""
    terms: dict[str, list[Term]] = {}
    words: set[str] = set()
    small: dict[str, tuple[Term, ...]] = {}
    for name, term in _list_all_names(vocabulary):
        words.update(
            token.word for token in list_tokens(name, language=tongue.stemmer) if token.word.isalpha()
        )
        key = get_key(name, language=tongue.stemmer)
        held = terms.setdefault(key, [])
        if key not in tongue.stopwords and term not in held:
            held.append(term)
        elif key in tongue.stopwords and term.field not in ("category", "size", "brand"):
            small[key] = (*small.get(key, ()), term)
    for form, noun in tongue.forms.items():
        named = terms.get(get_key(noun, language=tongue.stemmer))
        if named:
            terms.setdefault(get_key(form, language=tongue.stemmer), list(named))
    categories = {
        key: [term for term in held if term.field == "category"]
        for key, held in terms.items()
        if any(term.field == "category" for term in held)
    }
    language = find_shop_language(vocabulary)

    def name_by_head(_key: str, term: Term, tongue: Tongue) -> set[str]:
        return _name_by_head(term, tongue, language=language)

    told = {
        "".join(list_stems(name.replace("_", " "), language=tongue.stemmer))
        for name in (*vocabulary.measures, *vocabulary.attributes)
    }
    stocked = frozenset(category.name for category in vocabulary.categories if category.attributes)

    def name_by_part(_key: str, term: Term, tongue: Tongue) -> set[str]:
        # "Weight", where there are "Hooks & Weights", is what goods weigh.
        return _name_by_part(term, tongue) - told if term.value in stocked else set()

    for names in (name_by_head, name_by_part, _name_by_synonym, _name_by_wider):
        _add_names(terms, categories, names, tongue)
    return Lexicon(
        terms={name: tuple(held) for name, held in terms.items() if held},
        words=tuple(sorted(word for word in words if len(word) >= _SHORTEST_MISSPELT - 1)),
        stems=frozenset(get_stem(word, language=tongue.stemmer) for word in words),
        small=small,
    )


def _add_names(
    terms: dict[str, list[Term]], categories: dict[str, list[Term]], names: _Naming, tongue: Tongue
) -> None:
    """Adds further names of the categories, where nothing in the shop has the name itself."""
    further: dict[str, list[Term]] = {}
    for key, held in categories.items():
        for term in held:
            for name in names(key, term, tongue):
                if term not in further.setdefault(name, []):
                    further[name].append(term)
    for name, found in further.items():
        if name not in terms and name not in tongue.stopwords:
            terms[name] = found


def _name_by_head(term: Term, tongue: Tongue, *, language: str) -> set[str]:
    """As in "lamps" for a shop that has floor lamps and desk lamps, "Heringe" for one that has "Zeltheringe"."""
    names = (
        term.value,
        *list_heads(term.value, language=language),
        find_english(term.value, language=language),
    )
    return {stem for name in names for stem in list_stems(name, language=tongue.stemmer)[-1:]}


def _name_by_part(term: Term, tongue: Tongue) -> set[str]:
    """As in "toner" and "cartridges" for a shop with a shelf "Toner & Ink Cartridges"."""
    parts = list_parts(term.value)
    if len(parts) < _SEVERAL:
        return set()
    stems = [list_stems(part, language=tongue.stemmer) for part in parts]
    return {key for part in stems if part for key in ("".join(part), part[-1])}


def _name_by_synonym(key: str, _term: Term, tongue: Tongue) -> set[str]:
    return set(get_same(key, build_thesaurus(tongue)))


def _name_by_wider(key: str, _term: Term, tongue: Tongue) -> set[str]:
    """As in "footwear" for a shop that has boots and sandals."""
    return {wide for wide, covered in build_thesaurus(tongue).covered.items() if key in covered}


def list_spots(tokens: Sequence[Token], lexicon: Lexicon, tongue: Tongue) -> tuple[Spot, ...]:
    """Answers the shop's terms in the text, left to right, the longest first where they overlap."""
    # "Lightest" ranks, however near it is to the shop's "lights".
    stems = [
        (None if find_order(tokens, at, tongue) else find_correction(token, lexicon, tongue)) or token.stem
        for at, token in enumerate(tokens)
    ]
    spots: list[Spot] = []
    at = 0
    while at < len(tokens):
        spot = None
        if tokens[at].is_word:
            turned = _find_turned(tokens, stems, at, lexicon, tongue)
            spot = turned or _find_spot(tokens, stems, at, lexicon, tongue)
        at = spot.after if spot else at + 1
        if spot:
            small = _find_small(tokens, spot, lexicon)
            spots.extend([small, spot] if small else [spot])
    return tuple(spots)


def _find_small(tokens: Sequence[Token], kind: Spot, lexicon: Lexicon) -> Spot | None:
    """As in "down jackets": a value right before the goods, though the word is a small one elsewhere."""
    terms = lexicon.small.get(tokens[kind.first - 1].word) if kind.first else None
    if not terms or any(term.field != "category" for term in kind.terms):
        return None
    return Spot(first=kind.first - 1, after=kind.first, terms=terms)


def find_correction(token: Token, lexicon: Lexicon, tongue: Tongue) -> str | None:
    """Answers the stem of the shop's word that a misspelt token was meant to be; None where it is not
    misspelt.
    """
    if len(token.word) < _SHORTEST_MISSPELT or token.stem in lexicon.stems or token.word in tongue.stopwords:
        return None
    return _correct(token.word, lexicon, tongue)


@lru_cache(maxsize=16384)
def _correct(word: str, lexicon: Lexicon, tongue: Tongue) -> str | None:
    meant = find_meant(word, lexicon.words, language=tongue.stemmer)
    return get_stem(meant, language=tongue.stemmer) if meant else None


def _find_turned(
    tokens: Sequence[Token], stems: Sequence[str], at: int, lexicon: Lexicon, tongue: Tongue
) -> Spot | None:
    """As in "shoes for running": the words of a name the other way round."""
    if at + 2 >= len(tokens) or tokens[at + 1].word not in tongue.turning:
        return None
    terms = lexicon.terms.get(stems[at + 2] + stems[at])
    return Spot(first=at, after=at + 3, terms=terms) if terms else None


def _is_article(tokens: Sequence[Token], at: int, tongue: Tongue) -> bool:
    """As in "a 5 litre can", which is no "A5"."""
    numbered = at + 1 < len(tokens) and tokens[at + 1].word.isdecimal()
    return tokens[at].word in tongue.grammar.articles and numbered and tokens[at].end < tokens[at + 1].start


def _find_spot(
    tokens: Sequence[Token], stems: Sequence[str], at: int, lexicon: Lexicon, tongue: Tongue
) -> Spot | None:
    key, found, misspelt = "", None, False
    if tokens[at].word in JOINTS or _is_article(tokens, at, tongue):
        return None
    for after in range(at, min(at + _LONGEST, len(tokens))):
        token = tokens[after]
        if token.word in _INSIDE_NAMES:
            continue
        if not token.is_word:
            break
        key += stems[after]
        misspelt = misspelt or stems[after] != token.stem
        terms = lexicon.terms.get(key)
        if terms and after == at and token.word in tongue.grammar.taking:
            continue  # "Take it out" of a shop for trick-taking games.
        if terms:
            found = Spot(first=at, after=after + 1, terms=terms, misspelt=misspelt)
    return found


def _list_all_names(vocabulary: Vocabulary) -> Iterator[tuple[str, Term]]:
    """The names, and for a shop that writes another language their English, in which messages are read."""
    names = tuple(_list_names(vocabulary))
    yield from names
    language = find_shop_language(vocabulary)
    for name, term in names:
        english = find_english(name, language=language) if term.field != "brand" else ""
        if english:
            yield english, term


def _list_names(vocabulary: Vocabulary) -> Iterator[tuple[str, Term]]:
    """Every term with the name that people use for it."""
    for category in vocabulary.categories:
        for name in (*category.path, category.name):
            yield name, Term(field="category", value=name)
    plain = (("brand", vocabulary.brands), ("color", vocabulary.colors), ("material", vocabulary.materials))
    for field, values in plain:
        for value in values:
            yield value, Term(field=field, value=value)
    yield from _list_sizes(vocabulary)
    yield from _list_attributes(vocabulary)


def _list_attributes(vocabulary: Vocabulary) -> Iterator[tuple[str, Term]]:
    """Values by their own names, and qualities that goods have or have not by the attribute's name."""
    for field, values in vocabulary.attributes.items():
        if _is_had_by_some(values):
            yield field.replace("_", " "), Term(field=field, value=_HAD)
        for value in values:
            if value.lower() in _YES:
                yield field.replace("_", " "), Term(field=field, value=value)
                for name in list_doings(field.replace("_", " ")):
                    yield name, Term(field=field, value=value)
            elif value.lower() not in _NO and not _MERE_NUMBERS.fullmatch(value):
                yield value, Term(field=field, value=value)


def _is_had_by_some(values: Sequence[str]) -> bool:
    """As in "waterproof: 10 m" beside "waterproof: no": goods that are told how much of it they are, and others not."""
    plain = {value.lower() for value in values}
    return bool(plain & _NO) and bool(plain - _NO) and not plain & _YES


def list_doings(name: str) -> tuple[str, ...]:
    """As in "a lamp that I can dim", of what is dimmable or not: how English says that it can be done."""
    verb = next(
        (name.lower().removesuffix(end) for end in ("able", "ible") if name.lower().endswith(end)), ""
    )
    if len(verb) < _SHORTEST_VERB or not verb.isalpha():
        return ()
    plain = verb[:-1] if verb[-1] == verb[-2] and verb[-1] not in "slf" else verb
    forms = tuple(dict.fromkeys((plain, verb, f"{verb}e")))
    done = tuple(f"{opening} {form}" for form in forms for opening in _CAN)
    suffered = tuple(f"{opening} {form}ed" for form in (plain, verb) for opening in _CAN_BE)
    return (*done, *suffered, *(f"that {form}s" for form in forms))


def _list_sizes(vocabulary: Vocabulary) -> Iterator[tuple[str, Term]]:
    """Sizes such as "30 cm", "20 bags", "A5"; what "L" and "8" mean is told by the words beside them."""
    for size in vocabulary.sizes:
        words = [token.word for token in list_tokens(size) if token.is_word]
        if len(words) > 1 and (size[:1].isdecimal() or _is_code(size)):
            yield size, Term(field="size", value=size)


def _is_code(name: str) -> bool:
    """As in "A5": letters and digits in one word."""
    return name.isalnum() and not (name.isalpha() or name.isdecimal())
