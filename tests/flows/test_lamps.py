"""Another shop, another currency: terms of sale, tier prices, a cart, a proposal and what may come between."""

from tests.flows.conftest import SCRIPTS, Converse, say


def test_the_tier_the_policy_and_the_price_hold_from_search_to_order(converse: Converse) -> None:
    steps = converse(SCRIPTS / "lamps.yaml")
    looking, policy, changed, after, taken, two, proposed, dearer, refused, again, ordered, stool = steps

    # Gold pays 5 percent less, in the search, on the card and in the order.
    prices = {f["subject"]: f["value"] for f in looking["facts"] if f["name"] == "price"}
    assert prices == {"MEADOW-G": 76.0, "MEADOW-W": 76.0}
    rejected = {
        c["sku"]: (c["rule"], c["margin"]) for c in looking["decision"]["candidates"] if not c["kept"]
    }
    assert rejected["TALL-B"] == ("price", 42.5)
    assert rejected["BRIM-Y"][0] == "dimmable"

    # The policy for lamps, then its next version, and that it changed since.
    assert policy["reply"].startswith(
        ("For the Meadow lamp in green: Lamps go back", "Lamps go back within 60")
    )
    assert policy["decision"]["policies"] == ["returns/category:Lamps@1"]
    assert [notice["kind"] for notice in changed["notices"]] == ["policy.changed"]
    assert after["decision"]["policies"] == ["returns/category:Lamps@2"]
    assert "within 40 days" in after["reply"]
    assert "It was 60 days when you asked; since today it is 40 days." in after["reply"]

    assert taken["cart"]["lines"] == [{"sku": "MEADOW-G", "quantity": 1, "unit_price": 76.0}]
    assert [step["cart"]["total"] for step in (taken, two)] == [76.0, 152.0]
    assert proposed["proposal"]["total"] == 152.0
    assert proposed["order"] is None

    # A price that rose after the proposal orders nothing and says so.
    assert [notice["kind"] for notice in dearer["notices"]] == ["price.changed"]
    assert refused["order"] is None
    assert "Nothing was ordered" in refused["reply"]
    assert "€76.00 → €85.50" in refused["reply"]
    assert refused["cart"]["total"] == refused["proposal"]["total"] == 171.0
    assert again["proposal"]["total"] == 171.0
    assert ordered["order"]["total"] == 171.0
    assert ordered["order"]["lines"] == [{"sku": "MEADOW-G", "quantity": 2, "unit_price": 85.5}]
    assert ordered["cart"] is None
    assert ordered["proposal"] is None

    # What is sold out is not offered, and is said to be sold out.
    assert stool["cards"] == []
    assert "Sill stool" in stool["reply"]
    assert "sold out" in stool["reply"]


def test_the_word_yes_orders_nothing(converse: Converse) -> None:
    turns = say("I need a green lamp", "add it to my cart", "check out", "yes", "yes please, place the order")
    steps = converse([*turns], feed=str(SCRIPTS / "lamps.tsv"))

    assert steps[2]["proposal"] is not None
    assert [step["order"] for step in steps] == [None] * 5
    assert "Confirm" in steps[3]["reply"]


def test_an_outage_is_told_with_its_age_and_never_shown_as_emptiness(converse: Converse) -> None:
    steps = converse(
        [
            *say("I need a green lamp", "is it in stock?"),
            {"event": {"kind": "connector.down", "connector": "inventory"}},
            {"advance": 120},
            *say("is it in stock?", "do you have the yellow one in stock?", "show me oak chairs"),
            {"event": {"kind": "connector.up", "connector": "inventory"}},
            *say("is it in stock?"),
        ],
        feed=str(SCRIPTS / "lamps.tsv"),
    )
    fresh, stale, unknown, chairs, healed = steps[1], steps[4], steps[5], steps[6], steps[8]

    assert not fresh["degraded"]
    assert stale["degraded"]
    stock = next(fact for fact in stale["facts"] if fact["name"] == "availability")
    assert stock["stale"]
    assert "2 minutes ago" in stale["reply"]
    assert "sold out" not in unknown["reply"]
    assert chairs["cards"] == ["CHAIR-O"]
    assert not healed["degraded"]
    assert "ago" not in healed["reply"]


def test_redis_may_go_and_come_and_nothing_is_forgotten(converse: Converse) -> None:
    def run(events: list[str]) -> list[dict]:
        away = [{"event": {"kind": kind}} for kind in events]
        turns = [
            *say("I need a lamp under 100"),
            *away[:1],
            *say("the green one please"),
            *away[1:],
            *say("add it to my cart"),
        ]
        return converse(turns, feed=str(SCRIPTS / "lamps.tsv"))

    calm, stormy = run([]), run(["redis.down", "redis.up", "redis.flush"])

    assert [step["reply"] for step in stormy if step["kind"] == "say"] == [step["reply"] for step in calm]
    assert stormy[-1]["cart"] == calm[-1]["cart"]
    assert stormy[2]["degraded"]
    assert not stormy[-1]["degraded"]


def test_each_connector_goes_down_and_comes_up_by_its_name(converse: Converse) -> None:
    asked = {
        "policies": "what's the return policy?",
        "promotions": "any promotions?",
        "orders": "where is my order?",
        "customers": "how much is the green Meadow lamp?",
        "catalogue": "tell me about the green Meadow lamp",
        "pricing": "how much is the green Meadow lamp?",
        "inventory": "is the green Meadow lamp in stock?",
    }
    turns = say(*dict.fromkeys(asked.values()))
    for connector, question in asked.items():
        away, back = (
            {"event": {"kind": f"connector.{way}", "connector": connector}} for way in ("down", "up")
        )
        turns += [away, {"advance": 1200}, *say(question), back, *say(question)]
    steps = converse(
        turns,
        feed=str(SCRIPTS / "lamps.tsv"),
        policies=[{"name": "returns", "text": "Send it back within 30 days.", "applies_to": "store"}],
        promotions=[
            {"code": None, "title": "Gold", "discount": {"percent": 5}, "requires": {"tier": "gold"}}
        ],
        shopper={"id": "s-1", "tier": "gold"},
    )
    said = [step for step in steps if step["kind"] == "say"][len(set(asked.values())) :]

    assert {name: step["degraded"] for name, step in zip(asked, said[::2], strict=True)} == dict.fromkeys(
        asked, True
    )
    assert {name: step["degraded"] for name, step in zip(asked, said[1::2], strict=True)} == dict.fromkeys(
        asked, False
    )
    aged = [name for name, step in zip(asked, said[::2], strict=True) if " ago" in step["reply"]]
    assert aged == [name for name in asked if name != "orders"]
    # There were none when they could be looked up, which says nothing of now.
    orders = said[2 * list(asked).index("orders")]["reply"]
    assert orders.startswith("I can't look up your orders right now")
