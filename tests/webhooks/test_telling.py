"""From a merchant's system into an open chat, through every process on the way."""

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path

from catalog.models import Merchant, ShopEvent, StockLevel
from commerce_agent.management.costs.webhooks.load import Plan, measure_webhooks
from tests.chat.shopper import Gate
from tests.running import ROOT
from tests.waiting import wait_until, wait_until_async
from tests.webhooks.sending import Sender

GUIDE = ROOT / "commerce_agent" / "webhooks" / "README.md"


async def test_a_burst_reaches_the_open_chat_as_one_notice_with_the_last_value(
    sender: Sender, shop: Merchant, running_shop: str, running_worker: Path
) -> None:
    async with Gate(base=running_shop, key=shop.key).open() as shopper:
        await shopper.hello()
        await shopper.say("a green lamp")
        await shopper.have("done")
        events = [
            {
                "id": f"p-{price}",
                "kind": "price",
                "sku": "MEADOW-G",
                "price": f"{price} EUR",
                "version": price,
            }
            for price in (*range(81, 99), 70, 99)
        ]
        status, answer = await asyncio.to_thread(sender.send, events)

        assert (status, answer["accepted"]) == (202, 20)
        told = await shopper.expect("price")
        await asyncio.to_thread(sender.send, {**events[0], "id": "late", "price": "50 EUR"})
        overtaken = ShopEvent.objects.filter(merchant=shop, event_id="late", status="overtaken")
        await wait_until_async(overtaken.aexists, what="the late event in its place")
        assert told["price"]["amount"] == "99.00"
        assert [frame["t"] for frame in shopper.frames].count("price") == 1
        assert "€99.00" in told["text"]


def test_the_guides_snippet_is_taken(sender: Sender, shop: Merchant, running_worker: Path) -> None:
    (snippet,) = re.findall(r"<!-- snippet -->\n```python\n(.*?)```", GUIDE.read_text(), flags=re.DOTALL)
    environ = {"ADDRESS": sender.address, "KEY": sender.key, "SECRET": sender.secret, "SKU": "MEADOW-G"}

    ran = subprocess.run(
        [sys.executable, "-c", snippet], env={**os.environ, **environ}, capture_output=True, check=True
    )

    assert json.loads(ran.stdout)["accepted"] == 1
    level = StockLevel.objects.filter(variant__merchant=shop, variant__sku="MEADOW-G")
    wait_until(lambda: level.get().quantity == 4, what="the stock that was sent")
    told = ShopEvent.objects.filter(merchant=shop, told_at__isnull=False)
    wait_until(told.exists, what="the mark that the chats were told")


async def test_under_load_no_last_word_is_lost_and_none_is_shown_out_of_order(database: str) -> None:
    report = await measure_webhooks(Plan(rate=60, seconds=2, sockets=12, items=4))

    assert (report["sent"], report["refused"]) == (120, 0)
    assert (report["lost"], report["reordered"]) == (0, 0)
