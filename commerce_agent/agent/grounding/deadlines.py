"""How long an offer holds, by the calendar: "ends this Friday", "ten more days to use it", "it has expired"."""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

import msgspec
from babel import Locale

from commerce_agent.agent.grounding.alternation import to_phrase
from commerce_agent.agent.grounding.claims import get_months
from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.cues import alternate, get_cues
from commerce_agent.agent.grounding.grounds import Grounds
from commerce_agent.agent.grounding.mentions import Read
from commerce_agent.agent.grounding.numbers import get_number_pattern, read_number
from commerce_agent.agent.phrases import LANGUAGES

_WEEK = 7
_LAST_DAYS = 3
_LONGEST = 400
_LENGTHS = {
    "hour": Decimal(1) / 24,
    "day": Decimal(1),
    "week": Decimal(7),
    "fortnight": Decimal(14),
    "month": Decimal(30),
}
_SLACK = {"hour": 1, "day": 0, "week": 1, "fortnight": 1, "month": 3}
"""By how many days what is told in this unit may be beside the day itself."""
_NEAR = 4
"""So many words from a period stands what says that something ends with it."""
_OFFERS_ITEM = re.compile(
    r"\b(?:we|i|can|could|would|will|to)\s+(?:(?:also|only|still|even|gladly)\s+)?offers?\b", re.IGNORECASE
)
"""As in "I can offer you another lamp": what is offered there is no promotion."""
_STOPS = re.compile(
    r"\s*(?:[.,;:!?)–—]|$|\b(?:now|already|jetzt|ya|déjà|sorry|unfortunately)\b)", re.IGNORECASE
)
"""What stands behind "it is over", where it is not over so much."""
_NEXT = re.compile(r"\b(?:next|nächste[nrs]?|kommende[nrs]?|próxim[oa]|prochaine?)\b", re.IGNORECASE)
_ARTICLE = r"(?:(?:on|this|next|the|am|diese[nm]?|nächste[nm]?|kommende[nm]?|el|este|próximo|le|ce|prochain)\s+){0,2}"


class _Patterns(msgspec.Struct, frozen=True, kw_only=True):
    period: re.Pattern[str]
    day: re.Pattern[str]
    weekdays: dict[str, int]
    ahead: dict[str, str]


@cache
def _get_patterns() -> _Patterns:
    cues = get_cues()
    weekdays = {
        name.lower(): number
        for language in LANGUAGES
        for number, name in Locale(language).days["format"]["wide"].items()
    }
    days = alternate((*weekdays, *cues.ahead))
    more = r"(?:(?:more|further|other|full|weitere|volle|más|autres|jours)\s+)?"
    return _Patterns(
        period=re.compile(
            rf"(?<![\d.,$€£-])(?P<n>{get_number_pattern()}|(?<!\w)(?:{cues.pieces['one_of']}|{cues.pieces['another']}))[\s-]+{more}"
            rf"(?P<unit>{alternate(cues.periods)})(?!\w)",
            re.IGNORECASE,
        ),
        day=re.compile(
            rf"(?<!\w)(?:{cues.pieces['ending']})\s+(?:[\w’']+\s+){{0,4}}?{_ARTICLE}(?P<day>{days})(?!\w)",
            re.IGNORECASE,
        ),
        weekdays=weekdays,
        ahead=cues.ahead,
    )


def list_deadlines(read: Read, *, grounds: Grounds, on_offer: bool) -> Iterator[Claim]:
    """Each of them; `values` are the days from now on at which the offer may end for it to be true.

    `on_offer` says that the talk is on one already. A sentence on another term of the shop says none.
    """
    cues, text = get_cues(), read.text
    on_offer |= _is_of_offer(text, codes=grounds.codes)
    if grounds.today is None or not grounds.ends or not on_offer:
        return
    yield from _list_ended(read)
    for match in _get_patterns().day.finditer(text) if cues.words["ending"].may_be_in(text) else ():
        clause = read.find_clause(match.start())
        if match.end() <= clause.end and not _is_on_terms(text[clause.start : clause.end]):
            days = _list_days(match, text=text, today=grounds.today)
            yield Claim(kind="date", text=match["day"], start=match.start("day"), values=days, unit="ends")
    yield from _list_parts_of_year(read, today=grounds.today, codes=grounds.codes)
    if cues.has("ending", text=text) or cues.has("to_go", text=text):
        yield from (each for each in _list_periods(read) if not _is_on_terms(_get_clause(read, each.start)))


def _list_parts_of_year(read: Read, *, today: date, codes: Iterable[str]) -> Iterator[Claim]:
    """As in "runs until mid-December" and "till spring"."""
    cues = get_cues()
    for match in _get_part_of_year().finditer(read.text) if cues.words["ending"].may_be_in(read.text) else ():
        clause = _get_clause(read, match.start())
        # "On offer and good for winter" says for what goods are good.
        is_good_for = cues.has("good_for", text=match.group()) and not _is_of_offer(clause, codes=codes)
        if is_good_for or _is_on_terms(clause):
            continue
        first_day, last_day = 1, 31
        if match["month"]:
            first = last = get_months()[match["month"].lower()]
            if match["part"]:
                first_day, last_day = cues.parts_of_month[to_phrase(match["part"])]
        else:
            first, last = cues.seasons[to_phrase(match["season"])]
        days = tuple(_list_days_within((first, first_day), last=(last, last_day), today=today))
        yield Claim(
            kind="date", text=match.group("when"), start=match.start("when"), values=days, unit="ends"
        )


def _list_days_within(first: tuple[int, int], *, last: tuple[int, int], today: date) -> Iterator[Decimal]:
    """How many days ahead each day between two of the year is."""
    for ahead in range(_LONGEST - 35):
        day = today + timedelta(days=ahead)
        own = (day.month, day.day)
        if first <= own <= last if first <= last else own >= first or own <= last:
            yield Decimal(ahead)


@cache
def _get_part_of_year() -> re.Pattern[str]:
    cues = get_cues()
    return re.compile(
        rf"(?<!\w)(?:{cues.pieces['ending']})\s+(?:(?:the|in|el|la|le|zum)\s+)?"
        rf"(?P<when>(?:(?P<part>{alternate(cues.parts_of_month)})[\s-]*)?(?P<month>{alternate(get_months())})(?!\w|\s+\d)"
        rf"|(?P<season>{alternate(cues.seasons)})(?!\w))",
        re.IGNORECASE,
    )


def _is_of_offer(text: str, *, codes: Iterable[str]) -> bool:
    named = any(code in text for code in codes)
    return named or get_cues().has("offers", text=_OFFERS_ITEM.sub(" ", text))


def _get_clause(read: Read, place: int) -> str:
    clause = read.find_clause(place)
    return read.text[clause.start : clause.end]


def _is_on_terms(clause: str) -> bool:
    """Whether it speaks of another term of the shop than its offers; "sale" is a Spanish word for leaving as well."""
    clause = get_cues().words["offers"].blank_in(clause)
    return bool(get_cues().find_topics(clause)) or get_cues().has("delivery", text=clause)


def _list_ended(read: Read) -> Iterator[Claim]:
    cues = get_cues()
    over = (
        each for each in cues.words["over_by_now"].finditer(read.text) if _STOPS.match(read.text, each.end())
    )
    for match in (
        *cues.words["ended"].finditer(read.text),
        *over,
        *cues.words["prolonged"].finditer(read.text),
    ):
        clause = read.find_clause(match.start())
        own = read.text[clause.start : clause.end]
        is_later = any(cues.has("qualified", text=each) for each in (own, read.text[: match.start()]))
        is_later |= cues.has("negation", text=own[: match.start() - clause.start])
        if not is_later and not any(cues.has(each, text=own) for each in ("condition", "unsure")):
            is_longer = cues.words["prolonged"].search(match.group()) is not None
            unit = "prolonged" if is_longer else "ended"
            yield Claim(kind="date", text=match.group(), start=match.start(), unit=unit)


def _list_periods(read: Read) -> Iterator[Claim]:
    cues, text = get_cues(), read.text
    for match in _get_patterns().period.finditer(text):
        unit = cues.periods[to_phrase(match["unit"])]
        numbers = read_number(match["n"]) or (Decimal(1),)
        if unit in _LENGTHS and _is_to_go(match, read=read):
            days = tuple(
                day for number in numbers for day in _span(number, unit=unit, before=text[: match.start()])
            )
            yield Claim(kind="date", text=match.group(), start=match.start(), values=days, unit="ends")


def _is_to_go(period: re.Match[str], *, read: Read) -> bool:
    """Whether a word of an end or of what is left stands beside it: a lamp that "runs for 40 hours" ends nothing."""
    clause = read.find_clause(period.start())
    before = read.text[clause.start : period.start()].split()[-_NEAR:]
    after = read.text[period.end() : clause.end].split()[:_NEAR]
    beside = " ".join((*before, period.group(), *after))
    return get_cues().has("ending", text=beside) or get_cues().has("to_go", text=beside)


def _span(number: Decimal, *, unit: str, before: str) -> Iterator[Decimal]:
    """The days at which it may end: whoever counts today as one says a day more."""
    told, slack = int(number * _LENGTHS[unit]), _SLACK[unit]
    first, last = told - 1 - slack, told + slack
    if _ends_with("roughly", before):
        first, last = first - told // 7, last + told // 7
    if _ends_with("under", before):
        first = 0
    if _ends_with("over", before):
        last = _LONGEST
    yield from (Decimal(day) for day in range(first, last + 1))


def _ends_with(meaning: str, before: str) -> bool:
    return re.search(rf"(?<!\w)(?:{get_cues().pieces[meaning]})\s+$", before, re.IGNORECASE) is not None


def _list_days(match: re.Match[str], *, text: str, today: date) -> tuple[Decimal, ...]:
    patterns, said = _get_patterns(), to_phrase(match["day"])
    if said in patterns.weekdays:
        first = (patterns.weekdays[said] - today.weekday()) % _WEEK
        dated = re.match(r"[\s,(]+(?:the\s+|den\s+|el\s+|le\s+)?(?:\d|\w+\.?\s\d)", text[match.end() :])
        beside = text[max(0, match.start("day") - 16) : match.end() + 10]
        weeks = _LONGEST // _WEEK if dated else 2 if _NEXT.search(beside) else 1
        return tuple(Decimal(first + _WEEK * week) for week in range(weeks))
    return tuple(Decimal(day) for day in _list_ahead(patterns.ahead[said], today=today))


def _list_ahead(meaning: str, *, today: date) -> range:
    week_over = _WEEK - today.weekday()
    days = monthrange(today.year, today.month)[1]
    left = days - today.day
    match meaning:
        case "this_week":
            return range(week_over)
        case "weekend":
            return range(week_over - 3, week_over)
        case "next_week":
            return range(week_over, week_over + _WEEK)
        case "month_end":
            return range(max(0, left - _LAST_DAYS), left + 1)
        case "next_month":
            return range(left + 1, left + 32)
        case _:
            return range(int(meaning), int(meaning) + 1)


def find_deadline(claim: Claim, *, text: str, grounds: Grounds) -> str | None:
    """The end of an offer that is on such a day; of what is said to be over, that none is on."""
    if grounds.today is None or claim.unit == "prolonged":
        return None
    named = {grounds.codes[code] for code in grounds.codes if code in text}
    ends = [(day, fact) for day, fact in grounds.ends if fact in named or not named]
    left = [(Decimal((day - grounds.today).days), fact) for day, fact in ends]
    if claim.unit == "ended":
        return None if any(days >= 0 for days, _ in left) else "over"
    return next((fact for days, fact in left if days in claim.values), None)
