import uuid
from collections.abc import AsyncIterator

import pytest

from catalog.models import Merchant
from commerce_agent.composition import Platform, open_platform
from tests.chat.shopper import Gate


@pytest.fixture
def merchant(database: str) -> Merchant:
    """A shop of this test's own, embedded at one origin."""
    return Merchant.objects.create(
        key=f"t-{uuid.uuid4().hex[:12]}", name="Bramble & Sons", allowed_origins=["https://shop.example"]
    )


@pytest.fixture
def gate(running_shop: str, merchant: Merchant) -> Gate:
    """Opens sockets to the running shop for this test's merchant."""
    return Gate(base=running_shop, key=merchant.key)


@pytest.fixture
def other_merchant(database: str) -> Merchant:
    """A second shop, which has nothing to do with the first."""
    return Merchant.objects.create(key=f"t-{uuid.uuid4().hex[:12]}", name="Another")


@pytest.fixture
def merchant_off(merchant: Merchant) -> Merchant:
    """This test's shop, switched off."""
    merchant.active = False
    merchant.save()
    return merchant


@pytest.fixture
async def platform(database: str) -> AsyncIterator[Platform]:
    """The parts of a process of this test's own."""
    async with open_platform(quiet=True) as platform:
        yield platform
