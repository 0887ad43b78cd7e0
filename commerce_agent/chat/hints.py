"""Hearing what is announced about one conversation; where nothing can be heard, asking every moment.

A socket listens only once it has a conversation, so an idle widget costs Redis nothing.

A socket listens beside Channels, not through it. `Hints` subscribes only once there is a conversation, so an idle
widget costs Redis nothing; it subscribes in a task that nobody waits for, and asks the journal as soon as it hears.
Where Redis cannot be reached it asks each second instead: the talk goes on. In quiet times the journal is asked
every 20 s, and every 2 s while an answer is due, because a hint may be lost and a word may not.

A stop travels as a hint. The turn may run in another process, so a stop goes to every socket of the conversation,
each of which ends that turn, and no later one, if its own process runs it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import uuid4

import structlog
from channels.layers import BaseChannelLayer
from django.conf import settings
from redis.exceptions import RedisError

from commerce_agent.announcing import GROUP, get_group
from commerce_agent.decoding import build_json_decoder
from commerce_agent.ending import end, is_ending
from conversations.events import Recorded
from conversations.ids import ConversationId

QUIET_SECONDS = 20.0
"""After so long without a hint the journal is asked: a hint may be lost, a word may not."""
WAITING_SECONDS = 2.0
"""The same while an answer is awaited."""
DEAF_SECONDS = 1.0
"""How often the journal is asked while nothing can be heard."""
REDIS_SECONDS = 1.0
"""A Redis that takes longer to let us in or out counts as out of reach."""
TELL_SECONDS = 0.5
"""A hint that takes longer is not worth the wait of the one who gives it."""

PASSING = "conversation.ephemeral"
"""The type of a hint that brings a passing remark."""

Hint = Mapping[str, Any]
_CARRIED = build_json_decoder(tuple[Recorded, ...])
log = structlog.get_logger(__name__)


def list_carried(hint: Hint) -> tuple[Recorded, ...]:
    """The visible events that a hint brings along, so that the journal need not be asked for them."""
    carried = hint.get("frames")
    return _CARRIED.decode(carried) if carried else ()


async def tell(layer: BaseChannelLayer, *, conversation: ConversationId, hint: Mapping[str, object]) -> bool:
    """Gives a hint to every socket of the conversation in every process; False where Redis is gone: to nobody."""
    try:
        async with asyncio.timeout(TELL_SECONDS):
            await layer.group_send(get_group(conversation), dict(hint))
    except (RedisError, OSError) as outage:
        log.warning("chat.mute", error=str(outage))
        return False
    return True


class Hints:
    """Listens for one socket, in a task of its own, until it is closed."""

    def __init__(
        self,
        *,
        layer: BaseChannelLayer,
        conversation: ConversationId,
        hear: Callable[[Hint | None], Awaitable[None]],
        is_waiting: Callable[[], bool],
    ) -> None:
        """`hear` is given every hint, and None when it is time to ask the journal: at once when hints begin
        to be heard, and when none came for long, which is sooner while `is_waiting`.
        """
        self._layer = layer
        self._group = get_group(conversation)
        self._hear = hear
        self._is_waiting = is_waiting
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begins to listen; nobody waits for it, least of all for a Redis that does not answer."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Ends the listening."""
        if self._task is not None:
            await end(self._task)

    async def _run(self) -> None:
        while not is_ending():
            try:
                await self._listen()
            except (RedisError, OSError) as outage:
                log.warning("chat.deaf", error=str(outage), kind=type(outage).__name__)
            await self._hear(None)
            await asyncio.sleep(DEAF_SECONDS)

    async def _listen(self) -> None:
        channel = f"{settings.REDIS_PREFIX}:channels:{uuid4().hex}"
        receiving = self._receive(channel)
        try:
            async with asyncio.timeout(REDIS_SECONDS):
                # The layer knows a channel once its receiver has begun.
                await asyncio.sleep(0)
                await self._layer.group_add(self._group, channel)
            await self._hear(None)
            loop = asyncio.get_running_loop()
            looked = loop.time()
            while not is_ending():
                left = looked + (WAITING_SECONDS if self._is_waiting() else QUIET_SECONDS) - loop.time()
                if left <= 0:
                    await self._hear(None)
                    looked = loop.time()
                    continue
                done, _ = await asyncio.wait({receiving}, timeout=min(left, WAITING_SECONDS))
                if done:
                    hint, receiving = receiving.result(), self._receive(channel)
                    # One that was not sent to this conversation says nothing of it but that it is time to look.
                    await self._hear(hint if hint.get(GROUP) == self._group else None)
                    # A passing word says nothing of the journal: a turn that goes on talking does not keep it unread.
                    if hint.get("type") != PASSING:
                        looked = loop.time()
        finally:
            await self._forget(channel, receiving)

    def _receive(self, channel: str) -> asyncio.Task[Hint]:
        return asyncio.create_task(self._layer.receive(channel))

    async def _forget(self, channel: str, receiving: asyncio.Task[Hint]) -> None:
        try:
            async with asyncio.timeout(REDIS_SECONDS):
                await self._layer.group_discard(self._group, channel)
        except (RedisError, OSError) as outage:
            log.warning("chat.deaf", error=str(outage), kind=type(outage).__name__)
        # The layer gives a channel up when its receiver is cancelled while it waits, so one is always started;
        # one that Redis never let in is taken out by hand.
        if receiving.done():
            await asyncio.gather(receiving, return_exceptions=True)
            receiving = self._receive(channel)
            await asyncio.sleep(0)
        await end(receiving)
        getattr(self._layer, "channels", {}).pop(channel, None)
