"""Words of stock in a sentence: in stock, sold out, no longer sold, the last one."""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache

from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.cues import BLANK, SLOTS, get_cues
from commerce_agent.agent.grounding.numbers import get_number_pattern

_LOOK_BACK = 24
_NAMED = re.compile(f"{BLANK}+")
_MAY_BE_CELL = re.compile(r"[|(—–✅✔✓☑🟢]|\s-")


def list_stock(sentence: str) -> Iterator[Claim]:
    """Words of stock; "not in stock" is said as one word for sold out where a language has it."""
    cues = get_cues()
    gone = [match.span() for match in cues.words["out_of_stock"].finditer(sentence)]
    for start, end in gone:
        before = sentence[:start][-_LOOK_BACK:]
        if _get_gone().search(sentence[start:end]) and _get_no_goods().search(before):
            continue
        unit = "low" if _get_almost().search(before) else "in" if _get_not_before().search(before) else "out"
        yield Claim(kind="stock", text=sentence[start:end], start=start, unit=unit)
    may_be_no_more = cues.words["no_more"].may_be_in(sentence)
    unavailable = _get_unavailable().finditer(sentence) if may_be_no_more else ()
    for match in (*unavailable, *_get_not_had().finditer(sentence)):
        if not any(start <= match.start() < end for start, end in gone):
            yield Claim(kind="stock", text=match.group(), start=match.start(), unit="out")
    is_named = not gone and BLANK in sentence
    if is_named and not cues.has("negation", text=sentence) and not cues.has("unsure", text=sentence):
        for match in cues.words["have_item"].finditer(sentence):
            if BLANK in match.group():
                yield Claim(kind="stock", text=match.group(), start=match.start(), unit="in")
    for match in cues.words["in_stock"].finditer(sentence):
        if any(start <= match.start() < end for start, end in gone) or _is_otherwise(sentence, match):
            continue
        before = _NAMED.sub(BLANK, sentence[: match.start()])[-_LOOK_BACK:]
        is_out = cues.has("negation", text=before) or _get_saying_no().match(sentence, match.end())
        yield Claim(kind="stock", text=match.group(), start=match.start(), unit="out" if is_out else "in")
    yield from _list_ahead(sentence)
    yield from _list_low(sentence)
    yield from _list_cells(sentence)
    yield from _list_bare(sentence)


def _list_ahead(sentence: str) -> Iterator[Claim]:
    """As in "it can be pre-ordered", and "yes, it is in!"."""
    for match in get_cues().words["preorder"].finditer(sentence):
        is_denied = get_cues().has("negation", text=sentence[: match.start()][-_LOOK_BACK:])
        yield Claim(
            kind="stock", text=match.group(), start=match.start(), unit="unasked" if is_denied else "ahead"
        )
    words = get_cues().words
    may_be_out = words["out_now"].may_be_in(sentence) or words["ran_out"].may_be_in(sentence)
    for pattern, unit, may_be in (
        (_get_is_in(), "in", BLANK in sentence),
        (_get_is_out(), "out", may_be_out),
    ):
        for match in pattern.finditer(sentence) if may_be else ():
            yield Claim(kind="stock", text=match.group(), start=match.start(), unit=unit)


def _list_low(sentence: str) -> Iterator[Claim]:
    words = get_cues().words
    if not any(words[each].may_be_in(sentence) for each in ("scarce", "scarce_supply", "low_on")):
        return
    for match in _get_runs_low().finditer(sentence):
        if not get_cues().has("negation", text=sentence[: match.start()][-_LOOK_BACK:]):
            yield Claim(kind="stock", text=match.group(), start=match.start(), unit="low")


def _list_cells(sentence: str) -> Iterator[Claim]:
    """Words and ticks by themselves, as they stand in lists and tables."""
    if ":" not in sentence and not _MAY_BE_CELL.search(sentence):
        return
    for match in _get_ticked().finditer(sentence):
        yield Claim(
            kind="stock", text=match.group(), start=match.start(), unit="in" if match["yes"] else "out"
        )
    for match in _get_cell().finditer(sentence):
        yield Claim(kind="stock", text=match["word"], start=match.start("word"), unit="in")


def _list_bare(sentence: str) -> Iterator[Claim]:
    """As in "it is $18 and available": the word behind a sum, with nothing behind it."""
    for match in _get_bare().finditer(sentence):
        if not get_cues().has("unsure", text=sentence[: match.start()]):
            yield Claim(kind="stock", text=match["word"], start=match.start("word"), unit="in")


@cache
def _get_no_goods() -> re.Pattern[str]:
    """What is gone and was never for sale: "your limits are gone". Filters by themselves are goods."""
    return re.compile(rf"(?<!\w)(?:{get_cues().pieces['limits']})\s[^.;:!?,]{{0,10}}$", re.IGNORECASE)


@cache
def _get_gone() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{get_cues().pieces['gone']})$", re.IGNORECASE)


@cache
def _get_saying_no() -> re.Pattern[str]:
    """As in "In stock: no"."""
    no = get_cues().pieces["saying_no"]
    return re.compile(rf"\s*[:|?][\s|*_]*(?:(?:{no})(?!\w)|[❌✗✘✖])", re.IGNORECASE)


@cache
def _get_ticked() -> re.Pattern[str]:
    """As in "availability of the lamp: yes"."""
    pieces = get_cues().pieces
    return re.compile(
        rf"(?<!\w)(?:{pieces['availability']})(?:\s+(?:{pieces['availability_of']})\s+{SLOTS['{name}']})?\s*:\s*"
        rf"(?:(?P<yes>[✅✔✓☑🟢]|(?:{pieces['saying_yes']})(?!\w))|[❌✗✘✖🔴]|(?:{pieces['saying_no']})(?!\w))",
        re.IGNORECASE,
    )


@cache
def _get_cell() -> re.Pattern[str]:
    """The word by itself in a table or a list: "Fountain pen – available"."""
    pieces = get_cues().pieces
    return re.compile(
        rf"(?:(?P<ticked>[✅✔✓☑🟢]️?)|[|:(—–]|\s-)[\s*_]*(?P<word>{pieces['available']})(?!\w)"
        rf"(?(ticked)|(?:\s+(?:{pieces['just_now']}))?(?:[\s*_✅✔✓]*(?:[|;.)!]|$)))",
        re.IGNORECASE,
    )


@cache
def _get_bare() -> re.Pattern[str]:
    """As in "it is $18 and available": the word behind a sum, or behind "is now", with nothing behind it."""
    pieces, still = get_cues().pieces, get_cues().pieces["still_so"]
    return re.compile(
        rf"(?:(?<!\w)(?:{pieces['standing']})\s+(?:{still})\s+"
        rf"|\d[\s$€£a-z]{{0,6}}(?:,|(?<!\w)(?:{pieces['and_also']})(?!\w)|[;/·+&])\s*"
        rf"(?:(?:{pieces['it_is']}|{pieces['and_also']}|{still})\s+)*)"
        rf"(?P<word>{pieces['available']})(?:\s+(?:{pieces['just_now']}))?(?=\s*(?:[|;,.)!*]|$))",
        re.IGNORECASE,
    )


def _is_otherwise(sentence: str, match: re.Match[str]) -> bool:
    """What may be had in three colours, or until Friday, is not said to be there now."""
    told = get_cues().words["otherwise"].finditer(sentence)
    return any(match.start() <= each.start() < match.end() < each.end() for each in told)


@cache
def _get_runs_low() -> re.Pattern[str]:
    """As in "stock of the lamp is low", "running low": few are left."""
    pieces = get_cues().pieces
    return re.compile(
        rf"(?:(?<!\w)(?:{pieces['supply']})\s+(?:{pieces['supply_is']})\s+(?:(?:{pieces['very']})\s+)?(?:{pieces['scarce_supply']})"
        rf"|(?:(?<!\w)|(?=['’]))(?:{pieces['becoming']})\s+(?:{pieces['scarce']})|(?<!\w)(?:{pieces['low_on']}))(?!\w)",
        re.IGNORECASE,
    )


@cache
def _get_is_in() -> re.Pattern[str]:
    """As in "yes, the puzzle is in!"."""
    pieces = get_cues().pieces
    return re.compile(
        rf"{BLANK}\w{{0,2}}\s+(?:{pieces['standing']})\s+(?:(?:{pieces['by_now']})\s+)*(?:{pieces['there_now']})"
        r"(?=\s*(?:[.,;!)]|$))",
        re.IGNORECASE,
    )


@cache
def _get_is_out() -> re.Pattern[str]:
    """As in "the puzzle is currently out" and "we're out"."""
    pieces = get_cues().pieces
    return re.compile(
        rf"(?:{BLANK}\w{{0,2}}\s+(?:{pieces['standing']})|(?<!\w)(?:{pieces['we_are']}))\s+(?:(?:{pieces['for_now']})\s+)*"
        rf"(?:{pieces['out_now']})(?=\s*(?:[.,;!)]|$))|{BLANK}\w{{0,2}}\s+(?:{pieces['ran_out']})(?!\w)",
        re.IGNORECASE,
    )


@cache
def _get_almost() -> re.Pattern[str]:
    """As in "almost gone": few are left of what is said to be so."""
    pieces = get_cues().pieces
    return re.compile(rf"(?<!\w)(?:{pieces['nearly']}|{pieces['soon']})\s+$", re.IGNORECASE)


@cache
def _get_unavailable() -> re.Pattern[str]:
    """As in "no longer sold", "nicht mehr zu bekommen": that it cannot be had any more, in whichever order."""
    no_more, getting = get_cues().pieces["no_more"], get_cues().pieces["getting"]
    apart = rf"[^.;:!?{BLANK}]{{0,16}}?"
    # "Your order no longer stands": the noun, as the words before it show.
    noun = "".join(rf"(?<!\b{re.escape(each)}\s)" for each in get_cues().list_words("makes_noun"))
    return re.compile(
        rf"(?<!\w)(?:(?:{no_more})\s{apart}(?<!\w)(?:{getting})|{noun}(?:{getting})\s{apart}(?<!\w)(?:{no_more}))(?!\w)",
        re.IGNORECASE,
    )


@cache
def _get_not_had() -> re.Pattern[str]:
    """As in "you can't order it right now": with nothing behind it that would be the reason or the limit of that."""
    item = rf"(?:\s+(?:the\s+)?(?:{BLANK}+|it|one|them|that))?"
    now = (
        r"(?:\s+(?:at the moment|at present|right now|just now|currently|anymore|any more|(?:for )?now|these days"
        r"|from us|here))?"
    )
    leave = r"(?:(?:leider|derzeit|gerade|momentan|im moment|zurzeit|aktuell|im augenblick|mehr)\s+)*"
    return re.compile(
        r"(?<!\w)(?:(?:can['’]?t|cannot|can not|couldn['’]t)\s+(?:currently\s+)?(?:be\s+)?"
        rf"(?:had|bought|ordered|got|gotten|obtained|purchased|get|buy|order|purchase|have){item}{now}"
        rf"|(?:kann|kannst|können|könnt|lässt sich|lassen sich)\s+(?:(?:man|du|sie|ihn|es|{BLANK}+)\s+){{0,2}}"
        rf"{leave}nicht\s+{leave}"
        r"(?:bestellt werden|gekauft werden|bestellen|kaufen|bekommen|haben|geliefert werden|liefern)"
        r"|no\s+(?:se\s+)?(?:puede[ns]?|podemos)\s+(?:(?:ahora|actualmente|por ahora)\s+)?"
        r"(?:comprar|pedir|conseguir|adquirir|vender)(?:se|lo|la)?"
        r"|ne\s+(?:peut|peuvent|pouvez|peux)\s+(?:pas|plus)\s+(?:actuellement\s+)?"
        r"(?:être\s+)?(?:commandée?s?|achetée?s?|commander|acheter|obtenir))(?=\s*(?:[.,;!?)*]|$))",
        re.IGNORECASE,
    )


@cache
def _get_not_before() -> re.Pattern[str]:
    """As in "is not sold out"."""
    return re.compile(rf"(?<!\w)(?:{get_cues().pieces['not_so']})\s+$", re.IGNORECASE)


def list_last_ones(sentence: str) -> Iterator[Claim]:
    """As in "our last one", which says that there is one of it; "not a single one left" says another thing."""
    cues = get_cues()
    for match in cues.words["single"].finditer(sentence):
        is_denied = cues.has("negation", text=" ".join(sentence[: match.start()].split()[-2:]))
        if is_denied or _get_number_next().match(sentence, match.end()):
            continue
        yield Claim(kind="count", text=match.group(), start=match.start(), values=(Decimal(1),))
    for match in cues.words["one_piece"].finditer(sentence):
        # "Just one pair of the A costs 79" tells of no stock.
        rest = re.split(r"[.;!?]", sentence[match.end() :])[0]
        is_there = any(cues.has(each, text=rest) for each in ("left", "in_stock"))
        if is_there or _get_being_there().search(sentence[: match.start()]):
            yield Claim(kind="count", text=match.group(), start=match.start(), values=(Decimal(1),))


@cache
def _get_being_there() -> re.Pattern[str]:
    pieces = get_cues().pieces
    return re.compile(rf"(?<!\w)(?:{pieces['has']}|{pieces['there_is']})\s+$", re.IGNORECASE)


@cache
def _get_number_next() -> re.Pattern[str]:
    """As in "our last two"."""
    return re.compile(rf"\s+{get_number_pattern()}", re.IGNORECASE)
