"""The breakers of PostgreSQL and Redis, each of one process alone: they open, one call probes, being cancelled is no
outcome.
"""

import asyncio
import uuid
from datetime import datetime

import pytest
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from catalog.connectors import Choices, ConnectorUnavailable, StoreApi, build_connectors, local_breaker
from catalog.connectors.local_breaker import LocalBreaker, LocallyGuarded
from catalog.connectors.readings import BreakerOpen, StockReading
from catalog.connectors.redis_gate import RedisGate, RedisLeftAlone
from catalog.ids import MerchantId, Sku
from tests.catalog.conftest import BLUE, NOW

KINDS = ("postgresql", "redis")
OPEN_SECONDS = 2.0
SHOP = MerchantId(str(uuid.uuid4()))


class Clock:
    """The breakers' own, which stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


class Database:
    """PostgreSQL or Redis as it stands behind its breaker; it answers what a test says, and counts."""

    def __init__(self, kind: str, *, redis: Redis) -> None:
        self.calls = 0
        self.fault: Exception | None = None
        self.held: asyncio.Event | None = None
        self.reached = asyncio.Event()
        self._kind = kind
        self._gate = RedisGate(get_redis=lambda: redis)
        self._store = LocallyGuarded[Sku, StockReading](
            inner=self, connector="inventory", breaker=LocalBreaker(guards="postgresql")
        )

    async def read(
        self, *, merchant: MerchantId, keys: tuple[Sku, ...], now: datetime
    ) -> dict[Sku, StockReading]:
        self.calls += 1
        held, self.held = self.held, None
        self.reached.set()
        if held is not None:
            await held.wait()
        if self.fault is not None:
            raise self.fault
        return {}

    async def ask(self) -> str:
        """How one call ends."""
        try:
            if self._kind == "redis":
                await self._gate.ask(lambda _: self.read(merchant=SHOP, keys=(BLUE,), now=NOW))
            else:
                await self._store.read(merchant=SHOP, keys=(BLUE,), now=NOW)
        except (BreakerOpen, RedisLeftAlone):
            return "turned away"
        except (ConnectorUnavailable, RedisError):
            return "failed"
        return "answered"

    async def ask_often(self, times: int) -> list[str]:
        return [await self.ask() for _ in range(times)]

    async def hold_one(self) -> tuple[asyncio.Task[str], asyncio.Event]:
        """A call that is under way, and what lets it end."""
        held = asyncio.Event()
        self.held, self.reached = held, asyncio.Event()
        asked = asyncio.create_task(self.ask())
        async with asyncio.timeout(60):
            await self.reached.wait()
        return asked, held

    async def cancel_one(self) -> None:
        """A call that is cancelled while it waits for the database."""
        asked, _ = await self.hold_one()
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked

    def break_down(self) -> None:
        down = RedisConnectionError("on purpose")
        gone = ConnectorUnavailable(connector="inventory", reason="on purpose")
        self.fault = down if self._kind == "redis" else gone

    def come_back(self) -> None:
        self.fault = None


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    stopped = Clock()
    monkeypatch.setattr(local_breaker, "time", stopped)
    return stopped


@pytest.fixture(params=KINDS)
def database_behind(request: pytest.FixtureRequest, redis: Redis, clock: Clock) -> Database:
    return Database(request.param, redis=redis)


async def test_it_opens_after_three_failures_and_asks_no_more_until_its_time_is_over(
    database_behind: Database, clock: Clock
) -> None:
    database_behind.break_down()

    assert await database_behind.ask_often(5) == ["failed"] * 3 + ["turned away"] * 2
    clock.now += OPEN_SECONDS - 0.01
    assert await database_behind.ask() == "turned away"
    assert database_behind.calls == 3
    clock.now += 0.01
    assert await database_behind.ask() == "failed"


async def test_exactly_one_call_probes_and_its_answer_lets_everybody_in(
    database_behind: Database, clock: Clock
) -> None:
    database_behind.break_down()
    await database_behind.ask_often(3)
    database_behind.come_back()
    clock.now += OPEN_SECONDS

    probe, answers = await database_behind.hold_one()
    others = await asyncio.gather(*(database_behind.ask() for _ in range(49)))
    assert (others, database_behind.calls) == (["turned away"] * 49, 4)

    answers.set()
    assert await probe == "answered"
    # What was before is forgotten: it takes three failures again.
    database_behind.break_down()
    assert await database_behind.ask_often(4) == ["failed"] * 3 + ["turned away"]


async def test_a_probe_that_fails_opens_it_anew(database_behind: Database, clock: Clock) -> None:
    database_behind.break_down()
    await database_behind.ask_often(3)
    clock.now += OPEN_SECONDS

    assert await database_behind.ask_often(3) == ["failed", "turned away", "turned away"]
    database_behind.come_back()
    assert await database_behind.ask() == "turned away"
    clock.now += OPEN_SECONDS
    assert await database_behind.ask_often(2) == ["answered"] * 2


async def test_a_call_that_is_cancelled_is_neither_a_failure_nor_a_success(database_behind: Database) -> None:
    database_behind.break_down()
    await database_behind.ask_often(2)

    for _ in range(10):
        await database_behind.cancel_one()

    assert await database_behind.ask_often(2) == ["failed", "turned away"]


async def test_a_probe_that_is_cancelled_gives_its_place_to_the_next(
    database_behind: Database, clock: Clock
) -> None:
    database_behind.break_down()
    await database_behind.ask_often(3)
    clock.now += OPEN_SECONDS
    await database_behind.cancel_one()

    # It is not open for longer because of it, and not closed either: again one goes, and no more.
    probe, answers = await database_behind.hold_one()
    assert await database_behind.ask() == "turned away"
    database_behind.come_back()
    answers.set()
    assert await probe == "answered"
    assert await database_behind.ask() == "answered"


async def test_a_postgresql_out_of_reach_is_left_alone_by_whoever_asks_the_store(
    redis: Redis, clock: Clock
) -> None:
    nowhere: AsyncConnectionPool[AsyncConnection] = AsyncConnectionPool(
        "postgresql://127.0.0.1:1/x", open=False
    )
    connectors = build_connectors(
        pool=nowhere,
        get_redis=lambda: redis,
        clock=lambda: NOW,
        choices=Choices(prefix=f"test-{uuid.uuid4().hex}:", store=StoreApi()),
    )

    async def fail() -> type[BaseException]:
        with pytest.raises(ConnectorUnavailable) as failed:
            await connectors.direct.stock.read(merchant=SHOP, keys=(BLUE,), now=NOW)
        return failed.type

    failures = [await fail() for _ in range(4)]
    clock.now += OPEN_SECONDS
    probed = [await fail() for _ in range(2)]
    await connectors.close()

    assert failures == [ConnectorUnavailable] * 3 + [BreakerOpen]
    assert probed == [ConnectorUnavailable, BreakerOpen]
