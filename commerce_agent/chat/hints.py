"""Hearing what is announced about one conversation; where nothing can be heard, asking every moment.

A socket listens only once it has a conversation, so an idle widget costs Redis nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

import structlog
from channels.layers import BaseChannelLayer
from redis.exceptions import RedisError

from conversations.ids import ConversationId

QUIET_SECONDS = 20.0
"""After so long without a hint the journal is asked: a hint may be lost, a word may not."""
DEAF_SECONDS = 1.0
"""How often the journal is asked while nothing can be heard."""

Hint = Mapping[str, Any]
log = structlog.get_logger(__name__)


def get_group(conversation: ConversationId) -> str:
    """Answers the group in which a conversation's frames are announced."""
    return f"conversation.{UUID(conversation).hex}"


class Hints:
    """Listens for one socket, in a task of its own, until it is closed."""

    def __init__(
        self,
        *,
        layer: BaseChannelLayer,
        conversation: ConversationId,
        hear: Callable[[Hint | None], Awaitable[None]],
    ) -> None:
        """`hear` is given every hint, and None when it is time to ask the journal."""
        self._layer = layer
        self._group = get_group(conversation)
        self._hear = hear
        self._settled = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Returns once hints are heard, or once it is known that they cannot be."""
        self._task = asyncio.create_task(self._run())
        await self._settled.wait()

    async def close(self) -> None:
        """Ends the listening."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except (RedisError, OSError) as outage:
                log.warning("chat.deaf", error=str(outage))
            self._settled.set()
            await self._hear(None)
            await asyncio.sleep(DEAF_SECONDS)

    async def _listen(self) -> None:
        channel = await self._layer.new_channel()
        receiving: asyncio.Task[Hint] | None = None
        try:
            await self._layer.group_add(self._group, channel)
            self._settled.set()
            while True:
                receiving = receiving or asyncio.create_task(self._layer.receive(channel))
                done, _ = await asyncio.wait({receiving}, timeout=QUIET_SECONDS)
                if not done:
                    await self._hear(None)
                    continue
                hint, receiving = receiving.result(), None
                await self._hear(hint)
        finally:
            await self._forget(channel, receiving)

    async def _forget(self, channel: str, receiving: asyncio.Task[Hint] | None) -> None:
        try:
            await self._layer.group_discard(self._group, channel)
            # The layer gives a channel up when its receiver is cancelled, so one is always started.
            receiving = receiving or asyncio.create_task(self._layer.receive(channel))
            await asyncio.sleep(0)
            receiving.cancel()
            await asyncio.wait({receiving})
        except (RedisError, OSError) as outage:
            log.warning("chat.deaf", error=str(outage))
