"""A Redis that takes connections and never answers; and one that is only quiet."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from django.conf import settings
from redis.asyncio import Redis

from catalog.models import Merchant
from commerce_agent.composition import open_platform, read_clock
from conversations.events.visits import HandoffRequested
from conversations.ids import MerchantId
from tests.chat.serving import serving
from tests.chat.shopper import Gate
from tests.running import find_free_port
from tests.waiting import wait_until_async

QUIET_SECONDS = 2
"""Four times as long as the channel layer waits for an answer."""


@pytest.fixture
async def hanging_redis() -> AsyncIterator[str]:
    """The URL of a server that accepts and never says a word."""
    open_writers: list[asyncio.StreamWriter] = []

    def accept(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_writers.append(writer)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield f"redis://127.0.0.1:{port}/0"
    server.close()
    for writer in open_writers:
        writer.close()


async def test_a_redis_that_hangs_holds_nobody_up(
    merchant: Merchant, tmp_path: Path, hanging_redis: str
) -> None:
    port = find_free_port()
    loop = asyncio.get_running_loop()
    server = serving(port=port, log=tmp_path / "web.log", REDIS_URL=hanging_redis)
    # The server waits for its own start in a thread, so that this loop can go on accepting.
    base = await loop.run_in_executor(None, server.__enter__)
    try:
        async with Gate(base=base, key=merchant.key).open() as shopper:
            await shopper.hello()
            began = time.monotonic()
            ack = await shopper.say("hello")
            acked = time.monotonic() - began
            done = await shopper.expect("done")
        async with Gate(base=base, key=merchant.key).open() as again:
            began = time.monotonic()
            await again.hello(resume=ack["resume"])
            welcomed = time.monotonic() - began
            await again.have("done")
    finally:
        await loop.run_in_executor(None, server.__exit__, None, None, None)

    # A hanging Redis is given a second each time it is asked; who waits for each of its answers waits for ten.
    assert acked < 6.0
    assert welcomed < 5.0
    assert done["turn"] == 1
    assert again.durable == shopper.durable


async def list_listening(redis: Redis) -> dict[str, int]:
    """Seconds without a command, of each connection that listens on this database of Redis."""
    clients = await redis.client_list(_type="pubsub")
    database = str(redis.connection_pool.connection_kwargs["db"])
    return {client["id"]: int(client["idle"]) for client in clients if client["db"] == database}


async def test_a_listener_outlives_a_quiet_time(
    merchant: Merchant, tmp_path: Path, redis: Redis, database: str
) -> None:
    others = set(await list_listening(redis))
    port = find_free_port()
    log = tmp_path / "web.log"
    with serving(port=port, log=log) as base:
        async with Gate(base=base, key=merchant.key).open() as shopper:
            resume = (await shopper.hello(), await shopper.say("hello"))[1]["resume"]
            await shopper.expect("done")

            async def find_quiet() -> set[str]:
                listening = await list_listening(redis)
                return {name for name, idle in listening.items() if idle >= QUIET_SECONDS} - others

            quiet = await wait_until_async(find_quiet)
            async with open_platform(prefix=f"{settings.REDIS_PREFIX}:{uuid.uuid4().hex}:") as platform:
                conversation = await platform.conversations.find_resumed(
                    handle=resume, merchant=MerchantId(str(merchant.pk)), at=read_clock()
                )
                assert conversation is not None
                began = time.monotonic()
                await platform.conversations.record_arrivals(
                    conversation=conversation, events=(HandoffRequested(text="Ada joins."),), at=read_clock()
                )
                await shopper.expect("agent")
                heard = time.monotonic() - began

            assert quiet <= set(await list_listening(redis))

    assert heard < 1.0
    assert "Unexpected exception" not in log.read_text()
