"""Tells the sockets of a conversation, in whatever process they are, what it has now.

Redis passes it on sealed, since it carries what was said, and bound to the conversation's group: nobody who writes
to Redis can have one conversation's words shown in another, nor words that no process of ours sent.
"""

import asyncio
import hmac
import os
from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

import msgspec
import redis.asyncio as aioredis
import structlog
from channels.layers import BaseChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from typing_extensions import override

from conversations.events import Recorded
from conversations.events.messages import TurnStarted
from conversations.ids import ConversationId
from conversations.service import Announce, AnnounceAll

HINT_SECONDS = 0.5
"""A hint that takes longer is not worth the wait of the one who gives it."""
MOST_CARRIED = 16 * 1024
"""A hint of so many bytes at most brings the events along, so that no socket has to ask the journal for them."""

GROUP = "group"
"""Names, in every message, the group that it was sent to."""
VERSION_BYTES = 4
NONCE_BYTES = 12
_BOUND = b"hint"

log = structlog.get_logger(__name__)


class SealedLayer(RedisPubSubChannelLayer):  # type: ignore[misc]  # channels-redis has no types
    """The channel layer, with every message sealed under a key that is derived from the key-encryption keys.

    A message that does not open, as from a process that has a newer key already, arrives as an empty one: whoever
    hears that asks the journal.
    """

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        keys: Mapping[int, bytes] = settings.KEY_ENCRYPTION_KEYS
        self._ciphers = {
            version: AESGCM(hmac.digest(key, b"hints between processes", "sha256"))
            for version, key in keys.items()
        }
        self._newest = max(keys)

    async def group_send(self, group: str, message: Mapping[str, object]) -> None:
        """Sends to every listener of the group."""
        await self._get_layer().group_send(group, {**message, GROUP: group})

    @override
    def serialize(self, message: dict[str, object]) -> bytes:
        """The message, sealed."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[self._newest].encrypt(nonce, super().serialize(message), _BOUND)
        return self._newest.to_bytes(VERSION_BYTES, "big") + nonce + sealed

    @override
    def deserialize(self, message: bytes) -> dict[str, object]:
        """The message, opened; an empty one where that cannot be done."""
        version, rest = int.from_bytes(message[:VERSION_BYTES], "big"), message[VERSION_BYTES:]
        try:
            opened = self._ciphers[version].decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], _BOUND)
        except (KeyError, InvalidTag, ValueError):
            log.warning("hint.unreadable", version=version)
            return {}
        hint: dict[str, object] = super().deserialize(opened)
        return hint


Publish = Callable[[ConversationId, dict[str, object]], Awaitable[None]]


def announce_through(layer: BaseChannelLayer) -> Announce:
    """Tells of one conversation."""

    async def announce(conversation: ConversationId, visible: tuple[Recorded, ...]) -> None:
        await _send(layer, conversation, _make_hint(visible))

    return announce


def announce_all_through(layer: SealedLayer, *, get_redis: Callable[[], aioredis.Redis]) -> AnnounceAll:
    """Tells of many conversations in one round trip, where the layer would make one for each."""

    async def announce_all(visible: tuple[tuple[ConversationId, tuple[Recorded, ...]], ...]) -> None:
        try:
            async with asyncio.timeout(HINT_SECONDS), get_redis().pipeline(transaction=False) as pipe:
                for conversation, frames in visible:
                    hint = {**_make_hint(frames), GROUP: get_group(conversation)}
                    pipe.publish(_get_channel(layer, conversation), layer.serialize(hint))
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
    # A start by itself may not be on disk yet: who reads it in the journal waits for that. One with its message is.
    alone = len(visible) == 1 and isinstance(visible[0].event, TurnStarted)
    if len(carried) <= MOST_CARRIED and not alone:
        hint["frames"] = carried
    return hint


def get_group(conversation: ConversationId) -> str:
    """Answers the group in which a conversation's frames are announced."""
    return f"conversation.{UUID(conversation).hex}"


def _get_channel(layer: SealedLayer, conversation: ConversationId) -> str:
    """The channel in Redis that the layer's groups of this name listen to."""
    return f"{layer.prefix}__group__{get_group(conversation)}"


async def _send(layer: BaseChannelLayer, conversation: ConversationId, message: dict[str, object]) -> None:
    """A hint that is lost costs a fetch, never a word; so an unreachable layer does not stop a turn."""
    try:
        async with asyncio.timeout(HINT_SECONDS):
            await layer.group_send(get_group(conversation), message)
    except (aioredis.RedisError, OSError, TimeoutError):
        return
