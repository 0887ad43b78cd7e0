"""Some events of many conversations, in two looks at PostgreSQL: how they began, or those of a few kinds."""

from collections.abc import Collection
from typing import Any, LiteralString

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from conversations.events import Event, Recorded
from conversations.ids import ConversationId
from conversations.store.append import to_recorded
from conversations.store.boxes import Boxes
from conversations.store.codec import UnreadableEvent, get_kind


class SomeEvents:
    """Reads for lists, which need a little of each."""

    def __init__(self, *, pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]], boxes: Boxes) -> None:
        self._pool = pool
        self._boxes = boxes

    async def list_first(
        self, *, conversations: Collection[ConversationId], most: int
    ) -> dict[ConversationId, tuple[Recorded, ...] | None]:
        """The first visible events of each, at most so many; None for one that cannot be read any more."""
        return await self._list(conversations, condition="frame <= %s", value=most)

    async def list_kinds(
        self, *, conversations: Collection[ConversationId], kinds: Collection[type[Event]]
    ) -> dict[ConversationId, tuple[Recorded, ...] | None]:
        """All events of these kinds of each; None for one that cannot be read any more."""
        names = [get_kind(kind) for kind in kinds]
        return await self._list(conversations, condition="kind = ANY(%s)", value=names)

    async def _list(
        self, conversations: Collection[ConversationId], *, condition: LiteralString, value: object
    ) -> dict[ConversationId, tuple[Recorded, ...] | None]:
        boxes = await self._boxes.get_boxes(conversations=conversations)
        found: dict[ConversationId, list[Recorded] | None] = {name: [] for name in boxes}
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT conversation_id, seq, frame, at, turn, schema, body FROM conversations_journalentry"
                f" WHERE conversation_id = ANY(%s::uuid[]) AND {condition} ORDER BY conversation_id, seq",
                [list(boxes), value],
            )
            rows = await cursor.fetchall()
        for row in rows:
            name = ConversationId(str(row[0]))
            read = found[name]
            if read is None:
                continue
            try:
                read.append(to_recorded(row[1:], box=boxes[name]))
            except UnreadableEvent:
                found[name] = None
        return {name: None if read is None else tuple(read) for name, read in found.items()}
