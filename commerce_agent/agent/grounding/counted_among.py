"""How many of the goods there is talk of are so: "two of the five are sold out", "three of them cost more than £40"."""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache

from commerce_agent.agent.grounding.alternation import to_phrase
from commerce_agent.agent.grounding.case import Case
from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.cues import alternate, get_cues
from commerce_agent.agent.grounding.grounds import ItemGrounds
from commerce_agent.agent.grounding.numbers import get_number_pattern, read_number

AMONG = "among:"
_NOT = "not "
_AT_MOST, _AT_LEAST, _UNDER, _OVER = "<=", ">=", "<.", ">."
_MOST = 40
_APART = 16
"""So many letters may stand between the goods and what they are."""
_ENDS = re.compile(r"[.;!?•]")


@cache
def _get_among() -> re.Pattern[str]:
    """So many of those; what they are is looked for behind it, once for the whole text."""
    number, cues = get_number_pattern(), get_cues()
    pieces = cues.pieces
    among = rf"(?P<all>{number})(?:\s+(?:{pieces['things']}))?|{pieces['them']}|{pieces['things']}"
    those = rf"(?:(?:{pieces['those']})\s+)?(?:{among})"
    return re.compile(
        rf"(?<![\w.,])(?P<n>{alternate(cues.few_of)}|{number})\s+(?:{pieces['among']})\s+{those}"
        rf"(?=\s+(?P<being>(?:{pieces['being']})\s+)?)",
        re.IGNORECASE,
    )


@cache
def _get_how() -> re.Pattern[str]:
    return re.compile(rf"(?:{_list_hows()})(?!\w)", re.IGNORECASE)


def _list_hows() -> str:
    pieces = get_cues().pieces
    cost = rf"(?:{pieces['costing']})"
    named = "|".join(f"(?P<{name}>{pieces[key]})" for name, key in _HOWS)
    return rf"{named}|(?P<dear>{cost}\s+(?:{pieces['over']}))|(?P<cheap>{cost}\s+(?:{pieces['under']}))"


_HOWS = (("out", "out_of_stock"), ("reduced", "reduced"), ("in", "in_stock"))
_SUM = re.compile(r"\s*[£$€]?\s*(?P<n>\d[\d.,]*\d|\d)")


def list_counted_among(text: str) -> Iterator[Claim]:
    """Each of them; what it is that so many are stands in its unit, and behind the number how many there are in all."""
    words = get_cues().words
    hows = ("out_of_stock", "reduced", "in_stock", "costing")
    if not words["among"].may_be_in(text) or not any(words[each].may_be_in(text) for each in hows):
        return
    found = list(_get_among().finditer(text))
    told_of = list(_get_how().finditer(text)) if found else []
    for match in found:
        said = _find_how(match, told_of)
        if said is None:
            continue
        how = next(name for name in ("out", "reduced", "in", "dear", "cheap") if said[name])
        few = get_cues().few_of.get(to_phrase(match["n"]))
        numbers = read_number(match["n"]) if few is None else (few,)
        if not numbers:
            continue
        values, end = [numbers[0]], said.end()
        if how in ("dear", "cheap"):
            told = _SUM.match(text, said.end())
            if told is None:
                continue
            values.append(read_number(told["n"])[0])
            end = told.end()
        whole = match["all"] or ""
        values[1:1] = [(read_number(whole) or (Decimal(0),))[0] if whole else Decimal(0)]
        yield Claim(
            kind="count",
            text=text[match.start() : end],
            start=match.start(),
            values=tuple(values),
            unit=f"{AMONG}{_find_bound(match)}{_NOT if _is_denied(match, said=said) else ''}{how}",
        )


def _find_how(match: re.Match[str], told_of: list[re.Match[str]]) -> re.Match[str] | None:
    """The first of what is told that stands close behind the goods, in their sentence."""
    furthest = max(match.end("being"), match.end() + 1) + _APART
    said = next((each for each in told_of if match.end() < each.start() <= furthest), None)
    if said is None or _ENDS.search(match.string, match.end(), said.start()):
        return None
    return said


def _is_denied(match: re.Match[str], *, said: re.Match[str]) -> bool:
    """As in "two of the five aren't reduced"."""
    return get_cues().has("negation", text=match.string[match.end() : said.start()])


def _find_bound(match: re.Match[str]) -> str:
    """Which number is meant as well: of "at most two" any below it."""
    return next(
        (sign for sign, pattern in _get_bounds().items() if pattern.search(match.string[: match.start()])), ""
    )


@cache
def _get_bounds() -> dict[str, re.Pattern[str]]:
    """The narrower meanings first: "under" and "over" have the words of those as well."""
    meanings = {_AT_MOST: "at_most", _AT_LEAST: "at_least", _UNDER: "under", _OVER: "over"}
    return {
        sign: re.compile(rf"(?<!\w)(?:{get_cues().pieces[meaning]})\s+$", re.IGNORECASE)
        for sign, meaning in meanings.items()
    }


def find_counted_among(claim: Claim, case: Case) -> str | None:
    """By all goods of which there is talk, or those that were shown, as far as they are as many as it says."""
    if case.is_asked(claim) or case.cues.has("condition", text=case.read.text[: claim.start]):
        return "condition"
    number, whole = claim.values[0], claim.values[1]
    known = case.grounds.items
    shown = [known[sku] for sku in sorted(case.grounds.shown) if sku in known]
    meant = [known[sku] for sku in sorted(case.about) if sku in known]
    groups = [each for each in (shown, list(known.values()), meant) if 0 < len(each) <= _MOST]
    bound, is_denied, how = _read_unit(claim.unit)
    limit = claim.values[2] if len(claim.values) > 2 else Decimal(0)
    for group in groups:
        told = [_is_so(each, how=how, limit=limit) for each in group]
        so, not_so = (told.count(each) for each in (not is_denied, is_denied))
        if whole in (0, len(group)) and _is_within(so, bound=bound, number=number):
            return "shown"
        # Of which six of ten it is said nobody knows; of six such as it says there must be as many.
        if 0 < whole < len(group) and not bound and so >= number and not_so >= whole - number:
            return "number of others"
    return None


def _read_unit(unit: str) -> tuple[str, bool, str]:
    """The bound, whether it is denied, and what is told."""
    told = unit.removeprefix(AMONG)
    bound = next((sign for sign in _get_bounds() if told.startswith(sign)), "")
    told = told.removeprefix(bound)
    return bound, told.startswith(_NOT), told.removeprefix(_NOT)


def _is_within(count: int, *, bound: str, number: Decimal) -> bool:
    match bound:
        case "<=":
            return count <= number
        case ">=":
            return count >= number
        case "<.":
            return count < number
        case ">.":
            return count > number
        case _:
            return count == number


def _is_so(item: ItemGrounds, *, how: str, limit: Decimal) -> bool | None:
    """None where it was not read."""
    price = item.price.amount if item.price else None
    match how:
        case "out":
            return item.availability == "out_of_stock" if item.availability else None
        case "in":
            return item.availability in ("in_stock", "low_stock") if item.availability else None
        case "reduced":
            is_below = price is not None and item.list_price and price < item.list_price.amount
            return bool(is_below) if price is not None else None
        case "dear":
            return price > limit if price is not None else None
        case _:
            return price < limit if price is not None else None
