"""What a title says a thing is, as against what describes it and what it goes with.

In `Sony camera case for Cyber-shot, black` the thing is a *case*; *Sony* and *camera* say which case, and *Cyber-shot*
is what it goes with. English puts the noun of a thing last before a number, a comma, a "for" or the end, and the
search leans on that: whoever asks for a camera does not mean its case.
"""

import re
from itertools import pairwise, takewhile

import msgspec

from catalog.products.colors import is_color

GOES_WITH = re.compile(
    r"\s(?:for|with|w/|f/|fits|fitting|without|(?:compatible|works|use|suitable)\s+(?:with|for))\s+(?=\S)",
    re.IGNORECASE,
)
ASIDE = re.compile(r"\([^)]*\)?|\[[^\]]*\]?")
SEGMENT = re.compile(r"\s*[,;|:]\s+|\s+[-–—+]\s+|\s*[;|]\s*")
SIGNS = str.maketrans(dict.fromkeys("®™©*", " ") | {"’": "'"})
WORD = re.compile(r"[^\W\d_]{2,}(?:[-'][^\W\d_]+)*")


def _list_words(text: str) -> frozenset[str]:
    return frozenset(text.split())


COLLECTIVE = _list_words("kit set pack bundle pair combo collection series edition assortment multipack pc")
"""`camera kit` is a camera too, `tablet PC` a tablet."""
TRAILING = _list_words(
    "small medium large extra xs xl xxl one size new original compatible replacement refurbished left right "
    "men women mens womens unisex kids series edition version model"
)
"""What trails behind the noun without being one."""
UNITS = _list_words(
    "pc pcs piece pieces inch inches cm mm ft feet kg lb lbs oz ml cl ltr litre liter litres liters gb tb mb kb ghz "
    "mhz hz watt watts kw va volt volts mah lm lumen lumens pixels pages sheets year years day days mbit dpi rpm "
    "count capsules tablets"
)
"""Behind a number these count; they are not the thing."""
LESS_THAN_A_NOUN = _list_words("and or of the a an in on to from by plus")


class TitleParts(msgspec.Struct, frozen=True, kw_only=True):
    """A title taken apart; each part is words."""

    kind: str
    """The nouns that name the thing."""
    proper: str
    """The rest of what is said of the thing itself."""
    rest: str
    """What it goes with or comes with."""


def split_title(title: str, *, brand: str = "") -> TitleParts:
    """Takes a title apart. What names no noun at all has no kind."""
    plain = " ".join(title.translate(SIGNS).split())
    aside = " ".join(ASIDE.findall(plain))
    body = " ".join(ASIDE.sub(" ", plain).split())
    proper, rest = _cut(body)
    kind = _list_nouns(proper, brand=brand)
    if not kind:
        # "For iPod car charger": nothing stands before the "for", so the noun stands behind it.
        proper, rest = body, ""
        kind = _list_nouns(body, brand=brand)
    return TitleParts(kind=" ".join(kind), proper=proper, rest=f"{rest} {aside}".strip())


def _cut(body: str) -> tuple[str, str]:
    found = GOES_WITH.search(f" {body}")
    if found is None:
        return body, ""
    return body[: max(found.start() - 1, 0)].strip(), body[found.end() - 1 :]


def _list_nouns(proper: str, *, brand: str) -> tuple[str, ...]:
    if brand and proper.lower().startswith(f"{brand.lower()} "):
        proper = proper[len(brand) :].strip()
    for segment in SEGMENT.split(proper):
        nouns = [noun for chunk in _list_chunks(segment.split()) for noun in _find_nouns(chunk)]
        if nouns:
            return tuple(dict.fromkeys(nouns))
    return ()


def _list_chunks(words: list[str]) -> list[list[str]]:
    """Runs of words between numbers and "of"; what follows a change from small to capital letters describes."""
    chunks: list[list[str]] = [[]]
    for before, word in pairwise(["", *words]):
        if word.lower() == "of" or not _is_word(word):
            chunks.append([])
        elif word.lower() in UNITS and before[:1].isdigit():
            continue
        elif chunks[-1] and _is_small(before) and word[0].isupper():
            break
        else:
            chunks[-1].append(word)
    return chunks


def _is_word(text: str) -> bool:
    return WORD.fullmatch(text.strip("/.\"'!?#&").replace("/", "-")) is not None


def _is_small(word: str) -> bool:
    return word.islower() and word not in LESS_THAN_A_NOUN


def _find_nouns(chunk: list[str]) -> list[str]:
    """The last word that can be a noun, with its equals (`headphones/headset`) and what a set is a set of."""
    backwards = [word for word in reversed(chunk) if word.lower() not in LESS_THAN_A_NOUN]
    trailing = list(takewhile(_trails, backwards))
    nouns = backwards[len(trailing) :]
    if not nouns:
        return []
    taken = 2 if nouns[0].lower() in COLLECTIVE else 1
    return [part for noun in nouns[:taken] for part in noun.split("/") if WORD.fullmatch(part)]


def _trails(word: str) -> bool:
    return word.lower() in TRAILING or is_color(word.lower())


def find_shelf_noun(name: str) -> str:
    """The noun of a shelf that holds one kind of goods: `Bags` of `Laptop Bags`. Empty for `Bags & Covers`."""
    words = name.split()
    if not words or any(word in {"&", "and", "+"} or word.endswith(",") for word in words):
        return ""
    return words[-1] if _is_word(words[-1]) else ""
