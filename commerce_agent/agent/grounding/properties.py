"""What a sentence says that an item is, has, is made of, fits or measures; only where it says so of the item.

"If you need something waterproof" and "for wet days I would take a waterproof one" say it of nothing.
"""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cache

from moneyed import CURRENCIES

from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.cues import BLANK, get_cues
from commerce_agent.agent.grounding.item_texts import get_amount_pattern, may_have_amount, read_amount
from commerce_agent.agent.grounding.mentions import Read
from commerce_agent.agent.grounding.quality_words import (
    get_generic,
    get_piece,
    get_saying,
    get_subject,
    get_wholes,
    get_words,
    list_found,
)

_MADE_UP = re.compile(
    r"(?<!\w)(?P<of>[^\W\d_]{3,})(?:[- ](?P<how>proof|resistant|repellent|free|safe|certified|tested|approved)|"
    r"(?P<joined>proof|resistant)|(?P<fest>beständig|tauglich|abweisend)(?:e|en|er|es|em)?)(?!\w)"
)
"""Qualities of one's own making: "dust-proof", "saltwater-resistant"."""
_DONE_FREE = re.compile(r"(?:\w+ed|sold|sent|given|brought) free$")
"""What is done for nothing: "they are shipped free from 50"."""
_LOWERED_TO = re.compile(r"down\s+(?:from|to|by)\b")
"""A price, and no feathers."""
_BUDGET = re.compile(r"(?<!\w)budget(?:\s+of)?(?:\s+[$€£]?\d[\d.,]*)?", re.IGNORECASE)
"""Sums of money, and nothing that goods fit."""
_CODE = rf"(?:{'|'.join(sorted(CURRENCIES))})"
_SUM = re.compile(rf"(?<![\w-])(?:\d[\d.,’'\s]*{_CODE}|{_CODE}\s*\d[\d.,’']*)(?![\w-])")
"""As in "a 59,00 GBP la unidad", where French would read "a" as "has"; an AMD without a number may be a chip."""
_ORDINARY = frozenset(
    {
        *(
            "hassle",
            "stress",
            "worry",
            "risk",
            "feel",
            "care",
            "interest",
            "tax",
            "duty",
            "hands",
            "toll",
            "trouble",
        ),
        *(
            "fool",
            "future",
            "bullet",
            "for",
            "and",
            "are",
            "completely",
            "totally",
            "absolutely",
            "play",
            "stay",
        ),
        *(
            "shipping",
            "delivery",
            "postage",
            "fail",
            "perfectly",
            "very",
            "more",
            "pretty",
            "quite",
            "well",
            "time",
        ),
        *(
            "returns",
            "always",
            "also",
            "get",
            "gets",
            "come",
            "comes",
            "ship",
            "ships",
            "send",
            "back",
            "fully",
        ),
    }
)
_PREPOSITION = re.compile(
    r"(?<!\w)(?:for|with|on|like|against|to|in|into|für|mit|auf|wie|gegen|in|para|con|como|contra|pour|avec|sur|comme|contre)\W",
    re.IGNORECASE,
)
"""Between "it is" and a material: what it goes with is not what it is."""
_NAMED = re.compile(r"(?<!\w)(?:[a-z]?[A-Z][\w’'-]*|\d[\w.,-]*)")
_TECHNICAL = re.compile(r"(?<![\w-])(?:[A-Z]{2,}[-\w]*|[A-Z]+\d[\w-]*|\d+[A-Z][\w-]*)(?![\w-])")
"""Written as standards and plugs are: USB-C, IPX7, 4K, NFC."""
_NO_STANDARD = frozenset(
    (
        *(
            "ok",
            "us",
            "uk",
            "eu",
            "usa",
            "faq",
            "diy",
            "tv",
            "pc",
            "bbq",
            "sku",
            "vat",
            "am",
            "pm",
            "ps",
            "id",
        ),
        *("xs", "xl", "xxl", "xxxl", "no", "yes"),
    )
)
_NO_SUBJECT = r"(?:^|[,;]\s*|(?<!\w)y\s+)(?=(?:pesan?|miden?|tienen?|dura|cabe)\b)"
"""Spanish leaves it out."""
_CLAUSE = re.compile(r"[.;:!?]|,\s|\s[-–—]\s")
_FARTHEST = 90
_AGE_AFTER = re.compile(
    r"\s+(?:ago|old|alt|earlier|before|zuvor|früher|atrás|auparavant|plus\s+tôt)(?!\w)", re.IGNORECASE
)
_AGE_BEFORE = re.compile(
    r"(?<!\w)(?:as\s+of|stand|vor|hace|il\s+y\s+a|seit|depuis|since)\s+(?:\w+\s+)?$", re.IGNORECASE
)
"""How old a reading is, which is nothing of the item's."""
_MOST_NAMED = 4
_ABLE = re.compile(
    r"\b(?:holds?|takes?|carr(?:y|ies)|supports?|reach(?:es)?|lasts?|runs?|puts?|throws?|gives?|emits?|fasst|hält|läuft|trägt"
    r"|soporta|dura|alcanza|aguanta|tient|dure|porte|supporte)\b",
    re.IGNORECASE,
)
_UP_TO = re.compile(r"(?:up\s+to|bis|hasta|jusqu['’]à)\b", re.IGNORECASE)


def list_properties(read: Read, *, flags: Iterable[str]) -> Iterator[Claim]:
    """Each property that is claimed of an item; `flags` are what the shop answers with yes or no of its goods."""
    text = read.text
    if text.rstrip(' *_"”').endswith("?"):
        return
    small = text.lower()
    yield from _list_qualities(text, small=small, flags=flags)
    yield from _list_made(text)
    yield from _list_fitting(text)
    yield from _list_measures(text)


def _list_qualities(text: str, *, small: str, flags: Iterable[str]) -> Iterator[Claim]:
    found = [
        *(
            (each.start, each.end, each.sort, each.meaning)
            for each in list_found(small)
            if each.sort != "refused"
        )
    ]
    known = {start for start, *_ in found}
    found.extend(
        (match.start(), match.end(), "made up", re.sub(r"[-\s]+", " ", match.group()))
        for match in _MADE_UP.finditer(small)
        if match.start() not in known and match["of"] not in _ORDINARY and not _DONE_FREE.match(match.group())
    )
    found.extend(_list_flags(small, flags=flags, known=known))
    for start, end, sort, meaning in found:
        if _LOWERED_TO.match(small, start):
            continue
        said = _find_said(text, start=start, end=end, sort=sort)
        if said:
            yield Claim(kind="property", text=text[start:end], start=start, unit=f"{said}:{sort}:{meaning}")


def _list_flags(small: str, *, flags: Iterable[str], known: set[int]) -> Iterator[tuple[int, int, str, str]]:
    for flag in flags:
        at = small.find(flag)
        if at < 0 or at in known:
            continue
        if match := _find_word(flag).search(small):
            yield match.start(), match.end(), "flag", flag


@cache
def _find_word(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(word)}(?:s|e|en|er|es)?(?!\w)")


def _find_said(text: str, *, start: int, end: int, sort: str) -> str:
    """`is` or `not`, where it is said of an item; empty where it is said of none, or only supposed."""
    before = text[max(0, start - _FARTHEST) : start]
    cues = get_cues()
    if _is_open(text[:start]):
        return ""
    clause = get_wholes().sub(" ", before)
    saying = get_saying().search(clause) or (_get_having().search(clause) if sort != "made" else None)
    if sort == "doing":
        saying = saying or get_subject().search(clause)
    if saying is not None:
        if sort == "material" and _PREPOSITION.search(saying["rest"] + " "):
            return ""
        denied = cues.has("negation", text=clause[saying.start() :])
        return "not" if denied else "is"
    if cues.has("negation", text=_CLAUSE.split(clause)[-1]):
        return ""
    return "is" if _is_beside_name(text, before=before, end=end, sort=sort) else ""


def _is_open(before: str) -> bool:
    """Whether what follows these words is supposed, not known, or said to be told by nobody."""
    cues = get_cues()
    if cues.has("unsure", text=before) or cues.has("condition", text=before):
        return True
    denied = cues.has("negation", text=before) or cues.has("nothing", text=before)
    return denied and cues.has("telling", text=before)


def _is_beside_name(text: str, *, before: str, end: int, sort: str) -> bool:
    """As in "the waterproof Meadow jacket", "Meadow: waterproof, light", "yes, waterproof"."""
    agreed = re.search(rf"^\W*(?:{get_piece('agreeing')})(?!\w)[,:!–—\s]+$", before, re.IGNORECASE)
    if sort in ("flag", "doing"):
        return agreed is not None
    ahead = re.match(rf"\s+(?:[\w-]+\s+)?{BLANK}", text[end:]) and re.search(
        rf"(?<!\w)(?:{get_piece('articles')})\s+(?:[\w-]+\s+)?$", before, re.IGNORECASE
    )
    lead = rf"(?:\W*(?!(?:{get_piece('stopping')})\b)\b[\w’']+){{0,6}}?"
    listed = re.search(rf"{BLANK}\w{{0,2}}[*_]*\s?:{lead}\W*$", before, re.IGNORECASE)
    behind = sort != "material" and re.search(rf"{BLANK}\w{{0,2}}\s$", before)
    return bool(ahead or listed or behind or agreed)


@cache
def _get_having() -> re.Pattern[str]:
    """As in "it has a", "it comes without": what an item has rather than is."""
    return re.compile(
        rf"(?:{BLANK}+\w{{0,2}}|(?<!\w)(?:{get_piece('subjects')})(?!\w))(?:\W+(?!(?:{get_piece('stopping')})\b)\w+){{0,3}}?"
        rf"\W+(?:{get_piece('having')}|comes? without|kommt ohne|ohne|sin|sans|without|no)\b"
        rf"(?P<rest>(?:\W+(?!(?:{get_piece('stopping')})\b)[\w’']+){{0,4}}?)\W*$",
        re.IGNORECASE,
    )


@cache
def _get_made() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?P<how>{get_piece('made_of')})\s+(?P<what>[^.;:!?,(]+)", re.IGNORECASE)


def _list_made(text: str) -> Iterator[Claim]:
    """As in "made of leather": the words behind it up to the end of the clause."""
    for match in _get_made().finditer(text) if get_words("made_of").may_be_in(text) else ():
        said = _find_said(text, start=match.start(), end=match.end(), sort="made")
        is_whole = re.match(
            r"(?:ist|sind|es|son|est|sont|besteht|bestehen|consists)\b", match["how"], re.IGNORECASE
        )
        said = said or ("is" if is_whole and _has_subject(text[: match.start()]) else "")
        words = [word.lower() for word in re.findall(r"[^\W\d_]{3,}", match["what"])][:_MOST_NAMED]
        if said and words and not set(words) & get_generic():
            told = " ".join(words)
            yield Claim(
                kind="property", text=match.group().strip(), start=match.start(), unit=f"{said}:made:{told}"
            )


def _has_subject(before: str) -> bool:
    return get_subject().search(before[-_FARTHEST:]) is not None


@cache
def _get_fitting() -> re.Pattern[str]:
    pieces = f"{get_piece('fitting')}|{get_piece('origin')}|{get_piece('having')}"
    return re.compile(rf"(?<!\w)(?P<how>{pieces})\s+(?P<what>[^.;:!?(]+)", re.IGNORECASE)


@cache
def _get_fits_alone() -> re.Pattern[str]:
    return re.compile(rf"(?:{get_piece('fitting')}|{get_piece('origin')})", re.IGNORECASE)


def _list_fitting(text: str) -> Iterator[Claim]:
    """What it fits, where it is from and which standards it has, as far as that has a name or a number."""
    for match in _get_fitting().finditer(text):
        what = _SUM.sub(" ", _BUDGET.sub(" ", match["what"].split(BLANK)[0]))
        if _get_fits_alone().fullmatch(match["how"]):
            names = [name for name in _NAMED.findall(what) if name[0].isdigit() or len(name) > 1][
                :_MOST_NAMED
            ]
        else:
            names = [name for name in _TECHNICAL.findall(what) if name.lower() not in _NO_STANDARD]
        if not names or get_cues().has("money", text=what) or "%" in what:
            continue
        if get_cues().has("unsure", text=text[: match.start()]) or get_cues().has(
            "condition", text=text[: match.start()]
        ):
            continue
        subject = get_subject().search(text[max(0, match.start() - _FARTHEST) : match.start()])
        saying = get_saying().search(text[max(0, match.start() - _FARTHEST) : match.start()])
        led = subject or saying
        if led is None:
            continue
        denied = get_cues().has("negation", text=led.group())
        unit = f"{'not' if denied else 'is'}:named:{' '.join(names)}"
        yield Claim(kind="property", text=match.group().strip(), start=match.start(), unit=unit)


@cache
def _get_measuring() -> re.Pattern[str]:
    return re.compile(
        rf"(?:{BLANK}+\w{{0,2}}|(?<!\w)(?:{get_piece('subjects')})(?!\w)|{_NO_SUBJECT})(?:['’](?:s|re))?"
        rf"(?:\W+(?!(?:{get_piece('stopping')})\b)\w+){{0,4}}?"
        rf"(?:\W*(?<!\w)(?:{get_piece('measuring')})\b|['’](?:s|re|est)\b)(?:\W+(?:a|an|only|just|also|ein|eine|einen|nur|un|una|une|solo|seulement)\b)?"
        rf"(?:\s+(?:[\w-]+\s+){{0,2}}?(?:of|von|de))?(?:\W+(?:{get_piece('nearly')}))?\s*\W{{0,3}}$",
        re.IGNORECASE,
    )


@cache
def _get_bound(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{get_piece(name)})\s*$", re.IGNORECASE)


def _list_measures(text: str) -> Iterator[Claim]:
    """As in "it weighs 2 kg" and "with a capacity of 1.5 l"."""
    if not may_have_amount(text):
        return
    for match in get_amount_pattern().finditer(text):
        before = text[max(0, match.start() - _FARTHEST) : match.start()]
        if _AGE_AFTER.match(text, match.end()) or _AGE_BEFORE.search(before):
            continue
        least, most = _get_bound("least").search(before), _get_bound("most").search(before)
        bound = least or most
        lead = before[: bound.start()] if bound else before
        measuring = _get_measuring().search(lead)
        if measuring is None or get_cues().has("condition", text=text[: match.start()]):
            continue
        if get_cues().has("negation", text=measuring.group()) or get_cues().has(
            "unsure", text=text[: match.start()]
        ):
            continue
        # What carries up to 45 kg carries 45; what weighs up to 45 may weigh less.
        reaches = most and _UP_TO.match(most.group()) and _ABLE.search(measuring.group())
        value, dimension = read_amount(match)
        how = (
            "least"
            if least
            else "most"
            if most and not reaches
            else "nearly"
            if _get_nearly().search(measuring.group())
            else "is"
        )
        yield Claim(
            kind="property",
            text=match.group().strip(),
            start=match.start(),
            values=(Decimal(str(value)),),
            unit=f"{how}:measure:{dimension}",
        )


@cache
def _get_nearly() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{get_piece('nearly')})(?!\w)", re.IGNORECASE)
