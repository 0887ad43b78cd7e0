"""Which languages are understood."""

from conversations.language.en import ENGLISH
from conversations.language.tongue import Tongue

_TONGUES = {"en": ENGLISH}


def get_tongue(language: str = "en") -> Tongue:
    """Answers the tables of a language by its tag ("en", "en-GB"); of English where it is not understood."""
    return _TONGUES.get(language) or _TONGUES.get(language.partition("-")[0].lower(), ENGLISH)
