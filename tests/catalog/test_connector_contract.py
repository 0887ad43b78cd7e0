"""What every source of answers promises, whoever answers, and through every wrapper."""

import asyncio
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from catalog.connectors import (
    WHOLE,
    CallLimited,
    Connectors,
    ConnectorUnavailable,
    Outages,
    Source,
    build_sources,
)
from catalog.connectors.asking import Asking
from catalog.connectors.batching import Batched
from catalog.connectors.breaker import Guarded
from catalog.connectors.cache import AnswerCache, Keys
from catalog.connectors.coalescing import Coalesced
from catalog.connectors.fallback import FallbackToLast
from catalog.connectors.flights import Flights
from catalog.connectors.fresh import FreshWithin
from catalog.connectors.limiting import Limit, RateLimited
from catalog.connectors.local_breaker import LocalBreaker, LocallyGuarded
from catalog.connectors.readings import StockReading
from catalog.connectors.recorded import Recorded
from catalog.connectors.redis_gate import RedisGate
from catalog.connectors.shared_breaker import BreakerTerms, Change, SharedBreaker
from catalog.connectors.switch import Switched
from catalog.connectors.tally import Tally
from catalog.connectors.timing import TimeLimited
from catalog.ids import CustomerKey, MerchantId, Sku
from commerce_agent.isolation.connections import Pool
from tests.catalog.conftest import BLUE, GOLD, NOW, RED

MISSING = Sku("NO-SUCH")
AGE = timedelta(hours=1)


@pytest.mark.parametrize("how", ["store", "merchant api"])
async def test_every_kind_answers_alike_from_the_store_and_over_http(
    stocked: MerchantId, pool: Pool, build: Callable[..., Connectors], how: str
) -> None:
    connectors, plain = build(how), build_sources(pool=pool)
    asked: list[tuple[str, tuple[str, ...]]] = [
        ("stock", (BLUE, RED, MISSING)),
        ("price", (BLUE, RED, MISSING)),
        ("catalogue", (BLUE, RED, MISSING)),
        ("policies", (WHOLE,)),
        ("promotions", (WHOLE,)),
        ("orders", (GOLD,)),
        ("history", (GOLD,)),
        ("customers", (GOLD,)),
        ("customers", (CustomerKey("nobody"),)),
    ]
    for name, keys in asked:
        told = await getattr(connectors.direct, name).read(merchant=stocked, keys=keys, now=NOW)
        expected = await getattr(plain, name).read(merchant=stocked, keys=keys, now=NOW)
        undated = {key: _undate(reading) for key, reading in told.items()}
        assert undated == {key: _undate(reading) for key, reading in expected.items()}, name
        assert all(reading.observed_at == NOW for reading in told.values())


def _undate(reading: Any) -> dict[str, object]:
    return {name: getattr(reading, name) for name in reading.__struct_fields__ if name != "valid_until"}


class Scripted:
    """A source that answers what a test says, and counts."""

    def __init__(self, *known: Sku) -> None:
        self.known = known
        self.calls: list[tuple[Sku, ...]] = []
        self.failure: BaseException | None = None
        self.version = 1

    async def read(self, *, merchant: MerchantId, keys: tuple[Sku, ...], now: Any) -> dict[Sku, StockReading]:
        self.calls.append(keys)
        if self.failure is not None:
            raise self.failure
        return {
            key: StockReading(
                sku=key,
                quantity=5,
                availability="in_stock",
                source="scripted",
                observed_at=now,
                version=self.version,
            )
            for key in keys
            if key in self.known
        }


async def _keep_nothing(change: Change) -> None:
    return None


def _wrap(name: str, inner: Source[Sku, StockReading], redis: Redis) -> Source[Sku, StockReading]:
    gate, prefix = RedisGate(get_redis=lambda: redis), f"test-{uuid.uuid4().hex}:"
    tally = Tally(gate=gate, prefix=prefix)
    cache: AnswerCache[Sku, StockReading] = AnswerCache(
        gate=gate, keys=Keys(prefix=prefix), connector="inventory", shape=StockReading
    )
    recorded = Recorded(inner=inner, cache=cache, connector="inventory", fresh_seconds=(30, 60), tally=tally)
    breaker = SharedBreaker(
        gate=gate,
        prefix=prefix,
        connector="inventory",
        terms=BreakerTerms(),
        record_change=_keep_nothing,
    )
    asking = Asking(gate=gate, prefix=prefix, connector="inventory", seconds=2)
    wrapped: dict[str, Source[Sku, StockReading]] = {
        "nothing": inner,
        "fallback": FallbackToLast(
            inner=recorded,
            cache=cache,
            connector="inventory",
            max_age=AGE,
            copy_age=AGE,
            tally=tally,
        ),
        "fresh": FreshWithin(inner=recorded, cache=cache),
        "coalesced": Coalesced(
            inner=recorded,
            cache=cache,
            connector="inventory",
            asking=asking,
            seconds=2,
            flights=Flights(),
        ),
        "recorded": recorded,
        "switched": Switched(inner=inner, connector="inventory", outages=Outages()),
        "limited": RateLimited(
            inner=inner,
            limit=Limit(connector="inventory", gate=gate, prefix=prefix, per_second=100, tally=tally),
        ),
        "guarded": Guarded(inner=inner, connector="inventory", breaker=breaker, tally=tally),
        "locally guarded": LocallyGuarded(
            inner=inner, connector="inventory", breaker=LocalBreaker(guards="postgresql")
        ),
        "time limited": TimeLimited(inner=inner, connector="inventory", seconds=5),
        "batched": Batched(inner=inner, most=2),
    }
    return wrapped[name]


WRAPPERS = [
    "nothing",
    "fallback",
    "fresh",
    "coalesced",
    "recorded",
    "switched",
    "limited",
    "guarded",
    "locally guarded",
    "time limited",
    "batched",
]


@pytest.mark.parametrize("wrapper", WRAPPERS)
async def test_a_wrapper_changes_no_answer(redis: Redis, wrapper: str) -> None:
    inner = Scripted(BLUE, RED)
    source = _wrap(wrapper, inner, redis)
    merchant = MerchantId(str(uuid.uuid4()))

    told = await source.read(merchant=merchant, keys=(BLUE, MISSING, RED), now=NOW)

    assert {key: (one.sku, one.quantity, one.version, one.stale) for key, one in told.items()} == {
        BLUE: (BLUE, 5, 1, False),
        RED: (RED, 5, 1, False),
    }
    assert {one.observed_at for one in told.values()} == {NOW}
    assert await source.read(merchant=merchant, keys=(MISSING,), now=NOW) == {}


@pytest.mark.parametrize("wrapper", WRAPPERS)
async def test_an_outage_goes_through_a_wrapper_as_an_outage(redis: Redis, wrapper: str) -> None:
    inner = Scripted(BLUE)
    inner.failure = ConnectorUnavailable(connector="inventory", reason="on purpose")
    source = _wrap(wrapper, inner, redis)

    with pytest.raises(ConnectorUnavailable):
        await source.read(merchant=MerchantId(str(uuid.uuid4())), keys=(BLUE,), now=NOW)


@pytest.mark.parametrize("wrapper", WRAPPERS)
async def test_shops_do_not_see_each_other_through_a_wrapper(redis: Redis, wrapper: str) -> None:
    inner = Scripted(BLUE)
    source = _wrap(wrapper, inner, redis)
    one, other = (MerchantId(str(uuid.uuid4())) for _ in range(2))
    await source.read(merchant=one, keys=(BLUE,), now=NOW)

    await source.read(merchant=other, keys=(BLUE,), now=NOW)

    assert inner.calls == [(BLUE,), (BLUE,)]


async def test_a_long_question_takes_its_turn_for_each_call_and_what_had_it_is_known(redis: Redis) -> None:
    skus = tuple(Sku(f"S-{number}") for number in range(40))
    inner, gate = Scripted(*skus), RedisGate(get_redis=lambda: redis)
    prefix, merchant = f"test-{uuid.uuid4().hex}:", MerchantId(str(uuid.uuid4()))
    tally = Tally(gate=gate, prefix=prefix)
    limit = Limit(connector="inventory", gate=gate, prefix=prefix, per_second=2, tally=tally)
    cache: AnswerCache[Sku, StockReading] = AnswerCache(
        gate=gate, keys=Keys(prefix=prefix), connector="inventory", shape=StockReading
    )

    def wrap(limited: RateLimited[Sku, StockReading]) -> Recorded[Sku, StockReading]:
        return Recorded(
            inner=limited, cache=cache, connector="inventory", fresh_seconds=(30, 60), tally=tally
        )

    hasty = wrap(RateLimited(inner=inner, limit=limit))
    whole = wrap(RateLimited(inner=inner, limit=limit, patience=60, whole=True))
    with pytest.raises(CallLimited):
        await hasty.read(merchant=merchant, keys=skus, now=NOW)
    asked = [key for call in inner.calls for key in call]
    kept = await cache.read(merchant=merchant, keys=skus)
    answered = await whole.read(merchant=merchant, keys=skus[:3], now=NOW)

    # Two calls a second: forty never go at once, and those that went were not for nothing.
    assert 2 <= len(asked) < len(skus)
    assert list(kept) == asked == list(skus[: len(asked)])
    assert list(answered) == list(skus[:3])
    assert inner.calls[-2:] == [skus[:2], skus[2:3]]


async def test_a_limit_that_allows_many_keys_a_call_counts_the_call(redis: Redis) -> None:
    skus = tuple(Sku(f"S-{number}") for number in range(150))
    inner, gate = Scripted(*skus), RedisGate(get_redis=lambda: redis)
    prefix = f"test-{uuid.uuid4().hex}:"
    tally = Tally(gate=gate, prefix=prefix)
    limit = Limit(connector="inventory", gate=gate, prefix=prefix, per_second=2, tally=tally)

    limited = RateLimited(inner=inner, limit=limit, keys_a_call=100)
    told = await limited.read(merchant=MerchantId(str(uuid.uuid4())), keys=skus, now=NOW)

    assert list(told) == list(skus)
    assert inner.calls == [skus]


class Unhurried(Scripted):
    """Takes a little longer for each answer than a question's patience is."""

    async def read(self, *, merchant: MerchantId, keys: tuple[Sku, ...], now: Any) -> dict[Sku, StockReading]:
        over = asyncio.Event()
        asyncio.get_running_loop().call_later(0.02, over.set)
        await over.wait()
        return await super().read(merchant=merchant, keys=keys, now=now)


async def test_a_long_question_ends_when_its_time_is_over(redis: Redis) -> None:
    skus = tuple(Sku(f"S-{number}") for number in range(40))
    inner, gate = Unhurried(*skus), RedisGate(get_redis=lambda: redis)
    prefix = f"test-{uuid.uuid4().hex}:"
    tally = Tally(gate=gate, prefix=prefix)
    limit = Limit(connector="inventory", gate=gate, prefix=prefix, per_second=1000, tally=tally)

    with pytest.raises(CallLimited) as given_up:
        await RateLimited(inner=inner, limit=limit, patience=0.01).read(
            merchant=MerchantId(str(uuid.uuid4())), keys=skus, now=NOW
        )

    assert inner.calls == [tuple(given_up.value.answered)]
    assert 0 < len(inner.calls[0]) < len(skus)
