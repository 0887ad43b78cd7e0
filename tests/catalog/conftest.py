"""A small invented shop, Tidewater: shoes, boots, lamps, socks, a kettle. Each test gets one of its own."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from catalog.connectors import Choices, Connectors, StoreApi, build_connectors
from catalog.feeds import import_feed
from catalog.ids import CustomerKey, MerchantId, Sku
from catalog.merchants import create_merchant, delete_merchant
from catalog.models import Customer, Order, OrderLine, Policy, Promotion
from catalog.products import index_products
from commerce_agent.isolation.connections import Pool
from tests.merchant_api import KEY, RunningApi

FEEDS = Path(__file__).parent / "feeds"
GOLD = CustomerKey("c-gold")
BLUE, RED = Sku("FELL-BLU-9"), Sku("TARN-RED-9")
NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
def make_merchant(database: str) -> Iterator[Callable[[], MerchantId]]:
    made: list[MerchantId] = []

    def make() -> MerchantId:
        key = f"t-{uuid.uuid4().hex[:12]}"
        made.append(MerchantId(str(create_merchant(key=key, name="Tidewater", ephemeral=True).id)))
        return made[-1]

    yield make
    for merchant in made:
        delete_merchant(merchant=merchant)


@pytest.fixture
def merchant(make_merchant: Callable[[], MerchantId]) -> MerchantId:
    return make_merchant()


@pytest.fixture
def shop(merchant: MerchantId) -> MerchantId:
    import_feed(merchant=merchant, path=FEEDS / "tidewater.tsv", now=NOW)
    index_products(merchant=merchant, now=NOW)
    return merchant


@pytest.fixture
def stocked(shop: MerchantId) -> MerchantId:
    """The shop with a policy, a promotion, a customer and an order."""
    Policy.objects.create(
        merchant_id=shop,
        name="returns",
        title="Returns",
        text="60 days.",
        terms={"window_days": 60},
        version=3,
        observed_at=NOW,
    )
    Promotion.objects.create(merchant_id=shop, title="Ten off", percent=10, code="TEN")
    Customer.objects.create(merchant_id=shop, key=GOLD, tier="gold", preferences={"shoe size": 9})
    order = Order.objects.create(
        merchant_id=shop, number="1001", customer_key=GOLD, placed_at=NOW, total=178, total_currency="USD"
    )
    OrderLine.objects.create(
        merchant_id=shop,
        order=order,
        sku=BLUE,
        title="Fell",
        quantity=2,
        unit_price=89,
        unit_price_currency="USD",
        returned=1,
    )
    return shop


@pytest.fixture
async def build(pool: Pool, redis: Redis, merchant_api: RunningApi):
    """Builds connectors that reach the store in one of the ways."""
    prefix = f"test-{uuid.uuid4().hex}:"
    made: list[Connectors] = []

    def make(how: str, **choices: Any) -> Connectors:
        url = merchant_api.url if how == "merchant api" else ""
        made.append(
            build_connectors(
                pool=pool,
                get_redis=lambda: redis,
                clock=lambda: NOW,
                choices=Choices(store=StoreApi(url=url, key=KEY), **{"prefix": prefix, **choices}),
            )
        )
        return made[-1]

    yield make
    for connectors in made:
        await connectors.close()
    async for key in redis.scan_iter(match=f"{prefix}*"):
        await redis.delete(key)
