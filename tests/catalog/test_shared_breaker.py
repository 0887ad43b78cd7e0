"""The breaker that processes share: when it opens, who tries, and what counts."""

import asyncio
import json
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from redis.asyncio import Redis

from catalog.connectors import ConnectorUnavailable, StockReading
from catalog.connectors.breaker import Guarded
from catalog.connectors.readings import AnswerRefused, CallLimited, CallRefused
from catalog.connectors.redis_gate import RedisGate
from catalog.connectors.shared_breaker import (
    BreakerTerms,
    Change,
    SharedBreaker,
    Standing,
    find_standing,
    name_breaker,
)
from catalog.connectors.tally import Tally
from catalog.ids import MerchantId, Sku
from tests.catalog.conftest import NOW
from tests.merchant_api import KEY, RunningApi
from tests.running import ROOT, get_test_environment
from tests.waiting import wait_until_async

BLUE = Sku("FELL-BLU-9")
DOWN = ConnectorUnavailable(connector="inventory", reason="on purpose")
TERMS = BreakerTerms(
    window_ms=600_000, least_calls=4, cooldown_ms=60_000, longest_ms=240_000, lease_ms=60_000
)
"""So long that nothing runs out by itself while a busy machine takes its time."""


class Bench:
    """A breaker around a source that a test drives."""

    def __init__(self, *, redis: Redis, terms: BreakerTerms = TERMS) -> None:
        self.client = redis
        self.prefix = f"test-{uuid.uuid4().hex}:"
        self.merchant = MerchantId(str(uuid.uuid4()))
        self.gate = RedisGate(get_redis=lambda: self.client)
        self.tally = Tally(gate=self.gate, prefix=self.prefix)
        self.changes: list[tuple[str, int, int]] = []
        self.calls = 0
        self.failure: BaseException | None = None
        self.hold: asyncio.Event | None = None
        self.terms = terms
        self.guarded: Guarded[Sku, StockReading] = self.beside(self)

    def beside(self, inner: "Bench") -> Guarded[Sku, StockReading]:
        """Another one, as of another process, behind the same breaker."""
        breaker = SharedBreaker(
            gate=self.gate,
            prefix=self.prefix,
            connector="inventory",
            terms=self.terms,
            record_change=self._note,
        )
        return Guarded(inner=inner, connector="inventory", breaker=breaker, tally=self.tally)

    async def _note(self, change: Change) -> None:
        self.changes.append((change.state, change.calls, change.failures))

    async def read(self, *, merchant: MerchantId, keys: tuple[Sku, ...], now: Any) -> dict[Sku, StockReading]:
        self.calls += 1
        if self.hold is not None:
            await self.hold.wait()
        if self.failure is not None:
            raise self.failure
        return {}

    async def ask(self) -> str:
        """How a call ended."""
        try:
            await self.guarded.read(merchant=self.merchant, keys=(BLUE,), now=NOW)
        except ConnectorUnavailable as error:
            return type(error).__name__
        return "answered"

    async def fail(self, times: int, failure: BaseException = DOWN) -> list[str]:
        self.failure = failure
        outcomes = [await self.ask() for _ in range(times)]
        self.failure = None
        return outcomes

    async def cool_down(self) -> None:
        """The cool-down is over: its end is put into the past, by the clock of Redis that decides."""
        name = name_breaker(prefix=self.prefix, merchant=self.merchant, connector="inventory")
        await self.client.hset(name, "until", 0)
        assert (await self.look()).wait_ms == 0

    async def lose_the_lease(self) -> None:
        """The time is over in which a probe must say something."""
        name = name_breaker(prefix=self.prefix, merchant=self.merchant, connector="inventory")
        await self.client.hset(name, "lease_until", 0)

    async def look(self) -> Standing:
        """How it stands."""
        return await find_standing(
            gate=self.gate,
            prefix=self.prefix,
            merchant=self.merchant,
            connector="inventory",
            window_ms=TERMS.window_ms,
        )


@pytest.fixture
async def bench(redis: Redis):
    made = Bench(redis=redis)
    yield made
    async for key in redis.scan_iter(match=f"{made.prefix}*"):
        await redis.delete(key)


async def test_it_opens_on_most_calls_failing_probes_once_and_closes(bench: Bench) -> None:
    opened = await bench.fail(4)
    refused = await bench.ask()
    asked = bench.calls
    await bench.cool_down()
    bench.hold = asyncio.Event()
    probing = asyncio.create_task(bench.ask())
    await wait_until_async(equals_calls(bench, asked + 1), what="the probe")
    waiting = [await bench.ask() for _ in range(20)]
    bench.hold.set()
    probed, after = await probing, await bench.ask()

    assert opened == ["ConnectorUnavailable"] * 4
    assert (refused, asked, waiting) == ("BreakerOpen", 4, ["BreakerOpen"] * 20)
    assert (probed, after, bench.calls) == ("answered", "answered", 6)
    assert bench.changes == [("open", 4, 4), ("half_open", 0, 0), ("closed", 1, 0)]


def equals_calls(bench: Bench, calls: int) -> Callable[[], Any]:
    async def reached() -> bool:
        return bench.calls == calls

    return reached


async def test_few_failures_among_many_calls_leave_it_closed(bench: Bench) -> None:
    answered = [await bench.ask() for _ in range(6)]
    failed = await bench.fail(4)

    assert await bench.ask() == "answered"
    assert (set(answered), len(failed), bench.changes) == ({"answered"}, 4, [])


async def test_a_failed_probe_waits_twice_as_long(bench: Bench) -> None:
    await bench.fail(4)
    await bench.cool_down()

    assert await bench.fail(1) == ["ConnectorUnavailable"]

    standing = await bench.look()
    assert standing.state == "open"
    assert TERMS.cooldown_ms < standing.wait_ms <= 2 * TERMS.cooldown_ms


@pytest.mark.parametrize(
    "said",
    [CallLimited(connector="inventory", retry_after=1), CallRefused(connector="inventory", reason="401")],
    ids=["429", "401"],
)
async def test_a_system_that_refuses_is_there(bench: Bench, said: ConnectorUnavailable) -> None:
    assert set(await bench.fail(10, said)) == {type(said).__name__}
    assert bench.changes == []


async def test_an_answer_that_cannot_be_is_a_failure_and_counted(bench: Bench) -> None:
    await bench.fail(4, AnswerRefused(connector="inventory", reason="quantity is -3"))
    await bench.ask()

    assert [state for state, _, _ in bench.changes] == ["open"]
    assert await bench.tally.look(merchant=bench.merchant, connector="inventory") == {
        "calls": 4,
        "failures": 4,
        "refused": 4,
        "turned_away": 1,
    }


async def test_being_cancelled_counts_neither_way_and_frees_the_probe(bench: Bench) -> None:
    bench.hold = asyncio.Event()
    leaving = [asyncio.create_task(bench.ask()) for _ in range(8)]
    await wait_until_async(equals_calls(bench, 8), what="the calls")
    for task in leaving:
        task.cancel()
    await asyncio.gather(*leaving, return_exceptions=True)
    bench.hold = None
    assert (await bench.ask(), bench.changes) == ("answered", [])

    await bench.fail(8)
    await bench.cool_down()
    bench.hold, calls = asyncio.Event(), bench.calls
    probe = asyncio.create_task(bench.ask())
    await wait_until_async(equals_calls(bench, calls + 1), what="the probe")
    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)
    bench.hold = None

    assert await bench.ask() == "answered"
    assert bench.changes[-1][0] == "closed"


async def test_what_began_before_it_opened_does_not_close_it(bench: Bench) -> None:
    bench.hold = asyncio.Event()
    early = asyncio.create_task(bench.ask())
    await wait_until_async(equals_calls(bench, 1), what="the early call")
    hold, bench.hold = bench.hold, None
    await bench.fail(4)
    hold.set()

    assert await early == "answered"
    assert (await bench.ask(), [state for state, _, _ in bench.changes]) == ("BreakerOpen", ["open"])


async def test_without_redis_every_call_runs(bench: Bench) -> None:
    await bench.fail(4)
    bench.client = Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.5)

    assert [await bench.ask() for _ in range(6)] == ["answered"] * 6
    await bench.client.aclose()


def run_crowd(name: str, asked: dict[str, str], *, processes: int) -> list[subprocess.Popen[str]]:
    return [
        subprocess.Popen(
            [sys.executable, "-m", "tests.catalog.crowd", name, json.dumps(asked)],
            cwd=ROOT,
            env=get_test_environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(processes)
    ]


async def start_crowd(crowd: list[subprocess.Popen[str]], *, redis: Redis, place: str) -> None:
    async def all_ready() -> bool:
        assert all(child.poll() is None for child in crowd)
        return int(await redis.get(f"{place}ready") or 0) == len(crowd)

    await wait_until_async(all_ready, seconds=60, what="the crowd")
    await redis.set(f"{place}go", 1, ex=60)


async def hear_crowd(crowd: list[subprocess.Popen[str]]) -> list[dict[str, int]]:
    told = [await asyncio.to_thread(child.communicate, timeout=60) for child in crowd]
    return [json.loads(out) for out, _ in told]


class Crowd:
    """Four processes that ask fifty times each, round by round."""

    def __init__(self, bench: Bench, *, rounds: tuple[str, ...]) -> None:
        self.bench = bench
        self.redis = bench.client
        asked = {"prefix": bench.prefix, "merchant": bench.merchant, "rounds": " ".join(rounds)}
        self.children = run_crowd("probe", asked, processes=4)
        self.places = {name: f"{bench.prefix}{name}:" for name in rounds}

    async def ask(self, name: str, *, turned_away: int) -> None:
        """The breaker is open and its cool-down over; all ask at once, until all but one know that they may not."""
        await self.bench.fail(4)
        await self.bench.cool_down()
        before = await self._count_turned_away()
        await start_crowd(self.children, redis=self.redis, place=self.places[name])

        async def others_are_turned_away() -> bool:
            return await self._count_turned_away() - before >= turned_away

        await wait_until_async(others_are_turned_away, seconds=60, what=f"{turned_away} that are turned away")

    async def end(self, name: str, how: str, *, ended: int) -> dict[str, int]:
        """Ends the probe; how all calls of the round ended."""
        place = self.places[name]
        await self.redis.set(f"{place}{how}", 1, ex=60)

        async def all_ended() -> bool:
            return int(await self.redis.llen(f"{place}ended")) >= ended

        await wait_until_async(all_ended, seconds=60, what="the end of the round")
        return Counter(each.decode() for each in await self.redis.lrange(f"{place}ended", 0, -1))

    async def kill_the_prober(self, name: str) -> None:
        prober = int(await self.redis.get(f"{self.places[name]}prober"))
        (child,) = [child for child in self.children if child.pid == prober]
        child.kill()
        await asyncio.to_thread(child.wait)

    async def count_calls(self) -> dict[str, int]:
        return {name: int(await self.redis.get(f"{place}calls")) for name, place in self.places.items()}

    async def take_changes(self) -> list[str]:
        """What the breaker became since the last look, as the processes of the crowd recorded it."""
        name = f"{self.bench.prefix}changes"
        changes = [each.decode() for each in await self.redis.lrange(name, 0, -1)]
        await self.redis.delete(name)
        return changes

    async def _count_turned_away(self) -> int:
        counted = await self.bench.tally.look(merchant=self.bench.merchant, connector="inventory")
        return counted.get("turned_away", 0)

    def close(self) -> None:
        for child in self.children:
            child.kill()
            child.communicate()


async def test_of_two_hundred_calls_of_four_processes_exactly_one_probes_however_it_ends(
    database: str, bench: Bench
) -> None:
    crowd = Crowd(bench, rounds=("cancelled", "answered", "killed"))
    try:
        await crowd.ask("cancelled", turned_away=199)
        left = await crowd.end("cancelled", "cancel", ended=200)
        freed = (await bench.look()).state, await bench.ask(), (await bench.look()).state

        await crowd.ask("answered", turned_away=199)
        probed = await crowd.end("answered", "release", ended=200)
        closed = (await bench.look()).state, await crowd.take_changes()

        await crowd.ask("killed", turned_away=199)
        await crowd.kill_the_prober("killed")
        held = await bench.ask()
        await bench.lose_the_lease()
        replaced = await bench.ask(), (await bench.look()).state

        assert left == {"BreakerOpen": 199, "CancelledError": 1}
        assert freed == ("half_open", "answered", "closed")
        assert probed == {"BreakerOpen": 199, "answered": 1}
        assert closed == ("closed", ["half_open", "half_open", "closed"])
        assert (held, replaced) == ("BreakerOpen", ("answered", "closed"))
        assert await crowd.count_calls() == {"cancelled": 1, "answered": 1, "killed": 1}
    finally:
        crowd.close()


async def test_failures_of_several_processes_open_it_together(bench: Bench, redis: Redis) -> None:
    other = Bench(redis=redis)
    other.guarded, other.merchant = bench.beside(other), bench.merchant

    opened = [await bench.fail(2), await other.fail(1), bench.changes.copy(), await other.fail(1)]

    assert opened == [["ConnectorUnavailable"] * 2, ["ConnectorUnavailable"], [], ["ConnectorUnavailable"]]
    assert (bench.changes, await bench.ask(), await other.ask()) == (
        [("open", 4, 4)],
        "BreakerOpen",
        "BreakerOpen",
    )


async def test_a_stampede_on_one_sku_makes_one_call(
    shop: MerchantId, redis: Redis, merchant_api: RunningApi
) -> None:
    prefix = f"test-{uuid.uuid4().hex}:"
    merchant_api.misbehave("slow", seconds=0.3)
    asked = {"prefix": prefix, "merchant": shop, "sku": BLUE, "url": merchant_api.url, "key": KEY}
    crowd = run_crowd("stampede", asked, processes=3)
    await start_crowd(crowd, redis=redis, place=prefix)
    heard = await hear_crowd(crowd)

    assert [each["answered"] for each in heard] == [30, 30, 30]
    assert merchant_api.count_calls("inventory") == 1
