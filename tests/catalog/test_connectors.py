import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from asgiref.sync import sync_to_async
from redis.asyncio import Redis

from catalog.connectors import (
    WHOLE,
    Choices,
    Connectors,
    Outages,
    StockReading,
    build_connectors,
    expire_offers,
)
from catalog.connectors.cache import AnswerCache, Keys
from catalog.connectors.readings import PoliciesReading, PolicyRecord, PromotionsReading
from catalog.connectors.recorded import list_older_policies
from catalog.connectors.redis_gate import RedisGate
from catalog.ids import MerchantId, Sku
from catalog.inventory import StockSaid, set_stocks
from catalog.pricing import PriceSaid, set_prices
from commerce_agent.isolation.connections import Pool
from tests.catalog.conftest import NOW

BLUE = Sku("FELL-BLU-9")
MOMENT = timedelta(seconds=10)
LONG = timedelta(seconds=90)


class Desk:
    """The connectors of one test, with the shop's own hand on the shelf."""

    def __init__(self, *, shop: MerchantId, pool: Pool, redis: Redis) -> None:
        self.shop = shop
        self.pool = pool
        self.outages = Outages()
        self.client = redis
        self.prefix = f"test-{uuid.uuid4().hex}:"
        self.connectors: Connectors = build_connectors(
            pool=pool,
            get_redis=lambda: self.client,
            clock=lambda: NOW,
            choices=Choices(prefix=self.prefix),
            outages=self.outages,
        )

    async def read(self, now: datetime, *skus: str) -> dict[Sku, StockReading]:
        wanted = tuple(Sku(sku) for sku in skus) or (BLUE,)
        return await self.connectors.stock.read(merchant=self.shop, keys=wanted, now=now)

    async def put(self, quantity: int) -> None:
        """Straight into the table: nobody tells the cache."""
        async with self.pool.connection() as connection:
            await connection.execute(
                "UPDATE catalog_stocklevel s SET quantity = %s, version = s.version + 1 FROM catalog_variant v"
                " WHERE v.id = s.variant_id AND v.merchant_id = %s AND v.sku = %s",
                (quantity, self.shop, BLUE),
            )


@pytest.fixture
async def desk(shop: MerchantId, pool: Pool, redis: Redis):
    made = Desk(shop=shop, pool=pool, redis=redis)
    yield made
    async for key in redis.scan_iter(match=f"{made.prefix}*"):
        await redis.delete(key)


async def test_answer_is_fresh_for_half_a_minute_and_read_anew_after_a_minute(desk: Desk) -> None:
    first = (await desk.read(NOW))[BLUE]
    await desk.put(1)

    soon = (await desk.read(NOW + MOMENT))[BLUE]
    later = (await desk.read(NOW + LONG))[BLUE]

    assert (first.quantity, first.availability, first.source, first.version) == (5, "in_stock", "store", 1)
    assert first.valid_until is not None
    assert timedelta(seconds=30) <= first.valid_until - NOW <= timedelta(seconds=60)
    assert soon == first
    assert (later.quantity, later.version, later.observed_at) == (1, 2, NOW + LONG)


async def test_no_two_answers_are_fresh_for_just_as_long(desk: Desk) -> None:
    lasting = []
    for number in range(50):
        reading = (await desk.read(NOW + number * LONG))[BLUE]
        assert reading.valid_until is not None
        lasting.append((reading.valid_until - reading.observed_at).total_seconds())

    assert all(30 <= seconds <= 60 for seconds in lasting)
    assert len(set(lasting)) > 40
    assert max(lasting) - min(lasting) > 10


async def test_another_clock_does_not_take_an_answer_of_the_future_for_fresh(desk: Desk) -> None:
    await desk.read(NOW)
    await desk.put(1)

    assert (await desk.read(NOW - MOMENT))[BLUE].quantity == 1


async def test_forgotten_answer_is_asked_for_again(desk: Desk) -> None:
    await desk.read(NOW)
    await desk.put(0)

    await expire_offers(desk.connectors, merchant=desk.shop, skus=(BLUE,))

    reading = (await desk.read(NOW + MOMENT))[BLUE]
    assert (reading.quantity, reading.availability) == (0, "out_of_stock")


async def test_outage_gives_the_last_answer_marked_with_its_age(desk: Desk) -> None:
    await desk.read(NOW)
    desk.outages.take_down("inventory")
    await desk.put(0)

    soon = (await desk.read(NOW + MOMENT))[BLUE]
    later = (await desk.read(NOW + LONG))[BLUE]
    desk.outages.bring_up("inventory")
    up = (await desk.read(NOW + LONG))[BLUE]

    assert (soon.quantity, soon.stale) == (5, False)
    assert (later.quantity, later.stale, later.observed_at) == (5, True, NOW)
    assert (up.quantity, up.stale) == (0, False)


async def test_outage_is_never_shown_as_emptiness(desk: Desk) -> None:
    desk.outages.take_down("inventory")
    desk.outages.take_down("pricing")

    stock = (await desk.read(NOW))[BLUE]
    prices = await desk.connectors.price.read(merchant=desk.shop, keys=(BLUE,), now=NOW)

    assert (stock.quantity, stock.availability, stock.source, stock.stale) == (None, "unknown", "none", True)
    assert (prices[BLUE].price.amount, prices[BLUE].source, prices[BLUE].stale) == (
        89,
        "catalogue copy",
        True,
    )
    assert prices[BLUE].observed_at == NOW


async def test_sku_that_the_shop_does_not_have_is_absent(desk: Desk) -> None:
    assert await desk.read(NOW, "NO-SUCH") == {}


async def test_prices_come_with_their_sale(desk: Desk) -> None:
    prices = await desk.connectors.price.read(merchant=desk.shop, keys=(Sku("TARN-RED-9"),), now=NOW)
    again = await desk.connectors.price.read(merchant=desk.shop, keys=(Sku("TARN-RED-9"),), now=NOW + MOMENT)

    tarn = prices[Sku("TARN-RED-9")]
    assert (tarn.list_price.amount, tarn.price.amount) == (119, 95)
    assert again == prices


async def test_redis_out_of_reach_reads_at_the_source(desk: Desk) -> None:
    desk.client = Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.5)

    reading = (await desk.read(NOW))[BLUE]
    await desk.put(2)

    assert (reading.quantity, reading.stale) == (5, False)
    assert (await desk.read(NOW + MOMENT))[BLUE].quantity == 2
    await desk.client.aclose()


@pytest.mark.parametrize("order", [(1, 2), (2, 1)], ids=["in order", "late news"])
async def test_older_version_never_takes_the_place_of_a_newer(redis: Redis, order: tuple[int, int]) -> None:
    merchant = MerchantId(uuid.uuid4().hex)
    cache = AnswerCache(
        gate=RedisGate(get_redis=lambda: redis),
        keys=Keys(prefix="test-"),
        connector="inventory",
        shape=StockReading,
    )
    for version in order:
        reading = StockReading(
            sku=BLUE,
            quantity=version * 10,
            availability="in_stock",
            source="store",
            observed_at=NOW,
            valid_until=NOW + LONG,
            version=version,
        )
        await cache.record(merchant=merchant, readings={BLUE: reading}, begun={BLUE: ""})

    assert (await cache.read(merchant=merchant, keys=(BLUE,)))[BLUE].quantity == 20
    await cache.expire(merchant=merchant, keys=(BLUE,))
    expired = (await cache.read(merchant=merchant, keys=(BLUE,)))[BLUE]
    assert (expired.quantity, expired.valid_until) == (20, NOW)


async def test_an_answer_of_another_form_is_not_read(desk: Desk) -> None:
    name = f"{desk.prefix}c:{desk.shop}:answer:inventory:{BLUE}"
    await desk.client.set(name, b"{}")

    assert (await desk.read(NOW))[BLUE].quantity == 5
    # Whoever writes that form reads it still.
    assert await desk.client.get(name) == b"{}"


async def test_an_answer_from_when_promotions_were_not_numbered_is_not_read(redis: Redis) -> None:
    """Its version counts nothing that another can be held against."""
    merchant = MerchantId(uuid.uuid4().hex)
    cache = AnswerCache(
        gate=RedisGate(get_redis=lambda: redis),
        keys=Keys(prefix="test-"),
        connector="promotions",
        shape=PromotionsReading,
    )
    kept = PromotionsReading(
        source="store", observed_at=NOW, valid_until=NOW + LONG, version=9, promotions=()
    )
    await cache.record(merchant=merchant, readings={WHOLE: kept}, begun={})
    name = Keys(prefix="test-").name_answer(merchant=merchant, connector="promotions", key=WHOLE)
    await redis.rename(name, f"test-c:{merchant}:answer:3:promotions:{WHOLE}")

    assert await cache.read(merchant=merchant, keys=(WHOLE,)) == {}
    await redis.delete(f"test-c:{merchant}:answer:3:promotions:{WHOLE}")


def policies(*versions: tuple[int, int | None, int | None], hour: int) -> PoliciesReading:
    """What was read after so many hours: versions of one policy, each from an hour on and until one."""
    listed = tuple(
        PolicyRecord(
            name="returns",
            title="Returns",
            text="Thirty days.",
            terms={},
            scope="store",
            scope_value="",
            version=version,
            valid_from=None if begins is None else NOW + timedelta(hours=begins),
            valid_until=None if ends is None else NOW + timedelta(hours=ends),
            observed_at=NOW,
        )
        for version, begins, ends in versions
    )
    return PoliciesReading(source="erp", observed_at=NOW + timedelta(hours=hour), policies=listed)


@pytest.mark.parametrize(
    ("known", "said", "older"),
    [
        (policies((1, None, None), (2, None, None), hour=0), policies((1, None, None), hour=1), 1),
        (policies((1, None, None), (2, 5, None), hour=0), policies((1, None, None), hour=1), 0),
        (policies((1, None, None), (2, 5, None), hour=0), policies((1, None, None), hour=6), 0),
        (policies((1, None, None), (2, None, 3), hour=0), policies((1, None, None), hour=4), 0),
        (policies((1, None, None), (2, None, 3), hour=0), policies((1, None, None), hour=2), 1),
        (policies((1, None, None), (2, None, -1), hour=0), policies((1, None, None), hour=1), 0),
        (policies((2, None, None), hour=0), policies((1, None, None), (2, 5, None), hour=1), 0),
    ],
    ids=["in force", "to come", "to come, past", "over", "not over", "long over", "put off"],
)
def test_only_a_version_in_force_cannot_be_withdrawn(
    known: PoliciesReading, said: PoliciesReading, older: int
) -> None:
    assert len(list_older_policies(said, known=known)) == older


async def test_offers_read_lately_are_refreshed_before_they_run_out(desk: Desk) -> None:
    await desk.read(NOW)
    await desk.put(1)
    within = timedelta(seconds=20)

    early = await desk.connectors.refresh_recent(now=NOW + timedelta(seconds=1), within=within)
    due = await desk.connectors.refresh_recent(now=NOW + timedelta(seconds=45), within=within)
    reading = (await desk.read(NOW + timedelta(seconds=50)))[BLUE]
    forgotten = await desk.connectors.refresh_recent(now=NOW + timedelta(minutes=30), within=within)

    assert (early, due, forgotten) == (0, 1, 0)
    assert (reading.quantity, reading.observed_at) == (1, NOW + timedelta(seconds=45))


async def test_shops_do_not_share_answers(desk: Desk, make_other: Callable[[], MerchantId]) -> None:
    await desk.read(NOW)

    assert await desk.connectors.stock.read(merchant=make_other(), keys=(BLUE,), now=NOW) == {}


@pytest.fixture
def make_other() -> Callable[[], MerchantId]:
    return lambda: MerchantId(str(uuid.uuid4()))


async def tell_stock(desk: Desk, quantity: int, at: datetime) -> None:
    """The merchant's system tells by itself."""
    said = (StockSaid(sku=BLUE, quantity=quantity, availability=None, at=at),)
    await sync_to_async(set_stocks)(merchant=desk.shop, said=said, source="webhook")


async def test_in_an_outage_what_was_told_since_holds_and_says_whose_word_it_is(desk: Desk) -> None:
    await desk.read(NOW)
    await tell_stock(desk, 2, NOW + MOMENT)
    desk.outages.take_down("inventory")

    told = (await desk.read(NOW + LONG))[BLUE]

    assert (told.quantity, told.source, told.observed_at, told.stale) == (2, "webhook", NOW + MOMENT, True)


async def test_in_an_outage_an_answer_that_is_newer_than_what_was_told_holds(desk: Desk) -> None:
    await tell_stock(desk, 2, NOW - LONG)
    await desk.put(4)
    await desk.read(NOW)
    desk.outages.take_down("inventory")

    kept = (await desk.read(NOW + LONG))[BLUE]

    assert (kept.quantity, kept.source, kept.observed_at, kept.stale) == (4, "store", NOW, True)


async def test_what_was_told_too_long_ago_is_unknown(desk: Desk) -> None:
    await tell_stock(desk, 2, NOW)
    desk.outages.take_down("inventory")

    assert (await desk.read(NOW + timedelta(hours=3)))[BLUE].quantity == 2
    late = (await desk.read(NOW + timedelta(hours=5)))[BLUE]
    assert (late.quantity, late.availability, late.source) == (None, "unknown", "none")


async def test_in_an_outage_a_price_that_was_told_is_labelled_so(desk: Desk) -> None:
    said = (PriceSaid(sku=BLUE, price=Decimal(77), sale_price=None, at=NOW),)
    await sync_to_async(set_prices)(merchant=desk.shop, said=said, source="webhook")
    desk.outages.take_down("pricing")

    price = (await desk.connectors.price.read(merchant=desk.shop, keys=(BLUE,), now=NOW + MOMENT))[BLUE]

    assert (price.price.amount, price.source, price.observed_at, price.stale) == (77, "webhook", NOW, True)
