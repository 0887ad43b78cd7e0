"""A read whose asker has left goes on for others, but not beyond its connectors: these leave nothing open behind."""

import asyncio
from collections.abc import Callable

import pytest

from catalog.connectors import Connectors
from catalog.ids import MerchantId
from tests.catalog.conftest import BLUE, NOW
from tests.merchant_api import RunningApi
from tests.waiting import wait_until_async


async def test_what_nobody_waits_for_ends_before_its_clients_are_closed(
    stocked: MerchantId, merchant_api: RunningApi, build: Callable[..., Connectors]
) -> None:
    connectors, before = build("merchant api"), asyncio.all_tasks()
    merchant_api.misbehave("hang")
    asker = asyncio.create_task(connectors.stock.read(merchant=stocked, keys=(BLUE,), now=NOW))

    async def is_asked() -> bool:
        return await asyncio.to_thread(merchant_api.count_calls, "inventory") > 0

    await wait_until_async(is_asked, what="a call that hangs")
    asker.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asker
    left = asyncio.all_tasks() - before
    await connectors.close()

    assert left
    assert asyncio.all_tasks() - before == set()
