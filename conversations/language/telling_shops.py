"""The language that a shop writes its catalogue in."""

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from conversations.language.catalogue import GLOSSED, index_words, load_catalogue
from conversations.language.tokens import get_stem, list_tokens
from conversations.language.vocabulary import Vocabulary

_MOST_READ = 400
"""Names of a shop that are read to know its language."""
_FEWEST_TELLING = 3


@lru_cache(maxsize=64)
def find_shop_language(vocabulary: Vocabulary) -> str:
    """Answers the language that most of the shop's words for its goods are from; English where none is ahead."""
    counts: Counter[str] = Counter()
    for word in _list_words(vocabulary):
        for language in ("en", *GLOSSED):
            counts[language] += _knows(word, language)
    best = max(GLOSSED, key=lambda language: counts[language])
    return best if counts[best] >= _FEWEST_TELLING and counts[best] > counts["en"] else "en"


def _list_words(vocabulary: Vocabulary) -> Iterator[str]:
    names = [category.name for category in vocabulary.categories]
    names += [part for category in vocabulary.categories for part in category.path]
    names += [*vocabulary.colors, *vocabulary.materials, *vocabulary.attributes, *vocabulary.measures]
    seen = {token.word for name in names[:_MOST_READ] for token in list_tokens(name.replace("_", " "))}
    yield from (word for word in seen if word.isalpha() and len(word) > 2)


def _knows(word: str, language: str) -> bool:
    if language == "en":
        return get_stem(word) in _list_english_stems()
    entry = index_words(language).find(word, stemmer=load_catalogue(language).rules.stemmer)
    if entry is None or entry.tag not in ("noun", "adjective"):
        return False
    return get_stem(word) not in {get_stem(meaning) for meaning in entry.english.split("/")}


@lru_cache(maxsize=1)
def _list_english_stems() -> frozenset[str]:
    """The stems of all English words that the catalogues have goods and qualities in."""
    words: set[str] = set()
    for language in GLOSSED:
        catalogue = load_catalogue(language)
        for section in (catalogue.nouns, catalogue.adjectives, catalogue.goods):
            words |= {part for english in section.values() for part in english.replace("/", " ").split()}
    return frozenset(get_stem(word.lower()) for word in words)
