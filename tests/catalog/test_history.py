"""What a customer bought and sent back comes by the customers connector, whichever system answers for it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from catalog.connectors import Allowed, AnswerRefused, Connectors, ConnectorUnavailable, OrdersReading
from catalog.connectors.mapping import MappingRefused, check_mapping
from catalog.connectors.sealing import seal_secret
from catalog.ids import CustomerKey, MerchantId
from catalog.models import Connector, Order
from tests.catalog.conftest import GOLD, NOW
from tests.merchant_api import KEY, RunningApi

HERE = Allowed(networks=("127.0.0.0/8",))
KEYS = settings.KEY_ENCRYPTION_KEYS
LATER = NOW + timedelta(minutes=20)
ORDERS = (
    "orders[].{number: number, placed_at: placed_at, status: status, total: total, currency: currency,"
    " version: version, lines: lines[].{sku: sku, quantity: quantity, unit_price: unit_price, returned: returned}}"
)
Enter = Callable[..., None]


@pytest.fixture
def enter(stocked: MerchantId, merchant_api: RunningApi) -> Enter:
    """Enters a system of the shop's own in the admin: here the built-in store under another name."""

    def make(kind: str, *, name: str, path: str, fields: dict[str, str]) -> None:
        check_mapping(kind=kind, items="items", fields=fields, one_by_one=True)  # type: ignore[arg-type]
        Connector.objects.create(
            merchant_id=stocked,
            kind=kind,
            name=name,
            url=f"{merchant_api.url}/v1/{{merchant}}/{path}?customer={{customer}}",
            login="bearer",
            sealed_secret=seal_secret(KEY, keys=KEYS, merchant=stocked, kind=kind),
            items="items",
            fields=fields,
            timeout_ms=9000,
        )

    return make


def enter_orders(enter: Enter) -> None:
    names = ("number", "placed_at", "status", "total", "currency", "lines")
    enter("orders", name="erp", path="orders", fields={name: name for name in names})


def tell(reading: OrdersReading) -> tuple[str, list[tuple[str, str, int, list[tuple[int, int]]]]]:
    return reading.source, [
        (order.number, order.status, order.version, [(line.quantity, line.returned) for line in order.lines])
        for order in reading.orders
    ]


async def read(connectors: Connectors, merchant: MerchantId, *, at: Any = NOW) -> OrdersReading:
    return (await connectors.history.read(merchant=merchant, keys=(GOLD,), now=at))[GOLD]


@pytest.mark.parametrize("how", ["store", "merchant api"])
async def test_the_built_in_store_tells_it_with_what_went_back(
    stocked: MerchantId, build: Callable[..., Connectors], how: str
) -> None:
    assert tell(await read(build(how), stocked)) == ("store", [("1001", "pending", 1, [(2, 1)])])


async def test_it_is_asked_of_the_customers_connector_and_shares_its_outages(
    stocked: MerchantId, build: Callable[..., Connectors], merchant_api: RunningApi
) -> None:
    connectors = build("merchant api")
    merchant_api.misbehave("error", kind="orders")
    fresh = await read(connectors, stocked)
    asked = merchant_api.count_calls("customers")
    merchant_api.behave()
    merchant_api.misbehave("error", kind="customers")
    kept = await read(connectors, stocked, at=LATER)
    with pytest.raises(ConnectorUnavailable) as refused:
        await connectors.direct.history.read(merchant=stocked, keys=(GOLD,), now=LATER)

    assert (fresh.stale, asked) == (False, 1)
    assert (kept.stale, kept.observed_at, kept.orders) == (True, NOW, fresh.orders)
    assert refused.value.connector == "customers"


async def test_an_order_as_it_stood_before_is_refused(
    stocked: MerchantId, build: Callable[..., Connectors], merchant_api: RunningApi
) -> None:
    connectors = build("merchant api")
    await Order.objects.filter(merchant_id=stocked).aupdate(status="shipped")
    fresh = await read(connectors, stocked)
    merchant_api.misbehave("older_version", kind="customers")

    with pytest.raises(AnswerRefused, match="the version of 1001 went backwards"):
        await connectors.direct.history.read(merchant=stocked, keys=(GOLD,), now=LATER)
    kept = await read(connectors, stocked, at=LATER)

    assert (fresh.orders[0].version, kept.stale, kept.orders) == (2, True, fresh.orders)


async def test_a_shops_own_list_of_customers_tells_it_by_its_mapping(
    stocked: MerchantId, build: Callable[..., Connectors], enter: Enter
) -> None:
    enter("customers", name="crm", path="history", fields={"tier": "'gold'", "orders": ORDERS})
    enter_orders(enter)
    connectors = build("configured", allowed=HERE, keys=KEYS)

    customers = (await connectors.customers.read(merchant=stocked, keys=(GOLD,), now=NOW))[GOLD]

    assert tell(await read(connectors, stocked)) == ("crm", [("1001", "pending", 1, [(2, 1)])])
    assert (customers.tier, customers.source) == ("gold", "crm")


async def test_where_the_list_of_customers_says_nothing_of_orders_the_order_system_stands_in(
    stocked: MerchantId, build: Callable[..., Connectors], enter: Enter
) -> None:
    enter_orders(enter)
    without = build("configured", allowed=HERE, keys=KEYS)
    of_orders_alone = await read(without, stocked)
    enter("customers", name="crm", path="customers", fields={"tier": "tier"})
    connectors = build("configured", allowed=HERE, keys=KEYS)

    assert of_orders_alone.source == "erp"
    assert tell(await read(connectors, stocked))[0] == "erp"
    assert (
        tell((await connectors.direct.history.read(merchant=stocked, keys=(GOLD,), now=NOW))[GOLD])[0]
        == "erp"
    )


async def test_it_is_kept_for_its_reader_and_can_be_forgotten(
    stocked: MerchantId, build: Callable[..., Connectors], merchant_api: RunningApi
) -> None:
    connectors = build("merchant api", keys=KEYS)
    await read(connectors, stocked)
    await read(connectors, stocked)
    asked = merchant_api.count_calls("customers")
    forgotten = await connectors.history.forget(merchant=stocked, keys=(GOLD, CustomerKey("nobody")))
    await read(connectors, stocked)

    assert (asked, forgotten, merchant_api.count_calls("customers")) == (1, 1, 2)


def test_a_mapping_of_customers_may_name_orders_alone() -> None:
    check_mapping(kind="customers", items="", fields={"orders": "orders"}, one_by_one=True)
    with pytest.raises(MappingRefused, match="tier or preferences or orders"):
        check_mapping(kind="customers", items="", fields={"version": "version"}, one_by_one=True)
