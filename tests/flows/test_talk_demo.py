"""Talk as strangers talk in the demo shop: changes of mind, why-not questions, terms let go, and ways back."""

from typing import Any

import pytest

from tests.flows.conftest import SCRIPTS, Converse, say

Step = dict[str, Any]


def _list_active(step: Step) -> set[tuple[str, str, Any]]:
    return {
        (c["field"], c["op"], tuple(c["value"]) if isinstance(c["value"], list) else c["value"])
        for c in step["constraints"]
        if c["active"]
    }


def _count_in_cart(step: Step) -> dict[str, int]:
    return {line["sku"]: line["quantity"] for line in (step["cart"] or {"lines": []})["lines"]}


def test_shoes_under_a_limit_that_moves(converse: Converse) -> None:
    steps = converse(SCRIPTS / "talk_running.yaml")
    shoes, red, size, policy, _, difference, ninety, lark, dash, more, less, basket, *_ = steps

    # "Nothing over 100" is at most 100, and a slip of the finger is forgiven.
    assert _list_active(shoes) == {("category", "=", "Running Shoes"), ("price", "<=", 100.0)}
    assert len(shoes["cards"]) == 5
    assert "Dash is red" in red["reply"]
    assert _list_active(red) == _list_active(shoes)
    assert [(r["text"], r["skus"]) for r in size["references"]] == [
        ("the red one", ["DASH-RED-8"]),
        ("10", ["DASH-RED-10"]),
    ]
    assert "size 10" in size["reply"]
    assert "within 90 days" in policy["reply"]
    assert len(difference["references"][0]["skus"]) == 2

    # "Make it 90" moves the limit and counts no shoes.
    assert ("price", "<=", 90.0) in _list_active(ninety)
    assert "LARK-CORAL-6" not in ninety["cards"]
    assert "$98.00" in lark["reply"]
    assert "under $90" in lark["reply"]

    assert _count_in_cart(dash) == {"DASH-RED-95": 1}
    assert _count_in_cart(more) == {"DASH-RED-95": 3}
    assert _count_in_cart(less) == {"DASH-RED-95": 2}
    assert "$158.00" in basket["reply"]


def test_boots_and_what_else(converse: Converse) -> None:
    steps = converse(SCRIPTS / "talk_boots.yaml")
    bought, boots, brand, wet, compared, lighter, _, _, forgotten, trail, _, _, back, bye = steps

    # Returning boots is a question about a policy, not a search for boots.
    assert "within 90 days" in bought["reply"]
    assert _list_active(bought) == set()
    wanted = {
        ("category", "=", "Hiking Boots"),
        ("gender", "in", ("women", "unisex")),
        ("price", ">=", 100.0),
        ("price", "<=", 200.0),
    }
    assert _list_active(boots) == {*wanted, ("size", "=", "7")}
    assert ("brand", "=", "Brockholt") in _list_active(brand)
    assert wet["reply"] in ("Yes, all of them are waterproof.", "They are all waterproof, yes.")
    assert len(compared["references"][0]["skus"]) == 2
    assert "450 g" in lighter["reply"]
    assert _list_active(forgotten) == {*wanted, ("brand", "=", "Brockholt")}

    # A new kind lets go of both ends of a price range; the way back is a search again.
    assert not {field for field, _, _ in _list_active(trail)} & {"price"}
    assert trail["cards"]
    assert ("category", "=", "Hiking Boots") in _list_active(back)
    assert back["cards"]
    assert bye["reply"].startswith(("Goodbye", "See you"))


@pytest.mark.parametrize(
    ("said", "bound"),
    [
        ("running shoes, nothing over 100", ("<=", 100.0)),
        ("running shoes and I don't want to pay more than 100", ("<=", 100.0)),
        ("running shoes, max 100 each", ("<=", 100.0)),
        ("running shoes, my budget is around 100", ("<=", 100.0)),
        ("running shoes, nothing under 80", (">=", 80.0)),
        ("running shoes, not less than 80", (">=", 80.0)),
    ],
)
def test_a_limit_holds_however_it_is_put(converse: Converse, said: str, bound: tuple[str, float]) -> None:
    (step,) = converse(say(said))

    prices = [(field, op, value) for field, op, value in _list_active(step) if field == "price"]
    assert prices == [("price", *bound)]
    assert step["cards"]


def test_the_assistant_says_what_it_is_and_what_it_does_not_know(converse: Converse) -> None:
    robot, closing, pit, person = converse(
        say(
            "are you a robot?",
            "what time do you close",
            "does the Squall Shell have a whistle?",
            "a human please",
        )
    )

    assert "automated assistant" in robot["reply"]
    assert "person" in closing["reply"]
    assert closing["cards"] == []
    assert "whistle" in pit["reply"]
    assert person["reply"]
