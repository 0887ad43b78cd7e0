"""What a shop's words are in English, whatever language it writes its catalogue in."""

from collections.abc import Collection
from functools import lru_cache

from conversations.language.catalogue import GLOSSED, index_words, load_catalogue
from conversations.language.glossing import gloss
from conversations.language.tongues import get_tongue
from conversations.language.vocabulary import Vocabulary

_NO_SHOP = Vocabulary()
_BULKS = (
    "size",
    "volume",
    "capacity",
    "length",
    "height",
    "width",
    "diameter",
    "area",
    "pieces",
    "sheets",
    "pages",
)
"""What makes goods big, the likeliest first."""
_YIELDS = ("flow", "power", "load", "weight")


def find_english(name: str, *, language: str) -> str:
    """Answers the shop's name of something in English; empty for a shop that writes English, or an unknown name."""
    if language not in GLOSSED:
        return ""
    english = _translate(name.replace("_", " "), language)
    return english if english.lower() != name.lower() else ""


@lru_cache(maxsize=8192)
def list_measures_of(name: str) -> frozenset[str]:
    """Answers the measures that an attribute of this name is, whatever the shop's language: "Gewicht" is weight."""
    plain = name.lower().replace("_", " ")
    return frozenset({plain, *plain.split()}) | list_attributes_of(plain)


def find_bulk(names: Collection[str], *, shown: bool = False) -> str:
    """Answers which of a shop's measures "bigger" is about, where none is called size; empty where none is.

    Of goods that were `shown` it may also be what they do or weigh: "the bigger one" of two pumps.
    """
    meant = {meaning: name for name in reversed(list(names)) for meaning in list_measures_of(name)}
    bulks = (*_BULKS, *_YIELDS) if shown else _BULKS
    return next((meant[bulk] for bulk in bulks if bulk in meant), "")


@lru_cache(maxsize=8192)
def list_attributes_of(name: str) -> frozenset[str]:
    """Answers what an attribute of this name is in English, where the name is of another language."""
    plain = name.lower().replace("_", " ")
    entries = (index_words(language).exact.get(plain) for language in GLOSSED)
    nouns = [entry.english for entry in entries if entry and entry.tag == "noun"]
    return frozenset(meaning for english in nouns for meaning in english.split("/"))


@lru_cache(maxsize=8192)
def find_contained(name: str) -> str:
    """Answers what an attribute of this name tells of: "nuts" of "contains nuts"; empty for other names."""
    opening, _, thing = name.replace("_", " ").strip().partition(" ")
    entries = (index_words(language).exact.get(opening.lower()) for language in GLOSSED)
    meanings = {opening.lower(), *(entry.english for entry in entries if entry)}
    return thing if meanings & get_tongue().containing else ""


@lru_cache(maxsize=8192)
def is_without(name: str) -> bool:
    """Answers whether an attribute of this name says what goods are free from: "without sugar", "sin gluten"."""
    opening, _, thing = name.replace("_", " ").strip().lower().partition(" ")
    entries = (index_words(language).exact.get(opening) for language in GLOSSED)
    return bool(thing) and "without" in {opening, *(entry.english for entry in entries if entry)}


@lru_cache(maxsize=8192)
def find_color_in_english(color: str) -> str:
    """Answers a colour that some other language has a word for: "Rot" and "rouge" are red; empty for all others."""
    for language in GLOSSED:
        entry = index_words(language).find(
            color.lower(), stemmer=load_catalogue(language).rules.stemmer
        ) or index_words(language).plain.get(color.lower())
        if entry and entry.tag == "adjective":
            return entry.english.split("/")[0]
    return ""


@lru_cache(maxsize=16384)
def _translate(name: str, language: str) -> str:
    return gloss(name, language=language, vocabulary=_NO_SHOP).text
