"""Events for the widget to show, written to the real journal and announced as the core announces them."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

import redis.asyncio as aioredis
from channels.layers import get_channel_layer
from django.conf import settings
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from commerce_agent.isolation.connections import build_pool
from conversations.events import Event, Recorded
from conversations.ids import ConversationId
from conversations.service import Conversations
from conversations.store.projection import RedisDoor
from tests.boxes import make_boxes

T = TypeVar("T")


class Stage:
    """Speaks to the one conversation of a merchant."""

    def __init__(self, *, merchant: str) -> None:
        self._merchant = merchant

    def append(self, *events: Event) -> None:
        """Appends events outside a turn and announces them."""

        async def go(service: Conversations, conversation: ConversationId) -> None:
            await service.record_arrivals(conversation=conversation, events=events, at=datetime.now(UTC))

        self._run(go)

    def whisper(self, frame: dict[str, Any]) -> None:
        """Sends a passing remark to the conversation's open sockets."""

        async def go(service: Conversations, conversation: ConversationId) -> None:
            layer = get_channel_layer()
            group = f"conversation.{UUID(conversation).hex}"
            await layer.group_send(group, {"type": "conversation.ephemeral", "frame": frame})

        self._run(go)

    def count_said(self) -> int:
        """How many messages of shoppers this merchant's journals hold."""

        async def count(pool: AsyncConnectionPool[AsyncConnection[Any]]) -> int:
            async with pool.connection() as connection:
                cursor = await connection.execute(
                    "SELECT count(*) FROM conversations_message WHERE merchant_id = %s",
                    [self._merchant],
                )
                row = await cursor.fetchone()
            assert row is not None
            return int(row[0])

        return self._in_thread(lambda: self._with_pool(count))

    def _run(self, act: Callable[[Conversations, ConversationId], Awaitable[None]]) -> None:
        async def go(pool: AsyncConnectionPool[AsyncConnection[Any]]) -> None:
            door = RedisDoor(client=aioredis.Redis.from_url(settings.REDIS_URL))
            service = Conversations(
                boxes=make_boxes(pool), pool=pool, door=door, prefix=settings.REDIS_PREFIX, announce=_announce
            )
            async with pool.connection() as connection:
                cursor = await connection.execute(
                    "SELECT id FROM conversations_conversation WHERE merchant_id = %s", [self._merchant]
                )
                rows = await cursor.fetchall()
            assert len(rows) == 1, f"{len(rows)} conversations"
            await act(service, ConversationId(str(rows[0][0])))
            await door.close()
            await get_channel_layer().flush()

        self._in_thread(lambda: self._with_pool(go))

    async def _with_pool(self, act: Callable[[AsyncConnectionPool[AsyncConnection[Any]]], Awaitable[T]]) -> T:
        async with build_pool(settings.DATABASE_URL, most=2, wait=30) as pool:
            return await act(pool)

    def _in_thread(self, go: Callable[[], Any]) -> Any:
        """Playwright has the main thread's event loop; this one runs beside it."""
        answers: list[Any] = []
        thread = threading.Thread(target=lambda: answers.append(asyncio.run(go())))
        thread.start()
        thread.join(15)
        assert answers, "the stage did not answer in time"
        return answers[0]


async def _announce(conversation: ConversationId, visible: tuple[Recorded, ...]) -> None:
    group = f"conversation.{UUID(conversation).hex}"
    hint = {"type": "conversation.frame", "head": visible[-1].frame}
    await get_channel_layer().group_send(group, hint)
