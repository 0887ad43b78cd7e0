import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.test import Client

from catalog.models import Merchant
from commerce_agent.demo.seeding import seed_shop
from tests.chromium import browser

__all__ = ["browser"]


def read_clock() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="session")
def stocked(database: str) -> Merchant:
    """The demo shop, stocked once for all tests that only look at it."""
    seed_shop(clock=read_clock)
    return Merchant.objects.get(key="demo")


@pytest.fixture
def shop(stocked: Merchant) -> Iterator[Merchant]:
    """The demo shop for a test that changes it; put back to the first day afterwards."""
    yield stocked
    seed_shop(clock=read_clock, reset=True)


@pytest.fixture
def own_key(database: str) -> str:
    """A merchant key of this test's own."""
    return f"t-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def visitor(stocked: Merchant) -> Client:
    """A browser without scripts."""
    return Client()
