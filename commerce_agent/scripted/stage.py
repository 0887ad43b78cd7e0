"""The merchant a script runs in: made for it, and removed with everything it left behind."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import count
from uuid import uuid4

import msgspec
from moneyed import Currency, CurrencyDoesNotExist, Money, get_currency

from catalog.feeds import FeedUnreadable, find_feed_currency, import_feed, load_policies, load_promotions
from catalog.feeds.terms import TermsRefused
from catalog.ids import MerchantId
from catalog.merchants import create_merchant, delete_merchant
from catalog.models import Merchant, Order, OrderLine, Variant
from catalog.products import index_products
from commerce_agent.composition import open_platform
from commerce_agent.demo.seeding import seed_shop
from commerce_agent.scripted.script import OrderWritten, Script, ScriptRefused, ShopperWritten
from conversations.ids import MerchantId as ConversationMerchantId
from conversations.service import ShopperCard


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """Where the conversation takes place."""

    merchant: MerchantId
    currency: str
    shopper: str | None
    """The id of the shopper's row."""
    tier: str | None
    refused_rows: int


@contextmanager
def set_stage(script: Script, *, now: datetime) -> Iterator[Stage]:
    """Makes the merchant, fills it, and removes it at the end. Raises `ScriptRefused` for what cannot be read."""
    key = f"script-{uuid4().hex}"
    merchant, refused = _make_shop(script, key=key, now=now)
    merchant_id = MerchantId(str(merchant.id))
    try:
        shopper = _make_shopper(script.shopper, merchant=merchant, now=now) if script.shopper else None
        _make_orders(script.shoppers, merchant=merchant, now=now)
        yield Stage(
            merchant=merchant_id,
            currency=str(merchant.currency),
            shopper=str(shopper.id) if shopper else None,
            tier=script.shopper.tier if script.shopper else None,
            refused_rows=refused,
        )
    finally:
        asyncio.run(_forget_talk(merchant_id))
        delete_merchant(merchant=merchant_id)


async def _forget_talk(merchant: MerchantId) -> None:
    async with open_platform(quiet=True) as platform:
        await platform.conversations.forget_merchant(merchant=ConversationMerchantId(merchant))


def _make_shop(script: Script, *, key: str, now: datetime) -> tuple[Merchant, int]:
    refused = 0
    try:
        if script.feed is None:
            seed_shop(clock=lambda: now, key=key)
            merchant = Merchant.objects.get(key=key)
            Merchant.objects.filter(pk=merchant.pk).update(ephemeral=True)
        else:
            merchant = create_merchant(
                key=key, name=script.name[:100], currency=find_feed_currency(path=script.feed), ephemeral=True
            )
            report = import_feed(merchant=MerchantId(str(merchant.id)), path=script.feed, now=now)
            refused = len(report.refused)
            index_products(merchant=MerchantId(str(merchant.id)), now=now)
        merchant_id = MerchantId(str(merchant.id))
        if script.policies is not None:
            load_policies(merchant=merchant_id, source=script.policies, now=now)
        if script.promotions is not None:
            load_promotions(merchant=merchant_id, source=script.promotions, now=now)
    except (FeedUnreadable, TermsRefused) as error:
        _remove(key)
        raise ScriptRefused(str(error)) from error
    except BaseException:
        _remove(key)
        raise
    return merchant, refused


def _remove(key: str) -> None:
    for merchant in Merchant.objects.filter(key=key):
        delete_merchant(merchant=MerchantId(str(merchant.id)))


def _make_shopper(written: ShopperWritten, *, merchant: Merchant, now: datetime) -> ShopperCard:
    return asyncio.run(_record_shopper(written, merchant=ConversationMerchantId(str(merchant.id)), now=now))


async def _record_shopper(
    written: ShopperWritten, *, merchant: ConversationMerchantId, now: datetime
) -> ShopperCard:
    async with open_platform(quiet=True) as platform:
        return await platform.conversations.shoppers.record(
            merchant=merchant, key=written.id, name=written.name, tier=written.tier, at=now
        )


def _make_orders(shoppers: tuple[ShopperWritten, ...], *, merchant: Merchant, now: datetime) -> None:
    """What they bought before the talk, whether or not it begins with them known."""
    given = [order.number or order.id for each in shoppers for order in each.orders]
    taken = {number for number in given if number}
    twice = [number for number in taken if given.count(number) > 1]
    if twice:
        raise ScriptRefused(f"shopper: two orders have the number {min(twice)!r}.")
    for shopper in shoppers:
        for place, order in enumerate(shopper.orders, start=1):
            number = order.number or order.id
            number = number or next(each for each in map(str, count(1000 + place)) if each not in taken)
            taken.add(number)
            _make_order(order, place=place, number=number, customer=shopper.id, merchant=merchant, now=now)


def _make_order(
    written: OrderWritten, *, place: int, number: str, customer: str, merchant: Merchant, now: datetime
) -> None:
    skus = [line.sku for line in written.lines]
    variants = {variant.sku: variant for variant in Variant.objects.filter(merchant=merchant, sku__in=skus)}
    for line in written.lines:
        if line.sku not in variants:
            raise ScriptRefused(f"shopper: order {place}: the shop has no {line.sku!r}.")
    prices = [
        read_money(line.unit_price, shop_currency=str(merchant.currency))
        if line.unit_price
        else variants[line.sku].price
        for line in written.lines
    ]
    priced = zip(prices, written.lines, strict=True)
    total = sum((price.amount * line.quantity for price, line in priced), Decimal(0))
    order = Order.objects.create(
        merchant=merchant,
        number=number,
        customer_key=customer,
        placed_at=_read_instant(written, now=now),
        status=written.status,
        total=total,
        total_currency=str(merchant.currency),
    )
    for price, line in zip(prices, written.lines, strict=True):
        OrderLine.objects.create(
            merchant=merchant,
            order=order,
            sku=line.sku,
            title=variants[line.sku].title,
            quantity=line.quantity,
            unit_price=price.amount,
            unit_price_currency=str(price.currency),
        )


def _read_instant(written: OrderWritten, *, now: datetime) -> datetime:
    if written.placed_at is None:
        return now - timedelta(days=written.days_ago)
    placed = datetime.fromisoformat(written.placed_at)
    return placed if placed.tzinfo else placed.replace(tzinfo=now.tzinfo)


def read_money(written: str, *, shop_currency: str) -> Money:
    """Reads 89.00 USD as money, a bare number in the shop's currency; raises `ScriptRefused`."""
    amount, _, code = written.strip().partition(" ")
    try:
        currency: Currency = get_currency(code.strip().upper() or shop_currency)
        return Money(Decimal(amount.replace(",", "")), currency)
    except (InvalidOperation, CurrencyDoesNotExist) as error:
        raise ScriptRefused(f"{written!r} is no price; write it as 89.00 USD.") from error
