"""How far a shopper has read: no event, for nothing follows from it but what is counted as unread."""

from typing import Any

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from conversations.ids import ConversationId


class Reading:
    """Keeps the place up to which a conversation was seen; it only ever goes on."""

    def __init__(self, *, pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]]) -> None:
        self._pool = pool

    async def get_place(self, *, conversation: ConversationId) -> int:
        """The newest frame that was seen; 0 where none was."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT read_frame FROM conversations_conversation WHERE id = %s", [conversation]
            )
            row = await cursor.fetchone()
        return int(row[0]) if row else 0

    async def record(self, *, conversation: ConversationId, frame: int) -> bool:
        """Keeps that everything up to this frame was seen; False where that was known, or there is no such frame."""
        async with self._pool.connection() as connection:
            moved = await connection.execute(
                "UPDATE conversations_conversation SET read_frame = %(frame)s"
                " WHERE id = %(conversation)s AND read_frame < %(frame)s AND frames >= %(frame)s",
                {"frame": frame, "conversation": conversation},
            )
        return moved.rowcount == 1
