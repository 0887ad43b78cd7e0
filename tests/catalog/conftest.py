"""A small invented shop, Tidewater: shoes, boots, lamps, socks, a kettle. Each test gets one of its own."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog.feeds import import_feed
from catalog.ids import MerchantId
from catalog.merchants import create_merchant, delete_merchant
from catalog.products import index_products

FEEDS = Path(__file__).parent / "feeds"
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
