"""Orders through the one door: over HTTP as in this process."""

import json
import urllib.error
import urllib.request

import pytest
from asgiref.sync import sync_to_async
from moneyed import Money

from catalog.connectors import ConnectorUnavailable
from catalog.connectors.readings import NeverReached
from catalog.ids import MerchantId
from catalog.models import Order, OrderChange
from catalog.orders import (
    AddressBook,
    ChangeAddress,
    ChangeAltered,
    ChangeChecked,
    ChangeMade,
    ChangeRefused,
    ChangeWish,
    Desks,
    OrderDesk,
    OrderPlaced,
    OrderRefused,
    OutcomeUnknown,
    Reserved,
)
from catalog.pricing import PriceContext
from tests.catalog.conftest import BLUE, GOLD, NOW, Pool
from tests.catalog.ordering import KEYS, PRICE, Build, change, count_orders, read_left, wish
from tests.merchant_api import KEY, RunningApi


@pytest.fixture(params=["in this process", "merchant api"])
async def desk(request: pytest.FixtureRequest, build: Build, pool: Pool, stocked: MerchantId) -> OrderDesk:
    """The built-in store's orders, reached in each of the two ways."""
    connectors = build(request.param, keys=KEYS)
    return await Desks(connections=pool, connectors=connectors).find(merchant=stocked)


@pytest.fixture
async def remote(build: Build, pool: Pool, stocked: MerchantId) -> OrderDesk:
    return await Desks(connections=pool, connectors=build("merchant api")).find(merchant=stocked)


async def test_an_order_is_reserved_placed_once_and_found_by_its_token(
    desk: OrderDesk, stocked: MerchantId
) -> None:
    before = await read_left(stocked)
    assert before is not None

    assert isinstance(await desk.reserve(wish("one"), merchant=stocked), Reserved)
    first = await desk.place(wish("one"), merchant=stocked)
    again = await desk.place(wish("one"), merchant=stocked)

    assert isinstance(first, OrderPlaced)
    assert isinstance(again, OrderPlaced)
    assert (first.number, first.total, [change.sku for change in first.changes]) == (
        again.number,
        PRICE,
        [BLUE],
    )
    assert first.changes[0].merchant == stocked
    assert again.changes == ()
    assert (await read_left(stocked), await count_orders(stocked)) == (before - 1, 1)
    found = await desk.find_placed(merchant=stocked, token="one")
    assert found is not None
    assert (found.number, found.total, found.status) == (first.number, PRICE, "pending")
    assert await desk.find_placed(merchant=stocked, token="another") is None


async def test_what_is_not_as_told_orders_nothing_and_says_what(desk: OrderDesk, stocked: MerchantId) -> None:
    refused = await desk.place(wish("dear", price=Money("79.00", "USD")), merchant=stocked)

    assert isinstance(refused, OrderRefused)
    (told,) = refused.changes
    assert (told.sku, told.kind, told.wanted, told.actual) == (BLUE, "price", Money("79.00", "USD"), PRICE)
    assert await count_orders(stocked) == 0


async def test_an_order_is_cancelled_once_for_the_amount_told(desk: OrderDesk, stocked: MerchantId) -> None:
    placed = await desk.place(wish("one", quantity=2), merchant=stocked)
    assert isinstance(placed, OrderPlaced)

    checked = await desk.check(change(placed.number), merchant=stocked)
    assert isinstance(checked, ChangeChecked)
    assert checked.amount == -2 * PRICE
    altered = await desk.make(change(placed.number, token="c", amount=-PRICE), merchant=stocked)
    assert isinstance(altered, ChangeAltered)
    made = [
        await desk.make(change(placed.number, token="c", amount=-2 * PRICE), merchant=stocked) for _ in "ab"
    ]

    assert [isinstance(each, ChangeMade) and (each.number, each.status) for each in made] == [
        (placed.number, "cancelled")
    ] * 2
    assert await OrderChange.objects.filter(merchant_id=stocked, kind="cancel").acount() == 1
    found = await desk.find_made(merchant=stocked, token="c")
    assert found is not None
    assert found.amount == -2 * PRICE
    late = await desk.check(change(placed.number), merchant=stocked)
    assert isinstance(late, ChangeRefused)
    assert late.because == "too_late"


async def test_an_address_keeps_its_letters_on_the_way(desk: OrderDesk, stocked: MerchantId) -> None:
    asked = ChangeWish(
        customer_key=GOLD,
        change=ChangeAddress(number="1001", address="Grünwalder Straße 5,\n München"),
        context=PriceContext(now=NOW),
        token="a",
        amount=Money(0, "USD"),
    )

    assert isinstance(await desk.make(asked, merchant=stocked), ChangeMade)

    order = await Order.objects.aget(merchant_id=stocked, number="1001")
    book = AddressBook(merchant=stocked, keys=KEYS)
    assert await sync_to_async(book.open_of_order)(order) == "Grünwalder Straße 5,\n München"
    assert "Grünwalder".encode() not in bytes(order.sealed_address)


async def test_a_lost_answer_is_no_failure_and_the_same_token_orders_nothing_twice(
    remote: OrderDesk, stocked: MerchantId, merchant_api: RunningApi
) -> None:
    merchant_api.misbehave("lost_answer", kind="orders")
    with pytest.raises(OutcomeUnknown):
        await remote.place(wish("one"), merchant=stocked)
    found = await remote.find_placed(merchant=stocked, token="one")
    assert found is not None

    merchant_api.behave()
    again = await remote.place(wish("one"), merchant=stocked)

    assert isinstance(again, OrderPlaced)
    assert (again.number, await count_orders(stocked)) == (found.number, 1)


@pytest.mark.parametrize(
    ("mode", "certain"), [("error", False), ("rate_limited", True)], ids=["error", "rate limited"]
)
async def test_a_failure_says_whether_it_may_have_been_done(
    remote: OrderDesk, stocked: MerchantId, merchant_api: RunningApi, mode: str, certain: bool
) -> None:
    merchant_api.misbehave(mode, kind="orders")

    with pytest.raises(ConnectorUnavailable) as failed:
        await remote.place(wish("one"), merchant=stocked)

    assert isinstance(failed.value, OutcomeUnknown) != certain
    assert await count_orders(stocked) == 0


async def test_a_desk_that_is_down_is_never_reached(build: Build, pool: Pool, stocked: MerchantId) -> None:
    connectors = build("merchant api")
    connectors.parts.outages.take_down("orders")

    with pytest.raises(NeverReached):
        await Desks(connections=pool, connectors=connectors).find(merchant=stocked)


@pytest.mark.parametrize(
    ("key", "body", "says"),
    [
        ("", b"{}", "Idempotency-Key"),
        ("k", b"{", "Input data was truncated"),
        ("k", b'{"lines": []}', "at least one line"),
        (
            "k",
            b'{"lines": [{"sku": "A", "quantity": 1, "unit_price": "89 USD"}],'
            b' "payment_method": "4111 1111 1111 1111"}',
            "never a card's number",
        ),
        ("k", b'{"lines": [{"sku": "A", "quantity": 1, "unit_price": "89"}]}', "no sum of money"),
    ],
)
def test_a_call_that_cannot_be_read_orders_nothing(
    stocked: MerchantId, merchant_api: RunningApi, key: str, body: bytes, says: str
) -> None:
    asked = urllib.request.Request(
        f"{merchant_api.url}/v1/{stocked}/orders",
        data=body,
        headers={"Authorization": f"Bearer {KEY}", **({"Idempotency-Key": key} if key else {})},
    )

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(asked, timeout=10)

    assert refused.value.code == 400
    assert says in json.load(refused.value)["error"]
    assert Order.objects.filter(merchant_id=stocked).count() == 1
