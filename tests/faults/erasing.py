"""A process that erases shoppers on servers which are killed beneath it, and says what came of it, one line each.

It is told on its input when to begin with the next shopper, and when the server is back.
"""

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import django

django.setup()

from asgiref.sync import sync_to_async  # noqa: E402
from django.db import close_old_connections  # noqa: E402

from commerce_agent.composition import Platform, open_platform  # noqa: E402
from commerce_agent.isolation.acting import acting_for_platform  # noqa: E402
from commerce_agent.shoppers.erasing import OUTAGES, erase  # noqa: E402
from commerce_agent.shoppers.finishing import finish_erasures  # noqa: E402
from commerce_agent.shoppers.proving import find_left, look_before  # noqa: E402
from conversations.accesses import verify_chain  # noqa: E402
from conversations.ids import ClientMessageId, MerchantId  # noqa: E402
from conversations.models import DataKey, JournalEntry  # noqa: E402
from conversations.service import Reader  # noqa: E402
from tests.waiting import wait_until_async  # noqa: E402

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
STAFF = Reader(actor="operator:1", purpose="asked by letter")


def tell(**said: Any) -> None:
    print(json.dumps(said), flush=True)  # noqa: T201 - this is how it answers


async def hear() -> str:
    return (await asyncio.to_thread(sys.stdin.readline)).strip()


async def erase_one(platform: Platform, *, merchant: MerchantId, key: str) -> None:
    service = platform.conversations
    card = await service.shoppers.record(merchant=merchant, key=key, name=f"Person {key}", at=NOON)
    talk = await service.open_conversation(merchant=merchant, shopper=card.id, at=NOON)
    cid = ClientMessageId(f"{key}-1")
    await service.record_message(conversation=talk, cid=cid, text=f"a lamp for {key}, please", at=NOON)
    before = await look_before(platform, merchant=merchant, card=card)
    tell(ready=len(before.canaries))
    assert await hear() == "erase"
    try:
        await erase(platform, merchant=merchant, owner=card.id, reader=STAFF, at=NOON)
        interrupted = ""
    except OUTAGES as outage:
        interrupted = type(outage).__name__
    tell(interrupted=interrupted)
    assert await hear() == "it is back"
    # As a worker does between its tasks.
    await sync_to_async(close_old_connections)()
    finished = 0

    async def is_finished() -> bool:
        # Connections that died with the server are found out one by one: the purge comes again.
        nonlocal finished
        finished += await finish_erasures(platform, since=NOON, now=NOON + timedelta(hours=1))
        return finished > 0

    await wait_until_async(is_finished, seconds=30, what="the end of an interrupted erasure")
    chain = await sync_to_async(verify_chain)(chain=merchant)
    tell(
        interrupted=interrupted,
        finished=finished,
        is_whole=chain.is_whole,
        found=sorted(each.sort for each in await find_left(platform, before)),
        rows=await JournalEntry.objects.filter(conversation_id=talk).acount(),
        keys=await DataKey.objects.filter(owner_id=card.id, destroyed_at=None).acount(),
    )


async def main(merchant: str, *keys: str) -> None:
    async with open_platform(clock=lambda: NOON, quiet=True) as platform:
        with acting_for_platform("erases in a test of outages"):
            for key in keys:
                await erase_one(platform, merchant=MerchantId(merchant), key=key)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
