"""The place that a question about delivery names, and whether the shop's own words say anything of it."""

import re
from functools import lru_cache
from typing import Final

from babel import Locale

from commerce_agent.agent.phrases import LANGUAGES, PhraseBook

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


def find_place_unsaid(*, asked: str, own: str, policy: str, book: PhraseBook) -> str:
    """Answers the place that is asked about and that the policy leaves out; empty where there is none.

    `asked` is the place in English, `own` in the shopper's words.
    """
    if not asked or _EVERYWHERE.search(policy):
        return ""
    code = _find_country(own) or _find_country(asked)
    if code:
        said = any(_stands_in(name, policy) for name in _list_names(code))
        name = str(Locale(book.language).territories[code])
        # "The United Kingdom", as whoever asked of "the UK".
        article = "the " if book.language == "en" and own.lower().startswith("the ") else ""
        return "" if said else article + name
    said = _stands_in(own, policy) or _stands_in(asked, policy)
    return "" if said else _write_name(own)


def _write_name(place: str) -> str:
    """As in "alaska": a name, though it is typed small."""
    return place.title() if place.islower() else place


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
