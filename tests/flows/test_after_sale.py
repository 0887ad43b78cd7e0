"""From cart to order and after the sale, as a shopper talks: nothing happens but by the button."""

from typing import Any

from tests.flows.conftest import SCRIPTS, Converse, Steps, say

FEED = str(SCRIPTS / "lamps.tsv")
POLICIES = [
    {
        "name": "returns",
        "title": "Returns",
        "text": "Send it back within 30 days.",
        "terms": {"window_days": 30},
    },
    {
        "name": "returns",
        "title": "Chairs",
        "text": "Chairs are final sale.",
        "terms": {"final_sale": True},
        "applies_to": {"category": "Seating"},
    },
]
CONFIRM = {"confirm": "latest"}


def order(number: str, status: str, days_ago: int, *lines: tuple[str, int]) -> dict[str, Any]:
    """A past order, as a script writes it."""
    return {
        "number": number,
        "status": status,
        "days_ago": days_ago,
        "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines],
    }


SHOPPER = {
    "id": "s-1",
    "orders": [
        order("A-1001", "pending", 1, ("MEADOW-G", 1)),
        order("A-1002", "delivered", 10, ("MEADOW-W", 2), ("CHAIR-O", 1)),
        order("A-1003", "shipped", 3, ("BRIM-Y", 1)),
        order("A-1004", "delivered", 60, ("TALL-B", 1)),
    ],
}


def talk(converse: Converse, turns: list[dict[str, Any]], *, shopper: dict[str, Any] | None) -> Steps:
    """The steps, in the lamp shop."""
    return converse(turns, feed=FEED, policies=POLICIES, **({"shopper": shopper} if shopper else {}))


def test_a_pending_order_is_sent_elsewhere_and_cancelled_by_the_button_alone(converse: Converse) -> None:
    steps = talk(
        converse,
        [
            *say("please send my order to another address", "12 New Road, 90210 Springfield"),
            CONFIRM,
            *say("cancel my order", "yes, do it"),
            CONFIRM,
            CONFIRM,
            *say("cancel order A-1001", "cancel order A-1003"),
        ],
        shopper=SHOPPER,
    )
    asked, moved, sent, cancel, yes, gone, twice, again, shipped = steps

    assert "A-1001" in asked["reply"]
    assert moved["proposal"]["kind"] == "address"
    assert moved["proposal"]["address"] == "12 New Road, 90210 Springfield"
    assert sent["order"]["id"] == "A-1001"
    assert (cancel["proposal"]["kind"], cancel["proposal"]["total"]) == ("cancel", 80.0)
    assert cancel["proposal"]["goes_back"]
    assert (yes["order"], yes["proposal"]["kind"]) == (None, "cancel")
    assert "Confirm" in yes["reply"]
    assert (gone["order"]["kind"], gone["proposal"]) == ("cancel", None)
    assert twice["reply"] == gone["reply"]
    assert twice["order"] is None
    assert "cancelled" in again["reply"]
    assert again["proposal"] is None
    assert "shipped" in shipped["reply"]
    assert shipped["proposal"] is None


def test_returns_and_exchanges_go_by_the_policy_of_the_order(converse: Converse) -> None:
    steps = talk(
        converse,
        [
            *say("I want to return the white lamp"),
            CONFIRM,
            *say(
                "I'd like to return order 1004",
                "I want to return the chair I bought",
                "please return order A-1003",
                "what is your return policy?",
            ),
        ],
        shopper=SHOPPER,
    )
    offered, done, late, final, early, policy = steps

    assert offered["proposal"]["kind"] == "return"
    assert offered["proposal"]["lines"] == [{"sku": "MEADOW-W", "quantity": 2, "unit_price": 80.0}]
    assert (offered["proposal"]["total"], offered["proposal"]["policy"]) == (160.0, "returns/store@1")
    assert "30 days" in offered["reply"]
    assert offered["decision"]["policies"] == ["returns/store@1"]
    assert done["order"]["id"] == "A-1002"
    assert "within 30 days" in late["reply"]
    assert "final sale" in final["reply"]
    assert "shipped" in early["reply"]
    assert [step["proposal"] for step in (late, final, early)] == [None] * 3
    assert "30 days" in policy["reply"]


def test_an_exchange_takes_the_version_that_was_named(converse: Converse) -> None:
    steps = talk(
        converse,
        [*say("I want to exchange the white lamp of order A-1002 for the green one"), CONFIRM],
        shopper=SHOPPER,
    )

    assert steps[0]["proposal"]["kind"] == "exchange"
    assert steps[0]["proposal"]["new_lines"] == [{"sku": "MEADOW-G", "quantity": 2, "unit_price": 80.0}]
    assert steps[0]["proposal"]["total"] == 0.0
    assert steps[1]["order"]["id"] == "A-1002"


def test_nobody_hears_of_orders_without_being_signed_in(converse: Converse) -> None:
    steps = talk(
        converse,
        say("where is my order?", "cancel order A-1001", "I want to return order A-1002"),
        shopper=None,
    )

    assert all("sign" in step["reply"] for step in steps)
    assert [step["proposal"] for step in steps] == [None] * 3
    others = talk(converse, say("cancel order A-1001"), shopper={"id": "s-2"})
    assert others[0]["proposal"] is None


def test_what_changed_between_proposal_and_press_is_told_line_by_line(converse: Converse) -> None:
    steps = talk(
        converse,
        [
            *say("I need a green lamp", "add two to my cart", "check out"),
            {"event": {"kind": "stock.changed", "sku": "MEADOW-G", "quantity": 1}},
            {"event": {"kind": "price.changed", "sku": "MEADOW-G", "price": "90.00 EUR"}},
            CONFIRM,
            CONFIRM,
        ],
        shopper=None,
    )
    proposed, refused, ordered = steps[2], steps[5], steps[6]

    assert proposed["proposal"]["total"] == 160.0
    assert refused["order"] is None
    assert "2 wanted → 1 left" in refused["reply"]
    assert "€80.00 → €90.00" in refused["reply"]
    assert refused["proposal"]["lines"] == [{"sku": "MEADOW-G", "quantity": 1, "unit_price": 90.0}]
    assert refused["proposal"]["total"] == ordered["order"]["total"] == 90.0
    assert ordered["cart"] is None


def test_an_offer_that_sold_out_or_expired_orders_nothing(converse: Converse) -> None:
    steps = talk(
        converse,
        [
            *say("I need a green lamp", "add it to my cart", "check out"),
            {"advance": 901},
            CONFIRM,
            *say("check out"),
            {"event": {"kind": "stock.changed", "sku": "MEADOW-G", "quantity": 0}},
            CONFIRM,
            CONFIRM,
        ],
        shopper=None,
    )
    expired, again, gone, pressed = steps[4], steps[5], steps[7], steps[8]

    assert "expired" in expired["reply"]
    assert again["proposal"]["total"] == 80.0
    assert "1 wanted → 0 left" in gone["reply"]
    assert (gone["proposal"], gone["cart"]) == (None, None)
    assert [step["order"] for step in (expired, gone, pressed)] == [None] * 3


def test_pressed_twice_there_is_one_order(converse: Converse) -> None:
    steps = talk(
        converse,
        [*say("I need a green lamp", "add it to my cart", "check out"), CONFIRM, CONFIRM],
        shopper=None,
    )

    assert steps[3]["order"]["total"] == 80.0
    assert steps[4]["order"] is None
    assert steps[4]["reply"] == steps[3]["reply"]


def test_codes_lower_what_is_charged_as_they_lower_what_is_told(converse: Converse) -> None:
    promotions = [
        {
            "code": "TEN",
            "title": "Ten off",
            "discount": {"amount": "10.00 EUR"},
            "requires": {"min_total": "100.00 EUR"},
        },
        {"code": "LATE", "title": "Late", "discount": {"percent": 50}, "valid_until": "2020-01-01"},
    ]
    steps = converse(
        [
            *say("I need a green lamp", "add it to my cart", "I have a code TEN", "make it two"),
            *say("my code is LATE", "apply NOPE1", "what's in my cart?", "check out"),
            CONFIRM,
        ],
        feed=FEED,
        promotions=promotions,
    )
    noted, two, late, unknown, cart, proposed, ordered = steps[2:]

    assert "TEN" in noted["reply"]
    assert (noted["cart"]["codes"], noted["cart"]["total"]) == (["TEN"], 80.0)
    assert two["cart"]["total"] == 150.0
    assert two["cart"]["taken_off"] == [{"title": "Ten off", "amount": 10.0}]
    assert "expired" in late["reply"]
    assert "no code NOPE1" in unknown["reply"]
    assert "€150.00" in cart["reply"]
    assert proposed["proposal"]["total"] == ordered["order"]["total"] == 150.0


def test_codes_do_not_add_up_and_that_is_said(converse: Converse) -> None:
    promotions = [
        {"code": "TEN", "title": "Ten percent", "discount": {"percent": 10}},
        {"code": "FIVE", "title": "Five off", "discount": {"amount": "5.00 EUR"}},
    ]
    steps = converse(
        say("I need a green lamp", "add it to my cart", "use code FIVE", "also TEN", "and FIVE as well")
        + say(
            "does TEN still count?",
            "remove the code TEN",
            "what does my cart come to?",
            "drop the code NOPE1",
        ),
        feed=FEED,
        promotions=promotions,
    )
    five, ten, again, still, without, cart, none = steps[2:]

    assert (five["cart"]["total"], ten["cart"]["total"]) == (75.0, 72.0)
    assert "takes the place of FIVE" in ten["reply"]
    assert "TEN saves you more, so FIVE changes nothing" in again["reply"]
    assert (again["cart"]["total"], still["cart"]["total"]) == (72.0, 72.0)
    assert "The code TEN counts" in still["reply"]
    assert (without["cart"]["codes"], without["cart"]["total"]) == (["FIVE"], 75.0)
    assert "€75.00" in cart["reply"]
    assert "no such code" in none["reply"]
    assert none["cart"]["codes"] == ["FIVE"]


def test_an_order_is_meant_by_its_number_alone(converse: Converse) -> None:
    orders = [
        {
            "number": "T-2",
            "status": "pending",
            "placed_at": "2026-05-02T10:00:00Z",
            "lines": [{"sku": "MEADOW-G", "quantity": 2, "unit_price": "80.00 EUR"}],
        }
    ]
    steps = converse(
        [
            *say("where are my orders?", "can you swap the lamps in T-2 for white ones?"),
            CONFIRM,
            *say("send T-2 to 5 Rose Lane, Bath BA1 2AB instead, please"),
            CONFIRM,
            *say("actually cancel T-2"),
            CONFIRM,
            *say("cancel T-2"),
        ],
        feed=FEED,
        shopper={"id": "s-1", "orders": orders},
    )
    listed, swapped, _, moved, _, cancelled, done, late = steps

    assert "T-2 of May 2, 2026" in listed["reply"]
    assert [line["sku"] for line in swapped["proposal"]["new_lines"]] == ["MEADOW-W"]
    assert moved["proposal"]["address"] == "5 Rose Lane, Bath BA1 2AB"
    assert (cancelled["proposal"]["kind"], done["order"]["id"]) == ("cancel", "T-2")
    assert "cancelled" in late["reply"]
    assert late["proposal"] is None


def test_a_policy_that_was_told_is_told_anew_though_another_scope_was_asked_about_since(
    converse: Converse,
) -> None:
    policies = [
        {"name": "returns", "title": "Returns", "text": "Within 60 days.", "terms": {"window_days": 60}},
        {
            "name": "returns",
            "title": "Returns of lamps",
            "text": "Lamps are final sale.",
            "terms": {"final_sale": True},
            "applies_to": {"category": "Lamps"},
        },
    ]
    change = {"kind": "policy.changed", "policy": "returns", "text": "Within 40 days."}
    steps = converse(
        [
            *say("what is your return policy?", "can I return the green Meadow lamp?"),
            {"event": change},
            *say("what is your return policy in general?", "and can I return a lamp?"),
        ],
        feed=FEED,
        policies=policies,
    )
    store, lamp, changed, anew, still = steps

    assert "60 days" in store["reply"]
    assert "final sale" in lamp["reply"]
    assert [notice["text"] for notice in changed["notices"]] == [
        "The Returns policy has changed: it was 60 days when you asked, and it is 40 days from now on."
    ]
    assert "It was 60 days when you asked; since today it is 40 days." in anew["reply"]
    assert "final sale" in still["reply"]
    assert "60 days" not in still["reply"]


def test_a_card_number_is_taken_out_and_the_shopper_is_told(converse: Converse) -> None:
    steps = talk(converse, say("charge 4111 1111 1111 1111 and show me a green lamp"), shopper=None)

    assert "removed" in steps[0]["reply"]
    assert "MEADOW-G" in steps[0]["cards"]
    assert "4111" not in str(steps)


def test_how_many_go_back_is_said_anew_of_the_open_offer(converse: Converse) -> None:
    steps = talk(
        converse,
        [
            *say("I want to return the meadow lamps", "make that one"),
            {"say": "make it five"},
        ],
        shopper=SHOPPER,
    )
    offered, recounted, too_many = steps

    assert offered["proposal"]["lines"][0]["quantity"] == 2
    assert recounted["proposal"]["kind"] == "return"
    assert recounted["proposal"]["lines"] == [{"sku": "MEADOW-W", "quantity": 1, "unit_price": 80.0}]
    assert not (recounted["cart"] or {}).get("lines")
    assert too_many["proposal"]["lines"][0]["quantity"] == 1
