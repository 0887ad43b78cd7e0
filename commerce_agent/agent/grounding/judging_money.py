"""Sums and shares of a sentence: what they are reckoned from, and whether that is of what is talked about."""

import re

from commerce_agent.agent.grounding.case import Case
from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.grounds import Sum
from commerce_agent.agent.grounding.numbers import get_number_pattern, read_number
from commerce_agent.agent.grounding.reckoning import (
    list_differences,
    list_multiples,
    match,
    match_nearly,
    match_share,
)


def find_sum(claim: Claim, case: Case) -> str | None:
    """By a sum of what is talked of, or by what those come to: a difference, several of one, a little under one."""
    items = case.aim.list_items(claim)
    clause = case.aim.get_clause(claim)
    topics = _list_topics(case)
    from_here_on = case.is_led_by("range", claim) or case.is_led_by("limit", claim)
    if topics and from_here_on and case.cues.has("free", text=case.read.text):
        return match([each for each in case.grounds.shared if each.topic in topics], claim)
    own = [each for item in items for each in item.sums]
    every = [each for item in case.grounds.items.values() for each in item.sums]
    among = [*own, *(each for each in case.grounds.shared if _may_be_told(case, each))]
    if case.is_led_by("range", claim):
        among.extend(every)
    if found := match(among, claim):
        return found
    if case.cues.has("difference", text=clause):
        told_apart = own if _is_saving(case, clause) else every
        if found := match(list_differences(told_apart), claim):
            return found
    if found := match_nearly(
        own,
        claim,
        under=case.is_led_by("nearly", claim),
        over=case.is_led_by("just_over", claim),
    ):
        return found
    if found := match(list_multiples(own, counts=_list_counts(clause)), claim):
        return found
    may_limit = case.is_led_by("limit", claim) or case.cues.has("negation", text=clause)
    return case.find_said(claim) if may_limit else None


def find_share(claim: Claim, case: Case) -> str | None:
    """By a promotion or a policy, by what a price is below another, or by a number of the goods."""
    grounds = case.grounds
    if claim.unit:
        return match_share(case.aim.list_items(claim), claim) or grounds.shares.get(claim.values[0])
    for value in claim.values:
        if value in grounds.shares:
            return grounds.shares[value]
    if any(code in case.read.text for code in grounds.codes):
        return None
    if case.cues.has("discount", text=case.read.text):
        return match_share(case.aim.list_items(claim), claim)
    numbers = {**grounds.term_numbers, **grounds.numbers}
    return next((numbers[value] for value in claim.values if value in numbers), None)


def _is_saving(case: Case, clause: str) -> bool:
    """Whether it is told what an item is below its own price of before, and nothing of another item's."""
    compared = ("cheaper_than", "dearer_than", "range")
    return case.cues.has("saving", text=clause) and not (
        len(case.read.mentions) > 1 or any(case.cues.has(each, text=clause) for each in compared)
    )


def _may_be_told(case: Case, each: Sum) -> bool:
    """A sum in a text of the shop is what a term comes to; of goods it says nothing."""
    told_of = ("pricing", "points")
    about_goods = case.read.mentions or any(case.cues.has(each, text=case.read.text) for each in told_of)
    return not (each.in_text and about_goods) or each.topic in case.spoken


def _list_topics(case: Case) -> frozenset[str]:
    """The policies that the sentence is about and that were read."""
    known = (
        {each.topic for each in case.grounds.shared} | case.grounds.periods.keys() | case.grounds.free.keys()
    )
    return case.cues.find_topics(case.read.text) & known


def _list_counts(clause: str) -> list[int]:
    """The whole numbers of a clause, also those in words: how many something may be the price of."""
    pattern = get_number_pattern()
    numbers = (each for found in re.findall(pattern, clause, re.IGNORECASE) for each in read_number(found))
    return [int(number) for number in numbers if number == int(number)]
