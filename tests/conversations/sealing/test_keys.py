"""Keys are rotated without touching what they sealed, and what a destroyed one sealed is gone everywhere."""

import asyncio
import io
from functools import partial
from secrets import token_urlsafe
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from redis.asyncio import Redis
from structlog.testing import capture_logs

from catalog.merchants import create_merchant
from commerce_agent.isolation.connections import build_pool
from conversations.ids import ConversationId, MerchantId
from conversations.models import Conversation, DataKey, ResumeHandle, Shopper
from conversations.service import KeyDestroyed, NoSuchShopper, UnreadableEvent
from conversations.store import boxes
from conversations.store.boxes import Boxes, KeyEncryptionKeys, MissingKey, WrongKey
from conversations.store.keeper import NoSuchKey
from conversations.store.projection import RedisDoor
from tests.conversations.sealing.conftest import Pool, Process, make_process
from tests.conversations.sealing.stored import dump_redis, dump_tables, write_old_conversation
from tests.conversations.sealing.test_at_rest import talk
from tests.conversations.state.talking import NOON, answer, require_one_truth, say, take
from tests.naming import name_shopper_now

KEYS = settings.KEY_ENCRYPTION_KEYS


async def list_versions(merchant: MerchantId) -> list[int]:
    return [key.kek_version async for key in DataKey.objects.filter(merchant_id=merchant).order_by("id")]


async def test_rotation_leaves_no_old_key_and_everything_readable(
    pool: Pool, door: RedisDoor, redis: Redis, merchant: MerchantId
) -> None:
    before = make_process(pool=pool, door=door, keys={1: KEYS[1]})
    told = [await before.service.open_conversation(merchant=merchant, at=NOON) for _ in range(5)]
    for number, conversation in enumerate(told):
        await talk(before.service, conversation, word=f"shopper {number}")
    states = [await before.service.load(conversation=one) for one in told]
    assert await list_versions(merchant) == [1] * 5

    during = make_process(pool=pool, door=door, keys=KEYS)
    assert await during.keeper.count_old_keys() == 5
    assert [await during.service.load(conversation=one) for one in told] == states
    assert await during.keeper.rewrap_keys(limit=2) == 2
    assert sorted(await list_versions(merchant)) == [1, 1, 1, 2, 2]
    assert [await during.keeper.rewrap_keys(limit=2) for _ in range(3)] == [2, 1, 0]
    assert await during.keeper.count_old_keys() == 0

    after = make_process(pool=pool, door=door, keys={2: KEYS[2]})
    for conversation, state in zip(told, states, strict=True):
        assert await after.service._projection.find_state(conversation=conversation) == state
        assert await require_one_truth(after.service, conversation) == state
    # The process that has not heard of it reads on with what it remembers.
    assert await before.service.load(conversation=told[0]) == states[0]
    before.boxes.forget()
    with pytest.raises(MissingKey, match="Key-encryption key 2 is not in KEY_ENCRYPTION_KEYS"):
        await before.service.load(conversation=told[0])


async def test_rotation_without_the_old_key_changes_nothing_and_says_which_it_needs(
    pool: Pool, door: RedisDoor, merchant: MerchantId
) -> None:
    before = make_process(pool=pool, door=door, keys={1: KEYS[1]})
    conversation = await before.service.open_conversation(merchant=merchant, at=NOON)

    with pytest.raises(MissingKey, match="Key-encryption key 1 is not in"):
        await make_process(pool=pool, door=door, keys={2: KEYS[2]}).keeper.rewrap_keys()
    with pytest.raises(WrongKey, match="does not open under key-encryption key 1"):
        await make_process(pool=pool, door=door, keys={1: KEYS[2], 2: KEYS[2]}).keeper.rewrap_keys()

    assert await list_versions(merchant) == [1]
    assert (await before.service.load(conversation=conversation)).version == 1
    await make_process(pool=pool, door=door, keys=KEYS).keeper.rewrap_keys()


async def test_a_lost_key_is_told_once_a_minute_and_not_once_a_conversation(
    pool: Pool, door: RedisDoor, merchant: MerchantId, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = make_process(pool=pool, door=door, keys={2: KEYS[2]})
    names = [await before.service.open_conversation(merchant=merchant, at=NOON) for _ in range(3)]
    monkeypatch.setattr(boxes, "_told", {})
    seconds = 0.0

    async def read() -> None:
        # Each page and each task opens boxes of its own.
        own = Boxes(pool=pool, keys=KeyEncryptionKeys(keys={2: KEYS[1]}), read_seconds=lambda: seconds)
        assert await own.get_boxes(conversations=names) == {}

    with capture_logs() as told:
        await read()
        seconds = 59.0
        await read()
        assert [entry["kind"] for entry in told] == ["WrongKey"]
        seconds = 60.0
        await read()

    assert [entry["event"] for entry in told] == ["key.at_fault"] * 2


async def test_a_destroyed_key_makes_every_copy_unreadable(
    process: Process, pool: Pool, door: RedisDoor, redis: Redis, merchant: MerchantId
) -> None:
    canary = f"canary-{uuid4().hex}"
    shopper = (await name_shopper_now(merchant, key="c-1")).id
    open_one = partial(process.service.open_conversation, merchant=merchant, at=NOON)
    told = [await open_one(shopper=shopper, resume=token_urlsafe(32)) for _ in range(2)]
    bystander = await open_one(resume=token_urlsafe(32))
    for conversation in (*told, bystander):
        await talk(process.service, conversation, word=canary)
    await say(process.service, told[0], "Are you there?")
    copy = await redis.hget(process.service._projection._key(told[0]), "state")  # type: ignore[misc]

    erased = await process.keeper.forget_key(merchant=merchant, owner=shopper)

    assert (erased.conversations, erased.copies) == (2, 2)
    another = make_process(pool=pool, door=door, keys=KEYS)
    # A copy of Redis that someone kept does not help either.
    await redis.hset(process.service._projection._key(told[0]), "state", copy)  # type: ignore[arg-type, misc]
    for seen in (process, another):
        for conversation in told:
            assert await seen.service._projection.find_state(conversation=conversation) is None
            await require_unreadable(seen, conversation)
        assert (await require_one_truth(seen.service, bystander)).version == 4
    assert canary.encode() not in await dump_tables(pool) + await dump_redis(redis)
    assert await ResumeHandle.objects.filter(merchant_id=merchant).acount() == 1
    assert (await Conversation.objects.aget(id=told[0])).waiting_since is None
    key = await DataKey.objects.aget(merchant_id=merchant, owner_id=shopper)
    assert bytes(key.wrapped) == b""
    assert key.destroyed_at is not None

    with pytest.raises(NoSuchKey):
        await process.keeper.forget_key(merchant=merchant, owner=shopper)


async def require_unreadable(process: Process, conversation: ConversationId) -> None:
    for read in (
        process.service.load(conversation=conversation),
        process.service.list_events(conversation=conversation),
        process.service.list_frames(conversation=conversation, after=0),
        say(process.service, conversation, "Hello?", cid=str(uuid4())),
    ):
        with pytest.raises(UnreadableEvent, match="was erased, or was quiet"):
            await read


async def test_who_remembers_the_key_writes_nothing_more(
    pool: Pool, door: RedisDoor, process: Process, merchant: MerchantId
) -> None:
    conversation = await process.service.open_conversation(merchant=merchant, at=NOON)
    await say(process.service, conversation, "shoes")
    turn = await take(process.service, conversation)

    other = make_process(pool=pool, door=door, keys=KEYS)
    await other.keeper.forget_key(merchant=merchant, owner=conversation)

    with pytest.raises(KeyDestroyed):
        await say(process.service, conversation, "and boots")
    with pytest.raises(KeyDestroyed):
        await answer(process.service, turn)
    with pytest.raises(KeyDestroyed):
        await process.service.take_turn(conversation=conversation, at=NOON)
    assert (await Conversation.objects.aget(id=conversation)).version == turn.state.version


async def test_a_shopper_who_comes_back_is_another_one(process: Process, merchant: MerchantId) -> None:
    shopper = (await name_shopper_now(merchant, key="c-1")).id
    gone = await process.service.open_conversation(merchant=merchant, shopper=shopper, at=NOON)
    await process.keeper.forget_key(merchant=merchant, owner=shopper)

    with pytest.raises(NoSuchShopper):
        await process.service.open_conversation(merchant=merchant, shopper=shopper, at=NOON)
    assert await process.service.shoppers.find_by_key(merchant=merchant, key="c-1") is None
    again = (await name_shopper_now(merchant, key="c-1")).id
    assert again != shopper
    back = await process.service.open_conversation(merchant=merchant, shopper=again, at=NOON)
    await talk(process.service, back, word="Ann")

    assert (await require_one_truth(process.service, back)).version == 4
    with pytest.raises(KeyDestroyed):
        await process.service.load(conversation=gone)
    row = await Shopper.objects.aget(id=shopper)
    assert (bytes(row.sealed), row.name_index, row.tier) == (b"", "", "")


async def test_a_key_is_destroyed_while_redis_is_out_of_reach(
    process: Process, door: RedisDoor, conversation: ConversationId, merchant: MerchantId
) -> None:
    await talk(process.service, conversation, word="Ann")
    door.shut()

    erased = await process.keeper.forget_key(merchant=merchant, owner=conversation)

    assert (erased.conversations, erased.copies) == (1, 0)
    door.open()
    assert await process.service._projection.find_state(conversation=conversation) is None
    await require_unreadable(process, conversation)


async def test_another_merchants_shopper_is_not_forgotten(
    process: Process, conversation: ConversationId
) -> None:
    with pytest.raises(NoSuchKey):
        await process.keeper.forget_key(merchant=MerchantId(str(uuid4())), owner=conversation)

    assert (await process.service.load(conversation=conversation)).version == 1


async def test_what_was_in_the_clear_is_erased_too(
    process: Process, pool: Pool, merchant: MerchantId
) -> None:
    conversation = await write_old_conversation(pool, merchant=merchant)
    words = (await process.service.load(conversation=conversation)).transcript.tail[0].said.encode()
    assert words in await dump_tables(pool)
    process.boxes.forget()

    await process.keeper.forget_key(merchant=merchant, owner=conversation)

    assert words not in await dump_tables(pool)
    await require_unreadable(process, conversation)


def test_the_commands_rotate_and_forget(database: str) -> None:
    shop = create_merchant(key=f"seal-{uuid4().hex}", name="Sealed", currency="USD")
    merchant = MerchantId(str(shop.id))
    conversation = asyncio.run(open_under_the_first_key(merchant))
    said = io.StringIO()

    call_command("rotate_keys", stdout=said)
    keys, others = said.getvalue().splitlines()
    assert keys == (
        "Data keys wrapped by version 2: 1, left on others: 0."
        " Conversations that were in the clear: 0 sealed."
    )
    assert others.startswith("Secrets of connectors sealed anew: ")
    call_command("forget_key", conversation, merchant=shop.key, stdout=said)
    assert said.getvalue().splitlines()[2].startswith("Conversations that cannot be read any more: 1; copies")
    with pytest.raises(CommandError, match="has no key in use for"):
        call_command("forget_key", conversation, merchant=shop.key)


async def open_under_the_first_key(merchant: MerchantId) -> ConversationId:
    async with build_pool(settings.DATABASE_URL, most=4, wait=30) as pool:
        door = RedisDoor(client=Redis.from_url(settings.REDIS_URL))
        process = make_process(pool=pool, door=door, keys={1: KEYS[1]})
        conversation = await process.service.open_conversation(merchant=merchant, at=NOON)
        await door.close()
        return conversation
