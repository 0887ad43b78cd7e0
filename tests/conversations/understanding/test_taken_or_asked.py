"""Words by which goods are taken, beside those that ask for something to be done with them."""

import pytest

from commerce_agent.agent.understanding.finding_moves import find_moves
from conversations.language.amounts import list_amounts
from conversations.language.tokens import list_tokens
from conversations.language.tongues import get_tongue


def list_kinds(said: str) -> list[str]:
    return [move.kind for move in find_moves(said)]


@pytest.mark.parametrize(
    "said",
    [
        "can I get that gift wrapped",
        "can I have it delivered on Saturday?",
        "I'd like it repaired",
        "can i get 10% off?",
        "could we get these cheaper",
    ],
)
def test_what_is_to_be_done_with_goods_puts_nothing_into_the_cart(said: str) -> None:
    assert "add_to_cart" not in list_kinds(said)


@pytest.mark.parametrize(
    "said",
    [
        "can I get that in blue",
        "can i get 10 of them?",
        "I'll go with the bright one, plus the rear light",
        "I'm going with the kettle and the toaster",
    ],
)
def test_goods_that_are_taken_go_in(said: str) -> None:
    assert "add_to_cart" in list_kinds(said)


@pytest.mark.parametrize("said", ["which one holds the most?", "does that one hold more?"])
def test_one_that_stands_for_goods_is_no_number(said: str) -> None:
    assert list_amounts(list_tokens(said), get_tongue("en")) == ()


def test_one_that_counts_is_a_number() -> None:
    assert [amount.value for amount in list_amounts(list_tokens("one litre"), get_tongue("en"))] == [1000.0]
