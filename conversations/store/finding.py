"""Finds conversations by what they show, what waits in them and when they were in use.

Waiting is a column. `waiting_since` lets a sweep find the messages of a holder that died without reading journals;
a test holds it equal to what the fold says at every step.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from conversations.ids import ConversationId, EntityRef, MerchantId
from conversations.store.append import NoSuchConversation
from conversations.store.sealing import KeyDestroyed


class Finder:
    """Reads the columns that an append keeps for this."""

    def __init__(self, *, pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]]) -> None:
        self._pool = pool

    async def list_concerned(
        self, *, merchant: MerchantId, refs: tuple[EntityRef, ...], active_after: datetime
    ) -> dict[ConversationId, tuple[EntityRef, ...]]:
        """The conversations active after an instant that show some of these items, each with those it shows."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT shown.conversation_id, array_agg(shown.kind), array_agg(shown.key)"
                " FROM conversations_shownentity shown"
                " JOIN unnest(%s::text[], %s::text[]) AS item (kind, key) USING (kind, key)"
                " JOIN conversations_conversation conversation ON conversation.id = shown.conversation_id"
                " WHERE shown.merchant_id = %s AND conversation.active_at > %s GROUP BY 1",
                [[ref.kind for ref in refs], [ref.key for ref in refs], merchant, active_after],
            )
            rows = await cursor.fetchall()
        return {
            ConversationId(str(name)): tuple(
                EntityRef(kind, key) for kind, key in zip(kinds, keys, strict=True)
            )
            for name, kinds, keys in rows
        }

    async def get_version(self, *, conversation: ConversationId, merchant: MerchantId) -> int:
        """The version of a merchant's own conversation. Raises `NoSuchConversation` for any other, erased or
        not, and `KeyDestroyed`.
        """
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT version, erased_at FROM conversations_conversation WHERE id = %s AND merchant_id = %s",
                [conversation, merchant],
            )
            row = await cursor.fetchone()
        if row is None:
            raise NoSuchConversation(conversation=conversation)
        if row[1] is not None:
            raise KeyDestroyed(conversation=conversation)
        return int(row[0])

    async def get_bounds(
        self, *, conversation: ConversationId, first: int, last: int
    ) -> tuple[int, int | None]:
        """After which seq, and up to which, these turns and the messages that they answer stand, and little else.

        A turn's messages came after the turn before it began, and that began after the decision before its own.
        """
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT coalesce(max(seq) FILTER (WHERE turn < %s), 0), min(seq) FILTER (WHERE turn > %s)"
                " FROM conversations_decisionrecord WHERE conversation_id = %s",
                [first - 1, last, conversation],
            )
            row = await cursor.fetchone()
        return (int(row[0]), row[1]) if row else (0, None)

    async def is_waiting(self, *, conversation: ConversationId) -> bool:
        """Whether a message waits for the assistant, not for a person who is there; raises `NoSuchConversation`."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT waiting_since IS NOT NULL AND NOT EXISTS (SELECT FROM conversations_handover stay"
                " WHERE stay.conversation_id = talk.id AND stay.joined_at IS NOT NULL)"
                " FROM conversations_conversation talk WHERE talk.id = %s",
                [conversation],
            )
            row = await cursor.fetchone()
        if row is None:
            raise NoSuchConversation(conversation=conversation)
        return bool(row[0])

    async def walk_waiting(
        self, *, before: datetime, page: int, but: tuple[MerchantId, ...] = ()
    ) -> AsyncIterator[tuple[ConversationId, ...]]:
        """Conversations whose oldest message has waited since before an instant, longest first, so many at a time.

        Each comes once: one that cannot be answered does not keep those behind it waiting. What a person has is theirs.
        """
        last: tuple[datetime | None, str] = (None, "")
        while True:
            async with self._pool.connection() as connection:
                cursor = await connection.execute(
                    "SELECT waiting_since, id FROM conversations_conversation WHERE waiting_since < %(before)s"
                    " AND merchant_id <> ALL(%(but)s::uuid[]) AND NOT EXISTS (SELECT FROM conversations_handover stay"
                    " WHERE stay.conversation_id = conversations_conversation.id AND stay.joined_at IS NOT NULL)"
                    " AND (%(since)s::timestamptz IS NULL"
                    " OR (waiting_since, id) > (%(since)s, nullif(%(id)s, '')::uuid))"
                    " ORDER BY waiting_since, id LIMIT %(page)s",
                    {"before": before, "but": list(but), "since": last[0], "id": last[1], "page": page},
                )
                rows = await cursor.fetchall()
            if rows:
                yield tuple(ConversationId(str(row[1])) for row in rows)
            if len(rows) < page:
                return
            last = rows[-1][0], str(rows[-1][1])

    async def list_open(self, *, merchant: MerchantId, active_after: datetime) -> tuple[ConversationId, ...]:
        """The merchant's conversations that were active after an instant."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT id FROM conversations_conversation WHERE merchant_id = %s AND active_at > %s",
                [merchant, active_after],
            )
            return tuple([ConversationId(str(row[0])) async for row in cursor])
