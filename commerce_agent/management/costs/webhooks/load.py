"""How soon a merchant's webhook is seen in the open chats, and whether the last word is the one that stays.

The way is the whole one: HTTP, inbox, worker, journal, Redis, socket. Each event sets a price that no event
before it set, so a frame tells which event it shows, and a price that goes down was shown out of order.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, AsyncExitStack
from decimal import Decimal
from typing import TypeVar
from uuid import uuid4

import httpx2
import msgspec
from asgiref.sync import sync_to_async
from websockets.asyncio.client import ClientConnection, connect

from commerce_agent.chat.tickets import grant_ticket
from commerce_agent.composition import open_platform
from commerce_agent.management.costs.percentiles import find_percentile
from commerce_agent.management.costs.webhooks.goods import Chat, Target, lend_target, make_chats
from commerce_agent.management.costs.webhooks.servers import Serving, serve
from commerce_agent.webhooks.signing import KEY_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, sign
from conversations.ids import MerchantId

Entered = TypeVar("Entered")

LAST_SECONDS = 30.0
"""How long the last word is waited for after the last event was sent."""
OPENED_AT_ONCE = 20
SENT_AT_ONCE = 32
MOST_AGAIN = 3
START_PRICE = 1_000
"""In cents; the first event of an item raises its price by one."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How much is sent to how many."""

    rate: float
    """Webhooks a second."""
    seconds: float
    sockets: int
    items: int


class Seen(msgspec.Struct, kw_only=True):
    """What one socket saw of its item, by the price in cents."""

    sku: str
    last: int = START_PRICE
    frames: int = 0
    reordered: int = 0
    waits: list[float] = []


class Load:
    """Sends, listens and reckons."""

    def __init__(self, *, plan: Plan, target: Target, serving: Serving) -> None:
        self._plan = plan
        self._target = target
        self._base = serving.base
        self._prices = dict.fromkeys(target.skus, START_PRICE)
        self._sent: dict[tuple[str, int], float] = {}
        self._answers: list[float] = []
        self._refused = 0
        self._again = 0
        self.seen: list[Seen] = []

    async def run(self, chats: tuple[Chat, ...]) -> dict[str, object]:
        """The report."""
        async with AsyncExitStack() as stack:
            listening = await self._open_all(stack, chats)
            await self._warm_up()
            started = time.perf_counter()
            await self._send_all()
            took = time.perf_counter() - started
            await self._wait_for_last()
            for task in listening:
                task.cancel()
            await asyncio.gather(*listening, return_exceptions=True)
        waits = [wait for seen in self.seen for wait in seen.waits]
        lost = sum(seen.last != self._prices[seen.sku] for seen in self.seen)
        return {
            "plan": msgspec.to_builtins(self._plan),
            "sent": len(self._sent),
            "refused": self._refused,
            "sent_again": self._again,
            "rate": round(len(self._sent) / took, 1),
            "answered_ms": _summarise(self._answers),
            "seen_ms": _summarise(waits),
            "frames": sum(seen.frames for seen in self.seen),
            "lost": lost,
            "reordered": sum(seen.reordered for seen in self.seen),
        }

    async def _open_all(self, stack: AsyncExitStack, chats: tuple[Chat, ...]) -> list[asyncio.Task[None]]:
        gate = asyncio.Semaphore(OPENED_AT_ONCE)
        address = self._base.replace("http", "ws", 1) + "/ws/chat/"

        async def open_one(chat: Chat) -> asyncio.Task[None]:
            async with gate:
                socket = await stack.enter_async_context(
                    connect(address, origin=self._base, proxy=None, open_timeout=60, compression=None)  # type: ignore[arg-type]
                )
                await self._greet(socket, chat)
                seen = Seen(sku=chat.sku)
                self.seen.append(seen)
                return asyncio.create_task(self._listen(socket, seen))

        return list(await asyncio.gather(*(open_one(chat) for chat in chats)))

    async def _greet(self, socket: ClientConnection, chat: Chat) -> None:
        ticket = grant_ticket(merchant=self._target.shop)
        await socket.send(json.dumps({"t": "hello", "v": 1, "ticket": ticket, "resume": chat.resume}))
        async with asyncio.timeout(60):
            while json.loads(await socket.recv())["t"] != "done":
                pass

    async def _listen(self, socket: ClientConnection, seen: Seen) -> None:
        async for text in socket:
            arrived = time.perf_counter()
            frame = json.loads(text)
            if frame["t"] != "price" or frame["sku"] != seen.sku:
                continue
            price = int(Decimal(str(frame["price"]["amount"])) * 100)
            seen.frames += 1
            seen.reordered += price < seen.last
            seen.last = price
            sent = self._sent.get((seen.sku, price))
            if sent is not None:
                seen.waits.append((arrived - sent) * 1000)

    async def _warm_up(self) -> None:
        """One event of each item before the clock runs: the first of a worker's life loads what it needs."""
        async with httpx2.AsyncClient(timeout=30) as client:
            for sku in self._target.skus:
                await self._send(client, sku)
        await self._wait_for_last()
        self._sent.clear()
        self._answers.clear()
        for seen in self.seen:
            seen.frames, seen.waits = 0, []

    async def _send_all(self) -> None:
        total = int(self._plan.rate * self._plan.seconds)
        gate = asyncio.Semaphore(SENT_AT_ONCE)
        limits = httpx2.Limits(max_connections=SENT_AT_ONCE, max_keepalive_connections=SENT_AT_ONCE)
        started = time.perf_counter()
        async with httpx2.AsyncClient(timeout=30, limits=limits) as client, asyncio.TaskGroup() as group:
            for number in range(total):
                await asyncio.sleep(max(0.0, started + number / self._plan.rate - time.perf_counter()))
                await gate.acquire()
                task = group.create_task(
                    self._send(client, self._target.skus[number % len(self._target.skus)])
                )
                task.add_done_callback(_release(gate))

    async def _send(self, client: httpx2.AsyncClient, sku: str) -> None:
        price = self._prices[sku] = self._prices[sku] + 1
        event = {
            "id": uuid4().hex,
            "kind": "price",
            "sku": sku,
            "version": price,
            "price": f"{price // 100}.{price % 100:02} USD",
        }
        body, timestamp = json.dumps(event).encode(), str(int(time.time()))
        headers = {
            KEY_HEADER: self._target.key,
            TIMESTAMP_HEADER: timestamp,
            SIGNATURE_HEADER: sign(secret=self._target.secret.encode(), timestamp=timestamp, body=body),
        }
        began = self._sent[(sku, price)] = time.perf_counter()
        answer = await self._post(client, body=body, headers=headers)
        self._answers.append((time.perf_counter() - began) * 1000)
        self._refused += answer.status_code != 202

    async def _post(
        self, client: httpx2.AsyncClient, *, body: bytes, headers: dict[str, str]
    ) -> httpx2.Response:
        """A connection that the server has closed meanwhile is no answer: as a shop would, sends the same again."""
        address = f"{self._base}/webhooks/v1/{self._target.shop}/"
        for _ in range(MOST_AGAIN):
            try:
                return await client.post(address, content=body, headers=headers)
            except httpx2.TransportError:
                self._again += 1
        return await client.post(address, content=body, headers=headers)

    async def _wait_for_last(self) -> None:
        deadline = time.perf_counter() + LAST_SECONDS
        while time.perf_counter() < deadline:
            if all(seen.last == self._prices[seen.sku] for seen in self.seen):
                return
            await asyncio.sleep(0.05)


def _release(gate: asyncio.Semaphore) -> Callable[[asyncio.Task[None]], None]:
    def release(_task: asyncio.Task[None]) -> None:
        gate.release()

    return release


def _summarise(taken: list[float]) -> dict[str, float]:
    if not taken:
        return {}
    return {
        "p50": find_percentile(taken, 50),
        "p95": find_percentile(taken, 95),
        "max": round(max(taken), 3),
    }


async def measure_webhooks(plan: Plan) -> dict[str, object]:
    """Brings the servers and the shop along, and leaves nothing behind."""
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    prefix = f"load-{uuid4().hex}"
    async with AsyncExitStack() as stack:
        target = await _enter(stack, lend_target(items=plan.items))
        platform = await stack.enter_async_context(open_platform(quiet=True, prefix=f"{prefix}:"))
        stack.push_async_callback(
            platform.conversations.forget_merchant, merchant=MerchantId(target.merchant)
        )
        stack.push_async_callback(platform.forget_keys)
        chats = await make_chats(platform, target=target, count=plan.sockets)
        serving = await _enter(stack, serve(prefix=prefix))
        return await Load(plan=plan, target=target, serving=serving).run(chats)


async def _enter(stack: AsyncExitStack, context: AbstractContextManager[Entered]) -> Entered:
    """Enters what works with the ORM, and leaves it in a thread too."""
    entered = await sync_to_async(context.__enter__)()
    stack.push_async_exit(sync_to_async(context.__exit__))
    return entered
