"""At most one turn in flight a conversation: a lease says who may try, the journal's fence who may commit.

The lease is a Redis key with a short life that its holder renews. Without Redis the same is asked of the
conversation's row, with one long life, since the row is not renewed. Either may be lost: a second holder
then raises the fence, and the first one's commit is refused.

A lease says who may try, the fence who may commit. A lease in Redis is renewed without a write to disk and runs out
by itself when its holder dies, but it can run out under a holder that is only slow. So taking a turn raises a
counter on the conversation's row and the commit compares it under the row lock.

Without Redis the row is the lease. It is freed by the instant it holds, so a holder that was replaced cannot free
its successor's. Who finds Redis well again honours a row lease that still runs. The row is not renewed: it lives 60
s, longer than a turn may take.
"""

import asyncio
import secrets
from collections.abc import Coroutine
from datetime import datetime
from typing import Any, Literal

import msgspec
import structlog
from psycopg import AsyncConnection, OperationalError
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from redis.exceptions import RedisError

from conversations.events import Recorded
from conversations.ids import ConversationId
from conversations.metrics import LOCK_WAIT
from conversations.store.projection import Projection, RedisDoor
from conversations.store.shelving import Prepared, Shelved

LEASE_SECONDS = 10
"""A holder that died is replaced after this long."""
ROW_LEASE_SECONDS = 60
"""Longer than any turn may take."""

log = structlog.get_logger(__name__)

_TURN_WAIT = LOCK_WAIT.labels("turn")

_RENEW = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0
"""
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """The right to try a turn."""

    conversation: ConversationId
    token: str
    """What the holder alone knows: a random word in Redis, the instant it runs out on the row."""
    kept_in: Literal["redis", "postgresql"]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A lease, and what was kept of the conversation's state when it was granted."""

    lease: Lease
    kept: Shelved | None
    without_redis: bool

    @property
    def is_known(self) -> bool:
        """Whether Redis keeps the very state that this process knows."""
        return self.kept is not None and self.kept.known is not None


class TurnLeases:
    """Grants leases. What a turn asks of Redis at its start is one round trip, and so is what it leaves at its end."""

    def __init__(
        self,
        *,
        door: RedisDoor,
        pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]],
        projection: Projection,
    ) -> None:
        self._door = door
        self._pool = pool
        self._projection = projection
        self._giving_back: set[asyncio.Task[None]] = set()

    def _key(self, conversation: ConversationId) -> str:
        return self._projection.get_lease_key(conversation)

    async def find_lease(self, *, conversation: ConversationId, mine: Lease | None = None) -> Found | None:
        """A lease with the kept state, or None while another holds it. Raises `NoSuchConversation`.

        `mine` is one that `hold` gave before. Whoever is cancelled while it is granted leaves none behind.
        """
        token = mine.token if mine else secrets.token_hex(8)
        return await self._granted(self._find(conversation=conversation, token=token))

    async def _find(self, *, conversation: ConversationId, token: str) -> Found | None:
        try:
            return await self._ask(conversation=conversation, token=token)
        except RedisError:
            log.warning("projection.unreachable", conversation=conversation)
            row = await self._find_row_lease(conversation=conversation)
            return Found(lease=row, kept=None, without_redis=True) if row else None

    async def hold(self, *, conversation: ConversationId, untold: tuple[Recorded, ...]) -> Found | None:
        """The lease of a turn that was begun with its message, while Redis is told of both: one round trip for all.

        None while another holds it, and while Redis is out of reach: whoever takes the turn asks again. Whoever is
        cancelled meanwhile leaves none behind.
        """
        asking = self._ask(conversation=conversation, token=secrets.token_hex(8), untold=untold)
        try:
            return await self._granted(asking)
        except RedisError:
            return None

    async def _granted(self, asking: Coroutine[Any, Any, Found | None]) -> Found | None:
        """What is granted. A server grants to a caller that is gone as well: what it does then is awaited and given
        back, else nobody could take the turn until that has run out.
        """
        granting = asyncio.create_task(asking)
        try:
            return await asyncio.shield(granting)
        except asyncio.CancelledError:
            giving_back = asyncio.create_task(self._give_back(granting))
            self._giving_back.add(giving_back)
            giving_back.add_done_callback(self._giving_back.discard)
            raise

    async def _give_back(self, granting: asyncio.Task[Found | None]) -> None:
        await asyncio.wait((granting,))
        if granting.cancelled() or granting.exception() is not None:
            return
        found = granting.result()
        if found is not None:
            await self.release(lease=found.lease)

    async def find_known(self, *, lease: Lease) -> Found | None:
        """A lease that is held, with the state that this process knows; None where it knows none."""
        kept = await self._projection.find_known(conversation=lease.conversation)
        return Found(lease=lease, kept=kept, without_redis=False) if kept else None

    async def _ask(
        self, *, conversation: ConversationId, token: str, untold: tuple[Recorded, ...] = ()
    ) -> Found | None:
        with _TURN_WAIT.time():
            kept = await self._projection.take(
                conversation=conversation,
                token=token,
                milliseconds=LEASE_SECONDS * 1000,
                untold=untold,
            )
        if kept is None:
            return None
        lease = Lease(conversation=conversation, token=token, kept_in="redis")
        return Found(lease=lease, kept=kept, without_redis=False)

    async def _find_row_lease(self, *, conversation: ConversationId) -> Lease | None:
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "UPDATE conversations_conversation"
                " SET lease_until = clock_timestamp() + make_interval(secs => %s)"
                " WHERE id = %s AND (lease_until IS NULL OR lease_until < clock_timestamp())"
                " RETURNING lease_until",
                [ROW_LEASE_SECONDS, conversation],
            )
            row = await cursor.fetchone()
        if row is None:
            return None
        until: datetime = row[0]
        return Lease(conversation=conversation, token=until.isoformat(), kept_in="postgresql")

    async def renew(self, *, lease: Lease) -> bool:
        """Prolongs the lease. False when it was lost; the fence then guards the commit."""
        if lease.kept_in == "postgresql":
            return await self._has_row_lease(lease=lease)
        try:
            renewed = await self._door.client.eval(
                _RENEW, 1, self._key(lease.conversation), lease.token, str(LEASE_SECONDS * 1000)
            )
        except RedisError:
            return False
        return bool(renewed)

    async def _has_row_lease(self, *, lease: Lease) -> bool:
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT 1 FROM conversations_conversation WHERE id = %s AND lease_until = %s::timestamptz",
                [lease.conversation, lease.token],
            )
            return await cursor.fetchone() is not None

    async def release_after(self, *, lease: Lease, prepared: Prepared) -> None:
        """Keeps the state that the turn led to, and gives the lease back."""
        if lease.kept_in == "redis":
            if not await self._projection.write_prepared(prepared, token=lease.token):
                log.warning("lease.left", conversation=lease.conversation, reason="Redis is out of reach")
            return
        await self._projection.write_prepared(prepared)
        await self.release(lease=lease)

    async def release(self, *, lease: Lease) -> None:
        """Gives the lease back; one that was lost meanwhile is left alone, one out of reach runs out."""
        try:
            if lease.kept_in == "postgresql":
                await self._release_row(lease=lease)
            else:
                await self._door.client.eval(_RELEASE, 1, self._key(lease.conversation), lease.token)
        except (RedisError, OperationalError, PoolTimeout) as error:
            log.warning("lease.left", conversation=lease.conversation, reason=str(error))

    async def _release_row(self, *, lease: Lease) -> None:
        async with self._pool.connection() as connection:
            await connection.execute(
                "UPDATE conversations_conversation SET lease_until = NULL"
                " WHERE id = %s AND lease_until = %s::timestamptz",
                [lease.conversation, lease.token],
            )
