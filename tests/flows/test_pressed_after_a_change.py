"""A shop exchanges a system, and a process that goes on by the one before for some seconds has a button pressed: the
order is confirmed by the system that the shop has.
"""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async

from catalog.ids import MerchantId
from catalog.models import Connector, Order, StockLevel
from commerce_agent.agent.ordering.confirming import Press
from commerce_agent.composition import open_platform
from commerce_agent.scripted.running import StoppedClock
from conversations.events.carts import ProposalResolved
from conversations.ids import ConversationId
from tests.flows.recordings import OPENED
from tests.flows.test_changed_systems import COUNTS, Systems, enter, systems
from tests.flows.test_misbehaving import Talk, propose

__all__ = ["systems"]


@pytest.fixture
async def services(lamps: MerchantId, settings: Any) -> AsyncIterator[tuple[Talk, Talk]]:
    """Two processes of one installation; each remembers for itself which systems the shop has."""
    settings.CONNECTOR_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    clock, prefix = StoppedClock(at=OPENED), f"test-{uuid4().hex}:"
    async with (
        open_platform(clock=clock, quiet=True, prefix=prefix) as here,
        open_platform(clock=clock, quiet=True, prefix=prefix) as there,
    ):
        yield tuple(Talk(platform=each, clock=clock, merchant=lamps) for each in (here, there))
        await here.forget_keys()


async def read_stock(talk: Talk) -> tuple[int | None, ...]:
    read = await talk.platform.connectors.stock.read(
        merchant=talk.merchant, keys=("MEADOW-G",), now=talk.clock()
    )
    return tuple(reading.quantity for reading in read.values())


async def press(talk: Talk, conversation: ConversationId, button: Press) -> ProposalResolved:
    return await talk.platform.confirmations.confirm(conversation=conversation, press=button, at=talk.clock())


async def count_orders(talk: Talk) -> int:
    return await Order.objects.filter(merchant_id=talk.merchant).acount()


@pytest.mark.parametrize(("left", "status", "ordered"), [(0, "changed", 0), (7, "accepted", 1)])
async def test_the_stock_of_the_system_before_confirms_no_order(
    services: tuple[Talk, Talk], systems: Systems, left: int, status: str, ordered: int
) -> None:
    here, there = services
    old = systems.put("old", {"sku": "MEADOW-G", "left": 9, "version": 900})
    new = systems.put("new", {"sku": "MEADOW-G", "left": left, "version": 1})
    connector = await enter(here, "inventory", f"{old}?skus={{skus}}", COUNTS)
    conversation, button = await propose(here)
    assert await read_stock(there) == (9,)

    await Connector.objects.filter(pk=connector.pk).aupdate(url=f"{new}?skus={{skus}}")

    assert await read_stock(there) == (9,)
    told = await press(there, conversation, button)
    assert (told.status, await count_orders(here)) == (status, ordered)


async def test_a_shop_that_just_took_its_orders_elsewhere_is_not_ordered_from_here(
    services: tuple[Talk, Talk], systems: Systems
) -> None:
    here, there = services
    conversation, button = await propose(here)
    assert not await there.platform.connectors.parts.directory.is_shown_only(merchant=there.merchant)

    # It shows its orders, and takes none.
    shown = systems.put("orders")
    await enter(here, "orders", f"{shown}?customer={{customer}}", {"number": "number"})

    told = await press(there, conversation, button)
    assert (told.status, told.order, await count_orders(here)) == ("failed", None, 0)
    levels = StockLevel.objects.filter(merchant_id=here.merchant, variant__sku="MEADOW-G")
    assert await sync_to_async(list)(levels.values_list("quantity", flat=True)) == [12]
