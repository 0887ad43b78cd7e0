"""How conversations began: the first visible events of many, in two looks at PostgreSQL."""

from collections.abc import Collection
from typing import Any

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from conversations.events import Recorded
from conversations.ids import ConversationId
from conversations.store.append import to_recorded
from conversations.store.boxes import Boxes
from conversations.store.codec import UnreadableEvent


class FirstFrames:
    """Reads the beginnings of conversations."""

    def __init__(self, *, pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]], boxes: Boxes) -> None:
        self._pool = pool
        self._boxes = boxes

    async def list(
        self, *, conversations: Collection[ConversationId], most: int
    ) -> dict[ConversationId, tuple[Recorded, ...] | None]:
        """The first visible events of each, at most so many; None for one that cannot be read any more."""
        boxes = await self._boxes.get_boxes(conversations=conversations)
        found: dict[ConversationId, tuple[Recorded, ...] | None] = dict.fromkeys(boxes, ())
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT conversation_id, seq, frame, at, turn, schema, body FROM conversations_journalentry"
                " WHERE conversation_id = ANY(%s::uuid[]) AND frame <= %s ORDER BY conversation_id, frame",
                [list(boxes), most],
            )
            rows = await cursor.fetchall()
        for row in rows:
            name = ConversationId(str(row[0]))
            before = found[name]
            if before is None:
                continue
            try:
                found[name] = (*before, to_recorded(row[1:], box=boxes[name]))
            except UnreadableEvent:
                found[name] = None
        return found
