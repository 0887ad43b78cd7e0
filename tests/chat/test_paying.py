"""Paying is the shop's: a confirmed order leads to its own checkout, and nothing of a card is asked for here."""

import uuid
from datetime import UTC, datetime

import pytest

from catalog.feeds import import_feed
from catalog.ids import MerchantId
from catalog.models import Merchant, Order
from catalog.products import index_products
from tests.agent.conftest import LAMPS
from tests.chat.shopper import Frame, Gate


@pytest.fixture
def lamps(merchant: Merchant) -> Merchant:
    """The test's shop with lamps to sell."""
    merchant.currency = "EUR"
    merchant.save()
    name, now = MerchantId(str(merchant.pk)), datetime.now(UTC)
    import_feed(merchant=name, path=LAMPS, now=now)
    index_products(merchant=name, now=now)
    return merchant


async def order(gate: Gate) -> tuple[Frame, Frame]:
    """One green lamp, from the first word to the pressed button; the offer, and what became of it."""
    async with gate.open() as shopper:
        await shopper.hello()
        for text in ("a green lamp", "add it to my cart"):
            await shopper.say(text)
            await shopper.expect("done")
        await shopper.say("check out")
        offered = await shopper.expect("proposal")
        await shopper.expect("done")
        press = {name: offered[name] for name in ("hash", "token")}
        await shopper.send(
            t="confirm", cid=str(uuid.uuid4()), proposal=offered["id"], decision="accept", **press
        )
        return offered, await shopper.expect("resolved")


async def test_a_confirmed_order_hands_over_to_the_shops_own_checkout(gate: Gate, lamps: Merchant) -> None:
    lamps.checkout_url = "https://shop.example/pay/{order}?from=chat"
    await lamps.asave()

    offered, resolved = await order(gate)

    placed = await Order.objects.aget(merchant_id=lamps.pk)
    assert (resolved["id"], resolved["status"], resolved["order"]) == (
        offered["id"],
        "accepted",
        placed.number,
    )
    assert resolved["pay_at"] == f"https://shop.example/pay/{placed.number}?from=chat"
    assert resolved["text"] == (
        f"Order {placed.number} is placed: €80.00."
        " Pay it at the shop's own checkout; no card data belongs in this chat. Thank you!"
    )


async def test_where_a_shop_has_named_no_checkout_nothing_is_said_of_paying(
    gate: Gate, lamps: Merchant
) -> None:
    _, resolved = await order(gate)

    placed = await Order.objects.aget(merchant_id=lamps.pk)
    assert (resolved["status"], resolved.get("pay_at", "")) == ("accepted", "")
    assert resolved["text"] == f"Order {placed.number} is placed: €80.00. Thank you!"
