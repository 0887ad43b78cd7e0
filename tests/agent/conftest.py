"""A small shop of lamps and a platform of the test's own."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from catalog.feeds import import_feed
from catalog.ids import MerchantId
from catalog.merchants import create_merchant, delete_merchant
from catalog.products import index_products
from commerce_agent.agent.claude.planner import build_planner
from commerce_agent.composition import Platform, open_platform
from tests.agent.messages_api import MessagesApi, running_messages_api

LAMPS = Path(__file__).parent.parent / "scripts" / "lamps.tsv"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def lamp_shop(database: str) -> Iterator[str]:
    """The id of a merchant that sells lamps, in euros."""
    merchant = create_merchant(key=f"lamps-{uuid4().hex[:12]}", name="Lamps", currency="EUR")
    name = MerchantId(str(merchant.id))
    import_feed(merchant=name, path=LAMPS, now=NOW)
    index_products(merchant=name, now=NOW)
    yield str(name)
    delete_merchant(merchant=name)


@pytest.fixture
def messages_api() -> Iterator[MessagesApi]:
    """A Messages API that answers what the test scripts."""
    with running_messages_api() as api:
        yield api


@pytest.fixture
async def platform(database: str) -> AsyncIterator[Platform]:
    """A platform without Claude, in this test's loop; its keys in Redis are its own."""
    async with open_platform(clock=lambda: NOW, quiet=True, prefix=f"test-{uuid4().hex}:") as opened:
        yield opened
        await opened.forget_keys()


@pytest.fixture
async def claude(database: str, messages_api: MessagesApi) -> AsyncIterator[Platform]:
    """A platform whose Claude is the tests' own server."""
    planner = build_planner(
        api_key="key-of-the-tests", model="claude-of-the-tests", base_url=messages_api.url
    )
    async with open_platform(
        clock=lambda: NOW, claude=planner, quiet=True, prefix=f"test-{uuid4().hex}:"
    ) as opened:
        yield opened
        await opened.forget_keys()
    await planner.close()
