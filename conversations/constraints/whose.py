"""Terms that are another person's: "for my son", "he wears M"."""

from functools import lru_cache

from conversations.events.constraints import Constraint
from conversations.language.catalogue import GLOSSED
from conversations.language.glossing import gloss
from conversations.language.tokens import list_tokens
from conversations.language.tongues import get_tongue
from conversations.language.vocabulary import Vocabulary

_NO_SHOP = Vocabulary()


def is_of_person(term: Constraint) -> bool:
    """Whether the term says whom the goods are for, or what size somebody else wears: it holds for what comes next,
    too, as long as that is for the same person. "Women's boots" names nobody.
    """
    return term.scope == "search" and isinstance(term.value, str | tuple) and _names_person(term.text)


@lru_cache(maxsize=1024)
def _names_person(text: str) -> bool:
    """Whether the words speak of somebody, in whichever language they were kept."""
    readings = (text, *(gloss(text, language=language, vocabulary=_NO_SHOP).text for language in GLOSSED))
    return any(_speaks_of_somebody(reading) for reading in readings)


def _speaks_of_somebody(text: str) -> bool:
    words = [token.word for token in list_tokens(text)]
    tongue = get_tongue()
    people = {word for group in tongue.recipients.values() for word in group}
    known = bool(words) and words[0] in tongue.grammar.possessives and bool(people & set(words))
    return known or bool(tongue.grammar.of_somebody & set(words))
