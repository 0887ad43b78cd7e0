"""Ordinary sentences that only look like a change of the cart, a sum, a limit or a difference of prices."""

from types import SimpleNamespace
from typing import Any

import pytest

from commerce_agent.agent.builtin.facts_near import list_near
from commerce_agent.agent.understanding.english.cues import ASKS_WHY_PRICE, CORRECTS_TO
from commerce_agent.agent.understanding.finding_moves import blank_why_price, find_moves


@pytest.mark.parametrize(
    "said",
    [
        "Oh, the Meadow, how heavy is it?",
        "Sorry, the Meadow – what is it made of?",
        "Hm, the Meadow is lighter, right?",
        "but the Meadow is waterproof, isn't it?",
        "Oh, the jacket, does it come in blue?",
        "oh, that's too heavy",
        "no, the Meadow looks nicer to me",
        "hm, the Meadow?",
        "actually the Meadow isn't waterproof",
    ],
)
def test_what_is_asked_or_said_of_goods_puts_them_in_no_place(said: str) -> None:
    assert not CORRECTS_TO.search(said)


@pytest.mark.parametrize(
    "said",
    ["no, the black one", "actually the blue one", "sorry, I meant the large one", "no, the Meadow please"],
)
def test_what_is_named_alone_takes_the_place(said: str) -> None:
    assert CORRECTS_TO.search(said)


@pytest.mark.parametrize(
    "said",
    [
        "Add both. How much are they together?",
        "I'll take both, what's the price for both together?",
        "Put two in my cart, what would two cost?",
        "Add both and tell me what they cost together",
        "How much are both together? I'll take both.",
        "can you add both to my cart, what do they cost together?",
    ],
)
def test_an_order_beside_a_sum_is_kept(said: str) -> None:
    assert {"add_to_cart", "price_sum"} <= {move.kind for move in find_moves(said)}


@pytest.mark.parametrize(
    "said",
    [
        "If I get both, how much are they together?",
        "what would both cost together if I take them?",
        "should I take both, what do they cost together?",
    ],
)
def test_what_is_only_supposed_beside_a_sum_is_no_order(said: str) -> None:
    assert "add_to_cart" not in {move.kind for move in find_moves(said)}


@pytest.mark.parametrize(
    "said",
    [
        "How much more do I need to spend for free delivery?",
        "how much more is shipping to France",
        "how much more is express delivery?",
        "How much do I save?",
        "how much could I save with a code",
    ],
)
def test_what_terms_cost_or_take_off_is_no_difference(said: str) -> None:
    assert "price_gap" not in {move.kind for move in find_moves(said)}


@pytest.mark.parametrize(
    "said",
    [
        "How much is a pair?",
        "how much for a pair",
        "what does a pair cost",
        "what is 50?",
        "what are three",
        "what are three of those?",
        "how much is 50",
    ],
)
def test_a_pair_and_a_bare_number_are_no_sum(said: str) -> None:
    assert "price_sum" not in {move.kind for move in find_moves(said)}


@pytest.mark.parametrize(
    ("said", "topic"),
    [
        ("how much are three packs?", "3"),
        ("how much is 2 of those", "2"),
        ("what's the price of three?", "3"),
        ("how much for a couple", "2"),
    ],
)
def test_so_many_of_one_are_a_sum(said: str, topic: str) -> None:
    assert {move.kind: move.topic for move in find_moves(said)}.get("price_sum") == topic


@pytest.mark.parametrize(
    "said",
    [
        "That's why I want something cheaper",
        "that is why the cheaper one",
        "why only 2 left?",
        "why is it only 3 stars?",
        "why is it only 3.5 stars?",
        "why are there only 4 colours?",
        "why is my total higher, did the price change",
    ],
)
def test_no_price_is_to_be_explained(said: str) -> None:
    assert not ASKS_WHY_PRICE.search(said)


@pytest.mark.parametrize(
    "said",
    ["why is it only 29?", "why is it only $29", "why is it only 29 dollars", "why is it so expensive"],
)
def test_a_price_is_to_be_explained(said: str) -> None:
    assert ASKS_WHY_PRICE.search(said)
    assert not blank_why_price(said).strip()


def test_only_the_sentence_that_asks_why_is_left_out() -> None:
    said = "I like it. Why is it cheaper than 29.50? Do you have anything under 50?"

    assert " ".join(blank_why_price(said).split()) == "I like it. Do you have anything under 50?"
    assert len(blank_why_price(said)) == len(said)


@pytest.mark.parametrize(
    ("said", "near"),
    [
        ("How long is it?", []),
        ("how long is the cable?", []),
        ("Does it come with a case?", []),
        ("how long does it last?", ["battery life"]),
        ("how long will it run?", ["battery life"]),
        ("what's the case diameter?", ["case diameter"]),
    ],
)
def test_a_fact_is_told_only_where_it_is_asked_for(said: str, near: list[str]) -> None:
    scene: Any = SimpleNamespace(understanding=SimpleNamespace(said=said))
    item = SimpleNamespace(
        title="Tern", material="", size="", attributes={"battery_life": "20 h", "case_diameter": "40 mm"}
    )
    offer: Any = SimpleNamespace(item=item)

    assert [name for name, _ in list_near(scene, offer)] == near
