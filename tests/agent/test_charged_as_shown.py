"""What the slip of an offer shows is what the order is charged, whatever is in the cart and on offer, and for whom."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from catalog.models import Customer, Merchant, Order, Promotion, StockLevel
from commerce_agent.agent.wording.terms import say_money
from commerce_agent.composition import Platform, open_platform
from conversations.events.carts import CartChanged, CartLine, Proposal, ProposalMade
from conversations.events.facts import Amount
from conversations.ids import ConversationId, EntityRef, MerchantId
from tests.agent.conftest import NOW
from tests.agent.talking import find_reply, say
from tests.agent.test_confirming import press

LISTED = {"MEADOW-G": "80.00", "BRIM-Y": "39.00", "TALL-B": "150.00", "CHAIR-O": "120.00"}
PROMOTIONS: tuple[dict[str, Any], ...] = (
    {"code": None, "title": "Gold", "percent": "9.9", "requires_tier": "gold"},
    {"code": None, "title": "Big", "amount": "25", "min_total": "300"},
    {"code": "SEVEN", "title": "Seven off", "amount": "7.77", "min_total": "60"},
    {"code": "LAMPS", "title": "Lamps", "percent": "12.5", "scope": "category", "scope_value": "Lamps"},
    {"code": "GOLDEN", "title": "Golden", "percent": "33.3", "requires_tier": "gold", "min_total": "80"},
)
CODES = ("SEVEN", "LAMPS", "GOLDEN")


@pytest.fixture
def generous(lamp_shop: str) -> str:
    """The lamp shop with every kind of promotion, shipping, a tax that is added, and a shopper of the gold tier."""
    Merchant.objects.filter(id=lamp_shop).update(
        shipping_price="4.95", free_shipping_over="150", tax_percent="7.7", tax_included=False
    )
    StockLevel.objects.filter(variant__merchant_id=lamp_shop).update(quantity=1000)
    for row in PROMOTIONS:
        Promotion.objects.create(merchant_id=lamp_shop, **row)
    Customer.objects.create(merchant_id=lamp_shop, key="ada", tier="gold")
    return lamp_shop


@pytest.fixture
def talking(database: str) -> Iterator[tuple[asyncio.Runner, Platform]]:
    """One platform for all examples, and what runs its loop."""
    opening = open_platform(clock=lambda: NOW, quiet=True, prefix=f"test-{uuid4().hex}:")
    stack = AsyncExitStack()
    with asyncio.Runner() as runner:
        platform = runner.run(stack.enter_async_context(opening))
        yield runner, platform
        runner.run(platform.forget_keys())
        runner.run(stack.aclose())


@settings(
    max_examples=8,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    counts=st.dictionaries(st.sampled_from(sorted(LISTED)), st.integers(1, 3), min_size=1),
    codes=st.sets(st.sampled_from(CODES)),
    is_gold=st.booleans(),
)
def test_the_total_that_is_charged_is_the_total_that_was_shown(
    generous: str,
    talking: tuple[asyncio.Runner, Platform],
    counts: dict[str, int],
    codes: set[str],
    is_gold: bool,
) -> None:
    runner, platform = talking
    runner.run(_order(platform, shop=generous, counts=counts, codes=codes, is_gold=is_gold))


async def _order(
    platform: Platform, *, shop: str, counts: dict[str, int], codes: set[str], is_gold: bool
) -> None:
    conversation = await _fill_cart(platform, shop=shop, counts=counts, codes=codes, is_gold=is_gold)
    said = await say(platform, conversation, "check out")
    (shown,) = (event.proposal for event in said if isinstance(event, ProposalMade))
    placed = await press(platform, conversation, shown)
    order = await Order.objects.aget(merchant_id=shop, number=placed.order)

    total = say_money(shown.total)
    assert placed.status == "accepted"
    assert total in find_reply(said).text
    assert total in placed.text
    assert (order.total.amount, str(order.total.currency)) == (shown.total.amount, shown.total.currency)
    off = sum((taken.amount.amount for taken in shown.taken_off), Decimal(0))
    assert (order.discount, order.shipping, order.tax) == (off, _get(shown.shipping), _get(shown.tax))
    assert shown.total.amount == _add_up(shown)


async def _fill_cart(
    platform: Platform, *, shop: str, counts: dict[str, int], codes: set[str], is_gold: bool
) -> ConversationId:
    conversations, merchant = platform.conversations, MerchantId(shop)
    card = await conversations.shoppers.record(merchant=merchant, key="ada", name="Ada Moss", at=NOW)
    conversation = await conversations.open_conversation(
        merchant=merchant, shopper=card.id if is_gold else None, currency="EUR", at=NOW
    )
    lines = tuple(
        CartLine(
            ref=EntityRef("variant", sku),
            title=sku,
            quantity=quantity,
            unit_price=Amount(amount=Decimal(LISTED[sku]), currency="EUR"),
        )
        for sku, quantity in counts.items()
    )
    filled = CartChanged(lines=lines, codes=tuple(sorted(codes)))
    await conversations.record_arrivals(conversation=conversation, events=(filled,), at=NOW)
    return conversation


def _add_up(shown: Proposal) -> Decimal:
    """The slip from top to bottom."""
    goods = sum((line.unit_price.amount * line.quantity for line in shown.lines), Decimal(0))
    off = sum((taken.amount.amount for taken in shown.taken_off), Decimal(0))
    return goods - off + _get(shown.shipping) + _get(shown.tax)


def _get(amount: Amount | None) -> Decimal:
    return Decimal(0) if amount is None else amount.amount
