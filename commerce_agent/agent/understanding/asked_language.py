"""The language that a shopper asks to go on in: "can we speak German?", "auf Deutsch bitte"."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from commerce_agent.agent.phrases import LANGUAGES

SPOKEN: Final = frozenset(LANGUAGES)

_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "en": r"english|englisch|ingl[eé]s|anglais",
        "de": r"german|deutsch|alem[aá]n|allemand",
        "es": r"spanish|spanisch|español|espanol|castellano|espagnol",
        "fr": r"french|französisch|franz[oö]sisch|franc[eé]s|français|francais",
        "it": r"italian|italienisch|italiano|italien",
        "nl": r"dutch|niederländisch|holl?andés|néerlandais",
        "pt": r"portuguese|portugiesisch|portugu[eé]s|português|portugais",
        "pl": r"polish|polnisch|polaco|polonais",
        "tr": r"turkish|türkisch|turco|turc",
        "ru": r"russian|russisch|ruso|russe",
        "uk": r"ukrainian|ukrainisch|ucraniano|ukrainien",
        "ar": r"arabic|arabisch|árabe|arabe",
        "zh": r"chinese|chinesisch|chino|chinois",
        "ja": r"japanese|japanisch|japonés|japonais",
    }
)
_NAME: Final = "|".join(f"(?P<{code}>{names})" for code, names in _NAMES.items())
_PLEASE: Final = r"please|bitte|por favor|s'?il (?:vous|te) pla[iî]t"
_OPENING: Final = (
    r"(?:(?:hi|hello|hey|sorry|please|ok|okay|hallo|hola|bonjour)\W+)*"
    r"(?:(?:can|could|may|shall|do|would|will) (?:we|you|i)|let'?s|let us|"
    r"i(?:'d| would) (?:like|prefer|rather)|i prefer|please)?(?: please)?(?: to)?"
)
_ASKED: Final = (
    # "Can we speak German?", "please answer in French"
    rf"{_OPENING} ?(?:speak\w*|talk\w*|continue|go on|answer|reply|write|switch|chat|respond)"
    rf"(?: (?:to|with) (?:me|us))?(?: in| to)? (?:{_NAME})\b.*",
    # "auf Deutsch weiterreden", "en español, por favor"
    rf".{{0,40}}\b(?:in|auf|en) (?:{_NAME})(?:\W+(?:{_PLEASE}))?"
    r"(?:\W+(?:weiter\w*|reden|sprechen|schreiben|antworten|chatten|machen))?",
    # "Sprechen Sie Deutsch?", "¿habla español?", "parlez-vous français ?"
    r"(?:.{0,20}\b)?(?:sprich\w*|sprech\w*|red(?:en|e)|schreib\w*|antworte\w*|habl\w+|seguimos|sigamos|seguir|respond\w+|"
    rf"contest\w+|parl\w+|continu\w+|répond\w+|écri\w+)\b.{{0,25}}\b(?:{_NAME})\b.{{0,25}}",
    rf"(?:{_NAME})\W+(?:{_PLEASE})",
)
_PATTERNS: Final = tuple(re.compile(rf"\W*{asked}\W*", re.IGNORECASE) for asked in _ASKED)
_GOODS: Final = re.compile(
    r"\b(?:books?|buch|bücher|libros?|livres?|manual\w*|have|show|need|want|looking|gibt|habt|haben|tiene\w*|avez)\b",
    re.IGNORECASE,
)
"""What is asked for in a language may be goods: "do you have this book in German?"."""


def find_asked_language(said: str) -> str:
    """The code of the language that is asked for, whether it is spoken here or not; empty where none is."""
    if _GOODS.search(said):
        return ""
    for pattern in _PATTERNS:
        if found := pattern.fullmatch(said.strip()):
            return next(code for code, name in found.groupdict().items() if name)
    return ""


def find_named_language(name: str) -> str:
    """The code of a language by its name in one of ours: "German", "Deutsch"; empty for any other word."""
    found = re.fullmatch(rf"\W*(?:{_NAME})\W*", name, re.IGNORECASE)
    return next(code for code, word in found.groupdict().items() if word) if found else ""
