"""The lean connection says what the client's own says, gives up in time, and hears that it is cancelled."""

import asyncio
from contextlib import suppress
from uuid import uuid4

import pytest
import redis.asyncio as aioredis
from django.conf import settings
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import DataError
from redis.exceptions import TimeoutError as RedisTimeoutError

from commerce_agent.redis_wire import LeanConnection

LARGE = 20_000_000


@pytest.fixture
def lean() -> aioredis.Redis:
    return aioredis.Redis.from_url(
        settings.REDIS_URL, connection_class=LeanConnection, socket_timeout=5, socket_connect_timeout=5
    )


@pytest.mark.parametrize(
    "command",
    [
        ("SET", "ключ", b"\x00\r\n\xff"),
        ("SET", b"key", bytearray(b"bytes")),
        ("SET", "key", memoryview(b"view")),
        ("ZADD", "key", 1.5, "a", 7, ""),
        ("CONFIG GET", "maxmemory"),
        (b"CLIENT INFO",),
    ],
)
def test_a_command_is_packed_as_by_the_client(command: tuple[str, ...]) -> None:
    own, lean = aioredis.Connection(), LeanConnection()

    assert b"".join(lean.pack_command(*command)) == b"".join(map(bytes, own.pack_command(*command)))


def test_what_redis_cannot_keep_is_refused() -> None:
    with pytest.raises(DataError):
        LeanConnection().pack_command("SET", "key", object())  # type: ignore[arg-type]


async def test_values_come_back_as_they_went(lean: aioredis.Redis) -> None:
    key, value = f"test-{uuid4().hex}", bytes(range(256)) * 4096
    async with lean, lean.pipeline(transaction=True) as pipe:
        pipe.set(key, value, ex=60).get(key).delete(key)
        assert await pipe.execute() == [True, value, 1]


async def test_a_server_that_takes_nothing_in_is_given_up() -> None:
    released = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # What a client says of itself at first is answered; then nothing more is read.
        while b"SET" not in await reader.read(64):
            writer.write(b"+OK\r\n" * 4)
        await released.wait()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0, limit=1024)
    async with server:
        client = aioredis.Redis(
            connection_pool=aioredis.ConnectionPool(
                connection_class=LeanConnection,
                host="127.0.0.1",
                port=server.sockets[0].getsockname()[1],
                socket_timeout=0.2,
                protocol=2,
                retry=Retry(NoBackoff(), 0),
            )
        )
        async with asyncio.timeout(30), client:
            with pytest.raises(RedisTimeoutError):
                await client.set("key", b"x" * LARGE)
            released.set()


async def test_who_sends_all_the_time_hears_the_first_cancellation(lean: aioredis.Redis) -> None:
    async def send_for_ever() -> None:
        while True:
            await lean.ping()

    async def cancel_after(turns: int) -> bool:
        task = asyncio.create_task(send_for_ever())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        return task.cancelled()

    async with asyncio.timeout(30), lean:
        assert all([await cancel_after(turns) for turns in range(24)])
