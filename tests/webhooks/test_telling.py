"""From a merchant's system into an open chat, through every process on the way."""

import asyncio
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from typing_extensions import override

from catalog.connectors import Allowed
from catalog.connectors.fetching import Fetcher
from catalog.models import Delivery, Merchant, PollSource, ShopEvent, StockLevel
from commerce_agent.composition import open_platform, read_clock
from commerce_agent.management.webhook_load import Plan, measure_webhooks
from commerce_agent.webhooks.polling import claim_due, keep_outcome, poll
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
        await wait_until_async(overtaken.aexists, seconds=20, what="the late event in its place")
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
    wait_until(lambda: level.get().quantity == 4, seconds=20, what="the stock that was sent")
    told = ShopEvent.objects.filter(merchant=shop, told_at__isnull=False)
    wait_until(told.exists, seconds=20, what="the mark that the chats were told")


@contextmanager
def answering(pages: dict[str, dict[str, Any]]) -> Iterator[str]:
    """A merchant's system that answers each question by its query."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(pages.get(self.path, {"events": []})).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        @override
        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/events"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("networks", "accepted"), [(("127.0.0.0/8",), 1), ((), 0)])
async def test_a_shop_that_cannot_send_is_asked(
    shop: Merchant, networks: tuple[str, ...], accepted: int
) -> None:
    event = {"id": "polled", "kind": "stock", "sku": "MEADOW-G", "quantity": 6}
    with answering({"/events": {"events": [event], "next": "7"}}) as url:
        source = await sync_to_async(PollSource.objects.create)(merchant=shop, name="till", url=url)
        fetcher = Fetcher(allowed=Allowed(networks=networks))
        async with open_platform(quiet=True) as platform:
            due = [each for each in await sync_to_async(claim_due)(now=read_clock()) if each.pk == source.pk]
            polled = await poll(due[0], pool=platform.pool, fetcher=fetcher, now=read_clock())
        await sync_to_async(keep_outcome)(due[0], polled)
        await fetcher.close()
        again = [each for each in await sync_to_async(claim_due)(now=read_clock()) if each.pk == source.pk]

    assert polled.accepted == accepted
    assert again == []
    await source.arefresh_from_db()
    assert source.cursor == ("7" if accepted else "")
    delivery = await Delivery.objects.aget(merchant=shop)
    assert (delivery.status, delivery.accepted) == ((202, 1) if accepted else (502, 0))


async def test_under_load_no_last_word_is_lost_and_none_is_shown_out_of_order(database: str) -> None:
    report = await measure_webhooks(Plan(rate=60, seconds=2, sockets=12, items=4))

    assert (report["sent"], report["refused"]) == (120, 0)
    assert (report["lost"], report["reordered"]) == (0, 0)
