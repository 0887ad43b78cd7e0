"""The lean connection says what the client's own says, gives up in time, and hears that it is cancelled; a script that
goes the short way fails and recovers as one that goes the client's.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import uuid4

import pytest
import redis.asyncio as aioredis
from django.conf import settings
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import DataError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from commerce_agent.redis_wire import LeanConnection, LeanRedis, build_client

LARGE = 20_000_000


@pytest.fixture
def lean() -> aioredis.Redis:
    return aioredis.Redis.from_url(
        settings.REDIS_URL, connection_class=LeanConnection, socket_timeout=5, socket_connect_timeout=5
    )


@pytest.fixture
async def short() -> AsyncIterator[LeanRedis]:
    """A client with a connection that rests."""
    client = build_client(settings.REDIS_URL, seconds=5)
    async with client:
        await client.ping()
        yield client


@pytest.fixture
def long_ways(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What went the client's own way."""
    went: list[object] = []
    execute = aioredis.Redis.execute_command

    async def note(self: aioredis.Redis, *words: object, **how: object) -> object:
        went.append(words[0])
        return await execute(self, *words, **how)

    monkeypatch.setattr(aioredis.Redis, "execute_command", note)
    return went


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


async def test_a_script_goes_the_short_way_and_answers_the_same(
    short: LeanRedis, lean: aioredis.Redis, long_ways: list[object]
) -> None:
    script = "return {KEYS[1], ARGV[1], tonumber(ARGV[2]), false, {'a', redis.status_reply('OK')}}"
    values = (f"test-{uuid4().hex}", bytes(range(256)) * 400, 7)

    answer = await short.eval(script, 1, *values)

    assert answer == [values[0].encode(), values[1], 7, None, [b"a", b"OK"]]
    assert long_ways == []
    async with lean:
        assert answer == await lean.eval(script, 1, *values)


async def test_a_script_that_fails_raises_as_the_clients_and_its_connection_rests(
    short: LeanRedis, long_ways: list[object]
) -> None:
    for _ in range(3):
        with pytest.raises(ResponseError, match="no such thing"):
            await short.eval("return redis.error_reply('no such thing')", 0)
    with pytest.raises(DataError):
        await short.eval("return 1", 0, object())  # type: ignore[arg-type]

    assert await short.eval("return 2", 0) == 2
    assert long_ways == []


async def test_a_script_on_a_line_that_the_server_closed_is_asked_on_another(
    short: LeanRedis, lean: aioredis.Redis, long_ways: list[object]
) -> None:
    number = await short.client_id()
    async with lean:
        await lean.client_kill_filter(_id=str(number))

    assert await short.eval("return 3", 0) == 3
    assert long_ways[2:] == ["EVAL"]
    assert await short.eval("return 4", 0) == 4
    assert long_ways[2:] == ["EVAL"]


async def test_whose_script_is_cancelled_leaves_its_answer_to_nobody(short: LeanRedis) -> None:
    for step in range(4):
        asking = asyncio.create_task(short.eval("return ARGV[1]", 0, f"mine {step}"))
        for _ in range(step):
            await asyncio.sleep(0)
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking

        assert await short.eval("return ARGV[1]", 0, f"theirs {step}") == f"theirs {step}".encode()


async def test_a_script_of_a_server_that_hangs_is_given_up_in_its_time() -> None:
    released = asyncio.Event()
    asked: list[bytes] = []

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not released.is_set() and (said := await reader.read(64_000)):
            asked.append(said)
            if b"EVAL" in said:
                await released.wait()
            writer.write(b"+OK\r\n" * said.count(b"*"))
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        client = build_client(f"redis://127.0.0.1:{port}?protocol=2", seconds=0.2)
        async with asyncio.timeout(30), client:
            await client.execute_command("GREET")
            with pytest.raises(RedisTimeoutError):
                await client.eval("return 1", 0)
            released.set()
    assert sum(b"EVAL" in said for said in asked) == 1


async def test_scripts_at_once_have_a_connection_each(short: LeanRedis) -> None:
    answers = await asyncio.gather(*(short.eval("return ARGV[1]", 0, str(number)) for number in range(20)))

    assert answers == [str(number).encode() for number in range(20)]
