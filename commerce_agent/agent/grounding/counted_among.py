"""How many of the goods there is talk of are so: "two of the five are sold out", "three of them cost more than £40"."""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache

from commerce_agent.agent.grounding.case import Case
from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.cues import alternate, get_cues
from commerce_agent.agent.grounding.grounds import ItemGrounds
from commerce_agent.agent.grounding.numbers import get_number_pattern, read_number

AMONG = "among:"
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
        few = get_cues().few_of.get(" ".join(match["n"].lower().split()))
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
            unit=f"{AMONG}{how}",
        )


def _find_how(match: re.Match[str], told_of: list[re.Match[str]]) -> re.Match[str] | None:
    """The first of what is told that stands close behind the goods, in their sentence."""
    furthest = max(match.end("being"), match.end() + 1) + _APART
    said = next((each for each in told_of if match.end() < each.start() <= furthest), None)
    if said is None or _ENDS.search(match.string, match.end(), said.start()):
        return None
    return said


def find_counted_among(claim: Claim, case: Case) -> str | None:
    """By all goods of which there is talk, or those that were shown, as far as they are as many as it says."""
    if case.is_asked(claim) or case.cues.has("condition", text=case.read.text[: claim.start]):
        return "condition"
    number, whole = claim.values[0], claim.values[1]
    known = case.grounds.items
    shown = [known[sku] for sku in sorted(case.grounds.shown) if sku in known]
    groups = [each for each in (shown, list(known.values())) if 0 < len(each) <= _MOST]
    fitting = [each for each in groups if whole in (0, len(each))]
    if not fitting:
        return "number of others"
    how = claim.unit.removeprefix(AMONG)
    limit = claim.values[2] if len(claim.values) > 2 else Decimal(0)
    return next(
        ("shown" for group in fitting if sum(_is_so(each, how=how, limit=limit) for each in group) == number),
        None,
    )


def _is_so(item: ItemGrounds, *, how: str, limit: Decimal) -> bool:
    price = item.price.amount if item.price else None
    match how:
        case "out":
            return item.availability == "out_of_stock"
        case "in":
            return item.availability in ("in_stock", "low_stock")
        case "reduced":
            return bool(price is not None and item.list_price and price < item.list_price.amount)
        case "dear":
            return price is not None and price > limit
        case _:
            return price is not None and price < limit
