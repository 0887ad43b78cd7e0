"""Lets go of what ran out, in batches, each a transaction; says how much. What is under a hold stays."""

from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from conversations.ids import ConversationId, MerchantId, ShopperId
from conversations.store.holding import HELD, require_free
from conversations.store.partitions import WHOLE
from conversations.store.retention import BATCH, drop_around

Connection = AsyncConnection[tuple[Any, ...]]

_LEFT = (
    "SELECT talk.id FROM conversations_conversation talk WHERE talk.erased_at >= %s"
    f" AND EXISTS (SELECT FROM {WHOLE} entry WHERE entry.conversation_id = talk.id)"
    f" AND NOT {HELD.format(talk='talk')} LIMIT %s"
)

_SHOWN_ORDERS = (
    "DELETE FROM conversations_shownentity WHERE id IN (SELECT shown.id FROM conversations_shownentity shown"
    " WHERE shown.merchant_id = %s AND shown.kind = 'order' AND NOT EXISTS (SELECT FROM conversations_conversation talk"
    f"  WHERE talk.id = shown.conversation_id AND {HELD.format(talk='talk')}) LIMIT %s)"
)


class Purges:
    """The state service's part of the purge."""

    def __init__(self, *, pool: AsyncConnectionPool[Connection]) -> None:
        self._pool = pool

    async def drop_quiet_of(self, *, merchant: MerchantId, before: datetime, anonymous: bool) -> int:
        """Drops a merchant's conversations that were quiet since; those of named shoppers, or the others."""
        dropped, more = 0, True
        async with self._pool.connection() as connection:
            while more:
                async with connection.transaction():
                    gone = await _erase_quiet(
                        connection, merchant=merchant, before=before, anonymous=anonymous
                    )
                    await drop_rows(connection, conversations=gone)
                dropped, more = dropped + len(gone), len(gone) == BATCH
        return dropped

    async def drop_one(self, *, merchant: MerchantId, conversation: ConversationId) -> int:
        """Drops one conversation of a merchant's and says how many events went; what else is of its shopper stays.

        Raises `OnHold` where it, or its shopper, is held: then nothing went. What Redis has of it is not touched.
        """
        async with self._pool.connection() as connection, connection.transaction():
            await require_free(connection, merchant=merchant, owners=[conversation])
            await connection.execute(
                "UPDATE conversations_conversation SET erased_at = now(), waiting_since = NULL, fence = fence + 1"
                " WHERE id = %s AND merchant_id = %s AND erased_at IS NULL",
                [conversation, merchant],
            )
            return await drop_rows(connection, conversations=(conversation,))

    async def drop_handles(self, *, now: datetime) -> int:
        """Handles by which no browser comes back any more."""
        return await self._count("DELETE FROM conversations_resumehandle WHERE expires_at < %s", now)

    async def drop_shown_orders(self, *, merchants: tuple[MerchantId, ...]) -> int:
        """Rows by which news would find who was shown an order: none is written any more, since its number lay in
        the clear there.
        """
        dropped = 0
        async with self._pool.connection() as connection:
            for merchant in merchants:
                while gone := (await connection.execute(_SHOWN_ORDERS, [merchant, BATCH])).rowcount:
                    dropped += gone
        return dropped

    async def list_stale_profiles(
        self, *, merchant: MerchantId, before: datetime, limit: int = BATCH
    ) -> tuple[ShopperId, ...]:
        """Shoppers of whom nothing was learnt since."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT shopper_id FROM conversations_shopperprofile WHERE merchant_id = %s AND changed_at < %s"
                " ORDER BY changed_at LIMIT %s",
                [merchant, before, limit],
            )
            return tuple([ShopperId(str(row[0])) async for row in cursor])

    async def drop_profiles(self, *, merchant: MerchantId, before: datetime) -> int:
        """Profiles of shoppers of whom nothing was learnt since; who is under a hold keeps it."""
        async with self._pool.connection() as connection:
            gone = await connection.execute(
                "DELETE FROM conversations_shopperprofile profile WHERE merchant_id = %s AND changed_at < %s"
                " AND NOT EXISTS (SELECT FROM conversations_legalhold hold WHERE hold.lifted_at IS NULL"
                "  AND hold.merchant_id = profile.merchant_id AND hold.owner_id = profile.shopper_id)",
                [merchant, before],
            )
        return gone.rowcount

    async def list_periods(self) -> dict[MerchantId, dict[str, int]]:
        """The periods that merchants chose for themselves: days, by class."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT merchant_id, kind, days FROM conversations_retentionperiod ORDER BY merchant_id"
            )
            rows = await cursor.fetchall()
        chosen: dict[MerchantId, dict[str, int]] = {}
        for merchant, kind, days in rows:
            chosen.setdefault(MerchantId(str(merchant)), {})[kind] = days
        return chosen

    async def drop_left(self, *, since: datetime) -> int:
        """Drops the rows that an erasure since then left because it was interrupted; says of how many conversations."""
        dropped, more = 0, True
        async with self._pool.connection() as connection:
            while more:
                async with connection.transaction():
                    cursor = await connection.execute(_LEFT, [since, BATCH])
                    left = tuple([ConversationId(str(row[0])) async for row in cursor])
                    await drop_rows(connection, conversations=left)
                dropped, more = dropped + len(left), len(left) == BATCH
        return dropped

    async def list_erased(self, *, since: datetime) -> tuple[ConversationId, ...]:
        """The conversations that were erased since."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT id FROM conversations_conversation WHERE erased_at >= %s ORDER BY id", [since]
            )
            return tuple([ConversationId(str(row[0])) async for row in cursor])

    async def drop_rows(self, *, conversations: tuple[ConversationId, ...]) -> int:
        """Removes what is stored of conversations that were erased; says how many events that was."""
        async with self._pool.connection() as connection, connection.transaction():
            return await drop_rows(connection, conversations=conversations)

    async def _count(self, statement: str, now: datetime) -> int:
        async with self._pool.connection() as connection:
            return (await connection.execute(statement, [now])).rowcount


async def drop_rows(connection: Connection, *, conversations: tuple[ConversationId, ...]) -> int:
    """The rows of erased conversations. Their own rows stay and say so, and refuse whatever is said again; the ids
    under which it was sent go, since a client may have made them of anything.
    """
    gone = {"gone": list(conversations)}
    events = await connection.execute(
        f"DELETE FROM {WHOLE} WHERE conversation_id = ANY(%(gone)s::uuid[])", gone
    )
    await connection.execute(
        "DELETE FROM conversations_message WHERE conversation_id = ANY(%(gone)s::uuid[])", gone
    )
    await drop_around(connection, "SELECT unnest(%(gone)s::uuid[])", gone)
    return events.rowcount


async def _erase_quiet(
    connection: Connection, *, merchant: MerchantId, before: datetime, anonymous: bool
) -> tuple[ConversationId, ...]:
    cursor = await connection.execute(
        "UPDATE conversations_conversation SET erased_at = now(), waiting_since = NULL, fence = fence + 1"
        " WHERE erased_at IS NULL AND active_at < %(before)s AND id IN (SELECT talk.id"
        " FROM conversations_conversation talk WHERE talk.merchant_id = %(merchant)s"
        " AND talk.active_at < %(before)s AND talk.erased_at IS NULL AND (talk.shopper_id IS NULL) = %(anonymous)s"
        f" AND NOT {HELD.format(talk='talk')} LIMIT %(limit)s) RETURNING id",
        {"merchant": merchant, "before": before, "anonymous": anonymous, "limit": BATCH},
    )
    return tuple([ConversationId(str(row[0])) async for row in cursor])
