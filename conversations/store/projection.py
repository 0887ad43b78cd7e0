"""The fast copy of a conversation's state in Redis. It can be lost at any moment; the journal cannot."""

import time

import redis.asyncio as aioredis
from redis.asyncio.client import Pipeline
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from conversations.events import Recorded
from conversations.ids import ConversationId
from conversations.state import ConversationState, apply
from conversations.store.boxes import Boxes
from conversations.store.codec import (
    UnreadableEvent,
    encode_recorded,
    encode_state,
    find_recorded,
    find_state,
)
from conversations.store.sealing import FORMAT, Box

LONG_TAIL = 32
"""Events kept behind a stored state; a load that had to fold more from the journal stores the state anew."""
REST_SECONDS = 2.0
"""How long a process goes on without Redis after it did not answer, before it is asked again."""
IDLE_SECONDS = 72 * 3600
"""A conversation nobody touched for so long is folded from the journal when it comes back."""

_WRITE_NEWER = """
local stored = redis.call('HGET', KEYS[1], 'version')
if stored and tonumber(stored) > tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'state', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[1])
return 1
"""


class RedisDoor:
    """The one way to Redis. Shutting it points every caller at a closed port, as an outage would."""

    def __init__(self, *, client: aioredis.Redis) -> None:
        self._open = client
        self._closed = aioredis.Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0))
        self._is_open = True
        self._rests_until = 0.0

    @property
    def client(self) -> aioredis.Redis:
        """The client to use now; its commands raise `RedisError` while the door is shut or rests."""
        resting = time.monotonic() < self._rests_until
        return self._open if self._is_open and not resting else self._closed

    def rest(self) -> None:
        """Asks nothing of Redis for a moment, after it did not answer: one wait is enough for a whole turn."""
        self._rests_until = time.monotonic() + REST_SECONDS

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
        self._rests_until = 0.0

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

    def _tail_key(self, conversation: ConversationId) -> str:
        return f"{self._prefix}{{{conversation}}}:tail"

    async def find_state(self, *, conversation: ConversationId) -> ConversationState | None:
        """The stored state with the tail that follows it, in one round trip.

        None when there is none of this shape that opens for this conversation. Raises `RedisError` in an outage.
        """
        box = await self._boxes.get_box(conversation=conversation)
        try:
            async with self._door.client.pipeline(transaction=False) as pipe:
                self.ask_state(pipe, conversation=conversation)
                stored, tail = await pipe.execute()
        except RedisError:
            self._door.rest()
            raise
        return self.open_state(stored, tail, box=box)

    def ask_state(self, pipe: Pipeline, *, conversation: ConversationId) -> None:
        """Asks for what `open_state` opens, on the caller's round trip."""
        pipe.hget(self._key(conversation), "state")
        pipe.zrange(self._tail_key(conversation), 0, -1, withscores=True)

    @staticmethod
    def open_state(stored: object, tail: list[tuple[bytes, float]], *, box: Box) -> ConversationState | None:
        """The state of what Redis answered to `ask_state`."""
        if not isinstance(stored, bytes) or not stored.startswith(FORMAT):
            return None
        try:
            state = find_state(box.open(stored, layer="projection", place=0))
            return _followed(state, tail, box=box) if state else None
        except UnreadableEvent:
            # The box has counted it; the journal has the truth.
            return None

    async def append(self, *, conversation: ConversationId, appended: tuple[Recorded, ...]) -> bool:
        """Keeps events that came after the stored state. False when Redis could not be reached."""
        if not appended:
            return True
        tail = self._tail_key(conversation)
        box = await self._boxes.get_box(conversation=conversation)
        sealed = {
            box.seal(encode_recorded(recorded), layer="projection", place=recorded.seq): recorded.seq
            for recorded in appended
        }
        try:
            async with self._door.client.pipeline(transaction=False) as pipe:
                pipe.zadd(tail, sealed)
                # Past this the oldest go: the gap makes the next load fold the journal once and keep a new state.
                pipe.zremrangebyrank(tail, 0, -LONG_TAIL - 1)
                pipe.expire(tail, IDLE_SECONDS)
                await pipe.execute()
        except RedisError:
            self._door.rest()
            return False
        return True

    async def write(self, *, conversation: ConversationId, state: ConversationState) -> bool:
        """Keeps the state unless a newer one is kept already. False when Redis could not be reached."""
        box = await self._boxes.get_box(conversation=conversation)
        try:
            async with self._door.client.pipeline(transaction=False) as pipe:
                self.put_state(pipe, conversation=conversation, state=state, box=box)
                await pipe.execute()
        except RedisError:
            self._door.rest()
            return False
        return True

    def put_state(
        self, pipe: Pipeline, *, conversation: ConversationId, state: ConversationState, box: Box
    ) -> None:
        """Does what `write` does, on the caller's round trip."""
        pipe.eval(
            _WRITE_NEWER,
            2,
            self._key(conversation),
            self._tail_key(conversation),
            str(state.version),
            box.seal(encode_state(state), layer="projection", place=0),
            str(IDLE_SECONDS),
        )

    async def forget(self, *, conversation: ConversationId) -> bool:
        """Drops the stored state; says whether there was one. Raises `RedisError` in an outage."""
        return bool(await self._door.client.delete(self._key(conversation), self._tail_key(conversation)))


def _followed(state: ConversationState, tail: list[tuple[bytes, float]], *, box: Box) -> ConversationState:
    """The state with the tail's events applied as far as they follow it without a gap."""
    for sealed, place in tail:
        recorded = find_recorded(box.open(sealed, layer="projection", place=int(place)))
        if recorded is None or recorded.seq > state.version + 1:
            return state
        if recorded.seq == state.version + 1:
            state = apply(state, recorded)
    return state
