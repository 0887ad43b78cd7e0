"""A change that is told while its item is being read: what was answered before it is nobody's answer of now."""

import asyncio
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st
from redis.asyncio import Redis

from catalog.connectors import Connectors, StockReading, asking, expire_offers
from catalog.connectors.cache import AnswerCache, Keys
from catalog.connectors.fresh import is_fresh
from catalog.connectors.kinds import TIERS
from catalog.connectors.redis_gate import RedisGate
from catalog.ids import MerchantId
from catalog.inventory import StockSaid, set_stocks
from tests.catalog.conftest import BLUE, NOW
from tests.merchant_api import RunningApi
from tests.waiting import wait_until_async

Build = Callable[..., Connectors]
MOMENT = timedelta(seconds=5)
LATE = timedelta(seconds=50)


async def sell_out(teller: Connectors, shop: MerchantId) -> None:
    """As a webhook does: into the tables, and then the news of it."""
    said = StockSaid(sku=BLUE, quantity=0, availability=None, at=NOW)
    await sync_to_async(set_stocks)(merchant=shop, said=(said,), source="webhook")
    await expire_offers(teller, merchant=shop, skus=(BLUE,))


async def have_held(api: RunningApi, number: int) -> None:
    async def came() -> bool:
        return await asyncio.to_thread(api.count_held, "inventory") == number

    await wait_until_async(came, what=f"answer {number}, read and held back")


async def test_a_read_that_began_before_a_webhook_is_not_taken_for_fresh_after_it(
    stocked: MerchantId, build: Build, merchant_api: RunningApi
) -> None:
    reader, teller = build("merchant api"), build("merchant api")
    merchant_api.misbehave("held_answer", kind="inventory", seconds=60)
    reading = asyncio.create_task(reader.stock.read(merchant=stocked, keys=(BLUE,), now=NOW))
    await have_held(merchant_api, 1)

    await sell_out(teller, stocked)
    merchant_api.behave()
    before = (await reading)[BLUE]

    after = await teller.stock.read(merchant=stocked, keys=(BLUE,), now=NOW + MOMENT)
    soon = await reader.stock.read(merchant=stocked, keys=(BLUE,), now=NOW + MOMENT)
    # What was read too early says of itself that it has run out; it is asked for once more, and then it is kept.
    assert (before.quantity, before.valid_until) == (5, before.observed_at)
    assert after[BLUE].quantity == 0
    assert soon == after
    assert merchant_api.count_calls("inventory") == 1


async def test_nobody_joins_a_read_that_began_before_a_webhook(
    stocked: MerchantId, build: Build, merchant_api: RunningApi
) -> None:
    reader, other = build("merchant api"), build("merchant api")
    merchant_api.misbehave("held_answer", kind="inventory", seconds=60)
    early = asyncio.create_task(reader.stock.read(merchant=stocked, keys=(BLUE,), now=NOW))
    await have_held(merchant_api, 1)
    await sell_out(other, stocked)

    late = [
        asyncio.create_task(process.stock.read(merchant=stocked, keys=(BLUE,), now=NOW + MOMENT))
        for process in (reader, other, reader, other)
    ]
    await have_held(merchant_api, 2)
    calls = merchant_api.count_calls("inventory")
    merchant_api.behave()
    told = await asyncio.gather(*late)
    await early

    assert [answer[BLUE].quantity for answer in told] == [0, 0, 0, 0]
    assert calls == 2
    kept = await reader.stock.read(merchant=stocked, keys=(BLUE,), now=NOW + MOMENT)
    assert kept[BLUE].quantity == 0


async def test_a_call_that_failed_is_made_again_by_nobody_until_its_moment_is_over(
    stocked: MerchantId,
    build: Build,
    redis: Redis,
    merchant_api: RunningApi,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Here the moment is over when the test says so.
    monkeypatch.setattr(asking, "FAILED_MS", 600_000)
    one, other = build("merchant api"), build("merchant api")
    merchant_api.misbehave("error", kind="inventory")

    for process in (one, one, other):
        told = await process.stock.read(merchant=stocked, keys=(BLUE,), now=NOW)
        assert (told[BLUE].quantity, told[BLUE].stale) == (None, True)
    assert merchant_api.count_calls("inventory") == 1

    merchant_api.behave()
    await redis.delete(*[key async for key in redis.scan_iter(match=f"{one.parts.prefix}*:asking:*")])
    for process in (one, other):
        told = await process.stock.read(merchant=stocked, keys=(BLUE,), now=NOW)
        assert (told[BLUE].quantity, told[BLUE].stale) == (5, False)
    assert merchant_api.count_calls("inventory") == 1


async def test_an_early_refresh_that_a_webhook_crosses_keeps_nothing_fresh(
    stocked: MerchantId, build: Build, merchant_api: RunningApi
) -> None:
    worker, teller = build("merchant api"), build("merchant api")
    await worker.stock.read(merchant=stocked, keys=(BLUE,), now=NOW)
    merchant_api.misbehave("held_answer", kind="inventory", seconds=60)
    refreshing = asyncio.create_task(
        worker.stock.refresh_recent(merchant=stocked, now=NOW + LATE, within=timedelta(seconds=30))
    )
    await have_held(merchant_api, 1)

    await sell_out(teller, stocked)
    merchant_api.behave()

    assert await refreshing == 1
    after = await teller.stock.read(merchant=stocked, keys=(BLUE,), now=NOW + LATE + MOMENT)
    assert after[BLUE].quantity == 0


async def test_a_read_of_our_own_tables_that_a_change_crosses_is_not_fresh_either(
    stocked: MerchantId, build: Build, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, teller = build("in this process"), build("in this process")
    record = AnswerCache.record

    async def record_late(self: AnswerCache, **answers: object) -> object:
        monkeypatch.undo()
        await sell_out(teller, stocked)
        return await record(self, **answers)

    monkeypatch.setattr(AnswerCache, "record", record_late)
    before = await reader.stock.read(merchant=stocked, keys=(BLUE,), now=NOW)
    after = await reader.stock.read(merchant=stocked, keys=(BLUE,), now=NOW + MOMENT)

    assert (before[BLUE].quantity, after[BLUE].quantity) == (5, 0)


class Step(NamedTuple):
    """`begin` a read, `land` the open read of this place, or `change` what there is."""

    what: str
    place: int = 0


STEPS = st.lists(
    st.one_of(
        st.just(Step("begin")),
        st.just(Step("change")),
        st.builds(Step, st.just("land"), st.integers(min_value=0, max_value=3)),
    ),
    max_size=14,
)


@settings_of_hypothesis(max_examples=60)
@given(steps=STEPS, numbered=st.booleans())
def test_what_is_fresh_was_read_after_the_last_change_that_was_told(
    steps: list[Step], numbered: bool
) -> None:
    async def play() -> None:
        async with Redis.from_url(settings.REDIS_URL) as redis:
            await _play(redis, steps, numbered=numbered)

    async_to_sync(play)()


async def _play(redis: Redis, steps: list[Step], *, numbered: bool) -> None:
    merchant, keys = MerchantId(uuid.uuid4().hex), Keys(prefix=settings.REDIS_PREFIX)
    cache: AnswerCache = AnswerCache(
        gate=RedisGate(get_redis=lambda: redis),
        keys=keys,
        connector="inventory",
        shape=StockReading,
    )
    there, open_reads = 0, list[tuple[dict, StockReading]]()
    for number, (what, place) in enumerate(steps):
        if what == "change":
            there += 1
            await cache.expire(merchant=merchant, keys=(BLUE,))
        elif what == "begin":
            reading = StockReading(
                sku=BLUE,
                quantity=there,
                availability="in_stock",
                source="warehouse",
                # Turns that began earlier may read later.
                observed_at=NOW - timedelta(milliseconds=number),
                valid_until=NOW + LATE,
                version=there if numbered else 0,
            )
            open_reads.append((await cache.begin(merchant=merchant, keys=(BLUE,)), reading))
        elif place < len(open_reads):
            begun, reading = open_reads.pop(place)
            await cache.record(merchant=merchant, readings={BLUE: reading}, begun=begun)
            # Nothing that is right is thrown away: whoever read after the last change is believed.
            if reading.quantity == there:
                kept = (await cache.read(merchant=merchant, keys=(BLUE,)))[BLUE]
                assert is_fresh(kept, now=NOW)
        known = (await cache.read(merchant=merchant, keys=(BLUE,))).get(BLUE)
        if known is not None and is_fresh(known, now=NOW):
            assert known.quantity == there
    place = {"merchant": merchant, "connector": "inventory", "key": BLUE}
    await redis.delete(keys.name_answer(**place), keys.name_mark(**place))


def test_a_mark_outlives_whatever_is_fresh() -> None:
    for kind, tier in TIERS.items():
        cache: AnswerCache = AnswerCache(
            gate=RedisGate(get_redis=Redis),
            keys=Keys(),
            connector=kind,
            shape=StockReading,
            fresh_seconds=tier.fresh_seconds[1],
        )
        assert cache.marked_seconds > tier.fresh_seconds[1]
