"""Talk as strangers talk, in shops of three trades: limits, names, carts, policies and what the shop does not know."""

from typing import Any

from tests.flows.conftest import SCRIPTS, Converse, say

Step = dict[str, Any]


def _list_active(step: Step) -> set[tuple[str, str, Any]]:
    return {(c["field"], c["op"], c["value"]) for c in step["constraints"] if c["active"]}


def _list_skus(step: Step) -> set[str]:
    return {sku for reference in step["references"] for sku in reference["skus"]}


def _count_in_cart(step: Step) -> dict[str, int]:
    return {line["sku"]: line["quantity"] for line in (step["cart"] or {"lines": []})["lines"]}


def test_a_move_is_furnished(converse: Converse) -> None:
    steps = converse(SCRIPTS / "talk_furniture.yaml")
    sofa, covers, velvet, red, green, gap, back, cart, chairs, four, six, total, before, out, placed = steps

    # "Budget is about 800" is a limit, and the story around it is no search.
    assert _list_active(sofa) == {("category", "=", "Sofas"), ("price", "<=", 800.0)}
    assert sofa["cards"] == ["SOFA-VIG-G", "SOFA-ODE"]
    assert "Odell sofa bed in beige has removable covers" in covers["reply"]
    assert velvet["cards"] == ["SOFA-VIG-G"]
    assert "in velvet" in velvet["reply"]

    # What was never shown is looked up, and told to be sold out.
    assert _list_skus(red) == {"SOFA-VIG-R"}
    assert "sold out" in red["reply"]
    assert red["cart"] is None
    assert "150 cm" in green["reply"]
    assert "150 cm" in gap["reply"]
    assert "within 14 days" in back["reply"]
    assert "59 euros a piece" in back["reply"]

    # Two requests in one message are both met, and "it" stays the sofa.
    assert _count_in_cart(cart) == {"SOFA-VIG-G": 1}
    assert cart["cards"] == ["TAB-COF"]
    assert _list_active(chairs) == {("category", "=", "Chairs"), ("price", "<=", 80.0)}
    assert _count_in_cart(four) == {"SOFA-VIG-G": 1, "CH-ALV-W": 4}
    assert _count_in_cart(six) == {"SOFA-VIG-G": 1, "CH-ALV-W": 6}
    assert "€923.10" in total["reply"]
    assert _list_skus(before) == {"SOFA-VIG-G"}
    assert out["proposal"]["total"] == 923.1
    assert placed["order"]["total"] == 923.1


def test_a_vegan_without_gluten_fills_a_basket(converse: Converse) -> None:
    steps = converse(SCRIPTS / "talk_groceries.yaml")
    milk, _, gluten, pasta, two, cheese, brie, nuts, _, cheap, three, fewer, total, _, empty, last = steps

    # The diet holds for ever, the goods do not; nobody is asked to give the diet up.
    scopes = {c["field"]: c["scope"] for c in milk["constraints"]}
    assert scopes == {"vegan": "always", "category": "search"}
    assert "Without" not in milk["reply"]
    assert ("gluten free", "=", "yes") in _list_active(gluten)
    assert pasta["cards"] == ["PAS-G"]
    assert _count_in_cart(two) == {"PAS-G": 2}
    assert cheese["cards"] == ["VCHED"]
    assert "is sold out" in brie["reply"]
    assert nuts["cards"] == ["CHOC-D"]
    assert {("nuts", "!=", "yes"), ("price", "<=", 3.0)} <= _list_active(nuts)
    assert "without nuts" in nuts["reply"]

    # A question about delivery sets no terms, and the policy is the one for cheese.
    assert "Cheese travels chilled" in cheap["reply"]
    assert _list_active(cheap) == _list_active(nuts)
    assert _count_in_cart(three) == {"PAS-G": 2, "CHOC-D": 3, "TEA-M": 1}
    assert _count_in_cart(fewer) == {"PAS-G": 2, "CHOC-D": 2, "TEA-M": 1}
    assert total["cart"]["total"] == 12.14
    assert "£12.14" in total["reply"]
    assert empty["cart"] is None
    assert last["reply"] == "There is nothing in your cart yet."


def test_drums_pianos_and_a_violin(converse: Converse) -> None:
    steps = converse(SCRIPTS / "talk_instruments.yaml")
    drums, pianos, stretch, keys, saxophones, violin, rated, blue, dearest, bye = steps

    assert drums["cards"] == ["DRM-E"]
    assert _list_active(drums) == {("category", "=", "Drums"), ("price", "<=", 7000.0)}
    # "Same budget" keeps the limit and means no item.
    assert pianos["references"] == []
    assert ("price", "<=", 7000.0) in _list_active(pianos)
    assert pianos["cards"] == []
    assert stretch["cards"] == ["PNO-88"]
    # A question about the item in hand starts no search.
    assert "has weighted keys" in keys["reply"]
    assert _list_active(keys) == _list_active(stretch)
    assert "saxophones" in saxophones["reply"]
    assert _list_skus(violin) <= {"VLN-12", "VLN-44"}
    assert "Adagio violin" in violin["reply"]
    assert {("price", "<=", 3000.0), ("rating", ">=", 4.3)} <= _list_active(rated)
    assert rated["cards"] == ["VLN-12"]
    assert "brown" in blue["reply"]
    assert dearest["cards"][0] == "VLN-12"
    assert "costs most, at SEK\xa02,690.00" in dearest["reply"]
    assert bye["reply"].startswith(("Goodbye", "See you"))


def test_a_message_may_swap_what_is_in_the_cart(converse: Converse) -> None:
    turns = say(
        "tea without caffeine", "show me jam as well", "add both", "swap the jam for the milk chocolate"
    )
    _, _, both, swapped = converse(turns, feed=str(SCRIPTS / "talk_groceries.tsv"))

    assert _count_in_cart(both) == {"TEA-M": 1, "JAM-R": 1}
    assert _count_in_cart(swapped) == {"TEA-M": 1, "CHOC-M": 1}
