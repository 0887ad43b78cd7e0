"""What prices come to together and what lies between them: asked in other words, and not asked."""

import pytest

from commerce_agent.agent.understanding.finding_moves import find_moves


@pytest.mark.parametrize(
    ("said", "topic"),
    [
        ("both together?", ""),
        ("how much are both together?", ""),
        ("how much are both?", ""),
        ("what do the two cost in total?", ""),
        ("the first and the third, both together?", ""),
        ("the vanilla and the cocoa together?", ""),
        ("what's the price of both?", ""),
        ("how much for both", ""),
        ("what would two cost?", "2"),
        ("what would two of the Dale Tent cost?", "2"),
        ("how much are three of those?", "3"),
        ("how much would 4 bottles of it be?", "4"),
        ("what's the price for two?", "2"),
    ],
)
def test_a_sum_is_asked(said: str, topic: str) -> None:
    kinds = {move.kind: move.topic for move in find_moves(said)}

    assert kinds.get("price_sum") == topic
    assert not kinds.keys() & {"show_cart", "add_to_cart", "set_quantity", "price"}


@pytest.mark.parametrize(
    "said",
    [
        "how much is everything together?",
        "what's my total?",
        "can I wear both together?",
        "do the lamp and the shade go together?",
        "how much are tents for two people?",
        "how much are two-person tents?",
        "how much is the second one?",
        "how much is size 8?",
        "a set of two for under 20",
        "what are the two best ones?",
        "put both together in my cart",
        "two of those please",
        "how much do both weigh?",
        "what is the price of the small one?",
    ],
)
def test_no_sum_is_asked(said: str) -> None:
    assert "price_sum" not in {move.kind for move in find_moves(said)}


@pytest.mark.parametrize(
    "said",
    [
        "how much cheaper is that than the other one?",
        "what's the difference in price?",
        "what is the price difference between the first two?",
        "how much more is the big one?",
        "how much less would the small one cost?",
        "how much more expensive is the red one",
        "how much do I save by taking the small one?",
    ],
)
def test_a_difference_is_asked(said: str) -> None:
    kinds = {move.kind for move in find_moves(said)}

    assert "price_gap" in kinds
    assert not kinds & {"price", "compare"}


@pytest.mark.parametrize(
    "said",
    [
        "something cheaper",
        "which one is cheaper?",
        "how much more does it weigh?",
        "how much longer is it?",
        "what's the difference?",
        "how much is the cheaper one?",
        "a bit more expensive is fine",
        "how much can I save on shipping?",
    ],
)
def test_no_difference_of_prices_is_asked(said: str) -> None:
    assert "price_gap" not in {move.kind for move in find_moves(said)}
