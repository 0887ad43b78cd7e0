"""On the real stores: nothing lies in the clear, a value of another is never believed, old events still fold."""

import asyncio
from uuid import uuid4

import msgspec
import pytest
from redis.asyncio import Redis

from commerce_agent.decoding import decode_json
from conversations.events.facts import Fact, FactsObserved
from conversations.ids import ConversationId, EntityRef, MerchantId
from conversations.models import Conversation, DataKey, ShownEntity
from conversations.service import Conversations
from conversations.store.boxes import REMEMBERED_MOST, Boxes
from conversations.store.sealing import WrongIdentity
from tests.conversations.sealing.conftest import Pool, Process
from tests.conversations.sealing.stored import dump_redis, dump_tables, write_old_conversation
from tests.conversations.state.recordings import RECORDED, summarise
from tests.conversations.state.talking import NOON, answer, require_one_truth, say, take
from tests.naming import name_shopper_now

INDEXED = {
    "accessrecord": {"subject"},  # An id that names nobody.
    "apikey": {"digest", "prefix"},
    "decisionrecord": {"planner"},
    "document": {"digest"},
    "message": {"cid"},  # Minted by the client, letters and digits.
    "opening": {"key"},  # A mark made with the merchant's key.
    "resumehandle": {"digest"},
    "retentionperiod": {"kind"},
    "shopper": {"key_index", "name_index"},  # The same.
    "shopperindex": {"digest"},  # The same.
    "shownentity": {"kind", "key"},  # The shop's own names of goods and policies.
}
"""Every indexed column in which words could stand, by table. Whoever adds one says here why it names nobody."""
TEXTS = """
    SELECT DISTINCT replace(of.relname, 'conversations_', ''), col.attname
    FROM pg_index by JOIN pg_class of ON of.oid = by.indrelid
    JOIN pg_attribute col ON col.attrelid = of.oid AND col.attnum = ANY (by.indkey)
    JOIN pg_type kind ON kind.oid = col.atttypid
    WHERE of.relname LIKE 'conversations\\_%' AND NOT of.relispartition
        AND kind.typname NOT IN ('uuid', 'int2', 'int4', 'int8', 'timestamptz', 'date', 'bool')
"""
PLAIN_ROWS = (
    "SELECT count(*) FROM conversations_journalentry WHERE conversation_id = %s AND substr(body, 1, 1) = '{'"
)


async def count(pool: Pool, statement: str, *values: object) -> int:
    async with pool.connection() as connection:
        row = await (await connection.execute(statement, values)).fetchone()  # type: ignore[arg-type]
    assert row is not None
    return int(row[0])


async def talk(service: Conversations, conversation: ConversationId, *, word: str) -> None:
    await say(service, conversation, f"I am {word}", cid=str(uuid4()))
    await answer(service, await take(service, conversation), f"Hello {word}.")


async def look_up(service: Conversations, conversation: ConversationId, *, order: str, code: str) -> None:
    """A turn that reads an order, a code that the shopper typed, and a policy."""
    await say(service, conversation, "and my order?", cid=str(uuid4()))
    turn = await take(service, conversation)
    read = (
        (EntityRef("order", order), "status", "shipped"),
        (EntityRef("promotion", code), "code", "it is unknown"),
        (EntityRef("policy", "returns"), "policy.returns", "Thirty days."),
    )
    facts = tuple(
        Fact(id=f"f{number}", subject=subject, name=name, value=value, source="shop", observed_at=NOON)
        for number, (subject, name, value) in enumerate(read, start=1)
    )
    await answer(service, turn, "On its way.", FactsObserved(facts=facts))


async def test_nothing_that_was_said_lies_in_the_clear(
    service: Conversations, conversation: ConversationId, pool: Pool, redis: Redis
) -> None:
    canary = f"canary-{uuid4().hex}"

    await talk(service, conversation, word=canary)
    await look_up(service, conversation, order=f"order-{canary}", code=f"code-{canary}")

    tables, kept = await dump_tables(pool), await dump_redis(redis)
    assert conversation.encode() in tables
    assert conversation.encode() in kept
    assert canary.encode() not in tables
    assert canary.encode() not in kept
    state = await require_one_truth(service, conversation)
    assert (state.transcript.tail[0].said, state.transcript.tail[0].replied) == (
        f"I am {canary}",
        f"Hello {canary}.",
    )
    assert state.facts.find(subject=EntityRef("order", f"order-{canary}"), name="status")
    shown = ShownEntity.objects.filter(conversation_id=conversation)
    assert [(each.kind, each.key) async for each in shown] == [("policy", "returns")]


async def test_no_index_has_a_column_in_which_somebody_could_be_named(pool: Pool) -> None:
    async with pool.connection() as connection:
        rows = await (await connection.execute(TEXTS)).fetchall()

    found: dict[str, set[str]] = {}
    for table, column in rows:
        found.setdefault(table, set()).add(column)
    assert found == INDEXED


async def test_a_copy_of_another_conversation_in_redis_is_missing_and_counted(
    process: Process, conversation: ConversationId, merchant: MerchantId, redis: Redis
) -> None:
    other = await process.service.open_conversation(merchant=merchant, at=NOON)
    for name, word in ((conversation, "Ann"), (other, "Ben")):
        await talk(process.service, name, word=word)
    keys = [process.service._projection._key(name) for name in (conversation, other)]
    mine, theirs = [await redis.hget(key, "state") for key in keys]  # type: ignore[misc]
    await redis.hset(keys[0], "state", theirs)  # type: ignore[arg-type, misc]
    await redis.hset(keys[1], "state", mine)  # type: ignore[arg-type, misc]

    for name, word in ((conversation, "Ann"), (other, "Ben")):
        assert await process.service._projection.find_state(conversation=name) is None
        state = await require_one_truth(process.service, name)
        assert [exchange.said for exchange in state.transcript.tail] == [f"I am {word}"]

    assert process.boxes.refused == {"projection": 4}


async def test_a_tail_of_another_conversation_in_redis_is_missing(
    process: Process, conversation: ConversationId, merchant: MerchantId, redis: Redis
) -> None:
    other = await process.service.open_conversation(merchant=merchant, at=NOON)
    for name, word in ((conversation, "Ann"), (other, "Ben")):
        await talk(process.service, name, word=word)
        await say(process.service, name, f"{word} again", cid=str(uuid4()))
    mine, theirs = [process.service._projection._tail_key(name) for name in (conversation, other)]
    state = await process.service._projection.find_state(conversation=conversation)
    assert state is not None
    assert state.transcript.waiting[0].text == "Ann again"

    await redis.copy(theirs, mine, replace=True)

    assert await process.service._projection.find_state(conversation=conversation) is None
    assert process.boxes.refused == {"projection": 1}
    assert (await require_one_truth(process.service, conversation)).transcript.waiting[0].text == "Ann again"


async def test_an_event_of_another_conversation_is_refused_and_counted(
    process: Process, conversation: ConversationId, merchant: MerchantId, pool: Pool
) -> None:
    """Copied by someone who can write to the table: into another conversation, or over another place."""
    other = await process.service.open_conversation(merchant=merchant, at=NOON)
    await talk(process.service, conversation, word="Ann")
    async with pool.connection() as connection:
        await connection.execute(
            "INSERT INTO conversations_journalentry"
            " (merchant_id, conversation_id, seq, frame, turn, kind, schema, at, body)"
            " SELECT merchant_id, %s, seq, frame, turn, kind, schema, at, body"
            " FROM conversations_journalentry WHERE conversation_id = %s AND seq = 2",
            [other, conversation],
        )

    with pytest.raises(WrongIdentity, match="was changed or belongs elsewhere"):
        await process.service.list_events(conversation=other)
    with pytest.raises(WrongIdentity):
        await process.service.list_frames(conversation=other, after=0)
    assert process.boxes.refused == {"journal": 2}


async def test_an_event_put_in_the_clear_is_refused(
    service: Conversations, conversation: ConversationId, merchant: MerchantId, pool: Pool
) -> None:
    async with pool.connection() as connection:
        await connection.execute(
            "INSERT INTO conversations_journalentry"
            " (merchant_id, conversation_id, seq, frame, turn, kind, schema, at, body)"
            " VALUES (%s, %s, 2, NULL, 0, 'search.made', 1, %s, %s)",
            [merchant, conversation, NOON, b'{"type":"search.made","query":"shoes"}'],
        )

    with pytest.raises(WrongIdentity):
        await service.list_events(conversation=conversation)


async def test_one_key_a_shopper_and_one_an_anonymous_conversation(
    service: Conversations, merchant: MerchantId
) -> None:
    name = (await name_shopper_now(merchant, key="c-1")).id
    opened = await asyncio.gather(
        *(service.open_conversation(merchant=merchant, shopper=name, at=NOON) for _ in range(4)),
        *(service.open_conversation(merchant=merchant, at=NOON) for _ in range(2)),
    )

    keys = [(await Conversation.objects.aget(id=one)).data_key_id for one in opened]
    assert len(set(keys[:4])) == 1
    assert len(set(keys)) == 3
    owners = {str(key.owner_id) async for key in DataKey.objects.filter(merchant_id=merchant)}
    # The merchant's own is what its shoppers are found by.
    assert owners == {name, *opened[4:], merchant}


async def test_events_of_before_sealing_fold_and_are_sealed_by_the_way(
    process: Process, merchant: MerchantId, pool: Pool
) -> None:
    conversation = await write_old_conversation(pool, merchant=merchant)
    expected = decode_json((RECORDED / "v1.expected.json").read_bytes())

    before = await process.service.load(conversation=conversation)
    assert msgspec.to_builtins(summarise(before)) == expected
    old = await process.service.list_events(conversation=conversation)
    await say(process.service, conversation, "And now?")
    assert await count(pool, PLAIN_ROWS, conversation) == len(old) == before.version

    assert await process.keeper.count_in_the_clear() == 1
    assert await process.keeper.seal_old() == 1
    assert await process.keeper.seal_old() == 0

    assert await count(pool, PLAIN_ROWS, conversation) == 0
    assert (await process.service.list_events(conversation=conversation))[: len(old)] == old
    process.boxes.forget()
    state = await require_one_truth(process.service, conversation)
    assert state.version == before.version + 1


async def test_a_turn_looks_for_its_key_once_a_minute(
    process: Process, conversation: ConversationId, pool: Pool
) -> None:
    seconds = [0.0]
    asked: list[ConversationId] = []

    class Counting(Boxes):
        async def _find_box(self, connection, *, conversation):  # type: ignore[no-untyped-def, override]
            asked.append(conversation)
            return await super()._find_box(connection, conversation=conversation)

    boxes = Counting(pool=pool, keys=process.keeper._keys, read_seconds=lambda: seconds[0])
    first = await boxes.get_box(conversation=conversation)
    seconds[0] = 59.9
    assert await boxes.get_box(conversation=conversation) is first
    seconds[0] = 60.0
    assert await boxes.get_box(conversation=conversation) is not first
    assert asked == [conversation, conversation]

    for number in range(REMEMBERED_MOST + 10):
        boxes._remember(first, name=ConversationId(str(number)))
    assert len(boxes._remembered) == REMEMBERED_MOST
