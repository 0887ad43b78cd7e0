"""Within a shop, the database keeps one shopper's rows from whoever answers another, though a statement forgot to."""

from contextlib import AbstractContextManager
from uuid import uuid4

import psycopg
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings

from catalog.connectors import store_people
from catalog.ids import MerchantId as ShopId
from catalog.models import Customer, Order, PaymentMeans
from catalog.orders import AddressBook
from commerce_agent.isolation.acting import acting_for, acting_for_talk
from commerce_agent.isolation.policies import WITHIN_TALK
from conversations.ids import MerchantId
from tests.shoppers.conftest import Clock, Visitor, buy, get_reply

POLICED = f"SELECT polrelid::regclass::text FROM pg_policy WHERE polname = '{WITHIN_TALK}' ORDER BY 1"
WHOLE = "SELECT count(*) FROM {table} WHERE merchant_id = %s"
HELD = {
    "catalog_addresskey",
    "catalog_customer",
    "catalog_order",
    "catalog_orderline",
    "catalog_paymentmeans",
    "conversations_conversation",
    "conversations_datakey",
    "conversations_decisionrecord",
    "conversations_journalentry",
    "conversations_message",
    "conversations_shopper",
    "conversations_shopperprofile",
    "conversations_shownentity",
}
"""What each of the two has rows in."""
TALKS = {
    "conversations_conversation",
    "conversations_datakey",
    "conversations_decisionrecord",
    "conversations_journalentry",
    "conversations_message",
    "conversations_shownentity",
}
"""What somebody unknown has rows in."""
ACCESSES = ("conversations_accesshead", "conversations_accessrecord")


@pytest.fixture
async def eve(ada: Visitor, outfitter: MerchantId, clock: Clock) -> Visitor:
    """Another shopper of the same shop."""
    card = await ada.platform.conversations.shoppers.record(
        merchant=outfitter, key="eve", name="Eve Fern", at=clock.now
    )
    return Visitor(ada.platform, clock, merchant=outfitter, shopper=card.id)


async def leave_traces(visitor: Visitor, *, key: str) -> None:
    """Something in every kind of table that a talk, a profile and an order touch."""
    await visitor.say("I wear size 42, show me hiking boots")
    await sync_to_async(_keep_books)(visitor.merchant, key)


def _keep_books(merchant: MerchantId, key: str) -> None:
    buy(merchant, "BOOT-42", customer=key)
    book = AddressBook(merchant=ShopId(merchant), keys=settings.KEY_ENCRYPTION_KEYS)
    home = book.seal_own("1 Moss Lane", customer_key=key)
    Customer.objects.create(merchant_id=merchant, key=key, sealed_address=home)
    PaymentMeans.objects.create(merchant_id=merchant, customer_key=key, reference=uuid4().hex, source="card")


async def count_rows(visitor: Visitor) -> dict[str, int]:
    """How many rows of the shop's are seen, table by table; those that are parts of others are not counted."""
    counts = {}
    async with visitor.platform.pool.connection() as lent:
        for (table,) in await (await lent.execute(POLICED)).fetchall():
            if table.startswith(("commerce_agent_casef", "commerce_agent_casen")):
                continue
            row = await (await lent.execute(WHOLE.format(table=table), [visitor.merchant])).fetchone()
            assert row is not None
            counts[table] = row[0]
    return counts


def act_for(visitor: Visitor, *, customer: str | None) -> AbstractContextManager[None]:
    assert visitor.talk is not None
    return acting_for_talk(visitor.merchant, talk=visitor.talk, shopper=visitor.shopper, customer=customer)


async def test_a_forgotten_condition_shows_nothing_of_the_shops_other_shoppers(
    ada: Visitor, eve: Visitor
) -> None:
    await leave_traces(ada, key="ada")
    with acting_for(ada.merchant):
        alone = await count_rows(ada)
    await leave_traces(eve, key="eve")
    stranger = Visitor(ada.platform, ada.clock, merchant=ada.merchant, shopper=None)
    await stranger.say("show me tents")

    with acting_for(ada.merchant):
        everything = await count_rows(ada)
    with act_for(ada, customer="ada"):
        own = await count_rows(ada)
        assert await Customer.objects.acount() == 1
        async with ada.platform.pool.connection() as lent:
            changed = await lent.execute("UPDATE catalog_order SET number = number")
            assert changed.rowcount == 1
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
                await lent.execute("UPDATE catalog_order SET customer_key = 'eve'")
    with act_for(stranger, customer=None):
        unknown = await count_rows(ada)

    for table in HELD:
        assert everything[table] > own[table] > 0, table
    # The key of the shop's search hashes is nobody's in a talk, and no talk reads who looked at what.
    one_each = {"conversations_datakey": 1, "conversations_shopper": 1}
    assert own == {**alone, **one_each, **dict.fromkeys(ACCESSES, 0)}
    months = {table for table in everything if table.startswith("conversations_journal_") and unknown[table]}
    assert {table for table, count in unknown.items() if count} == TALKS | months


async def test_a_connector_that_forgets_whose_orders_it_reads_tells_a_shopper_only_their_own(
    ada: Visitor, eve: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: the statement asks for the orders of all customers of the shop."""
    careless = store_people.ORDERS.replace("AND o.customer_key = ANY(%(customers)s)", "")
    assert careless != store_people.ORDERS
    monkeypatch.setattr(store_people, "ORDERS", careless)
    for key in ("ada", "eve"):
        await sync_to_async(buy)(ada.merchant, "COFFEE-E", customer=key)
    numbers = {
        order.customer_key: order.number async for order in Order.objects.filter(merchant_id=ada.merchant)
    }

    reply = get_reply(await ada.say("where are my orders?"))

    assert numbers["ada"] in reply
    assert numbers["eve"] not in reply
