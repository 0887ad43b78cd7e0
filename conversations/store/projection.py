"""The fast copy of a conversation's state in Redis. It can be lost at any moment; the journal cannot."""

import time
from collections.abc import Iterable, Mapping, Sequence

import redis.asyncio as aioredis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from conversations.events import Recorded
from conversations.ids import ConversationId
from conversations.state import ConversationState, fold
from conversations.store.boxes import Boxes
from conversations.store.known_states import KnownStates
from conversations.store.sealing import Box
from conversations.store.shelving import (
    Behind,
    Prepared,
    Shelved,
    open_state,
    seal_outline,
    seal_run,
    seal_state,
)

LONG_TAIL = 32
"""Events kept behind a stored state: past so many a turn writes the state whole, and so does a load that had to fold
as many from the journal.
"""
REST_SECONDS = 2.0
"""How long a process goes on without Redis after it did not answer, before it is asked again."""
IDLE_SECONDS = 72 * 3600
"""A conversation nobody touched for so long is folded from the journal when it comes back."""

_APPEND = """
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[4])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[1])
redis.call('EXPIRE', KEYS[2], ARGV[2])
"""
_TAKE = """
if ARGV[4] then
  redis.call('ZADD', KEYS[2], ARGV[6], ARGV[7])
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[4])
  redis.call('EXPIRE', KEYS[2], ARGV[5])
end
if not redis.call('SET', KEYS[3], ARGV[1], 'NX', 'PX', ARGV[2]) then
  if redis.call('GET', KEYS[3]) ~= ARGV[1] then return false end
  redis.call('PEXPIRE', KEYS[3], ARGV[2])
end
local last = redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES')[2] or redis.call('HGET', KEYS[1], 'version')
if last == ARGV[3] then return 1 end
return {redis.call('HGET', KEYS[1], 'state'), redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES'),
  redis.call('HGET', KEYS[1], 'outline')}
"""
_FIND = """
return {redis.call('HGET', KEYS[1], 'state'), redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES')}
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
_WRITE_BEHIND = """
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return 0 end
local last = redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES')[2] or ARGV[1]
if last ~= ARGV[2] then return 0 end
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[4])
redis.call('HSET', KEYS[1], 'outline', ARGV[5])
redis.call('EXPIRE', KEYS[1], ARGV[6])
redis.call('EXPIRE', KEYS[2], ARGV[6])
if redis.call('GET', KEYS[3]) == ARGV[7] then redis.call('DEL', KEYS[3]) end
return 1
"""
"""Each is one round trip. The keys are the state's, the tail's and the lease's, which one node of a cluster holds."""


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
        return open_state(await self._run(_FIND, conversation), box=box)

    async def find_states(
        self, *, boxes: Mapping[ConversationId, Box]
    ) -> dict[ConversationId, ConversationState]:
        """The same for many, in one round trip; one that is not kept is absent. Raises `RedisError` in an outage."""
        answers = await self._run_many([(_FIND, name, ()) for name in boxes])
        opened = (
            (name, open_state(answer, box=box))
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

    async def take(
        self,
        *,
        conversation: ConversationId,
        token: str,
        milliseconds: int,
        untold: tuple[Recorded, ...] = (),
    ) -> Shelved | None:
        """What is kept, where the lease was free or this `token`'s, which holds it now; None while another does.

        `untold` is appended first, in the same round trip. Raises `RedisError` in an outage.
        """
        box = await self._boxes.get_box(conversation=conversation)
        if untold:
            self._known.move(box, untold)
        known = self._known.find(box)
        newest = str(known.state.version) if known else ""
        added = _list_added(untold, box=box) if untold else ()
        answer = await self._run(_TAKE, conversation, token, milliseconds, newest, *added)
        if answer is None:
            return None
        return Shelved(box=box, answer=answer, known=known.state if known and answer == 1 else None)

    async def find_known(self, *, conversation: ConversationId) -> Shelved | None:
        """The state that this process knows, as if Redis had been asked; None where it knows none."""
        box = await self._boxes.get_box(conversation=conversation)
        known = self._known.find(box)
        return Shelved(box=box, answer=None, known=known.state) if known else None

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

    async def prepare(
        self,
        *,
        conversation: ConversationId,
        state: ConversationState,
        appended: tuple[Recorded, ...] = (),
    ) -> Prepared:
        """The state as it will be stored: made while the commit that it rests on is still under way.

        `appended` is what led to it, and is stored instead where this process knows what Redis keeps before that: the
        whole is some times as long as what a turn adds.
        """
        box = await self._boxes.get_box(conversation=conversation)
        known = self._known.find(box) if appended else None
        if known is None or known.state.version != appended[0].seq - 1:
            return seal_state(state, box=box)
        if state.version - known.whole > LONG_TAIL:
            return seal_state(state, box=box)
        return Prepared(
            box=box,
            state=state,
            sealed=seal_run(appended, box=box),
            outline=seal_outline(state, box=box),
            behind=Behind(whole=known.whole, since=known.state.version),
        )

    async def write_prepared(self, prepared: Prepared, *, token: str = "") -> bool:
        """Does what `write` does."""
        try:
            if prepared.behind is None:
                await self._write_whole(prepared, token=token)
            elif not await self._write_behind(prepared, prepared.behind, token=token):
                await self._write_whole(seal_state(prepared.state, box=prepared.box), token=token)
        except RedisError:
            return False
        return True

    async def _write_whole(self, prepared: Prepared, *, token: str) -> None:
        self._known.keep(prepared.box, prepared.state, whole=prepared.state.version)
        name = prepared.box.identity.conversation
        await self._run(_WRITE_NEWER, name, *_list_values(prepared, token=token))

    async def _write_behind(self, prepared: Prepared, behind: Behind, *, token: str) -> bool:
        """Whether Redis keeps what the events follow; where it does not, nothing was written, and the lease is held."""
        self._known.keep(prepared.box, prepared.state, whole=behind.whole)
        values = (behind.whole, behind.since, prepared.state.version, prepared.sealed, prepared.outline)
        name = prepared.box.identity.conversation
        return await self._run(_WRITE_BEHIND, name, *values, IDLE_SECONDS, token) == 1

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
        return _APPEND, name, _list_added(events, box=box)
    return _WRITE_NEWER, name, _list_values(seal_state(fold(state, events), box=box), token="")


def _list_added(events: tuple[Recorded, ...], *, box: Box) -> tuple[str | bytes | int, ...]:
    """Past so many the oldest go: the gap makes the next load fold the journal once and keep a new state."""
    newest = events[-1].seq
    return newest - LONG_TAIL, IDLE_SECONDS, newest, seal_run(events[-LONG_TAIL:], box=box)


def _list_values(prepared: Prepared, *, token: str) -> tuple[str | bytes | int, ...]:
    return str(prepared.state.version), prepared.sealed, IDLE_SECONDS, token, prepared.outline
