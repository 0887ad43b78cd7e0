"""Stocks the demo shop by a merchant's own doors: a product feed, lists of policies and promotions."""

import asyncio
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
from django.conf import settings
from django.db import transaction

from catalog.clock import Clock
from catalog.feeds import import_feed, load_policies, load_promotions
from catalog.ids import MerchantId
from catalog.merchants import create_merchant
from catalog.models import Merchant, Order, OrderLine, Policy, Promotion, Variant
from catalog.orders import AddressBook
from catalog.products import index_products
from commerce_agent.composition import open_platform
from commerce_agent.demo.content import SHOP, DemoShop, PastOrder, get_demo_shop
from commerce_agent.demo.feed import write_feed
from conversations.ids import MerchantId as StateMerchantId

DAYS_ON_THE_WAY = 4
ADDRESS = "14 Mill Lane, Ferndale, WA 98248"
"""Where everybody of the demo shop lives."""


class FeedRefused(Exception):
    """Rows of the demo shop's own feed were refused. The message lists them: mend the YAML of the range."""

    def __init__(self, *, reasons: tuple[str, ...]) -> None:
        self.reasons = reasons
        super().__init__(
            f"{len(reasons)} rows of the demo feed were refused: {'; '.join(reasons[:5])}. "
            "Mend them in commerce_agent/demo/shop/range/."
        )


class Seeded(msgspec.Struct, frozen=True, kw_only=True):
    """What the shop holds after seeding, and how much of its feed was new or different."""

    merchant: str
    products: int
    variants: int
    created: int
    updated: int
    unchanged: int
    policies: int
    promotions: int
    shoppers: int
    orders: int


def seed_shop(*, clock: Clock, reset: bool = False, key: str | None = None) -> Seeded:
    """Stocks the demo shop and answers what it holds; a second time changes nothing.

    What was changed on the shop floor stays, unless `reset`: then stock, prices and terms are as on the first
    day, and orders of the chat are gone. The merchant keeps its identity, so open chats go on. `key` names
    another merchant to stock with the same range. Raises FeedRefused.
    """
    shop = get_demo_shop()
    merchant = _get_or_create_merchant(shop=shop, key=key or shop.sign.key)
    merchant_id = MerchantId(str(merchant.id))
    with transaction.atomic():
        if reset:
            _clear(merchant)
        load_policies(merchant=merchant_id, source=SHOP / "policies.yaml", now=clock())
        load_promotions(merchant=merchant_id, source=SHOP / "promotions.yaml", now=clock())
        with tempfile.TemporaryDirectory(prefix="demo-feed-") as folder:
            path = Path(folder) / "demo.tsv"
            write_feed(shop=shop, path=path)
            report = import_feed(merchant=merchant_id, path=path, now=clock(), remove_missing=True)
        if report.refused:
            raise FeedRefused(reasons=tuple(f"{row.id}: {row.reason}" for row in report.refused))
        _record_orders(shop=shop, merchant=merchant, now=clock())
    naming = _record_shoppers(shop, merchant=MerchantId(str(merchant.id)), now=clock())
    # In a thread of its own, acting for whoever acts here: whoever seeds may have an event loop running in this one.
    with ThreadPoolExecutor(max_workers=1) as apart:
        apart.submit(copy_context().run, asyncio.run, naming).result()
    if report.created or report.updated or report.removed:
        index_products(merchant=merchant_id, now=clock())
    return Seeded(
        merchant=merchant.key,
        products=merchant.products.count(),
        variants=merchant.variants.count(),
        created=report.created,
        updated=report.updated,
        unchanged=report.unchanged,
        policies=merchant.policies.count(),
        promotions=merchant.promotions.count(),
        shoppers=len(shop.regulars.shoppers),
        orders=merchant.orders.count(),
    )


def _get_or_create_merchant(*, shop: DemoShop, key: str) -> Merchant:
    known = Merchant.objects.filter(key=key).first()
    if known is not None:
        return known
    merchant = create_merchant(
        key=key,
        name=shop.sign.name,
        currency=shop.sign.currency,
        locale=shop.sign.locale,
        country=shop.sign.country,
    )
    merchant.shipping_price, merchant.free_shipping_over = (
        shop.sign.shipping.price,
        shop.sign.shipping.free_over,
    )
    merchant.tax_percent, merchant.tax_included = shop.sign.tax.percent, shop.sign.tax.included
    merchant.save()
    return merchant


def _clear(merchant: Merchant) -> None:
    """Forgets what has been changed; a variant without a digest is taken from the feed anew."""
    Variant.objects.filter(merchant=merchant).update(digest="")
    Policy.objects.filter(merchant=merchant).delete()
    Promotion.objects.filter(merchant=merchant).delete()
    OrderLine.objects.filter(merchant=merchant).delete()
    Order.objects.filter(merchant=merchant).delete()


async def _record_shoppers(shop: DemoShop, *, merchant: MerchantId, now: datetime) -> None:
    async with open_platform(quiet=True) as platform:
        for shopper in shop.regulars.shoppers:
            await platform.conversations.shoppers.record(
                merchant=StateMerchantId(merchant),
                key=shopper.key,
                name=shopper.name,
                tier=shopper.tier,
                at=now,
            )


def _record_orders(*, shop: DemoShop, merchant: Merchant, now: datetime) -> None:
    known = set(Order.objects.filter(merchant=merchant).values_list("number", flat=True))
    variants = {variant.sku: variant for variant in Variant.objects.filter(merchant=merchant)}
    for shopper in shop.regulars.shoppers:
        for past in shopper.orders:
            if past.number not in known:
                _record_order(merchant=merchant, customer=shopper.key, past=past, variants=variants, now=now)


def _record_order(
    *, merchant: Merchant, customer: str, past: PastOrder, variants: dict[str, Variant], now: datetime
) -> None:
    total = sum((variants[line.sku].price.amount * line.quantity for line in past.lines), Decimal(0))
    book = AddressBook(merchant=MerchantId(str(merchant.pk)), keys=settings.KEY_ENCRYPTION_KEYS)
    order = Order.objects.create(
        merchant=merchant,
        number=past.number,
        customer_key=customer,
        placed_at=now - timedelta(days=past.days_ago),
        status=past.status,
        delivered_at=now - timedelta(days=max(past.days_ago - DAYS_ON_THE_WAY, 0))
        if past.status == "delivered"
        else None,
        sealed_address=book.seal_for_order(ADDRESS, customer_key=customer, number=past.number),
        total=total,
        total_currency=merchant.currency,
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            merchant=merchant,
            order=order,
            sku=line.sku,
            title=variants[line.sku].title,
            quantity=line.quantity,
            unit_price=variants[line.sku].price,
        )
        for line in past.lines
    )
