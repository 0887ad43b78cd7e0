"""The fast copy of a conversation's state in Redis. It can be lost at any moment; the journal cannot."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
import redis.asyncio as aioredis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from conversations.events import Recorded
from conversations.ids import ConversationId
from conversations.state import ConversationState, apply, apply_to_outline, fold, outline
from conversations.store.boxes import Boxes
from conversations.store.codec import (
    UnreadableEvent,
    encode_recorded,
    encode_state,
    find_recorded,
    find_state,
)
from conversations.store.known_states import KnownStates
from conversations.store.sealing import FORMAT, Box, Layer

LONG_TAIL = 32
"""Events kept behind a stored state; a load that had to fold more from the journal stores the state anew."""
REST_SECONDS = 2.0
"""How long a process goes on without Redis after it did not answer, before it is asked again."""
IDLE_SECONDS = 72 * 3600
"""A conversation nobody touched for so long is folded from the journal when it comes back."""

_TAKE = """
if not redis.call('SET', KEYS[3], ARGV[1], 'NX', 'PX', ARGV[2]) then return false end
local last = redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES')[2] or redis.call('HGET', KEYS[1], 'version')
if last == ARGV[3] then return 1 end
return {redis.call('HGET', KEYS[1], 'state'), redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES'),
  redis.call('HGET', KEYS[1], 'outline')}
"""
_FIND = """
return {redis.call('HGET', KEYS[1], 'state'), redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES')}
"""
_APPEND = """
redis.call('ZADD', KEYS[2], unpack(ARGV, 3))
redis.call('ZREMRANGEBYRANK', KEYS[2], 0, ARGV[1])
redis.call('EXPIRE', KEYS[2], ARGV[2])
"""
_WRITE_NEWER = """
local stored = redis.call('HGET', KEYS[1], 'version')
if not stored or tonumber(stored) <= tonumber(ARGV[1]) then
  redis.call('HSET', KEYS[1], 'version', ARGV[1], 'state', ARGV[2], 'outline', ARGV[5])
  redis.call('EXPIRE', KEYS[1], ARGV[3])
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[1])
end
if redis.call('GET', KEYS[3]) == ARGV[4] then redis.call('DEL', KEYS[3]) end
"""
"""Each is one round trip. The keys are the state's, the tail's and the lease's, which one node of a cluster holds."""


Follow = Callable[[ConversationState, Recorded], ConversationState]

Run = tuple[str, ConversationId, Sequence[str | bytes | int]]
"""A script, whose keys it works on, and its values."""


class RedisDoor:
    """The one way to Redis. Shutting it points every caller at a closed port, as an outage would."""

    def __init__(self, *, client: aioredis.Redis, main: "RedisDoor | None" = None) -> None:
        self._open = client
        self._closed = aioredis.Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0))
        self._is_open = True
        self._rests_until = 0.0
        self._main = main
        self._beside: list[RedisDoor] = []

    def add(self, *, client: aioredis.Redis) -> "RedisDoor":
        """A door to another Redis, which is shut, opened and closed together with this one."""
        door = RedisDoor(client=client, main=self)
        self._beside.append(door)
        return door

    @property
    def client(self) -> aioredis.Redis:
        """The client to use now; its commands raise `RedisError` while the door is shut or rests."""
        resting = time.monotonic() < self._rests_until
        return self._open if self.is_open and not resting else self._closed

    def rest(self) -> None:
        """Asks nothing of Redis for a moment, after it did not answer: one wait is enough for a whole turn."""
        self._rests_until = time.monotonic() + REST_SECONDS

    def wake(self) -> None:
        """Ends what `rest` began."""
        self._rests_until = 0.0

    @property
    def is_open(self) -> bool:
        """False between `shut` and `open`."""
        return self._is_open if self._main is None else self._main.is_open

    def shut(self) -> None:
        """Puts Redis out of this process's reach."""
        self._is_open = False

    def open(self) -> None:
        """Ends what `shut` began."""
        self._is_open = True
        for door in (self, *self._beside):
            door.wake()

    async def close(self) -> None:
        """Closes the connections."""
        for door in self._beside:
            await door.close()
        await self._open.aclose()
        await self._closed.aclose()


class Prepared(msgspec.Struct, frozen=True):
    """A sealed state, and its outline."""

    box: Box
    state: ConversationState
    sealed: bytes
    outline: bytes


class Shelved(msgspec.Struct, frozen=True):
    """What Redis keeps of a conversation, still sealed: its outline opens in no time, the whole of it takes longer."""

    box: Box
    answer: object
    known: ConversationState | None = None
    """The state itself, where Redis keeps none but the one that this process made."""

    def find_outline(self) -> ConversationState | None:
        """The outline, by which a turn can be started; None where none is kept that opens for this conversation."""
        if self.known is not None:
            return self.known
        match self.answer:
            case [_, list() as tail, bytes() as stored]:
                return _open(stored, tail, box=self.box, layer="outline", follow=apply_to_outline)
        return None

    def find_state(self) -> ConversationState | None:
        """The whole state; None where `Projection.find_state` answers None."""
        return self.known or _open_state(self.answer, box=self.box)


class Projection:
    """One state a conversation, under a hash-tagged key, so that a cluster keeps its keys together."""

    def __init__(self, *, door: RedisDoor, prefix: str, boxes: Boxes) -> None:
        self._door = door
        self._boxes = boxes
        self._prefix = prefix
        self._known = KnownStates()

    def _key(self, conversation: ConversationId) -> str:
        return f"{self._prefix}{{{conversation}}}:state"

    def _tail_key(self, conversation: ConversationId) -> str:
        return f"{self._prefix}{{{conversation}}}:tail"

    def get_lease_key(self, conversation: ConversationId) -> str:
        """The key of the lease on the conversation's turn."""
        return f"{self._prefix}{{{conversation}}}:turn"

    def _list_keys(self, conversation: ConversationId) -> tuple[str, str, str]:
        return self._key(conversation), self._tail_key(conversation), self.get_lease_key(conversation)

    async def _run(self, script: str, conversation: ConversationId, *values: str | bytes | int) -> object:
        """Runs a script on the conversation's keys. Raises `RedisError`, and lets Redis rest then."""
        keys = self._list_keys(conversation)
        try:
            answer: object = await self._door.client.eval(script, len(keys), *keys, *values)
        except RedisError:
            self._door.rest()
            raise
        return answer

    async def find_state(self, *, conversation: ConversationId) -> ConversationState | None:
        """The stored state with the tail that follows it, in one round trip.

        None when there is none of this shape that opens for this conversation. Raises `RedisError` in an outage.
        """
        box = await self._boxes.get_box(conversation=conversation)
        return _open_state(await self._run(_FIND, conversation), box=box)

    async def find_states(
        self, *, boxes: Mapping[ConversationId, Box]
    ) -> dict[ConversationId, ConversationState]:
        """The same for many, in one round trip; one that is not kept is absent. Raises `RedisError` in an outage."""
        answers = await self._run_many([(_FIND, name, ()) for name in boxes])
        opened = (
            (name, _open_state(answer, box=box))
            for (name, box), answer in zip(boxes.items(), answers, strict=True)
        )
        return {name: state for name, state in opened if state is not None}

    async def _run_many(self, runs: Sequence[Run]) -> list[object]:
        """Runs scripts on many conversations' keys in one round trip. Raises `RedisError`, as one does."""
        try:
            async with self._door.client.pipeline(transaction=False) as pipe:
                for script, conversation, values in runs:
                    keys = self._list_keys(conversation)
                    pipe.eval(script, len(keys), *keys, *values)
                answers: list[object] = await pipe.execute()
        except RedisError:
            self._door.rest()
            raise
        return answers

    async def take(self, *, conversation: ConversationId, token: str, milliseconds: int) -> Shelved | None:
        """What is kept, where the lease was free and is now held by `token`; None while another holds it.

        Raises `RedisError` in an outage.
        """
        box = await self._boxes.get_box(conversation=conversation)
        known = self._known.find(box)
        newest = str(known.version) if known else ""
        answer = await self._run(_TAKE, conversation, token, milliseconds, newest)
        if answer is None:
            return None
        return Shelved(box=box, answer=answer, known=known if answer == 1 else None)

    async def append(self, *, conversation: ConversationId, appended: tuple[Recorded, ...]) -> bool:
        """Keeps events that came after the stored state. False when Redis could not be reached."""
        if not appended:
            return True
        box = await self._boxes.get_box(conversation=conversation)
        self._known.move(box, appended)
        return await self.move_many(moved=((box, None, appended),))

    async def move_many(
        self, *, moved: Iterable[tuple[Box, ConversationState | None, tuple[Recorded, ...]]]
    ) -> bool:
        """Keeps what was appended to many in one round trip: the state after it where the one before is handed in,
        which costs less than the events do and spares the next load their fold; else the events.
        """
        runs = [_move(box, state, events) for box, state, events in moved]
        try:
            if len(runs) == 1:
                script, conversation, values = runs[0]
                await self._run(script, conversation, *values)
            else:
                await self._run_many(runs)
        except RedisError:
            return False
        return True

    async def write(self, *, conversation: ConversationId, state: ConversationState, token: str = "") -> bool:
        """Keeps the state unless a newer one is kept already, and gives back the lease that `token` holds.

        False when Redis could not be reached.
        """
        prepared = await self.prepare(conversation=conversation, state=state)
        return await self.write_prepared(prepared, token=token)

    async def prepare(self, *, conversation: ConversationId, state: ConversationState) -> Prepared:
        """The state as it will be stored: made while the commit that it rests on is still under way."""
        box = await self._boxes.get_box(conversation=conversation)
        return _seal_state(state, box=box)

    async def write_prepared(self, prepared: Prepared, *, token: str = "") -> bool:
        """Does what `write` does."""
        name = prepared.box.identity.conversation
        self._known.keep(prepared.box, prepared.state)
        try:
            await self._run(_WRITE_NEWER, name, *_list_values(prepared, token=token))
        except RedisError:
            return False
        return True

    async def count_bytes(self, *, conversation: ConversationId) -> int:
        """How long the stored state is; 0 where there is none. Raises `RedisError` in an outage."""
        return int(await self._door.client.hstrlen(self._key(conversation), "state"))

    async def forget(self, *, conversation: ConversationId) -> bool:
        """Drops the stored state; says whether there was one. Raises `RedisError` in an outage."""
        self._known.forget(conversation)
        return bool(await self._door.client.delete(self._key(conversation), self._tail_key(conversation)))


def _move(box: Box, state: ConversationState | None, events: tuple[Recorded, ...]) -> Run:
    name = box.identity.conversation
    if state is None:
        # Past so many the oldest go: the gap makes the next load fold the journal once and keep a new state.
        return _APPEND, name, (-LONG_TAIL - 1, IDLE_SECONDS, *_seal_tail(events, box=box))
    return _WRITE_NEWER, name, _list_values(_seal_state(fold(state, events), box=box), token="")


def _seal_state(state: ConversationState, *, box: Box) -> Prepared:
    return Prepared(
        box=box,
        state=state,
        sealed=box.seal(encode_state(state), layer="projection", place=0),
        outline=box.seal(encode_state(outline(state)), layer="outline", place=0),
    )


def _list_values(prepared: Prepared, *, token: str) -> tuple[str | bytes | int, ...]:
    return str(prepared.state.version), prepared.sealed, IDLE_SECONDS, token, prepared.outline


def _seal_tail(appended: tuple[Recorded, ...], *, box: Box) -> list[bytes | int]:
    sealed: list[bytes | int] = []
    for recorded in appended[-LONG_TAIL:]:
        entry = box.seal(encode_recorded(recorded), layer="projection", place=recorded.seq)
        sealed += (recorded.seq, entry)
    return sealed


def _open_state(answer: object, *, box: Box) -> ConversationState | None:
    """The state that a script answered; None for one of another shape, or that is not this conversation's."""
    match answer:
        case [bytes() as stored, list() as tail, *_]:
            return _open(stored, tail, box=box, layer="projection", follow=apply)
        case _:
            return None


def _open(
    stored: bytes, tail: list[bytes], *, box: Box, layer: Layer, follow: Follow
) -> ConversationState | None:
    if not stored.startswith(FORMAT):
        return None
    try:
        state = find_state(box.open(stored, layer=layer, place=0))
        return _followed(state, tail, box=box, follow=follow) if state else None
    except UnreadableEvent:
        # The box has counted it; the journal has the truth.
        return None


def _followed(state: ConversationState, tail: list[bytes], *, box: Box, follow: Follow) -> ConversationState:
    """The state with the tail's events applied as far as they follow it without a gap."""
    for sealed, place in zip(tail[::2], tail[1::2], strict=True):
        recorded = find_recorded(box.open(sealed, layer="projection", place=int(place)))
        if recorded is None or recorded.seq > state.version + 1:
            return state
        if recorded.seq == state.version + 1:
            state = follow(state, recorded)
    return state
