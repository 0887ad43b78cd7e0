"""Tells the sockets of a conversation, in whatever process they are, what it has now."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import msgspec
import redis.asyncio as aioredis
from channels.layers import BaseChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer

from conversations.events import Recorded
from conversations.events.messages import TurnStarted
from conversations.ids import ConversationId
from conversations.service import Announce, AnnounceAll

HINT_SECONDS = 0.5
"""A hint that takes longer is not worth the wait of the one who gives it."""
MOST_CARRIED = 16 * 1024
"""A hint of so many bytes at most brings the events along, so that no socket has to ask the journal for them."""

Publish = Callable[[ConversationId, dict[str, object]], Awaitable[None]]


def announce_through(layer: BaseChannelLayer) -> Announce:
    """Tells of one conversation."""

    async def announce(conversation: ConversationId, visible: tuple[Recorded, ...]) -> None:
        await _send(layer, conversation, _make_hint(visible))

    return announce


def announce_all_through(
    layer: RedisPubSubChannelLayer, *, get_redis: Callable[[], aioredis.Redis]
) -> AnnounceAll:
    """Tells of many conversations in one round trip, where the layer would make one for each."""

    async def announce_all(visible: tuple[tuple[ConversationId, tuple[Recorded, ...]], ...]) -> None:
        try:
            async with asyncio.timeout(HINT_SECONDS), get_redis().pipeline(transaction=False) as pipe:
                for conversation, frames in visible:
                    pipe.publish(_get_channel(layer, conversation), layer.serialize(_make_hint(frames)))
                await pipe.execute()
        except (aioredis.RedisError, OSError, TimeoutError):
            return

    return announce_all


def publish_through(layer: BaseChannelLayer) -> Publish:
    """Passes a frame on that nobody keeps."""

    async def publish(conversation: ConversationId, frame: dict[str, object]) -> None:
        await _send(layer, conversation, {"type": "conversation.ephemeral", "frame": frame})

    return publish


def _make_hint(visible: tuple[Recorded, ...]) -> dict[str, object]:
    hint: dict[str, object] = {"type": "conversation.frame", "head": visible[-1].frame}
    carried = msgspec.json.encode(visible)
    # A turn's start may not be on disk yet: who reads it in the journal waits for that.
    if len(carried) <= MOST_CARRIED and not isinstance(visible[-1].event, TurnStarted):
        hint["frames"] = carried
    return hint


def _get_group(conversation: ConversationId) -> str:
    return f"conversation.{UUID(conversation).hex}"


def _get_channel(layer: RedisPubSubChannelLayer, conversation: ConversationId) -> str:
    """The channel in Redis that the layer's groups of this name listen to."""
    return f"{layer.prefix}__group__{_get_group(conversation)}"


async def _send(layer: BaseChannelLayer, conversation: ConversationId, message: dict[str, object]) -> None:
    """A hint that is lost costs a fetch, never a word; so an unreachable layer does not stop a turn."""
    try:
        async with asyncio.timeout(HINT_SECONDS):
            await layer.group_send(_get_group(conversation), message)
    except (aioredis.RedisError, OSError, TimeoutError):
        return
