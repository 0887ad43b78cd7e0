"""What an order of this talk came to is told by the order, whatever its goods cost since, and to whoever placed it."""

import re
from typing import Any

import pytest

from tests.flows.conftest import LAMP_SHOP, Converse, say

DEARER = {"event": {"kind": "price.changed", "sku": "MEADOW-G", "price": "99.00 EUR"}}
ORDER = [*say("show me the green Meadow lamp", "add two of it", "check out"), {"confirm": "latest"}, DEARER]
BUYING = {
    "en": ("show me the green Meadow lamp", "add it to my cart", "check out"),
    "de": ("zeig mir die grüne Meadow-Lampe", "leg sie in den Warenkorb", "zur Kasse"),
    "fr": ("montrez-moi la lampe Meadow verte", "ajoutez-la au panier", "passer la commande"),
    "es": ("enséñeme la lámpara Meadow verde", "añádela a la cesta", "tramitar el pedido"),
}


def read(step: dict[str, Any]) -> str:
    """The reply, with the number of the order put as N-1."""
    return re.sub(r"\b1\d{4}\b", "N-1", step["reply"])


def hear(converse: Converse, *asked: str, **more: Any) -> list[str]:
    """The answers to questions after an order of two at 80 euros, of which one costs 99 by then."""
    steps = converse([*ORDER, *say(*asked)], **LAMP_SHOP, **more)
    assert [step["order"]["total"] for step in steps if step["kind"] == "confirm"] == [160.0]
    return [read(step) for step in steps[len(ORDER) :]]


@pytest.mark.parametrize(
    "asked",
    [
        "how much was it?",
        "what did I pay?",
        "what's the total of my order?",
        "how much was my order?",
        "what was the total again?",
        "how much did you charge me?",
        "what did it all come to?",
    ],
)
def test_what_it_came_to_is_told_by_the_order(converse: Converse, asked: str) -> None:
    (told,) = hear(converse, asked)
    first = told.split(" The Meadow lamp")[0]
    assert "2 × Meadow lamp in green at €80.00" in first
    assert "order N-1 comes to €160.00" in first.replace("Order", "order")
    assert "99" not in first
    assert "sign" not in told


@pytest.mark.parametrize(
    ("locale", "asked", "told"),
    [
        ("de", "wie viel war es?", "80,00\xa0€"),
        ("de", "was habe ich bezahlt?", "80,00\xa0€"),
        ("de", "Gesamtsumme meiner Bestellung?", "80,00\xa0€"),
        ("fr", "combien c'était ?", "80,00\xa0€"),
        ("fr", "combien ai-je payé ?", "80,00\xa0€"),
        ("fr", "quel est le total de ma commande ?", "80,00\xa0€"),
        ("es", "¿cuánto fue?", "80,00\xa0€"),
        ("es", "¿cuánto pagué?", "80,00\xa0€"),
        ("es", "¿cuál es el total de mi pedido?", "80,00\xa0€"),
    ],
)
def test_it_is_told_in_each_language(converse: Converse, locale: str, asked: str, told: str) -> None:
    steps = converse(
        [*say(*BUYING[locale]), {"confirm": "latest"}, DEARER, *say(asked)], **LAMP_SHOP, locale=locale
    )
    first = read(steps[-1]).split(". ")[0]
    assert "N-1" in first
    assert told in first
    assert "99" not in first


def test_what_comes_back_is_no_price_and_where_an_order_is_asks_nobody_to_sign_in(converse: Converse) -> None:
    back, where = hear(converse, "how much do I get back?", "where is my order?")
    assert back.startswith(
        "Nothing of order N-1 has been cancelled or sent back so far; it comes to €160.00."
    )
    assert "within 60 days" in back
    assert "€99.00" not in back.split(" The Meadow lamp in green was")[0]
    assert where.startswith("Order N-1 is placed: 2 × Meadow lamp in green at €80.00, €160.00 in all.")
    assert "sign" not in where


def test_what_goes_back_is_told_before_the_button_and_after_it(converse: Converse) -> None:
    steps = converse(
        [
            *ORDER,
            *say("cancel my order", "how much do I get back?"),
            {"confirm": "latest"},
            *say("how much do I get back?", "what did I pay?"),
        ],
        **LAMP_SHOP,
        shopper={"id": "s-1"},
    )
    waiting, noted, paid = (read(steps[place]) for place in (-4, -2, -1))
    assert waiting.startswith("€160.00 goes back to you for order N-1 once you have pressed Confirm.")
    assert noted.startswith("€160.00 goes back to you for order N-1.")
    assert "order N-1 comes to €160.00" in paid.replace("Order", "order")
    assert "Of that, €160.00 goes back to you." in paid


def test_another_lamp_that_is_looked_at_since_is_told_at_its_price(converse: Converse) -> None:
    *_, told = hear(converse, "show me the Tall lamp", "how much was it?")
    assert "€150.00" in told
    assert "N-1" not in told


def test_before_anything_is_ordered_my_order_is_what_lies_in_the_cart(converse: Converse) -> None:
    *_, told = converse(say("the green Meadow lamp", "add it", "what's the total of my order?"), **LAMP_SHOP)
    assert told["reply"].startswith("In your cart: 1 × Meadow lamp in green at €80.00.")


@pytest.mark.parametrize(
    ("before", "told"),
    [
        ([], "Yes, the order above stands as it is, €160.00 in all."),
        (
            [DEARER],
            "The order I proposed no longer stands: the price of the Meadow lamp in green has changed.",
        ),
        (
            [{"event": {"kind": "stock.changed", "sku": "MEADOW-G", "quantity": 0}}],
            "The order I proposed no longer stands: the Meadow lamp in green has sold out.",
        ),
        ([{"advance": 3600}], "That proposal has expired, so nothing was ordered."),
    ],
    ids=["stands", "dearer", "sold out", "expired"],
)
@pytest.mark.parametrize("asked", ["is my order still good?", "does the offer still stand?"])
def test_whether_the_offer_stands_is_answered_by_the_offer(
    converse: Converse, before: list[Any], told: str, asked: str
) -> None:
    steps = converse([*ORDER[:3], *before, *say(asked)], **LAMP_SHOP)
    assert told in read(steps[-1])
    assert "signed in" not in read(steps[-1])


@pytest.mark.parametrize(
    ("locale", "asked"),
    [
        ("de", "gilt meine Bestellung noch?"),
        ("fr", "ma commande est-elle toujours valable ?"),
        ("es", "¿sigue en pie mi pedido?"),
    ],
)
def test_it_is_answered_so_in_each_language(converse: Converse, locale: str, asked: str) -> None:
    steps = converse([*say(*BUYING[locale]), *say(asked)], **LAMP_SHOP, locale=locale)
    assert read(steps[-1]).split(",")[0] in ("Ja", "Oui", "Sí")
    assert "80,00\xa0€" in read(steps[-1])


def test_who_has_ordered_nothing_yet_is_told_so(converse: Converse) -> None:
    *_, told = converse(say("the green Meadow lamp", "add it", "is my order still good?"), **LAMP_SHOP)
    assert told["reply"].startswith("Nothing has been ordered yet. In your cart: 1 × Meadow lamp in green")


def test_an_offer_is_no_answer_to_who_asks_after_other_goods(converse: Converse) -> None:
    asked = say(
        "can I still order the Tall lamp?", "can I still order it?", "can I still order the blue one?"
    )
    steps = converse(
        say("show me lamps", "add the green one to my cart", *(each["say"] for each in asked), "check out")
        + say("can I still order the Tall lamp?", "is the offer still valid?", "can I still order?"),
        **LAMP_SHOP,
    )
    replies = [step["reply"] for step in steps]
    assert [line["sku"] for line in steps[-1]["cart"]["lines"]] == ["MEADOW-G"]
    assert not any("Nothing has been ordered" in reply for reply in replies)
    assert all("Tall lamp" in replies[place] and "stands" not in replies[place] for place in (2, 6))
    assert "“the blue one”" in replies[4]
    assert ["the order above stands" in reply for reply in replies[7:]] == [True, True]


def test_what_comes_back_of_goods_is_by_their_own_terms_and_other_orders_are_not_this_one(
    converse: Converse,
) -> None:
    narrow = {"name": "returns", "title": "Returns", "text": "Tall lamps go back within 7 days.", "terms": {}}
    policies = [*LAMP_SHOP["policies"], {**narrow, "applies_to": {"sku": "TALL-B"}, "version": 1}]
    old = [{"id": "T-1001", "lines": [{"sku": "MEADOW-W", "quantity": 1}]}]
    steps = converse(
        [
            *say("show me lamps", "show me the green Meadow lamp", "add it to my cart", "did it go through?"),
            *say("how much do I get back if I return the Tall lamp?", "check out the green lamp"),
            {"confirm": "latest"},
            *say("how much was my order T-1001?", "how much do I get back for order T-1001?"),
        ],
        **{**LAMP_SHOP, "policies": policies},
        shopper={"id": "s-1", "orders": old},
    )
    waits, back, _, placed, *others = steps[3:]
    assert waits["reply"] == "Nothing has been ordered yet."
    assert "within 7 days" in back["reply"]
    assert placed["order"]["total"] == 80.0
    for told in others:
        assert "T-1001 of" in told["reply"]
        assert read(told).count("N-1") == 0


def test_who_bought_the_last_piece_may_cancel_it(converse: Converse) -> None:
    last = {"event": {"kind": "stock.changed", "sku": "MEADOW-G", "quantity": 1}}
    buying = [last, *say("the green Meadow lamp", "add it to my cart", "check out"), {"confirm": "latest"}]
    *_, told = converse([*buying, *say("cancel it")], **LAMP_SHOP, shopper={"id": "s-1"})
    assert read(told) == "I can cancel order N-1: €80.00 would go back to you. Press Confirm to do it."


def test_what_is_gone_by_the_answer_is_said_in_german_to_have_been_there(converse: Converse) -> None:
    gone = {"event": {"kind": "stock.changed", "sku": "MEADOW-G", "quantity": 0}}
    asked = [*say("zeig mir grüne Lampen"), gone, *say("gibt es die grüne noch?")]
    *_, told = converse(asked, **LAMP_SHOP, locale="de")
    assert "Meadow lamp in Grün hätten Sie noch bekommen, als ich davon sprach." in told["reply"]


@pytest.mark.parametrize(
    ("locale", "asked", "told"),
    [
        (
            "en",
            "did it go through?",
            "Order N-1 is placed: 1 × Meadow lamp in green at €80.00, €80.00 in all.",
        ),
        (
            "en",
            "ok, did that work?",
            "Order N-1 is placed: 1 × Meadow lamp in green at €80.00, €80.00 in all.",
        ),
        ("de", "hat das geklappt?", "N-1"),
        ("de", "ist das durchgegangen?", "N-1"),
        ("fr", "c'est passé ?", "N-1"),
        ("fr", "ça a marché ?", "N-1"),
        ("es", "¿ha salido bien?", "N-1"),
        ("es", "¿ha funcionado?", "N-1"),
    ],
)
def test_whether_it_went_through_is_told_of_the_order(
    converse: Converse, locale: str, asked: str, told: str
) -> None:
    steps = converse([*say(*BUYING[locale]), {"confirm": "latest"}, *say(asked)], **LAMP_SHOP, locale=locale)
    assert told in read(steps[-1])
    assert "80" in read(steps[-1])


def test_what_a_press_did_not_do_is_not_said_to_be_done(converse: Converse) -> None:
    away = {"event": {"kind": "connector.down", "connector": "orders"}}
    steps = converse(
        [*ORDER[:3], away, {"confirm": "latest"}, *say("did it go through?", "did my order go through?")],
        **LAMP_SHOP,
    )
    waits = "What I proposed still waits for you: I have no word that it was done."
    assert [waits in step["reply"] for step in steps[-2:]] == [True, True]
    (*_, before) = converse([*ORDER[:2], *say("did it go through?")], **LAMP_SHOP)
    assert before["reply"] == "Nothing has been ordered yet."


@pytest.mark.parametrize(
    "asked", ["how much was the Meadow lamp?", "how much was the lamp?", "what did the lamp cost?"]
)
def test_what_was_ordered_is_told_at_the_orders_price_by_its_name(converse: Converse, asked: str) -> None:
    (told,) = hear(converse, asked)
    first = told.split(" The Meadow lamp")[0]
    assert "2 × Meadow lamp in green at €80.00" in first
    assert "99" not in first


def test_what_was_not_ordered_is_told_at_the_shops_price_by_its_name(converse: Converse) -> None:
    *_, told = hear(converse, "show me the Tall lamp in black", "how much was the Tall lamp?")
    assert "€150.00" in told
    assert "N-1" not in told


def test_a_cancellation_that_was_declined_may_be_wished_for_after_all(converse: Converse) -> None:
    steps = converse(
        [
            *ORDER[:3],
            {"confirm": "latest"},
            *say("cancel my order"),
            {"decline": "latest"},
            *say("no, cancel it after all"),
        ],
        **LAMP_SHOP,
        shopper={"id": "s-1"},
    )
    offer = "I can cancel order N-1: €160.00 would go back to you. Press Confirm to do it."
    assert read(steps[-1]) == f"Still the same: {offer}"


def test_a_reply_says_once_that_it_repeats_what_was_said(converse: Converse) -> None:
    first, again = hear(converse, "where is my order?", "where is my order?")
    opened = [again.count(opening) for opening in ("As I said:", "Still the same:", "Once more:")]
    assert "Order N-1 is placed: 2 × Meadow lamp in green at €80.00" in first
    assert sum(opened) == 1
