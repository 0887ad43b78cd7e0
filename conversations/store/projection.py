"""The fast copy of a conversation's state in Redis. It can be lost at any moment; the journal cannot."""

import redis.asyncio as aioredis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from conversations.ids import ConversationId
from conversations.state import ConversationState
from conversations.store.boxes import Boxes
from conversations.store.codec import UnreadableEvent, encode_state, find_state
from conversations.store.sealing import FORMAT

IDLE_SECONDS = 72 * 3600
"""A conversation nobody touched for so long is folded from the journal when it comes back."""

_WRITE_NEWER = """
local stored = redis.call('HGET', KEYS[1], 'version')
if stored and tonumber(stored) > tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'state', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
"""


class RedisDoor:
    """The one way to Redis. Shutting it points every caller at a closed port, as an outage would."""

    def __init__(self, *, client: aioredis.Redis) -> None:
        self._open = client
        self._closed = aioredis.Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0))
        self._is_open = True

    @property
    def client(self) -> aioredis.Redis:
        """The client to use now; its commands raise `RedisError` while the door is shut."""
        return self._open if self._is_open else self._closed

    @property
    def is_open(self) -> bool:
        """False between `shut` and `open`."""
        return self._is_open

    def shut(self) -> None:
        """Puts Redis out of this process's reach."""
        self._is_open = False

    def open(self) -> None:
        """Ends what `shut` began."""
        self._is_open = True

    async def close(self) -> None:
        """Closes the connections."""
        await self._open.aclose()
        await self._closed.aclose()


class Projection:
    """One state a conversation, under a hash-tagged key, so that a cluster keeps its keys together."""

    def __init__(self, *, door: RedisDoor, prefix: str, boxes: Boxes) -> None:
        self._door = door
        self._boxes = boxes
        self._prefix = prefix

    def _key(self, conversation: ConversationId) -> str:
        return f"{self._prefix}{{{conversation}}}:state"

    async def find_state(self, *, conversation: ConversationId) -> ConversationState | None:
        """The stored state, or None when there is none of this shape that opens for this conversation.

        Raises `RedisError` in an outage.
        """
        stored = await self._door.client.hget(self._key(conversation), "state")
        if not isinstance(stored, bytes) or not stored.startswith(FORMAT):
            return None
        box = await self._boxes.get_box(conversation=conversation)
        try:
            return find_state(box.open(stored, layer="projection", place=0))
        except UnreadableEvent:
            # The box has counted it; the journal has the truth.
            return None

    async def write(self, *, conversation: ConversationId, state: ConversationState) -> bool:
        """Keeps the state unless a newer one is kept already. False when Redis could not be reached."""
        box = await self._boxes.get_box(conversation=conversation)
        sealed = box.seal(encode_state(state), layer="projection", place=0)
        try:
            await self._door.client.eval(
                _WRITE_NEWER,
                1,
                self._key(conversation),
                str(state.version),
                sealed,
                str(IDLE_SECONDS),
            )
        except RedisError:
            return False
        return True

    async def forget(self, *, conversation: ConversationId) -> bool:
        """Drops the stored state; says whether there was one. Raises `RedisError` in an outage."""
        return bool(await self._door.client.delete(self._key(conversation)))
