"""Which kinds of a shop are sections, by whose names no single thing is called."""

import re
from collections.abc import Sequence
from typing import Final

from commerce_agent.agent.phrases import PhraseBook
from conversations.language.plurals import is_plural
from conversations.language.shop_language import find_english
from conversations.language.tokens import list_tokens
from conversations.language.vocabulary import Category

_SEVERAL_IN_ONE: Final = re.compile(r"\s(?:&|\+|and|und|et|y)\s", re.IGNORECASE)
"""As in "Coffee & Cooking": nothing is called by both."""


def list_sections(
    categories: Sequence[Category], *, titles: Sequence[str], book: PhraseBook
) -> frozenset[str]:
    """The kinds by whose names no single thing is called: "Dog" above dog food and dog beds, "Crime" of a bookshop.

    A name in the plural is that of things. One that is not is theirs where it has several words ("Cat Food"), or
    stands in most of the titles ("Ink"), and nobody's where it joins two ("Coffee & Cooking").
    """
    sections = {part for category in categories for part in category.path}
    sections |= {category.name for category in categories if joins_two(category.name)}
    sections = {name for name in sections if not _names_things(name, language=book.language)}
    if book.language == "en":
        lone = {category.name for category in categories if len(category.name.split()) == 1}
        named = [{token.stem for token in list_tokens(title)} for title in titles]
        for name in lone:
            stem = list_tokens(name)[0].stem
            if not is_plural(name.lower()) and sum(stem in words for words in named) * 2 <= len(named):
                sections.add(name)
    return frozenset(sections)


def joins_two(name: str) -> bool:
    """Whether the kind is two in one, so that no single thing is called by it: "Shorts & Trousers"."""
    return _SEVERAL_IN_ONE.search(name) is not None


def _names_things(name: str, *, language: str) -> bool:
    """Whether single things are called so: "Rucksäcke" are backpacks, "Kochen" and "Bad" are sections."""
    english = find_english(name, language=language) or name
    return is_plural(english.split()[-1].lower())
