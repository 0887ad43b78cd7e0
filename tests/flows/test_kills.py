"""kill -9 in the middle of an order, of a cancellation, of a webhook: nothing is done twice, and nothing is lost.

Only processes that a test has started itself are killed; what they were at lies in the stores of all tests.
"""

import asyncio
import json
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from moneyed import Money
from websockets.exceptions import ConnectionClosed

from catalog.feeds import import_feed
from catalog.ids import MerchantId
from catalog.inbox import read_items, record_delivery
from catalog.merchants import delete_merchant
from catalog.models import (
    Merchant,
    Order,
    OrderAttempt,
    OrderChange,
    OrderLine,
    Reservation,
    ShopEvent,
    StockLevel,
    Variant,
)
from catalog.orders import Attempt, sweep_reservations
from catalog.products import index_products
from commerce_agent.composition import open_platform, read_clock
from commerce_agent.isolation.connections import TellingConnection
from commerce_agent.models import IdentityKey, SpentToken
from tests.chat.shopper import Gate, Shopper
from tests.chat.signing import claim, give_key, sign
from tests.merchant_api import KEY, RunningApi, running_merchant_api
from tests.owning import connect_as_owner
from tests.running import find_free_port, find_status, get_test_environment, running
from tests.waiting import wait_until, wait_until_async

LAMPS = Path(__file__).parent.parent / "scripts" / "lamps.tsv"
GREEN = "MEADOW-G"


def kill(log: Path) -> None:
    """Ends the process that writes this log, as kill -9 does; its leash wrote its number beside the log."""
    os.kill(int(Path(f"{log}.lock").read_text()), signal.SIGKILL)


@pytest.fixture
def shop(database: str) -> Iterator[Merchant]:
    """A merchant that sells lamps, in euros."""
    merchant = Merchant.objects.create(key=f"kills-{uuid4().hex[:12]}", name="Lamps", currency="EUR")
    name, now = MerchantId(str(merchant.id)), datetime.now(UTC)
    import_feed(merchant=name, path=LAMPS, now=now)
    index_products(merchant=name, now=now)
    yield merchant
    for kept in (IdentityKey, SpentToken):
        kept.objects.filter(merchant=merchant).delete()
    delete_merchant(merchant=name)


@contextmanager
def serving(*, log: Path, api: str) -> Iterator[str]:
    """A web server whose shops are behind this merchant API."""
    port = find_free_port()
    command = [sys.executable, "-m", "uvicorn", "commerce_agent.asgi:application", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--ws", "websockets-sansio", "--timeout-graceful-shutdown", "1"]
    environment = {**get_test_environment(), "MERCHANT_API_URL": api, "MERCHANT_API_KEY": KEY}
    with running(command=command, log=log, environment=environment):
        base = f"http://127.0.0.1:{port}"
        wait_until(lambda: find_status(f"{base}/healthz") == 200, seconds=90, what="the web server")
        yield base


class Buyer:
    """A shopper who has come as far as the button; with a token of the shop's where it knows who they are."""

    def __init__(self, *, shopper: Shopper, resume: str, vouch: Callable[[], str] | None) -> None:
        self.shopper = shopper
        self.resume = resume
        self.vouch = vouch
        self.proposal: dict[str, Any] = {}

    async def enter(self, shopper: Shopper) -> None:
        """Comes to the conversation, or back to it."""
        await shopper.hello(resume=self.resume)
        if self.vouch is not None:
            await shopper.send(t="identify", cid=uuid4().hex, jwt=self.vouch())
            await shopper.expect("welcome")

    async def press(self, shopper: Shopper | None = None) -> None:
        await (shopper or self.shopper).send(
            t="confirm",
            cid=uuid4().hex,
            proposal=self.proposal["id"],
            hash=self.proposal["hash"],
            token=self.proposal["token"],
            decision="accept",
        )


BUYING = ("a green lamp", "add it to my cart", "check out")


@asynccontextmanager
async def buying(
    base: str, key: str, *words: str, vouch: Callable[[], str] | None = None
) -> AsyncIterator[Buyer]:
    """A conversation with a proposal: for one green lamp, or of what these words ask for."""
    async with Gate(base=base, key=key).open() as shopper:
        buyer = Buyer(shopper=shopper, resume=secrets.token_urlsafe(32), vouch=vouch)
        await buyer.enter(shopper)
        for text in words or BUYING:
            await shopper.say(text)
            await shopper.expect("done", seconds=30)
        buyer.proposal = await shopper.have("proposal")
        yield buyer


async def wait_for_close(shopper: Shopper) -> None:
    try:
        async with asyncio.timeout(20):
            while True:
                shopper.frames.append(json.loads(await shopper.socket.recv()))
    except ConnectionClosed:
        return


async def require_one_order(shop: Merchant, *, left: int) -> str:
    """There is one order, its piece is off the shelf, and none is set aside."""
    order = await Order.objects.aget(merchant=shop)
    level = await StockLevel.objects.aget(variant__merchant=shop, variant__sku=GREEN)
    assert level.quantity == left
    assert not await Reservation.objects.filter(merchant=shop).aexists()
    return order.number


async def read_left(shop: Merchant) -> int:
    level = await StockLevel.objects.aget(variant__merchant=shop, variant__sku=GREEN)
    assert level.quantity is not None
    return level.quantity


async def press_anew(buyer: Buyer, *, base: str, shop: Merchant) -> dict[str, Any]:
    """Another web server, which keeps the store itself, takes the shopper who comes back and presses again."""
    async with Gate(base=base, key=shop.key).open() as back:
        await buyer.enter(back)
        await buyer.press(back)
        return await back.expect("resolved", seconds=30)


async def test_a_web_server_is_killed_after_the_order_and_before_it_could_say_so(
    shop: Merchant, merchant_api: RunningApi, running_shop: str, tmp_path: Path
) -> None:
    log, before = tmp_path / "web.log", await read_left(shop)
    with serving(log=log, api=merchant_api.url) as base:
        async with buying(base, shop.key) as buyer:
            merchant_api.misbehave("late_answer", kind="orders", seconds=60)
            await buyer.press()
            placed = Order.objects.filter(merchant=shop)
            await wait_until_async(placed.aexists, seconds=30, what="the order")
            kill(log)
            await wait_for_close(buyer.shopper)
    merchant_api.behave()
    (open_attempt,) = [each async for each in OrderAttempt.objects.filter(merchant=shop)]

    # The worker finds the attempt that nobody answered for, and tells the conversation, once.
    attempt = Attempt(
        merchant=MerchantId(str(shop.pk)),
        token=open_attempt.token,
        origin=open_attempt.origin,
        at=open_attempt.at,
    )
    settings_of_worker(merchant_api)
    async with open_platform(quiet=True) as platform:
        told = [await platform.confirmations.settle(attempt, at=read_clock()) for _ in range(2)]
    assert told == [True, False]

    resolved = await press_anew(buyer, base=running_shop, shop=shop)
    assert (resolved["status"], resolved["order"]) == (
        "accepted",
        await require_one_order(shop, left=before - 1),
    )
    assert not await OrderAttempt.objects.filter(merchant=shop).aexists()


def settings_of_worker(api: RunningApi) -> None:
    """A worker reaches the store as the web server does."""
    settings.MERCHANT_API_URL, settings.MERCHANT_API_KEY = api.url, KEY


@pytest.fixture(autouse=True)
def _settings_as_before(settings: Any) -> None:
    settings.MERCHANT_API_URL, settings.MERCHANT_API_KEY = "", ""


@contextmanager
def holding_the_shelf(shop: Merchant) -> Iterator[psycopg.Connection]:
    """Somebody else's transaction is at the lamp's shelf: whoever wants to order waits for it."""
    with connect_as_owner(settings.DATABASE_URL) as held, held.transaction():
        held.execute(
            "SELECT 1 FROM catalog_variant WHERE merchant_id = %s AND sku = %s FOR UPDATE", [shop.id, GREEN]
        )
        yield held


def is_waited_for(shop: Merchant) -> bool:
    """Whether a statement waits for the shelf."""
    with psycopg.connect(settings.DATABASE_URL, autocommit=True) as looking:
        row = looking.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            " AND query LIKE '%%catalog_variant%%FOR UPDATE%%'"
        ).fetchone()
    return bool(row and row[0])


@contextmanager
def behind(api: RunningApi, *, victim: str, log: Path) -> Iterator[RunningApi]:
    """The merchant API: the one of all tests, or one of this test's own where it is to be killed."""
    if victim == "web":
        yield api
        return
    with running_merchant_api(log=log) as own:
        yield own


@pytest.mark.parametrize("victim", ["web", "api"])
async def test_killed_while_pieces_are_being_set_aside_there_is_one_order_in_the_end(
    shop: Merchant, merchant_api: RunningApi, running_shop: str, tmp_path: Path, victim: str
) -> None:
    web, store, before = tmp_path / "web.log", tmp_path / "api.log", await read_left(shop)
    with (
        behind(merchant_api, victim=victim, log=store) as api,
        serving(log=web, api=api.url) as base,
    ):
        async with buying(base, shop.key) as buyer:
            with holding_the_shelf(shop):
                await buyer.press()
                await wait_until_async(
                    lambda: asyncio.to_thread(is_waited_for, shop), seconds=30, what="the order at the shelf"
                )
                kill(web if victim == "web" else store)
                if victim == "web":
                    await wait_for_close(buyer.shopper)
                else:
                    said = await buyer.shopper.expect("error", seconds=30)
                    assert said["code"] == "press_again"
    assert not await Order.objects.filter(merchant=shop).aexists()

    resolved = await press_anew(buyer, base=running_shop, shop=shop)

    assert resolved["status"] == "accepted"
    assert resolved["order"] == await require_one_order(shop, left=before - 1)


@pytest.fixture
def ordered(shop: Merchant) -> Order:
    """A green lamp that C-1 ordered, and that has not left yet."""
    order = Order.objects.create(
        merchant=shop, number="K-1", customer_key="C-1", placed_at=datetime.now(UTC), total=Money(80, "EUR")
    )
    OrderLine.objects.create(
        merchant=shop, order=order, sku=GREEN, title="Lamp", quantity=1, unit_price=Money(80, "EUR")
    )
    return order


async def test_killed_in_the_middle_of_a_cancellation_it_is_made_once(
    shop: Merchant, ordered: Order, running_shop: str, tmp_path: Path
) -> None:
    log, before = tmp_path / "web.log", await read_left(shop)
    key = await asyncio.to_thread(give_key, shop)
    with serving(log=log, api="") as base:
        async with buying(
            base, shop.key, "cancel my order", vouch=lambda: sign(key, claim(shop, sub="C-1"))
        ) as buyer:
            with holding_the_shelf(shop):
                await buyer.press()
                await wait_until_async(
                    lambda: asyncio.to_thread(is_waited_for, shop), seconds=30, what="the lamp's way back"
                )
                kill(log)
                await wait_for_close(buyer.shopper)
    attempts = OrderAttempt.objects.filter(merchant=shop)
    assert await attempts.acount() == 1

    resolved = [await press_anew(buyer, base=running_shop, shop=shop) for _ in range(2)]

    assert [each["status"] for each in resolved] == ["accepted", "accepted"]
    await ordered.arefresh_from_db()
    assert ordered.status == "cancelled"
    assert await OrderChange.objects.filter(order=ordered, kind="cancel").acount() == 1
    assert await read_left(shop) == before + 1
    assert not await attempts.aexists()


async def test_a_worker_is_killed_while_it_applies_what_a_webhook_told(
    shop: Merchant, tmp_path: Path
) -> None:
    merchant, now = MerchantId(str(shop.id)), read_clock()
    told = [
        {"id": f"s-{number}", "kind": "stock", "sku": GREEN, "quantity": number, "version": number}
        for number in (3, 5, 4)
    ]
    async with await TellingConnection.connect(settings.DATABASE_URL, autocommit=True) as lent:
        await record_delivery(
            lent, merchant=merchant, via="test", items=read_items(json.dumps(told).encode()), size=1, at=now
        )
    command = [sys.executable, "-m", "tests.flows.applying", merchant]
    log = tmp_path / "worker.log"

    with holding_the_shelf(shop), running(command=command, log=log):
        wait_until(lambda: is_waited_for(shop), seconds=60, what="the worker at the shelf")
        kill(log)
        waiting = ShopEvent.objects.filter(merchant=shop, status="waiting")
        assert await waiting.acount() == 3

    with running(command=command, log=tmp_path / "another.log") as second:
        await asyncio.to_thread(second.wait, 60)

    events = [(each.event_id, each.status) async for each in ShopEvent.objects.filter(merchant=shop)]
    assert sorted(events) == [("s-3", "overtaken"), ("s-4", "overtaken"), ("s-5", "applied")]
    assert await read_left(shop) == 5
    assert not await ShopEvent.objects.filter(merchant=shop, status="applied", told_at=None).aexists()


def test_what_a_killed_process_had_set_aside_is_let_go_of(shop: Merchant) -> None:
    now = read_clock()
    Reservation.objects.create(
        merchant=shop,
        sku=GREEN,
        token="dead",
        quantity=2,
        created_at=now,
        expires_at=now + timedelta(minutes=2),
    )

    assert sweep_reservations(now=now + timedelta(minutes=1)) == 0
    assert sweep_reservations(now=now + timedelta(minutes=3)) >= 1
    assert not Reservation.objects.filter(merchant=shop).exists()
    assert Variant.objects.filter(merchant=shop, sku=GREEN).exists()
