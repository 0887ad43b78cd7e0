"""Orders that only a system of the shop's own has are in the export; where it does not answer, that is said."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings as project

from catalog.connectors.sealing import seal_secret
from catalog.ids import MerchantId as ShopId
from catalog.merchants import create_merchant, delete_merchant
from catalog.models import Connector, Order, OrderLine
from commerce_agent.composition import open_platform
from commerce_agent.shoppers.exporting import ShopperExport, export_shopper, write_page
from conversations.ids import MerchantId
from conversations.service import Reader
from tests.merchant_api import KEY, RunningApi
from tests.shoppers.conftest import NOON, Clock, Visitor, buy

STAFF = Reader(actor="operator:1", purpose="asked by letter")
FIELDS = ("number", "placed_at", "status", "total", "currency", "lines")


@pytest.fixture
async def elsewhere(
    outfitter: MerchantId, clock: Clock, merchant_api: RunningApi, settings: Any
) -> AsyncIterator[Visitor]:
    """Ada, whose shop keeps its orders in a system of its own: here another shop's, with one order of hers."""
    settings.CONNECTOR_PRIVATE_NETWORKS = ("127.0.0.0/8",)
    other = await sync_to_async(create_merchant)(
        key=f"other-{uuid4().hex[:12]}", name="Other", currency="USD"
    )
    order = await Order.objects.acreate(
        merchant=other, number="E-7", customer_key="ada", placed_at=NOON, total=24, total_currency="USD"
    )
    await OrderLine.objects.acreate(
        merchant=other, order=order, sku="X", title="Kettle", quantity=2, unit_price=12,
        unit_price_currency="USD", returned=1,
    )  # fmt: skip
    await Connector.objects.acreate(
        merchant_id=outfitter,
        kind="orders",
        name="erp",
        url=f"{merchant_api.url}/v1/{other.id}/orders?customer={{customer}}",
        login="bearer",
        sealed_secret=seal_secret(
            KEY, keys=project.KEY_ENCRYPTION_KEYS, merchant=ShopId(outfitter), kind="orders"
        ),
        items="items",
        fields={name: name for name in FIELDS},
        timeout_ms=9000,
    )
    async with open_platform(clock=clock, quiet=True, prefix=f"test-{uuid4().hex}:") as platform:
        card = await platform.conversations.shoppers.record(
            merchant=outfitter, key="ada", name="Ada Moss", at=NOON
        )
        yield Visitor(platform, clock, merchant=outfitter, shopper=card.id)
        await platform.forget_keys()
    await sync_to_async(delete_merchant)(merchant=ShopId(str(other.id)))


async def export(visitor: Visitor) -> ShopperExport:
    assert visitor.shopper is not None
    return await export_shopper(
        visitor.platform, merchant=visitor.merchant, shopper=visitor.shopper, reader=STAFF, at=NOON
    )


async def test_what_only_the_shops_own_system_has_is_in_the_export(
    elsewhere: Visitor, outfitter: MerchantId, merchant_api: RunningApi
) -> None:
    await sync_to_async(buy)(outfitter, "COFFEE-E")
    told = await export(elsewhere)
    merchant_api.misbehave("error", kind="orders")
    in_vain = await export(elsewhere)

    numbers = [order.number for order in told.orders]
    assert len(numbers) == 2
    assert told.orders[1].number == "E-7"
    assert told.orders[1].lines == ("2 × Kettle, $\xa012.00 each, 1 sent back",)
    assert (told.orders_unasked, in_vain.orders_unasked) == (False, True)
    assert [order.number for order in in_vain.orders] == numbers[:1]
    assert "there may be more" in write_page(in_vain)
    assert "there may be more" not in write_page(told)
