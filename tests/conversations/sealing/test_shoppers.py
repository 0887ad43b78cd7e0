"""Who a shopper is: sealed, found by hashes that need the merchant's key, and gone with the shopper's."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest
from django.conf import settings

from commerce_agent.isolation.connections import build_pool
from conversations.ids import MerchantId, ShopperId
from conversations.models import AccessRecord, Shopper
from conversations.store.boxes import KeyEncryptionKeys
from conversations.store.profiles import Reader
from conversations.store.shoppers import ShopperCard, Shoppers
from tests.boxes import make_boxes
from tests.conversations.sealing.conftest import Pool, Process
from tests.conversations.sealing.stored import dump_tables
from tests.conversations.state.talking import NOON
from tests.owning import connect_as_owner, get_owner_url
from tests.running import ROOT, get_test_environment

NAME = "Ada King, Countess of Lovelace"


def make_canary() -> str:
    return f"canary-{uuid4().hex}"


async def test_nothing_of_who_a_shopper_is_lies_in_the_clear(
    process: Process, merchant: MerchantId, pool: Pool
) -> None:
    key, name = make_canary(), f"Ada {make_canary()}"

    card = await process.service.shoppers.record(merchant=merchant, key=key, name=name, tier="gold", at=NOON)

    dumped = await dump_tables(pool)
    assert card.id.encode() in dumped
    assert key.encode() not in dumped
    assert name.encode() not in dumped
    assert await process.service.find_shopper(merchant=merchant, shopper=card.id) == card
    assert await process.service.shoppers.find_by_key(merchant=merchant, key=key) == card
    assert (card.key, card.name, card.tier) == (key, name, "gold")


async def test_the_same_customer_key_is_one_shopper_however_often_it_is_named(
    process: Process, merchant: MerchantId
) -> None:
    named = await asyncio.gather(
        *(
            process.service.shoppers.record(merchant=merchant, key="c-1", name=f"Ada {number}", at=NOON)
            for number in range(6)
        )
    )

    assert len({card.id for card in named}) == len({card.name for card in named}) == 1
    assert await Shopper.objects.filter(merchant_id=merchant).acount() == 1


async def test_that_a_shopper_is_named_and_in_what_tier_is_on_record_with_who_said_so(
    process: Process, merchant: MerchantId
) -> None:
    shoppers, desk = process.service.shoppers, Reader(actor="key:desk", purpose="a sale by telephone")
    card = await shoppers.record(merchant=merchant, key="c-1", name=NAME, at=NOON)
    for tier in (None, "gold", "gold"):
        await shoppers.record(merchant=merchant, key="c-1", name=NAME, tier=tier, at=NOON, reader=desk)

    told = AccessRecord.objects.filter(merchant_id=merchant).order_by("seq")
    reads = [row.detail async for row in told.filter(action="shopper.read", actor="key:desk")]
    assert reads == ['{"fields":"contact,key,name,tier"}'] * 2
    written = told.exclude(action="shopper.read")
    assert [(row.actor, row.action, row.subject, row.purpose, row.detail) async for row in written] == [
        ("shop", "shopper.named", f"shopper:{card.id}", "the shop says who this is", '{"fields":"key,name,contact"}'),
        ("key:desk", "shopper.written", f"shopper:{card.id}", "a sale by telephone", '{"fields":"tier"}'),
    ]  # fmt: skip


async def test_a_key_is_found_to_the_letter_and_a_name_as_people_write_it(
    process: Process, merchant: MerchantId
) -> None:
    shoppers, key = process.service.shoppers, make_canary()
    card = await shoppers.record(merchant=merchant, key=key, name=f"{NAME} {key}", at=NOON)

    assert await shoppers.list_named(words=key) == (card.id,)
    assert await shoppers.list_named(words=f"  ada king,  COUNTESS of lovelace {key.upper()} ") == (card.id,)
    for words in (key.upper(), key[:-1], "Ada", "", NAME):
        assert card.id not in await shoppers.list_named(words=words)


async def test_the_same_key_in_two_shops_leaves_no_trace_of_being_the_same(
    process: Process, merchant: MerchantId
) -> None:
    other = MerchantId(str(uuid4()))
    for shop in (merchant, other):
        await process.service.shoppers.record(merchant=shop, key="c-1", name=NAME, at=NOON)

    mine, theirs = [await Shopper.objects.aget(merchant_id=shop) for shop in (merchant, other)]
    assert mine.key_index != theirs.key_index
    assert mine.name_index != theirs.name_index
    assert await process.service.find_shopper(merchant=merchant, shopper=ShopperId(str(theirs.pk))) is None


async def test_a_row_that_holds_anothers_value_is_missing_and_counted(
    process: Process, merchant: MerchantId
) -> None:
    shoppers = process.service.shoppers
    ada, eve = [await shoppers.record(merchant=merchant, key=key, at=NOON) for key in ("ada", "eve")]
    theirs = (await Shopper.objects.aget(id=eve.id)).sealed
    await Shopper.objects.filter(id=ada.id).aupdate(sealed=theirs)

    assert await shoppers.find(merchant=merchant, shopper=ada.id) is None
    assert process.boxes.refused == {"shopper": 1}
    assert set(await shoppers.list_cards(shoppers=[ada.id, eve.id])) == {eve.id}


async def test_a_forgotten_shopper_is_nobody(process: Process, merchant: MerchantId) -> None:
    shoppers = process.service.shoppers
    card = await shoppers.record(merchant=merchant, key="c-1", name=NAME, tier="gold", at=NOON)
    before = await Shopper.objects.aget(id=card.id)

    await process.keeper.forget_key(merchant=merchant, owner=card.id)

    row = await Shopper.objects.aget(id=card.id)
    assert (bytes(row.sealed), row.name_index, row.tier) == (b"", "", "")
    assert row.key_index != before.key_index
    assert await shoppers.find_by_key(merchant=merchant, key="c-1") is None
    assert await shoppers.list_cards(shoppers=[card.id]) == {}


@pytest.fixture
def old_database(database: str) -> Iterator[str]:
    """A database as it was when shoppers lay in the clear."""
    parts, name = urlsplit(get_owner_url(database)), f"before_{uuid4().hex}"
    with connect_as_owner(database) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    url = urlunsplit(parts._replace(path=f"/{name}"))
    migrate(url, to="0007")
    yield url
    with connect_as_owner(database) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def migrate(url: str, *, to: str) -> None:
    command = [sys.executable, "manage.py", "migrate", "conversations", to, "-v", "0"]
    environment = {**get_test_environment(), "DATABASE_URL": url, "COMMERCE_AGENT_OWN_ENVIRONMENT": "1"}
    ran = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr[-4_000:]


def test_shoppers_of_before_are_sealed_by_the_migration(old_database: str) -> None:
    merchant, ada, nameless, erased, back = (str(uuid4()) for _ in range(5))
    with connect_as_owner(old_database) as connection:
        for shopper, key, name in (
            (ada, "c-ada", NAME),
            (nameless, "customer-two", ""),
            (erased, "customer-three", "Evelyn Moss"),
            (back, "customer-four", "Bobby Reed"),
        ):
            connection.execute(
                "INSERT INTO conversations_shopper (id, merchant_id, key, name, tier, created_at)"
                " VALUES (%s, %s, %s, %s, 'gold', now())",
                [shopper, merchant, key, name],
            )
        for forgotten in (erased, back):
            connection.execute(
                "INSERT INTO conversations_datakey"
                " (merchant_id, owner_id, kek_version, wrapped, created_at, destroyed_at)"
                " VALUES (%s, %s, 1, '', now(), now())",
                [merchant, forgotten],
            )
        keys = KeyEncryptionKeys(keys=settings.KEY_ENCRYPTION_KEYS)
        connection.execute(
            "INSERT INTO conversations_datakey (merchant_id, owner_id, kek_version, wrapped, created_at)"
            " VALUES (%s, %s, %s, %s, now())",
            [merchant, back, keys.newest, keys.wrap(bytes(32), merchant=MerchantId(merchant), owner=back)],
        )

    migrate(old_database, to="0008")

    found = asyncio.run(find_all(old_database, MerchantId(merchant)))
    assert [(card.id, card.key, card.name, card.tier) for card in found if card] == [
        (ada, "c-ada", NAME, "gold"),
        (nameless, "customer-two", "", "gold"),
        (back, "customer-four", "Bobby Reed", "gold"),
    ]
    with connect_as_owner(old_database) as connection:
        rows = str(connection.execute("SELECT * FROM conversations_shopper").fetchall())
    assert not any(
        word in rows
        for word in ("c-ada", "Lovelace", "customer-three", "Evelyn Moss", "customer-four", "Bobby Reed")
    )


async def find_all(url: str, merchant: MerchantId) -> list[ShopperCard | None]:
    async with build_pool(url, most=4, wait=30) as pool:
        shoppers = Shoppers(pool=pool, boxes=make_boxes(pool))
        cards = [
            await shoppers.find_by_key(merchant=merchant, key=key)
            for key in ("c-ada", "customer-two", "customer-three", "customer-four")
        ]
        by_name = await shoppers.list_named(words=NAME.upper())
        assert cards[0] is not None
        assert by_name == (cards[0].id,)
        return list(cards)
