"""The place that a question about delivery names, and whether the shop's own words say anything of it."""

import re
from functools import lru_cache
from typing import Final

from babel import Locale

from commerce_agent.agent.phrases import LANGUAGES, PhraseBook

_SENDS: Final = re.compile(
    r"\b(?:ship|deliver|send|shipping|delivery)\w*\b[^.?!]*?\b(?:to|in|into)\s+(?P<place>(?:the\s+)?\w[\w .'-]*)",
    re.IGNORECASE,
)
"""Asks in English whether goods are sent to a place: "do you ship to Austria?"."""
_EVERYWHERE: Final = re.compile(
    r"worldwide|international|abroad|europe|\bEU\b|weltweit|ausland|europ|extranjero|étranger|mond",
    re.IGNORECASE,
)
"""A policy with one of these words may hold for a place that it does not name."""
_SHORT: Final = {
    "US": ("usa", "u.s.", "america"),
    "GB": ("uk", "u.k.", "britain", "england"),
    "CZ": ("czechia",),
}


def find_place_unsaid(said: str, *, own: str, policy: str, book: PhraseBook) -> str:
    """Answers the country that is asked about and the policy leaves out; empty where there is none.

    `said` is the message in English, `own` in the shopper's words.
    """
    asked = _SENDS.search(said)
    code = _find_country(own) or (_find_country(asked.group("place")) if asked else "")
    if not asked or not code or _EVERYWHERE.search(policy):
        return ""
    if any(_stands_in(name, policy) for name in _list_names(code)):
        return ""
    return str(Locale(book.language).territories[code])


def _find_country(text: str) -> str:
    found = (code for code in _list_codes() if any(_stands_in(name, text) for name in _list_names(code)))
    return next(found, "")


def _stands_in(name: str, text: str) -> bool:
    return re.search(rf"\b{re.escape(name)}", text, re.IGNORECASE) is not None


@lru_cache(maxsize=1)
def _list_codes() -> tuple[str, ...]:
    """The countries, those of two letters; regions of the world have numbers."""
    codes = map(str, Locale("en").territories)
    return tuple(code for code in codes if code.isalpha() and code not in ("EU", "EZ", "UN"))


@lru_cache(maxsize=512)
def _list_names(code: str) -> tuple[str, ...]:
    names = (str(Locale(language).territories.get(code, "")) for language in LANGUAGES)
    return tuple(dict.fromkeys(name for name in (*names, *_SHORT.get(code, ())) if name))
