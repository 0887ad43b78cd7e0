"""Words by which goods are taken, beside those that ask for something to be done with them."""

import pytest

from commerce_agent.agent.understanding.english.choices import name_piece
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
        "let's go for the weekend",
        "could you put in a good word for me?",
        "take a second to look at it",
        "ok, take a good look at the first",
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
        "ok let's go for the red kettle",
        "then throw in another chimney starter",
        "drop the sketchbook and put in a black one",
        "take the second",
        "take a photo album",
    ],
)
def test_goods_that_are_taken_go_in(said: str) -> None:
    assert "add_to_cart" in list_kinds(said)


@pytest.mark.parametrize(
    ("said", "kind", "no_kind"),
    [
        ("how much would it be to have it delivered?", "policy", "stock"),
        ("how much more do I need for free shipping?", "show_cart", "why"),
        ("why is the pad 11.20, it says 14 on the card", "price", "why"),
        ("what would I pay for the briquettes?", "price", "show_cart"),
    ],
)
def test_what_is_asked_of_money_is_told_by_its_own_words(said: str, kind: str, no_kind: str) -> None:
    kinds = list_kinds(said)

    assert kind in kinds
    assert no_kind not in kinds


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("how long does one bag burn for?", "how long does it burn for?"),
        ("how many are in a pack?", "how many are in it?"),
        ("how much is a bag of charcoal?", "how much is a bag of charcoal?"),
        ("how many chips are in a bag?", "how many chips are in a bag?"),
    ],
)
def test_a_piece_is_the_item_in_hand(said: str, meant: str) -> None:
    assert name_piece(said, alone=True) == meant


@pytest.mark.parametrize("said", ["which one holds the most?", "does that one hold more?"])
def test_one_that_stands_for_goods_is_no_number(said: str) -> None:
    assert list_amounts(list_tokens(said), get_tongue("en")) == ()


def test_one_that_counts_is_a_number() -> None:
    assert [amount.value for amount in list_amounts(list_tokens("one litre"), get_tongue("en"))] == [1000.0]
