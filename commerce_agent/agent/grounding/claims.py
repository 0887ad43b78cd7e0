"""What a sentence claims: sums, shares, counts, stock, periods, dates, codes and SKUs, and where each stands."""

import re
from calendar import monthrange
from collections.abc import Iterator
from decimal import Decimal
from functools import cache, lru_cache

import msgspec
from babel import Locale
from moneyed import CURRENCIES

from commerce_agent.agent.grounding.alternation import to_phrase
from commerce_agent.agent.grounding.bare_sums import list_bare_sums
from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.counts import list_counts, read_claim
from commerce_agent.agent.grounding.cues import alternate, compile_words, get_cues
from commerce_agent.agent.grounding.look_alikes import to_plain
from commerce_agent.agent.grounding.numbers import (
    DIGITS,
    get_number_pattern,
    normalise,
    read_number,
)
from commerce_agent.agent.grounding.promises import list_promises
from commerce_agent.agent.grounding.stock_words import list_last_ones, list_stock
from commerce_agent.agent.grounding.whole_words import Words
from commerce_agent.agent.phrases import LANGUAGES

_SYMBOLS: dict[str, tuple[str, ...]] = {
    "€": ("EUR",),
    "£": ("GBP",),
    "¥": ("JPY", "CNY"),
    "₹": ("INR",),
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"),
}
_WRITTEN: dict[str, tuple[str, ...]] = {
    "euro": ("EUR",),
    "pound": ("GBP",),
    "quid": ("GBP",),
    "pfund": ("GBP",),
}
_OF_COUNTRY = (
    r"(?:(?:swiss|swedish|danish|norwegian|us|american|canadian|australian|british|schweizer)[\s-]+)?"
)
_GREETED = re.compile(r"\b(?:guten|black|cyber)\s+$", re.IGNORECASE)
"""Before "Morgen" no day is named, nor in the name of a sale."""
_LEAP_YEAR = 2028
_HAS_DIGIT = re.compile(r"\d")
_ISO = re.compile(r"\b(?P<y>20\d\d)-(?P<m>\d\d)-(?P<d>\d\d)\b")


_ONCE = re.compile(
    r"(?:^|(?<=[,;.:(–—]\s))once(?=\s+•)|\bonce(?=,|\s+(?:the|an?|it|it['’]s|you|your|they|we|he|she|that|this|these|those|our|my|I|more|again"
    r"|upon|per|every|there|both|all|opened|unpacked|used)\b)",
    re.IGNORECASE,
)
"""The English word; the Spanish one is eleven."""


def _to_when(once: re.Match[str]) -> str:
    """A word as long that is no number in any language."""
    return "When" if once.group()[0].isupper() else "when"


class _Patterns(msgspec.Struct, frozen=True, kw_only=True):
    money: re.Pattern[str]
    percent: re.Pattern[str]
    period: re.Pattern[str]
    unit: Words
    """The unit of a period, as a cheap look whether there can be one."""
    one_period: re.Pattern[str]
    code: re.Pattern[str]
    sku: re.Pattern[str]
    dates: tuple[re.Pattern[str], ...]
    """A day and a month, in either order."""
    until_day: re.Pattern[str]
    """As in "until the end of February" and "by Christmas"."""
    months: dict[str, int]
    month: Words
    weekday: Words


@lru_cache(maxsize=64)
def list_claims(sentence: str) -> tuple[Claim, ...]:
    """Every claim of the sentence, in the order they stand; names of goods are blanked before.

    They stand where they do in the sentence as it is read: see `to_plain`. Each claim of a sentence asks for the others
    again, which must not cost a reading each.
    """
    sentence = _ONCE.sub(_to_when, to_plain(sentence))
    numbered = has_number(sentence)
    found = [
        *(_list_money(sentence) if numbered and may_name_money(sentence) else ()),
        *(list_bare_sums(sentence) if numbered else ()),
        *(_list_numbers(sentence) if numbered else ()),
        *list_stock(sentence),
        *list_last_ones(sentence),
        *_list_dates(sentence),
        *_list_words(sentence),
    ]
    return tuple(sorted(found, key=lambda claim: claim.start))


@lru_cache(maxsize=1024)
def list_claims_of_terms(text: str) -> tuple[Claim, ...]:
    """The same of a text of the shop's, which is read in every turn that speaks of it, and seldom changes."""
    return list_claims(text)


def has_number(sentence: str) -> bool:
    """Whether there is a digit in it, or a number in words."""
    return _HAS_DIGIT.search(sentence) is not None or _get_numbered().search(sentence) is not None


_SMALL_CODES = frozenset({"usd", "eur", "gbp", "chf"})


def _list_codes() -> str:
    """In capitals only: in small letters some are everyday words, as French "sur" and English "all" and "top"."""
    return f"(?-i:{'|'.join(sorted(CURRENCIES))})|{'|'.join(sorted(_SMALL_CODES))}"


def may_name_money(sentence: str) -> bool:
    """Whether there is a sign, a word or a code of a currency in it: a cheap look before the whole pattern."""
    if any(symbol in sentence for symbol in _SYMBOLS) or get_cues().words["money"].may_be_in(sentence):
        return True
    words = re.findall(r"(?<![A-Za-z])[A-Za-z]{3}(?![A-Za-z])", sentence)
    return any(word in CURRENCIES or word.lower() in _SMALL_CODES for word in words)


_DAY = r"(?<![^\W\d_]-)\b(?P<d>\d{1,2})"
"""The day of a date: "T-2 of November" is an order and a month."""


@cache
def _get_patterns() -> _Patterns:
    cues, number = get_cues(), get_number_pattern()
    pieces = cues.pieces
    codes = _list_codes()
    symbols = "".join(re.escape(symbol) for symbol in _SYMBOLS)
    units, working = alternate(cues.periods), pieces["working"]
    months = _list_months()
    span = rf"(?P<a>{number})(?:\s*(?:-|–|—|to|bis|a|à|y|or|oder|o|ou|und|and|et)\s*(?P<b>{number}))?"
    return _Patterns(
        money=re.compile(
            rf"(?:\b[A-Z]{{1,3}})?(?P<s1>[{symbols}])\s?(?P<a>{DIGITS})|(?<![A-Za-z])(?P<c1>{codes})\s?(?P<b>{DIGITS})"
            rf"|(?P<c>{DIGITS})\s?(?:[A-Z]{{0,3}}(?P<s2>[{symbols}])|(?P<c2>{codes})(?![A-Za-z]))"
            rf"|(?P<d>{number})(?:\s+|-(?!pound)){_OF_COUNTRY}(?P<w>{pieces['money']})(?!\w)(?:\s+(?P<cents>{number})"
            rf"(?=\s*(?:[.,;:!?)]|$)|\s+(?:an?|per|each|apiece|pro|je|por|cada|par|chaque)\b))?",
            re.IGNORECASE,
        ),
        percent=re.compile(rf"(?P<n>{number})\s?(?:%|(?:{pieces['percent']})(?!\w))", re.IGNORECASE),
        period=re.compile(
            rf"(?<![\d.,$€£]){span}[\s-]*(?:(?:{working})[\s-]*)?(?P<unit>{units})(?!\w)", re.IGNORECASE
        ),
        unit=Words(pattern=rf"(?<![^\W\d_])(?:{units})(?!\w)", words=cues.periods),
        one_period=re.compile(
            rf"(?<!\w)(?<!et\s)(?:{pieces['one_of']})\s+(?:(?:{working})[\s-]*)?(?P<unit>{units})(?!\w)",
            re.IGNORECASE,
        ),
        code=re.compile(
            rf"(?<!\w)(?i:{pieces['code']})\s+[\"'“„«]?(?P<code>[A-Z][A-Z0-9_-]{{2,}})\b"
            r"|(?<![\w-])(?P<bare>[A-Z]{3,}\d{1,4}|[A-Z]{6,})(?![\w-])"
        ),
        sku=re.compile(
            rf"(?<!\w)(?i:{pieces['sku']})\s*(?:[:#(]|is\b|ist\b|es\b|est\b)?\s*(?P<sku>[A-Za-z0-9][\w./-]*\w)|\b(?P<bare>[A-Z0-9]+(?:-[A-Z0-9]+)+)\b"
        ),
        dates=_build_dates(months),
        until_day=_build_until(months),
        months=months,
        month=compile_words(months),
        weekday=compile_words(_list_weekdays()),
    )


def _build_dates(months: dict[str, int]) -> tuple[re.Pattern[str], ...]:
    named = alternate(months)
    return (
        re.compile(rf"{_DAY}(?:st|nd|rd|th|\.|er|º)?\s+(?:of\s+|de\s+)?(?P<m>{named})\b", re.IGNORECASE),
        re.compile(rf"\b(?P<m>{named})\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\s?%)", re.IGNORECASE),
    )


def _build_until(months: dict[str, int]) -> re.Pattern[str]:
    cues = get_cues()
    return re.compile(
        rf"(?<!\w)(?:{cues.pieces['until']})\s+(?:the\s+|zum\s+|el\s+|la\s+)?"
        rf"(?:(?:{cues.pieces['end_of']})\s+(?P<m>{alternate(months)})|(?P<day>{alternate(cues.named_days)}))(?!\w)",
        re.IGNORECASE,
    )


@cache
def _get_numbered() -> Words:
    """A number in words, also "a few" and "a week": without one, or a digit, no sum, share, count or period stands."""
    cues = get_cues()
    pieces, units = cues.pieces, alternate(cues.periods)
    one_period = rf"(?:{pieces['one_of']})\s+(?:(?:{pieces['working']})[\s-]*)?(?:{units})"
    return Words(
        pattern=rf"{get_number_pattern()}|(?<!\w)(?:{pieces['some']}|{one_period})(?!\w)",
        words=(*cues.numbers, *cues.hundreds, *cues.list_words("some"), *cues.list_words("one_of")),
    )


def _list_months() -> dict[str, int]:
    """Every language's names of the months; "may" alone and "mars" stand only beside a day."""
    names: dict[str, int] = {}
    for language in LANGUAGES:
        months = Locale(language).months
        for form in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in months[form][width].items():
                    names.setdefault(name.lower().rstrip("."), int(number))
    return names


def _list_weekdays() -> tuple[str, ...]:
    return tuple(
        name.lower() for language in LANGUAGES for name in Locale(language).days["format"]["wide"].values()
    )


def _list_money(sentence: str) -> Iterator[Claim]:
    for match in _get_patterns().money.finditer(sentence):
        groups = match.groupdict()
        written = next(filter(None, (groups["a"], groups["b"], groups["c"], groups["d"])))
        cents = next(iter(read_number(groups["cents"] or "")), Decimal(0)) / 100
        yield Claim(
            kind="money",
            text=match.group().strip(),
            start=match.start(),
            values=tuple(normalise(whole + cents) for whole in read_number(written)),
            currencies=_find_currencies(groups),
        )


def _find_currencies(groups: dict[str, str | None]) -> tuple[str, ...]:
    if symbol := groups["s1"] or groups["s2"]:
        return _SYMBOLS[symbol]
    if code := groups["c1"] or groups["c2"]:
        return (code.upper(),)
    return _WRITTEN.get((groups["w"] or "").lower().removesuffix("s"), ())


def _list_numbers(sentence: str) -> Iterator[Claim]:
    patterns, cues = _get_patterns(), get_cues()
    if "%" in sentence or cues.words["percent"].may_be_in(sentence):
        for match in patterns.percent.finditer(sentence):
            yield read_claim("percent", match, written=match["n"])
    yield from list_counts(sentence)
    yield from list_periods(sentence)


def list_periods(sentence: str) -> Iterator[Claim]:
    """The periods of the sentence alone; "a week" is one where a term of the shop is spoken of."""
    sentence, periods = to_plain(sentence), get_cues().periods
    if not _get_patterns().unit.search(sentence):
        return
    if get_cues().find_topics(sentence) or get_cues().has("returning", text=sentence):
        for match in _get_patterns().one_period.finditer(sentence):
            unit = periods.get(to_phrase(match["unit"]), "")
            yield read_claim("period", match, written="1", unit=unit)
    if get_cues().find_topics(sentence) & _OF_WEEKS:
        for match in _get_couple().finditer(sentence):
            unit = periods.get(to_phrase(match["unit"]), "")
            yield read_claim("period", match, written="2", unit=unit)
    for match in _get_patterns().period.finditer(sentence):
        unit = periods.get(to_phrase(match["unit"]), "")
        first, last = match["a"], match["b"]
        yield read_claim("period", match, written=first, unit=unit, least=last is not None)
        if last:
            yield read_claim("period", match, written=last, unit=unit)


_OF_WEEKS = frozenset({"returns", "warranty"})
"""Terms that last as long as they say: how long goods are on their way is told roughly."""


@cache
def _get_couple() -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w)(?:{get_cues().pieces['couple']})\s+(?P<unit>{alternate(get_cues().periods)})(?!\w)",
        re.IGNORECASE,
    )


def _list_dates(sentence: str) -> Iterator[Claim]:
    patterns, cues = _get_patterns(), get_cues()
    for match in _ISO.finditer(sentence):
        yield _make_date(match, month=int(match["m"]), day=int(match["d"]))
    for pattern in patterns.dates if patterns.month.may_be_in(sentence) else ():
        for match in pattern.finditer(sentence):
            month = patterns.months.get(match["m"].lower(), 0)
            yield _make_date(match, month=month, day=int(match["d"]))
    for match in patterns.until_day.finditer(sentence) if cues.words["until"].may_be_in(sentence) else ():
        if match["m"]:
            month = patterns.months[match["m"].lower()]
            yield _make_date(match, month=month, day=monthrange(_LEAP_YEAR, month)[1])
        else:
            month, day = map(int, cues.named_days[to_phrase(match["day"])].split("-"))
            yield _make_date(match, month=month, day=day)
    if cues.has("delivery", text=sentence) or cues.has("returning", text=sentence):
        yield from list_days(sentence)


def list_days(sentence: str) -> Iterator[Claim]:
    """Days by their names alone: "tomorrow", "on Friday"."""
    patterns, cues = _get_patterns(), get_cues()
    for match in (*patterns.weekday.finditer(sentence), *cues.words["relative_days"].finditer(sentence)):
        if _GREETED.search(sentence[: match.start()]):
            continue
        yield Claim(kind="date", text=match.group(), start=match.start(), unit=match.group().lower())


def get_months() -> dict[str, int]:
    """The number of each month by its names."""
    return _get_patterns().months


def list_months_alone(sentence: str) -> Iterator[Claim]:
    """As in "in early June" and "before Easter": a month without its day, or a season."""
    for match in _get_month_alone().finditer(sentence):
        yield Claim(kind="date", text=match["m"], start=match.start("m"), unit=match["m"].lower())


@cache
def _get_month_alone() -> re.Pattern[str]:
    led = get_cues().pieces["part_of_year"]
    named = alternate((*_get_patterns().months, *get_cues().seasons))
    return re.compile(
        rf"(?<!\w)(?:{led})[\s-]+(?:(?:the|el|la|le|der|die|das|dem)\s+)?(?P<m>{named})(?!\w|\s+\d)",
        re.IGNORECASE,
    )


def _make_date(match: re.Match[str], *, month: int, day: int) -> Claim:
    values = (Decimal(month), Decimal(day))
    return Claim(kind="date", text=match.group(), start=match.start(), values=values)


def _list_words(sentence: str) -> Iterator[Claim]:
    patterns = _get_patterns()
    for match in patterns.code.finditer(sentence):
        yield Claim(
            kind="code",
            text=match["code"] or match["bare"],
            start=match.start(),
            unit="named" if match["code"] else "",
        )
    for match in patterns.sku.finditer(sentence):
        written = match["sku"] or match["bare"]
        if any(letter.isdigit() for letter in written):
            yield Claim(kind="sku", text=written, start=match.start(), unit="named" if match["sku"] else "")
    yield from list_promises(sentence)
