"""Goods sought for the item in hand, and what is asked about it: neither does anything to the item itself."""

import pytest

from commerce_agent.agent.understanding.english.cues import SEEKS_FOR_IT
from commerce_agent.agent.understanding.english.remarks import NAMES_NO_GOODS


@pytest.mark.parametrize(
    "said",
    [
        "and a mouse for it, wireless",
        "a case for it please",
        "do you have a cover for that?",
        "I also need some filters for it",
        "and a spare battery to go with it",
        "what about a lid that fits it?",
        "do you also have gloves to go with it?",
        "and boots that match those",
    ],
)
def test_other_goods_are_sought(said: str) -> None:
    assert SEEKS_FOR_IT.search(said)


@pytest.mark.parametrize(
    "said",
    [
        "is there a discount for it?",
        "any reviews for it?",
        "do you have a bigger size for it?",
        "and a warranty for it?",
        "I'll take a pair for that price",
        "and the blue one for it",
        "add it for that",
        "is there a manual for it",
        "is there a weight limit for it?",
        "is there a minimum age for them?",
        "is there a waiting list for it?",
        "do you have a description for it?",
        "what goes with it?",
        "does the size match it?",
        "do you have it to match?",
        "do you have a reason for that?",
    ],
)
def test_nothing_else_is_sought(said: str) -> None:
    assert not SEEKS_FOR_IT.search(said)


@pytest.mark.parametrize(
    ("said", "blanked"),
    [
        ("what's the battery life of it?", "the battery life "),
        ("the weight of that?", "the weight "),
        ("what is the return policy?", "the return policy"),
        ("what are your terms and conditions?", "your terms and conditions"),
        ("the first of them", ""),
        ("add the black lamp of those", ""),
        ("I'll take the cheaper of these", ""),
        ("the black version of it", ""),
        ("the cheapest of those", ""),
        ("the other two of these", ""),
        ("the back of the chair", ""),
    ],
)
def test_what_is_asked_about_names_no_goods(said: str, blanked: str) -> None:
    match = NAMES_NO_GOODS.search(said)
    assert (match.group() if match else "") == blanked
