"""A call that waits its turn: how long, how often, and what becomes of it when its patience ends. Nobody sleeps."""

import asyncio
import uuid

import pytest
from django.conf import settings
from redis.asyncio import Redis

from catalog.connectors.limiting import Limit
from catalog.connectors.readings import CallLimited
from catalog.connectors.redis_gate import RedisGate
from catalog.connectors.tally import Tally
from catalog.ids import MerchantId


class Queue:
    """One merchant's limit, at which time goes by only when somebody waits."""

    def __init__(self, *, redis: Redis, per_second: int = 1) -> None:
        self.redis = redis
        self.merchant = MerchantId(str(uuid.uuid4()))
        self.prefix = f"{settings.REDIS_PREFIX}-{uuid.uuid4().hex}:"
        self.waits: list[float] = []
        self.calls = 0
        self.rounds_until_free = 1
        gate = RedisGate(get_redis=lambda: redis)
        self.tally = Tally(gate=gate, prefix=self.prefix)
        self.limit = Limit(
            connector="inventory",
            gate=gate,
            prefix=self.prefix,
            per_second=per_second,
            tally=self.tally,
            pause=self._let_pass,
        )

    async def _let_pass(self, seconds: float) -> None:
        """What was used and who held the calls back belongs to the past, once it was waited for so often."""
        self.waits.append(seconds)
        if len(self.waits) >= self.rounds_until_free:
            await self.redis.delete(self._name("used"), self._name("held"))

    def _name(self, what: str) -> str:
        return f"{self.prefix}c:{self.merchant}:{what}:inventory"

    async def fill(self, calls: int) -> None:
        """So many calls were made in this second and, however the clock goes on, in the next ones."""
        seconds, _ = await self.redis.time()
        await self.redis.hset(
            self._name("used"), mapping={str(seconds + more): calls for more in range(-1, 60)}
        )

    async def hold(self, milliseconds: int) -> None:
        """The system said to come back later."""
        await self.redis.set(self._name("held"), 1, px=milliseconds)

    async def ask(self, *, patience: float, calls: int = 1) -> str:
        async def call() -> str:
            self.calls += 1
            return "answered"

        return await self.limit.run(call, merchant=self.merchant, patience=patience, calls=calls)

    async def count_used(self) -> int:
        return sum(int(used) for used in (await self.redis.hgetall(self._name("used"))).values())

    async def count_limited(self) -> int:
        counted = await self.tally.look(merchant=self.merchant, connector="inventory")
        return counted.get("limited", 0)


@pytest.fixture
def queue(redis: Redis) -> Queue:
    return Queue(redis=redis)


async def test_a_call_waits_no_longer_than_until_its_turn(queue: Queue) -> None:
    await queue.fill(1)

    assert await queue.ask(patience=5) == "answered"

    (wait,) = queue.waits
    # What is left of this second, or as much of it as weighs on the next one.
    assert 0 < wait <= 1
    assert (queue.calls, await queue.count_used(), await queue.count_limited()) == (1, 1, 0)


async def test_whoever_comes_first_again_after_the_wait_waits_once_more(queue: Queue) -> None:
    await queue.fill(1)
    queue.rounds_until_free = 3

    assert await queue.ask(patience=5) == "answered"

    assert len(queue.waits) == 3
    assert all(0 < wait <= 1 for wait in queue.waits)
    assert (queue.calls, await queue.count_used()) == (1, 1)


async def test_when_patience_ends_the_call_is_not_made_and_said_to_be_limited(queue: Queue) -> None:
    await queue.fill(1)
    queue.rounds_until_free = 1000
    used = await queue.count_used()

    with pytest.raises(CallLimited) as limited:
        await queue.ask(patience=2.5)

    assert sum(queue.waits) <= 2.5 < sum(queue.waits) + (limited.value.retry_after or 0)
    assert (queue.calls, await queue.count_used(), await queue.count_limited()) == (0, used, 1)


async def test_without_patience_nobody_waits(queue: Queue) -> None:
    await queue.fill(1)

    with pytest.raises(CallLimited) as limited:
        await queue.ask(patience=0)

    assert 0 < (limited.value.retry_after or 0) <= 1
    assert (queue.waits, queue.calls) == ([], 0)


async def test_a_system_that_named_a_time_is_waited_for_until_then_and_no_call_is_counted_before(
    queue: Queue,
) -> None:
    await queue.hold(90_000)

    with pytest.raises(CallLimited):
        await queue.ask(patience=60)
    nobody_waited = queue.waits.copy()
    assert await queue.ask(patience=90) == "answered"

    (wait,) = queue.waits
    assert nobody_waited == []
    # By the clock of Redis, which has gone on a little since.
    assert 60 < wait <= 90
    assert (queue.calls, await queue.count_used()) == (1, 1)


async def test_a_question_of_several_calls_waits_until_there_is_room_for_all_of_them(redis: Redis) -> None:
    queue = Queue(redis=redis, per_second=5)
    await queue.fill(3)

    assert await queue.ask(patience=5, calls=3) == "answered"

    assert len(queue.waits) == 1
    assert (queue.calls, await queue.count_used()) == (1, 3)


async def test_a_call_that_is_given_up_while_it_waits_uses_nothing(queue: Queue) -> None:
    await queue.fill(1)
    used, waiting = await queue.count_used(), asyncio.Event()

    async def wait_for_ever(_seconds: float) -> None:
        waiting.set()
        await asyncio.Event().wait()

    queue.limit._pause = wait_for_ever
    asking = asyncio.create_task(queue.ask(patience=5))
    await waiting.wait()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)

    assert (queue.calls, await queue.count_used(), await queue.count_limited()) == (0, used, 0)


async def test_a_system_that_wants_fewer_calls_holds_back_whoever_waits_behind(queue: Queue) -> None:
    async def refused() -> str:
        raise CallLimited(connector="inventory", retry_after=40)

    with pytest.raises(CallLimited):
        await queue.limit.run(refused, merchant=queue.merchant)
    assert await queue.ask(patience=60) == "answered"

    (wait,) = queue.waits
    assert 10 < wait <= 40
    assert await queue.count_limited() == 1
