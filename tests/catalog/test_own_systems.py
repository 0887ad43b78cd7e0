"""A merchant's own systems, as the admin configures them: asked, read, limited, and kept from calling inside."""

import ipaddress
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from redis.asyncio import Redis

from catalog.connectors import (
    WHOLE,
    Allowed,
    AnswerRefused,
    CallLimited,
    Connectors,
    ConnectorUnavailable,
    build_sources,
)
from catalog.connectors.addresses import is_public, resolve_address
from catalog.connectors.history import keep_counts
from catalog.connectors.limiting import Limit, RateLimited
from catalog.connectors.local_breaker import LocalBreaker
from catalog.connectors.mapping import RowMapping, read_document
from catalog.connectors.readings import CallRefused
from catalog.connectors.redis_gate import RedisGate, RedisLeftAlone
from catalog.connectors.resealing import reseal_secrets
from catalog.connectors.sealing import SecretUnreadable, find_version, open_secret, seal_secret
from catalog.connectors.tally import Tally
from catalog.connectors.wire import Frame, PriceShape, PromotionShape, StockShape
from catalog.ids import MerchantId
from catalog.models import Connector
from tests.catalog.conftest import BLUE, GOLD, NOW, RED, Pool
from tests.merchant_api import KEY, RunningApi

HERE = Allowed(networks=("127.0.0.0/8",))
KEYS = settings.KEY_ENCRYPTION_KEYS
Build = Callable[..., Connectors]
MAPPED: dict[str, tuple[str, dict[str, str]]] = {
    "inventory": (
        "stock?skus={skus}",
        {"sku": "sku", "quantity": "quantity", "availability": "availability", "version": "version"},
    ),
    "pricing": (
        "prices?skus={skus}",
        {"sku": "sku", "price": "price", "list_price": "list_price", "currency": "currency"},
    ),
    "catalogue": (
        "items?skus={skus}",
        {
            "sku": "sku",
            "title": "title",
            "group": "group",
            "brand": "brand",
            "category": "category",
            "rating": "rating",
            "rating_count": "rating_count",
        },
    ),
    "policies": ("policies", {"name": "name", "text": "text", "terms": "terms", "version": "version"}),
    "promotions": (
        "promotions",
        {"title": "title", "percent": "percent", "code": "code", "version": "version"},
    ),
    "orders": (
        "orders?customer={customer}",
        {
            "number": "number",
            "placed_at": "placed_at",
            "status": "status",
            "total": "total",
            "currency": "currency",
            "lines": "lines[].{sku: sku, title: title, quantity: quantity, unit_price: unit_price}",
        },
    ),
    "customers": ("customers?customer={customer}", {"tier": "tier", "preferences": "preferences"}),
}


@pytest.fixture
def configured(stocked: MerchantId, merchant_api: RunningApi) -> MerchantId:
    """The shop with the same API for all of its systems, as a merchant would enter it in the admin."""
    merchant, api = stocked, merchant_api
    for kind, (path, fields) in MAPPED.items():
        Connector.objects.create(
            merchant_id=merchant,
            kind=kind,
            name="erp",
            url=f"{api.url}/v1/{{merchant}}/{path}",
            login="bearer",
            sealed_secret=seal_secret(KEY, keys=KEYS, merchant=merchant, kind=kind),
            items="items",
            fields=fields,
            timeout_ms=9000,
        )
    return merchant


async def test_every_kind_is_read_by_its_mapping(configured: MerchantId, pool: Pool, build: Build) -> None:
    stocked = configured
    own, store = build("configured", allowed=HERE, keys=KEYS), build_sources(pool=pool)
    skus = (BLUE, RED)

    stock = await own.stock.read(merchant=stocked, keys=skus, now=NOW)
    prices = await own.price.read(merchant=stocked, keys=skus, now=NOW)
    items = await own.catalogue.read(merchant=stocked, keys=skus, now=NOW)
    policies = (await own.policies.read(merchant=stocked, keys=(WHOLE,), now=NOW))[WHOLE]
    promotions = (await own.promotions.read(merchant=stocked, keys=(WHOLE,), now=NOW))[WHOLE]
    orders = (await own.orders.read(merchant=stocked, keys=(GOLD,), now=NOW))[GOLD]
    customers = (await own.customers.read(merchant=stocked, keys=(GOLD,), now=NOW))[GOLD]

    known = await store.stock.read(merchant=stocked, keys=skus, now=NOW)
    priced = await store.price.read(merchant=stocked, keys=skus, now=NOW)
    assert {sku: (one.quantity, one.version, one.source) for sku, one in stock.items()} == {
        sku: (one.quantity, one.version, "erp") for sku, one in known.items()
    }
    assert {sku: (one.price, one.list_price) for sku, one in prices.items()} == {
        sku: (one.price, one.list_price) for sku, one in priced.items()
    }
    said = (await store.catalogue.read(merchant=stocked, keys=skus, now=NOW))[BLUE]
    assert said.rating is not None
    assert (items[BLUE].title, items[BLUE].rating, items[BLUE].rating_count) == (
        said.title,
        said.rating,
        said.rating_count,
    )
    assert [(one.name, one.version, one.terms) for one in policies.policies] == [
        ("returns", 3, {"window_days": 60})
    ]
    (kept,) = (await store.promotions.read(merchant=stocked, keys=(WHOLE,), now=NOW))[WHOLE].promotions
    assert [(one.code, one.percent, one.version) for one in promotions.promotions] == [
        ("TEN", 10, kept.version)
    ]
    assert kept.version > 1
    assert [(one.number, one.total.amount, len(one.lines)) for one in orders.orders] == [("1001", 178, 1)]
    assert (customers.tier, customers.preferences) == ("gold", {"shoe size": 9})


async def test_a_private_address_is_not_called_unless_the_operator_allows_it(
    configured: MerchantId, build: Build, merchant_api: RunningApi
) -> None:
    own = build("configured", keys=KEYS)

    with pytest.raises(CallRefused, match="private address"):
        await own.direct.stock.read(merchant=configured, keys=(BLUE,), now=NOW)
    assert merchant_api.count_calls("inventory") == 0


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "0.0.0.1",
        "224.0.0.1",
        "::1",
        "fe80::1",
        "fd00::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
    ],
)
def test_what_leads_inside_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


async def test_a_public_address_is_only_asked_over_https() -> None:
    asked = {"host": "93.184.216.34", "port": 80, "allowed": Allowed(), "kind": "inventory"}

    with pytest.raises(CallRefused, match="HTTPS"):
        await resolve_address(scheme="http", **asked)  # type: ignore[arg-type]
    assert await resolve_address(scheme="https", **asked) == "93.184.216.34"  # type: ignore[arg-type]


async def test_a_system_that_wants_fewer_calls_is_left_alone_by_everybody(
    stocked: MerchantId, build: Build, merchant_api: RunningApi
) -> None:
    one, other = build("merchant api"), build("merchant api")
    merchant_api.misbehave("rate_limited", seconds=30)

    with pytest.raises(CallLimited) as limited:
        await one.direct.stock.read(merchant=stocked, keys=(BLUE,), now=NOW)
    with pytest.raises(CallLimited):
        await other.direct.stock.read(merchant=stocked, keys=(RED,), now=NOW)

    assert limited.value.retry_after == 30
    assert merchant_api.count_calls("inventory") == 1


async def test_a_limit_holds_for_all_processes_together(redis: Redis) -> None:
    gate, prefix = RedisGate(get_redis=lambda: redis), f"test-{uuid.uuid4().hex}:"
    merchant, answered = MerchantId(str(uuid.uuid4())), 0

    class Counted:
        async def read(self, *, merchant: MerchantId, keys: tuple[str, ...], now: object) -> dict[str, None]:
            nonlocal answered
            answered += 1
            return {}

    limited = [
        RateLimited(
            inner=Counted(),  # type: ignore[arg-type]
            limit=Limit(
                connector="inventory",
                gate=gate,
                prefix=prefix,
                per_second=5,
                tally=Tally(gate=gate, prefix=prefix),
            ),
        )
        for _ in range(2)
    ]
    waits: list[float] = []
    for turn in range(20):
        try:
            await limited[turn % 2].read(merchant=merchant, keys=(BLUE,), now=NOW)
        except CallLimited as error:
            waits.append(error.retry_after or 0)

    assert answered + len(waits) == 20
    assert len(waits) >= 5
    assert all(0 < wait <= 1 for wait in waits)


FRAME = Frame(kind="inventory", source="erp", now=NOW, currency="USD")


@pytest.mark.parametrize(
    "row",
    [
        {"sku": BLUE, "quantity": -1},
        {"sku": BLUE, "quantity": "many"},
        {"sku": BLUE, "quantity": 2.5},
        {"sku": BLUE},
        {"sku": "", "quantity": 1},
        {"sku": BLUE, "availability": "perhaps"},
    ],
)
def test_stock_that_cannot_be_is_refused_and_never_zero(row: dict[str, object]) -> None:
    with pytest.raises(AnswerRefused):
        StockShape().read(rows=[row], keys=(BLUE, RED), frame=FRAME)


@pytest.mark.parametrize(
    "row",
    [
        {"sku": BLUE, "price": "-1", "currency": "USD"},
        {"sku": BLUE, "price": "89", "currency": "EUR"},
        {"sku": BLUE, "price": "NaN", "currency": "USD"},
        {"sku": BLUE, "currency": "USD"},
        {"sku": BLUE, "price": "89"},
    ],
)
def test_a_price_that_cannot_be_is_refused(row: dict[str, object]) -> None:
    with pytest.raises(AnswerRefused):
        PriceShape().read(rows=[row], keys=(BLUE,), frame=FRAME)


def test_two_answers_for_one_sku_are_refused_and_what_was_not_asked_is_left_out() -> None:
    rows: list[dict[str, object]] = [{"sku": BLUE, "quantity": 1}, {"sku": RED, "quantity": 2}]

    assert list(StockShape().read(rows=rows, keys=(BLUE,), frame=FRAME)) == [BLUE]
    with pytest.raises(AnswerRefused, match="two answers"):
        StockShape().read(rows=[rows[0], rows[0]], keys=(BLUE,), frame=FRAME)


def test_a_promotion_takes_off_one_thing_and_no_more_than_everything() -> None:
    for spoiled in ({"percent": 10, "amount": 5}, {}, {"percent": 101}):
        with pytest.raises(AnswerRefused):
            PromotionShape().read(rows=[{"title": "Sale", **spoiled}], keys=(WHOLE,), frame=FRAME)


def test_a_mapped_field_that_is_missing_is_refused_and_numbers_stay_exact() -> None:
    mapping = RowMapping(
        kind="pricing", items="data", fields={"sku": "id", "price": "p.net", "currency": "p.cur"}
    )
    body = b'{"data": [{"id": "A", "p": {"net": 0.1, "cur": "USD"}}]}'

    (row,) = mapping.list_rows(read_document(body, kind="pricing"))
    assert str(row["price"]) == "0.1"
    with pytest.raises(AnswerRefused, match=r"nothing at p\.net"):
        mapping.list_rows({"data": [{"id": "A", "p": {"cur": "USD"}}]})
    with pytest.raises(AnswerRefused):
        read_document(b'{"price": NaN}', kind="pricing")


async def test_an_older_version_gives_the_last_answer_and_is_counted(
    stocked: MerchantId, build: Build, merchant_api: RunningApi
) -> None:
    connectors = build("merchant api")
    good = (await connectors.stock.read(merchant=stocked, keys=(BLUE,), now=NOW))[BLUE]
    merchant_api.misbehave("older_version")
    later = NOW + timedelta(minutes=2)

    told = (await connectors.stock.read(merchant=stocked, keys=(BLUE,), now=later))[BLUE]
    counted = await connectors.parts.tally.look(merchant=stocked, connector="inventory")

    assert (told.quantity, told.version, told.stale, told.observed_at) == (5, good.version, True, NOW)
    assert (counted["refused"], counted["fallbacks"]) == (1, 1)


async def test_a_last_answer_that_is_too_old_is_unknown(stocked: MerchantId, build: Build) -> None:
    connectors = build("store")
    await connectors.stock.read(merchant=stocked, keys=(BLUE,), now=NOW)
    await connectors.policies.read(merchant=stocked, keys=(WHOLE,), now=NOW)
    for kind in ("inventory", "policies"):
        connectors.parts.outages.take_down(kind)

    known = (await connectors.stock.read(merchant=stocked, keys=(BLUE,), now=NOW + timedelta(hours=3)))[BLUE]
    unknown = (await connectors.stock.read(merchant=stocked, keys=(BLUE,), now=NOW + timedelta(hours=5)))[
        BLUE
    ]

    assert (known.quantity, known.stale) == (5, True)
    assert (unknown.quantity, unknown.availability, unknown.source) == (None, "unknown", "none")
    with pytest.raises(ConnectorUnavailable):
        await connectors.policies.read(merchant=stocked, keys=(WHOLE,), now=NOW + timedelta(days=8))


async def test_counts_are_kept_by_the_day(stocked: MerchantId, build: Build, pool: Pool) -> None:
    connectors = build("store")
    connectors.parts.outages.take_down("inventory")
    for _ in range(2):
        await connectors.stock.read(merchant=stocked, keys=(BLUE, RED), now=NOW)
        counts = await connectors.parts.tally.take()
        await keep_counts(pool, counts=counts, day=NOW.date())

    async with pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT fallbacks, calls FROM catalog_connectorcount WHERE merchant_id = %s AND kind = 'inventory'",
            [stocked],
        )
        assert await cursor.fetchall() == [(4, 0)]
    assert await connectors.parts.tally.take() == {}


def test_a_secret_opens_for_its_own_connector_only_and_follows_the_keys(merchant: MerchantId) -> None:
    first = {1: KEYS[1]}
    sealed = seal_secret("s3cret", keys=first, merchant=merchant, kind="orders")
    Connector.objects.create(merchant_id=merchant, kind="orders", name="erp", sealed_secret=sealed)

    assert open_secret(sealed, keys=KEYS, merchant=merchant, kind="orders") == "s3cret"
    for other in ({"kind": "pricing", "merchant": merchant}, {"kind": "orders", "merchant": "another"}):
        with pytest.raises(SecretUnreadable):
            open_secret(sealed, keys=KEYS, **other)
    assert reseal_secrets(keys=KEYS) >= 1
    resealed = bytes(Connector.objects.get(merchant_id=merchant).sealed_secret)
    assert find_version(resealed) == max(KEYS)
    assert open_secret(resealed, keys=KEYS, merchant=merchant, kind="orders") == "s3cret"


async def test_a_redis_that_does_not_answer_is_left_alone_for_a_moment(redis: Redis) -> None:
    broken = Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.5)
    used: list[Redis] = [broken]
    gate = RedisGate(get_redis=lambda: used[0], breaker=LocalBreaker(guards="redis", seconds=60))

    for _ in range(3):
        with pytest.raises(Exception, match=r"127\.0\.0\.1:1"):
            await gate.ask(lambda client: client.ping())
    with pytest.raises(RedisLeftAlone):
        await gate.ask(lambda client: client.ping())
    used[0] = redis
    assert await gate.ask(lambda client: client.ping()) is True
    await broken.aclose()
