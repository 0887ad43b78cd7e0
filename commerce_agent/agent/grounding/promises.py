"""What a sentence promises in words: something for nothing, or a term of the shop such as a lifetime warranty."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.cues import get_cues
from commerce_agent.agent.grounding.item_texts import list_meanings
from commerce_agent.agent.grounding.mentions import read_sentence
from commerce_agent.agent.grounding.numbers import get_number_pattern
from commerce_agent.agent.grounding.services import (
    SERVICES,
    is_service_claimed,
    list_destinations,
    list_paid_by_us,
)

_AMBIGUOUS = "free"
"""Also what something is without: "gluten free"."""
_BEFORE = re.compile(r"(\w+)\W{0,2}$")
_OTHER_SENSE = re.compile(r"-|\s+(?:to|from|of|standing|range|space|time|hands?)\b", re.IGNORECASE)
_CLAUSE = re.compile(r"[^.;:!?,]+")
_WORD = re.compile(r"[^\W\d_]{4,}")
_UNMISTAKABLE = frozenset(
    {
        "bundle",
        "instalments",
        "invoice",
        "lowest_price",
        "money_back",
        "no_questions",
        "no_returns",
        "pickup",
        "today_only",
    }
)
"""These are promises wherever they stand; others only where a term of the shop is spoken of."""
_SERVICES = frozenset({"used_returns", "instalments", "invoice", "money_back", "pickup"})
"""What a shop has or has not: also a word behind them says that it has not."""
_REFUSABLE = _SERVICES | SERVICES
DENIALS = {"no_returns": "returns", "no_warranty": "warranty", "no_free_shipping": "shipping"}
"""Promises that there is no such thing, and of which topic."""


def list_promises(sentence: str) -> Iterator[Claim]:
    """Each promise in words, and where it stands."""
    cues = get_cues()
    topics = cues.find_topics(sentence)
    for match in cues.words["free"].finditer(sentence):
        if _is_for_nothing(sentence, match, is_term=bool(topics)):
            yield Claim(kind="free", text=match.group(), start=match.start())
    yield from _list_uncharged(sentence)
    yield from _list_sent_today(sentence)
    for match in _get_more_for_less().finditer(sentence):
        yield Claim(kind="promise", text=match.group(), start=match.start(), unit="bundle")
    yield from list_paid_by_us(sentence)
    yield from list_destinations(sentence)
    for meaning, pattern in cues.promises.items():
        if not pattern.may_be_in(sentence):
            continue
        if (
            topics or meaning in _UNMISTAKABLE
            if meaning not in SERVICES
            else is_service_claimed(meaning, sentence=sentence, is_term=bool(topics))
        ):
            for match in pattern.finditer(sentence):
                yield Claim(kind="promise", text=match.group(), start=match.start(), unit=meaning)


@cache
def _get_more_for_less() -> re.Pattern[str]:
    """As in "take three and pay for two"."""
    number, pieces = get_number_pattern(), get_cues().pieces
    return re.compile(
        rf"(?<!\w)(?:{pieces['taking']})\s+(?:{number})(?!\w)"
        rf"[^.;!?]{{0,40}}?(?<!\w)(?:{pieces['paying_for']})\s+(?:(?:{pieces['only']})\s+)?(?:{number})(?![\w.,]*\d|\s*[%€$£])",
        re.IGNORECASE,
    )


def _list_sent_today(sentence: str) -> Iterator[Claim]:
    """As in "it can leave today" and "wir schicken es noch heute los"."""
    cues = get_cues()
    for match in cues.words["this_day"].finditer(sentence):
        own = next(clause for clause in _CLAUSE.finditer(sentence) if clause.end() > match.start())
        if cues.has("sending", text=own.group()) and not any(
            cues.has(each, text=own.group()) for each in ("negation", "unsure", "condition", "might")
        ):
            yield Claim(kind="promise", text=match.group(), start=match.start(), unit="same_day")


def _list_uncharged(sentence: str) -> Iterator[Claim]:
    """As in "you won't pay postage" and "Porto fällt keins an": no sum, a word for paying, and that it is not so."""
    cues = get_cues()
    for match in _CLAUSE.finditer(sentence):
        clause = match.group()
        if any(cues.has(each, text=clause) for each in ("unsure", "free", "condition", "limit", "telling")):
            continue
        paid = cues.topics["returns"].blank_in(cues.words["carriage"].blank_in(clause))
        is_about_carriage = paid != clause and not re.search(r"\d", clause)
        if is_about_carriage and _get_not_paid().search(paid):
            yield Claim(kind="free", text=clause.strip(), start=match.start())


@cache
def _get_not_paid() -> re.Pattern[str]:
    """A word for paying beside one that denies it, in whichever order: "needn't say what it costs" is another thing."""
    pieces = get_cues().pieces
    denied, paying, apart = pieces["negation"], pieces["paying"], r"(?:\W+\w+){0,2}?\W+"
    return re.compile(
        rf"(?<!\w)(?:(?:{denied}){apart}(?:{paying})|(?:{paying}){apart}(?:{denied}))(?!\w)", re.IGNORECASE
    )


@lru_cache(maxsize=1024)
def list_given(text: str) -> frozenset[str]:
    """The meanings that a text of the shop promises: "we do not offer instalments" promises none."""
    return frozenset(
        meaning
        for sentence in re.split(r"(?<=[.!?;])\s|\n", text)
        for meaning, pattern in get_cues().promises.items()
        for match in pattern.finditer(sentence)
        if not _is_refused(meaning, sentence=sentence, match=match)
    )


@lru_cache(maxsize=1024)
def list_denied(text: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """What a text of the shop says that there is not, each with the words of what it says it of."""
    cues = get_cues()
    return tuple(
        (meaning, list_meanings(" ".join(_WORD.findall(pattern.blank_in(sentence).lower()))) - _get_filling())
        for sentence in re.split(r"(?<=[.!?;])\s|\n", text)
        for meaning, pattern in cues.promises.items()
        if meaning in DENIALS and pattern.search(sentence)
    )


@lru_cache(maxsize=1024)
def list_refused(text: str) -> frozenset[str]:
    """The meanings that a text says the shop does not offer, or not ask for: "there is no restocking fee"."""
    return frozenset(
        meaning
        for sentence in re.split(r"(?<=[.!?;])\s|\n", text)
        for meaning, pattern in get_cues().promises.items()
        for match in pattern.finditer(sentence)
        if _is_refused(meaning, sentence=sentence, match=match)
    )


@lru_cache(maxsize=1024)
def list_topics_of_free(text: str, *, topic: str) -> frozenset[str]:
    """What a text of one topic says is for nothing: "we do not offer free returns" says it of nothing."""
    cues, given, refused = get_cues(), frozenset[str](), frozenset[str]()
    for sentence in re.split(r"(?<=[.!?;])\s|\n", text):
        for match in cues.words["free"].finditer(sentence):
            spoken = frozenset(cues.find_topics(sentence)) or frozenset({topic})
            if _is_denied(sentence, match=match):
                refused |= spoken
            else:
                given |= spoken
    return (frozenset(cues.find_topics(text)) | {topic}) - (refused - given) if given else frozenset()


@cache
def _get_filling() -> frozenset[str]:
    return list_meanings(" ".join(get_cues().list_words("filling"))) | frozenset(
        get_cues().list_words("filling")
    )


def _is_denied(sentence: str, *, match: re.Match[str]) -> bool:
    """As in "returns are not free", "free returns are not offered"."""
    clause = read_sentence(sentence, names={}).find_clause(match.start())
    before, rest = sentence[clause.start : match.start()], sentence[match.end() : clause.end]
    return get_cues().has("negation", text=before) or get_cues().has("declined", text=rest)


def _is_refused(meaning: str, *, sentence: str, match: re.Match[str]) -> bool:
    if meaning not in _REFUSABLE:
        return False
    clause = read_sentence(sentence, names={}).find_clause(match.start())
    before, rest = sentence[clause.start : match.start()], sentence[match.end() : clause.end]
    if meaning == "used_returns" and get_cues().has("negation", text=sentence):
        return True
    return get_cues().has("negation", text=before) or is_declined(meaning, rest=rest)


def is_declined(meaning: str, *, rest: str) -> bool:
    """Whether the words behind a promise in its clause say that there is no such thing: "... aren't offered"."""
    cues = get_cues()
    is_other = cues.has("condition", text=rest) or cues.has("pricing", text=rest)
    return meaning in _REFUSABLE and not is_other and cues.has("declined", text=rest)


@lru_cache(maxsize=1024)
def list_words_of_free(text: str) -> frozenset[str]:
    """The words beside what is for nothing: "gift wrap is free in December" is about gift wrap."""
    cues = get_cues()
    sentences = re.split(r"[.!?;\n]", text)
    return frozenset(
        word.lower()
        for sentence in sentences
        if cues.has("free", text=sentence)
        for word in _WORD.findall(cues.words["free"].blank_in(sentence))
    )


def _is_for_nothing(sentence: str, match: re.Match[str], *, is_term: bool) -> bool:
    if match.group().lower() != _AMBIGUOUS:
        return True
    if _OTHER_SENSE.match(sentence, match.end()) or sentence[: match.start()].endswith("-"):
        return False
    before = _BEFORE.search(sentence[: match.start()])
    return is_term or before is None or get_cues().has("free_after", text=before.group(1))
