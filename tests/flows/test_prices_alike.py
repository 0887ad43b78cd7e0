"""What a shopper was told that something costs is held against the like: a price with a code, of a tier or in an order
is no news of the price without it.
"""

from typing import Any

from tests.flows.conftest import SCRIPTS, Converse

SHOP: dict[str, Any] = {
    "feed": str(SCRIPTS / "lamps.tsv"),
    "promotions": [
        {"code": "SPRING10", "title": "Ten off", "discount": {"percent": 10}},
        {
            "code": "BIG20",
            "title": "Twenty from 50",
            "discount": {"percent": 20},
            "requires": {"min_total": "50 EUR"},
        },
        {
            "code": None,
            "title": "Half of two",
            "discount": {"percent": 50},
            "requires": {"min_total": "150 EUR"},
        },
    ],
}
LAMP = [{"say": "a green lamp"}, {"say": "add it"}]
LATER = {"advance": 70}
ORDERED = [{"say": "check out"}, LATER, {"confirm": "latest"}, LATER]
FEWER = {"event": {"kind": "stock.changed", "sku": "MEADOW-G", "quantity": 9}}
DEARER = {"event": {"kind": "price.changed", "sku": "MEADOW-G", "price": "90.00 EUR"}}
OVER = {
    "event": {
        "kind": "promotion.changed",
        "promotion": {
            "code": "SPRING10",
            "title": "Ten off",
            "discount": {"percent": 10},
            "valid_until": "2026-01-01T00:00:00Z",
        },
    }
}
THANKS = {"say": "thank you"}
PRICE = {"say": "how much is the green lamp?"}


def test_what_an_order_with_a_code_was_charged_is_no_news_of_the_price(converse: Converse) -> None:
    for code in ("SPRING10", "BIG20"):
        turns = [*LAMP, {"say": f"code {code}"}, *ORDERED, THANKS, FEWER, PRICE]

        *_, ordered, _, thanked, fewer, price = converse(turns, **SHOP)

        assert ordered["order"]["total"] == (72 if code == "SPRING10" else 64)
        assert "when I told you" not in thanked["reply"]
        assert fewer["notices"] == []
        assert "€80.00" in price["reply"]
        assert "when I told you" not in price["reply"]


def test_what_two_were_charged_by_themselves_is_no_news_of_the_price_of_one(converse: Converse) -> None:
    turns = [{"say": "a green lamp"}, {"say": "add two of it"}, *ORDERED, THANKS, FEWER, PRICE]

    *_, ordered, _, thanked, fewer, price = converse(turns, **SHOP)

    assert ordered["order"]["total"] == 80
    assert "when I told you" not in thanked["reply"] + price["reply"]
    assert fewer["notices"] == []
    assert "€80.00" in price["reply"]


def test_a_code_that_is_taken_out_of_the_cart_is_no_news_of_the_price(converse: Converse) -> None:
    turns = [*LAMP, {"say": "code SPRING10"}, LATER, {"say": "remove the code"}, LATER, FEWER, PRICE]

    *_, removed, _, fewer, price = converse(turns, **SHOP)

    assert "€80.00" in removed["reply"]
    assert "when I told you" not in removed["reply"]
    assert fewer["notices"] == []
    assert "when I told you" not in price["reply"]


def test_a_code_that_has_run_out_in_the_cart_is_news_of_the_price(converse: Converse) -> None:
    *_, over, thanked = converse([*LAMP, {"say": "code SPRING10"}, LATER, OVER, THANKS], **SHOP)

    assert "€80.00" in over["notices"][0]["text"]
    assert "was €72.00 when I told you before; it is €80.00 now" in thanked["reply"]


def test_a_price_that_moves_after_an_order_with_a_code_is_told_as_it_moved(converse: Converse) -> None:
    turns = [*LAMP, {"say": "code SPRING10"}, *ORDERED, DEARER, PRICE]

    *_, dearer, price = converse(turns, **SHOP)

    (notice,) = dearer["notices"]
    assert notice["text"] == "The Meadow lamp in green now costs €90.00 (it was €80.00)."
    assert "€72.00" not in price["reply"]


def test_a_sale_price_that_moves_after_an_order_with_a_code_is_told_as_it_moved(converse: Converse) -> None:
    dearer = {"event": {"kind": "price.changed", "sku": "BRIM-Y", "price": "45.00 EUR"}}
    lamp = [{"say": "how much is the Brim lamp?"}, {"say": "add it"}, {"say": "code SPRING10"}]

    told, *_, ordered, _, moved, thanked = converse([*lamp, *ORDERED, dearer, THANKS], **SHOP)

    assert "€39.00" in told["reply"]
    assert ordered["order"]["total"] == 35.1
    (notice,) = moved["notices"]
    assert notice["text"] == "The Brim lamp in yellow now costs €45.00 (it was €39.00)."
    assert "was €39.00 when I told you before; it is €45.00 now" in thanked["reply"]


def test_a_tiers_price_that_moves_after_an_order_with_a_code_is_told_as_it_moved(converse: Converse) -> None:
    gold = {"code": None, "title": "Gold five", "discount": {"percent": 5}, "requires": {"tier": "gold"}}
    shop = {**SHOP, "promotions": [SHOP["promotions"][0], gold], "shopper": {"id": "s-1", "tier": "gold"}}
    dearer = {"event": {"kind": "price.changed", "sku": "MEADOW-G", "price": "85.00 EUR"}}
    lamp = [{"say": "the green Meadow lamp"}, {"say": "add it"}, {"say": "code SPRING10"}]

    told, *_, ordered, _, moved = converse([*lamp, *ORDERED, dearer], **shop)

    assert "€76.00" in told["reply"]
    assert ordered["order"]["total"] == 72
    (notice,) = moved["notices"]
    assert notice["text"] == "The Meadow lamp in green now costs €80.75 (it was €76.00)."


def test_a_price_that_moved_beside_the_code_is_no_news_once_it_is_spent(converse: Converse) -> None:
    turns = [
        {"say": "how much is the green Meadow lamp?"},
        *LAMP[1:],
        {"say": "code SPRING10"},
        LATER,
        DEARER,
    ]

    *_, dearer, _, _, _, ordered, _, fewer = converse(
        [*turns, {"say": "how much is it?"}, *ORDERED, FEWER], **SHOP
    )

    assert "€81.00 (it was €72.00)" in dearer["notices"][0]["text"]
    assert ordered["order"]["total"] == 81
    assert [notice["text"] for notice in fewer["notices"]] in ([], [""])
