"""Statements that forgot whose rows they are about see and change only those of whoever acts, on both ways."""

import psycopg
import pytest
from asgiref.sync import sync_to_async
from django.db import DatabaseError, connection, transaction
from psycopg import AsyncCursor

from catalog.models import Brand, Policy, Product
from commerce_agent.isolation import acting
from commerce_agent.isolation.acting import acting_for
from commerce_agent.isolation.connections import Pool, TellingConnection
from conversations.models import Conversation, DataKey, JournalEntry, Message
from conversations.service import Conversations, NoSuchConversation
from tests.conversations.state.talking import NOON, say
from tests.isolation.conftest import Shop

HELD = (
    "catalog_brand",
    "catalog_policy",
    "catalog_product",
    "conversations_conversation",
    "conversations_datakey",
    "conversations_journalentry",
    "conversations_message",
)
"""What each of the two shops has rows in."""
COLUMN = "SELECT DISTINCT merchant_id FROM {table}"
ALL_WITH_A_MERCHANT = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'merchant_id'
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
"""


async def list_seen(pool: Pool, table: str) -> set[str]:
    async with pool.connection() as lent:
        return {str(row[0]) for row in await (await lent.execute(COLUMN.format(table=table))).fetchall()}  # type: ignore[arg-type]


async def test_a_forgotten_condition_shows_nothing_of_another_merchant(
    pool: Pool, ours: Shop, theirs: Shop
) -> None:
    async with pool.connection() as lent:
        tables = [row[0] for row in await (await lent.execute(ALL_WITH_A_MERCHANT)).fetchall()]
    for table in HELD:
        assert {ours.merchant, theirs.merchant} <= await list_seen(pool, table)

    with acting_for(ours.merchant):
        for table in tables:
            if table == "commerce_agent_widgetlook":
                continue
            seen = await list_seen(pool, table)
            assert seen == {ours.merchant} if table in HELD else seen <= {ours.merchant}, table
    with acting_for():
        for table in HELD:
            assert await list_seen(pool, table) == set()


async def test_a_statement_that_tells_by_itself_reaches_no_further(
    service: Conversations, ours: Shop, theirs: Shop
) -> None:
    """The process has both talks at hand, and where each of them stands: only the database is in the way."""
    before = await Conversation.objects.aget(id=theirs.conversation)

    with acting_for(ours.merchant):
        with pytest.raises(NoSuchConversation):
            await say(service, theirs.conversation, "let me in", answering=True)
        with pytest.raises(NoSuchConversation):
            await service.take_turn(conversation=theirs.conversation, at=NOON)
        await say(service, ours.conversation, "and shades", answering=True)

    after = await Conversation.objects.aget(id=theirs.conversation)
    assert (after.version, after.fence, after.turns) == (before.version, before.fence, before.turns)
    assert (await service.load(conversation=ours.conversation)).version == before.version + 1


async def test_the_orm_is_held_to_the_same(ours: Shop, theirs: Shop) -> None:
    def look() -> list[set[str]]:
        return [
            {str(row) for row in model.objects.values_list("merchant_id", flat=True)}
            for model in (Brand, Policy, Product, Conversation, DataKey, JournalEntry, Message)
        ]

    with acting_for(ours.merchant):
        assert await sync_to_async(look)() == [{ours.merchant}] * 7
        assert not await Product.objects.filter(merchant_id=theirs.merchant).aexists()
    with acting_for(ours.merchant, theirs.merchant):
        assert await sync_to_async(look)() == [{ours.merchant, theirs.merchant}] * 7


async def test_a_forgotten_condition_changes_nothing_of_another_merchant(
    pool: Pool, ours: Shop, theirs: Shop
) -> None:
    with acting_for(ours.merchant):
        async with pool.connection() as lent:
            changed = await lent.execute("UPDATE catalog_product SET title = 'gone'")
            assert changed.rowcount == 1
            dropped = await lent.execute("DELETE FROM catalog_policy")
            assert dropped.rowcount == 1
        assert await Brand.objects.all().aupdate(name="gone") == 1

    assert (await Product.objects.aget(merchant_id=theirs.merchant)).title == "boots"
    assert (await Brand.objects.aget(merchant_id=theirs.merchant)).name == "boots"
    assert await Policy.objects.filter(merchant_id=theirs.merchant).acount() == 1


async def test_a_row_is_not_given_to_another_merchant(pool: Pool, ours: Shop, theirs: Shop) -> None:
    def give() -> None:
        with pytest.raises(DatabaseError, match="violates row-level security policy"), transaction.atomic():
            Brand.objects.create(merchant_id=theirs.merchant, name="planted")
        with pytest.raises(DatabaseError, match="violates row-level security policy"), transaction.atomic():
            Product.objects.all().update(merchant_id=theirs.merchant)

    with acting_for(ours.merchant):
        await sync_to_async(give)()
        async with pool.connection() as lent:
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
                await lent.execute("UPDATE catalog_product SET merchant_id = %s", [theirs.merchant])

    assert [row.name async for row in Brand.objects.filter(merchant_id=theirs.merchant)] == ["boots"]
    assert await Product.objects.filter(merchant_id=ours.merchant).acount() == 1


async def test_another_merchants_conversation_is_none_to_the_service(
    service: Conversations, ours: Shop, theirs: Shop
) -> None:
    with acting_for(ours.merchant):
        assert (await service.list_events(conversation=ours.conversation))[0].seq == 1
        assert await service.list_events(conversation=theirs.conversation) == ()
        with pytest.raises(NoSuchConversation):
            await say(service, theirs.conversation, "let me in")

    assert len(await service.list_events(conversation=theirs.conversation)) == 2


async def test_a_connection_remembers_nobody(ours: Shop, theirs: Shop, database: str) -> None:
    async def list_titles() -> list[str]:
        return [row[0] async for row in await lent.execute("SELECT title FROM catalog_product")]

    async with await TellingConnection.connect(database, autocommit=True) as lent:
        with acting_for(ours.merchant):
            assert await list_titles() == ["lamps"]
            async with lent.transaction():
                assert await list_titles() == ["lamps"]
        with acting_for(theirs.merchant):
            async with lent.pipeline(), lent.transaction():
                assert await list_titles() == ["boots"]
        left = await AsyncCursor(lent).execute("SELECT title FROM catalog_product")
        assert await left.fetchall() == []


@pytest.mark.parametrize("nested", [False, True])
async def test_going_back_to_nobody_within_a_transaction_is_told(
    pool: Pool, ours: Shop, nested: bool
) -> None:
    """Let out again, code sees nothing, however the connection's transaction began."""
    one, nobody = "SELECT count(*) FROM catalog_product", acting._told.set(acting.NOBODY)
    try:
        async with pool.connection() as lent, lent.transaction():
            with acting_for(ours.merchant):
                if nested:
                    async with lent.transaction():
                        assert await (await lent.execute(one)).fetchone() == (1,)
                else:
                    assert await (await lent.execute(one)).fetchone() == (1,)
            assert await (await lent.execute(one)).fetchone() == (0,)
        assert await sync_to_async(_count_in_turn)(ours.merchant) == [1, 0, 0]
    finally:
        acting._told.reset(nobody)


def _count_in_turn(merchant: str) -> list[int]:
    """Of a shop, of nobody, and of nobody once more after a savepoint that was taken back."""
    with transaction.atomic():
        with acting_for(merchant):
            counts = [Product.objects.count()]
            point = transaction.savepoint()
        counts.append(Product.objects.count())
        transaction.savepoint_rollback(point)
        return [*counts, Product.objects.count()]


def test_a_savepoint_that_is_taken_back_does_not_change_who_acts(ours: Shop, theirs: Shop) -> None:
    with transaction.atomic(), acting_for(ours.merchant, theirs.merchant):
        assert Product.objects.count() == 2
        with acting_for(ours.merchant):
            with pytest.raises(DatabaseError, match="division"), transaction.atomic():
                _count_and_fail()
            assert Product.objects.count() == 1
        assert Product.objects.count() == 2


def _count_and_fail() -> None:
    assert Product.objects.count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
