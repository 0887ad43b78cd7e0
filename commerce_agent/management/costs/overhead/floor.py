"""The bare floor under a turn: what no way of keeping its state durably and at hand can do without."""

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from django.conf import settings
from psycopg import AsyncConnection, AsyncCursor

from commerce_agent.composition import Platform
from commerce_agent.management.costs.overhead.talk import Talk

_COMMITTED = "SELECT pg_logical_emit_message(true, 'floor', %s::bytea)"


class Floor:
    """Two round trips to Redis, which read and write a whole state, and one durable commit of as many bytes as a turn's
    events have; with a message one more durable commit before them, of as many bytes as a message has.

    A commit is a transaction of its own (begin, one statement, commit) on a connection that does nothing else, or,
    as those of a message and a turn are, one statement on a connection of the pool.
    """

    def __init__(
        self,
        *,
        platform: Platform,
        connection: AsyncConnection,
        state_bytes: int,
        turn_bytes: int,
        message_bytes: int,
    ) -> None:
        self._platform = platform
        self._connection = connection
        self._key = f"{platform.prefix}floor"
        self._state = os.urandom(state_bytes)
        self._turn = os.urandom(turn_bytes)
        self._message = os.urandom(message_bytes)

    async def measure(self, *, with_message: bool) -> float:
        """Milliseconds of it, once, where each commit is a transaction; one at a time."""
        started = time.perf_counter()
        if with_message:
            await self._commit(self._message)
        await self._platform.redis.get(self._key)
        await self._commit(self._turn)
        await self._platform.redis.set(self._key, self._state)
        return (time.perf_counter() - started) * 1000

    async def measure_at_once(self, *, with_message: bool) -> float:
        """The same where each commit is one statement, prepared, on a connection of the pool."""
        started = time.perf_counter()
        if with_message:
            await self._commit_at_once(self._message)
        await self._platform.redis.get(self._key)
        await self._commit_at_once(self._turn)
        await self._platform.redis.set(self._key, self._state)
        return (time.perf_counter() - started) * 1000

    async def _commit(self, body: bytes) -> None:
        async with self._connection.transaction():
            await self._connection.execute(_COMMITTED, [body])

    async def _commit_at_once(self, body: bytes) -> None:
        async with self._platform.pool.connection() as connection:
            await AsyncCursor(connection).execute(_COMMITTED, [body], prepare=True)


@asynccontextmanager
async def open_floor(platform: Platform, *, talk: Talk) -> AsyncIterator[Floor]:
    """The floor under the turns of a conversation such as this one, on a connection that does nothing else."""
    async with await AsyncConnection.connect(settings.DATABASE_URL, autocommit=True) as connection:
        yield Floor(
            platform=platform,
            connection=connection,
            state_bytes=await platform.projection.count_bytes(conversation=talk.conversation),
            turn_bytes=await count_turn_bytes(platform, talk=talk, turn=talk.turns),
            message_bytes=await _count_message_bytes(platform, talk=talk),
        )


async def count_turn_bytes(platform: Platform, *, talk: Talk, turn: int) -> int:
    """Bytes of the journal that one turn wrote."""
    return await _count_bytes(platform, talk=talk, turn=turn)


async def _count_message_bytes(platform: Platform, *, talk: Talk) -> int:
    """Bytes of the journal that a message wrote: each stands outside the turns."""
    return await _count_bytes(platform, talk=talk, turn=0) // max(1, talk.turns)


async def _count_bytes(platform: Platform, *, talk: Talk, turn: int) -> int:
    async with platform.pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT coalesce(sum(length(body)), 0) FROM conversations_journalentry"
            " WHERE conversation_id = %s AND turn = %s",
            [talk.conversation, turn],
        )
        row = await cursor.fetchone()
    return int(row[0]) if row else 0
