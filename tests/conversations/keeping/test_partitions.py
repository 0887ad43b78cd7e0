"""The journal by months: made ahead and at need, dropped whole, and every place in it taken once."""

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError
from psycopg import OperationalError
from redis.asyncio import Redis

from commerce_agent.isolation.acting import acting_for
from commerce_agent.isolation.connections import Pool
from conversations.events.decisions import Decision, DecisionMade
from conversations.events.entities import EntitiesShown
from conversations.ids import ConversationId, DecisionId, MerchantId
from conversations.models import (
    Conversation,
    DataKey,
    DecisionRecord,
    JournalEntry,
    Message,
    ResumeHandle,
    ShownEntity,
)
from conversations.service import Arrival, Conversations, KeyDestroyed
from conversations.store.partitions import Month, get_month, list_months, mint_conversation
from conversations.store.retention import MonthsAreShared, Retention
from tests.conversations.state.conftest import conversation, ear, make_service, merchant, service
from tests.conversations.state.talking import answer, forget_keys, make_shoe, require_one_truth, say, take
from tests.waiting import wait_until_async

__all__ = ["conversation", "ear", "make_service", "merchant", "service"]

OLD = datetime(1991, 3, 10, 12, tzinfo=UTC)
"""Long before any other test's conversations, so that nothing else goes."""
NOW = datetime(1993, 6, 15, tzinfo=UTC)


async def find_table(pool: Pool, conversation: ConversationId) -> set[str]:
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT DISTINCT tableoid::regclass::text FROM conversations_journalentry WHERE conversation_id = %s",
            [conversation],
        )
        return {row[0] async for row in cursor}


@pytest.fixture
async def retention(pool: Pool) -> AsyncIterator[Retention]:
    """Makes and drops partitions of the nineties; none of them is left."""
    retention = Retention(pool=pool)
    yield retention
    await retention.drop_quiet(now=datetime(1999, 1, 1, tzinfo=UTC), months=1)


async def talk(
    service: Conversations, merchant: MerchantId, *, at: datetime, cid: str = "m-1"
) -> ConversationId:
    conversation = await service.open_conversation(merchant=merchant, at=at)
    await say(service, conversation, "shoes", cid=cid, at=at)
    decision = DecisionMade(decision=Decision(id=DecisionId(str(uuid4())), turn=1, planner="builtin"))
    shown = EntitiesShown(entities=(make_shoe(),))
    await answer(service, await take(service, conversation, at=at), "These.", shown, decision, at=at)
    return conversation


def test_an_id_tells_the_month_and_nothing_else() -> None:
    ids = [UUID(mint_conversation(OLD)) for _ in range(100)]

    assert {id.version for id in ids} == {7}
    assert {id.int >> 80 for id in ids} == {int(OLD.timestamp() * 1000)}
    assert len(set(ids)) == 100
    assert get_month(datetime(1991, 12, 31, 23, tzinfo=UTC)).after(1) == Month(1992, 1)
    assert get_month(OLD).after(-15) == Month(1989, 12)


async def test_partitions_are_made_ahead_once_and_take_what_came_before_them(
    service: Conversations, merchant: MerchantId, pool: Pool, retention: Retention, redis: Redis
) -> None:
    early = await talk(service, merchant, at=OLD)
    assert await find_table(pool, early) == {"conversations_journal_default"}

    made = await retention.make_ahead(now=OLD)

    assert made == (Month(1991, 3), Month(1991, 4), Month(1991, 5), Month(1991, 6))
    assert await retention.make_ahead(now=OLD) == ()
    async with pool.connection() as connection:
        assert set(made) <= set(await list_months(connection))
    assert await find_table(pool, early) == {"conversations_journal_1991_03"}
    await forget_keys(redis, early)
    assert (await require_one_truth(service, early)).transcript.turns == 1
    late = await talk(service, merchant, at=datetime(1991, 6, 30, 23, 59, tzinfo=UTC))
    assert await find_table(pool, late) == {"conversations_journal_1991_06"}


async def test_a_conversation_stays_in_one_partition_however_long_it_is_talked_on(
    service: Conversations, merchant: MerchantId, pool: Pool, retention: Retention
) -> None:
    await retention.make_ahead(now=OLD)
    conversation = await talk(service, merchant, at=OLD)

    await say(service, conversation, "boots", cid="m-2", at=OLD + timedelta(days=60))

    assert await find_table(pool, conversation) == {"conversations_journal_1991_03"}


async def test_each_partition_refuses_a_second_event_in_one_place_and_a_change(
    service: Conversations, merchant: MerchantId, retention: Retention
) -> None:
    await retention.make_ahead(now=OLD)
    for at in (OLD, OLD - timedelta(days=365)):
        conversation = await talk(service, merchant, at=at)
        place = {
            "merchant_id": merchant,
            "conversation_id": conversation,
            "at": NOW,
            "schema": 1,
            "body": b"",
        }
        with pytest.raises(IntegrityError, match="journal_one_event_a_seq"):
            await JournalEntry.objects.acreate(seq=2, **place)
        with pytest.raises(IntegrityError, match="journal_one_event_a_frame"):
            await JournalEntry.objects.acreate(seq=99, frame=1, **place)
        with pytest.raises(IntegrityError, match="was recorded and is never changed"):
            await JournalEntry.objects.filter(conversation_id=conversation, seq=2).aupdate(body=b"{}")


async def test_whoever_acts_for_one_shop_drops_no_month_of_all(
    service: Conversations, merchant: MerchantId, retention: Retention
) -> None:
    await retention.make_ahead(now=OLD)
    quiet = await talk(service, merchant, at=OLD)

    with acting_for(merchant), pytest.raises(MonthsAreShared):
        await retention.drop_quiet(now=NOW, months=12)

    assert await JournalEntry.objects.filter(conversation_id=quiet).acount() == 6


async def test_what_was_quiet_is_dropped_and_what_is_in_use_goes_on(
    service: Conversations, merchant: MerchantId, pool: Pool, retention: Retention, redis: Redis
) -> None:
    await retention.make_ahead(now=OLD)
    quiet = await talk(service, merchant, at=OLD)
    unplaced = await talk(service, merchant, at=OLD - timedelta(days=365))
    used = await talk(service, merchant, at=OLD + timedelta(days=1))
    await say(service, used, "again", cid="m-2", at=NOW - timedelta(days=20))

    tried = await retention.drop_quiet(now=NOW, months=12, dry_run=True)
    assert await JournalEntry.objects.filter(conversation_id=quiet).acount() == 6
    dropped = await retention.drop_quiet(now=NOW, months=12)

    assert tried == dropped
    assert dropped.before == datetime(1992, 6, 1, tzinfo=UTC)
    assert dropped.months == tuple(Month(1991, month) for month in (3, 4, 5, 6))
    assert (dropped.conversations, dropped.events, dropped.kept) == (2, 12, 1)
    for gone in (quiet, unplaced):
        for table in (JournalEntry, DecisionRecord, ShownEntity):
            assert await table.objects.filter(conversation_id=gone).acount() == 0
        row = await Conversation.objects.aget(id=gone)
        assert row.erased_at is not None
        assert bytes((await DataKey.objects.aget(id=row.data_key_id)).wrapped) == b""
        await forget_keys(redis, gone)
    assert await find_table(pool, used) == {"conversations_journal_default"}
    await forget_keys(redis, used)
    await answer(service, await take(service, used, at=NOW), "Boots.", at=NOW)
    assert (await require_one_truth(service, used)).transcript.turns == 2
    assert await retention.drop_quiet(now=NOW, months=12) == type(dropped)(
        before=dropped.before, months=(), conversations=0, events=0, kept=0
    )


async def test_what_was_erased_with_its_key_goes_as_well_wherever_it_stands(
    service: Conversations, merchant: MerchantId, retention: Retention
) -> None:
    await retention.make_ahead(now=OLD)
    erased = [await talk(service, merchant, at=at) for at in (OLD, OLD - timedelta(days=365))]
    await Conversation.objects.filter(id__in=erased).aupdate(erased_at=OLD)

    dropped = await retention.drop_quiet(now=NOW, months=12)

    assert dropped.events == 12
    assert await JournalEntry.objects.filter(conversation_id__in=erased).acount() == 0
    rows = Conversation.objects.filter(id__in=erased)
    assert {row.erased_at async for row in rows} == {OLD}


async def test_a_named_shopper_outlives_the_talks_that_were_dropped(
    service: Conversations, merchant: MerchantId, retention: Retention
) -> None:
    await retention.make_ahead(now=OLD)
    card = await service.shoppers.record(merchant=merchant, key="c-1", name="Ada", tier="gold", at=OLD)
    dropped = await service.open_conversation(merchant=merchant, shopper=card.id, at=OLD)

    await retention.drop_quiet(now=NOW, months=12)

    assert (await Conversation.objects.aget(id=dropped)).erased_at is not None
    assert await service.shoppers.find_by_key(merchant=merchant, key="c-1") == card
    assert await service.shoppers.record(merchant=merchant, key="c-1", name="Ada", at=NOW) == card
    again = await service.open_conversation(merchant=merchant, shopper=card.id, at=NOW)
    assert (await service.load(conversation=again)).transcript.shopper == card.id
    with pytest.raises(KeyDestroyed, match=dropped):
        await service.load(conversation=dropped)


async def test_whoever_appends_and_whoever_lets_go_never_wait_for_each_other(
    service: Conversations, merchant: MerchantId, pool: Pool, retention: Retention
) -> None:
    await retention.make_ahead(now=OLD)
    conversation = await talk(service, merchant, at=OLD)

    async def is_erased() -> bool:
        return (await Conversation.objects.aget(id=conversation)).erased_at is not None

    # An append is planned, and so holds the journal, before it comes to the conversation's row.
    async with pool.connection() as connection, connection.transaction():
        await connection.execute("LOCK TABLE conversations_journalentry IN ROW EXCLUSIVE MODE")
        dropping = asyncio.create_task(retention.drop_quiet(now=NOW, months=12))
        await wait_until_async(is_erased, what="the conversation to be erased")
        cursor = await connection.execute(
            "UPDATE conversations_conversation SET version = version + 1 WHERE id = %s AND erased_at IS NULL",
            [conversation],
        )
        assert cursor.rowcount == 0

    dropped = await dropping
    assert (dropped.conversations, dropped.events) == (1, 6)
    assert await find_table(pool, conversation) == set()


async def test_what_was_erased_and_not_let_go_goes_the_next_time(
    service: Conversations,
    merchant: MerchantId,
    pool: Pool,
    retention: Retention,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await retention.make_ahead(now=OLD)
    conversation = await talk(service, merchant, at=OLD)

    async def fail(*_: object, **__: object) -> None:
        raise OperationalError("lock timeout")

    with monkeypatch.context() as patched:
        patched.setattr("conversations.store.retention._drop_partition", fail)
        with pytest.raises(OperationalError):
            await retention.drop_quiet(now=NOW, months=12)
    row = await Conversation.objects.aget(id=conversation)
    assert bytes((await DataKey.objects.aget(id=row.data_key_id)).wrapped) == b""
    assert await find_table(pool, conversation) == {"conversations_journal_1991_03"}

    dropped = await retention.drop_quiet(now=NOW, months=12)

    assert (dropped.conversations, dropped.events) == (0, 6)
    assert await find_table(pool, conversation) == set()


async def test_handles_that_lead_nowhere_any_more_are_forgotten(
    service: Conversations, merchant: MerchantId, retention: Retention
) -> None:
    handles = [secrets.token_urlsafe(32) for _ in range(2)]
    for at, handle in zip((OLD, NOW), handles, strict=True):
        await service.open_conversation(merchant=merchant, at=at, resume=handle)

    await retention.drop_handles(now=NOW)

    left = [each.digest async for each in ResumeHandle.objects.filter(merchant_id=merchant)]
    assert left == [hashlib.sha256(handles[1].encode()).hexdigest()]


async def test_a_message_id_takes_no_effect_again_when_its_partition_is_gone(
    make_service: Callable[[], Conversations], merchant: MerchantId, retention: Retention
) -> None:
    await retention.make_ahead(now=OLD)
    conversation = await talk(make_service(), merchant, at=OLD, cid="m-1")
    await retention.drop_quiet(now=NOW, months=12)
    taken = await Message.objects.aget(conversation_id=conversation, cid="m-1")

    with pytest.raises(KeyDestroyed, match=conversation):
        await say(make_service(), conversation, "boots", cid="m-2", at=NOW)
    again = await say(make_service(), conversation, "shoes", cid="m-1", at=NOW)

    assert again == Arrival(seq=taken.seq, frame=taken.frame, duplicate=True)
    assert await JournalEntry.objects.filter(conversation_id=conversation).acount() == 0
    assert await Message.objects.aget(conversation_id=conversation, cid="m-1") == taken
