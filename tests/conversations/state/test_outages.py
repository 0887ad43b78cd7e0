"""PostgreSQL remembers, Redis serves: without Redis the talk goes on, and nothing depends on what it forgot."""

from collections.abc import Callable

import pytest
from redis.asyncio import Redis

from conversations.ids import ConversationId
from conversations.models import Conversation
from conversations.service import Conversations, Fenced
from conversations.store.codec import get_shape_mark
from conversations.store.projection import LONG_TAIL, RedisDoor
from tests.conversations.state.talking import (
    NOON,
    after,
    answer,
    forget_keys,
    make_notice,
    require_one_truth,
    say,
    take,
)

MakeService = Callable[[], Conversations]


async def get_kept_version(service: Conversations, conversation: ConversationId) -> int | None:
    kept = await service._projection.find_state(conversation=conversation)
    return kept.version if kept else None


async def test_a_commit_leaves_its_state_in_redis(
    service: Conversations, conversation: ConversationId
) -> None:
    await say(service, conversation, "shoes")
    state = await answer(service, await take(service, conversation))

    assert await service._projection.find_state(conversation=conversation) == state


async def test_redis_forgets_between_turns(
    service: Conversations, conversation: ConversationId, redis: Redis
) -> None:
    for number in (1, 2, 3):
        await say(service, conversation, f"m{number}")
        turn = await take(service, conversation)
        assert not turn.without_redis
        assert [exchange.said for exchange in turn.state.transcript.tail] == [
            f"m{told}" for told in range(1, number)
        ]
        await answer(service, turn)
        await forget_keys(redis, conversation)
        assert await get_kept_version(service, conversation) is None
        await require_one_truth(service, conversation)


async def test_redis_forgets_in_the_middle_of_a_turn(
    service: Conversations, conversation: ConversationId, redis: Redis
) -> None:
    await say(service, conversation, "shoes")
    turn = await take(service, conversation)
    await forget_keys(redis, conversation)

    state = await answer(service, turn)

    assert state == await require_one_truth(service, conversation)
    assert await get_kept_version(service, conversation) == state.version


async def test_turns_go_on_without_redis(
    service: Conversations, conversation: ConversationId, door: RedisDoor
) -> None:
    await say(service, conversation, "before")
    await answer(service, await take(service, conversation))
    door.shut()

    for number in (2, 3):
        await say(service, conversation, f"m{number}")
        turn = await take(service, conversation)
        assert (turn.number, turn.without_redis, turn.lease.kept_in) == (number, True, "postgresql")
        assert await service.renew(turn=turn)
        state = await answer(service, turn)
        assert state == await require_one_truth(service, conversation)

    door.open()
    assert await get_kept_version(service, conversation) == 4
    await require_one_truth(service, conversation)
    await say(service, conversation, "after")
    turn = await take(service, conversation)
    assert (turn.number, turn.without_redis, turn.lease.kept_in) == (4, False, "redis")
    state = await answer(service, turn)
    assert await get_kept_version(service, conversation) == state.version


async def test_without_redis_a_turn_has_one_holder(
    make_service: MakeService, conversation: ConversationId, door: RedisDoor
) -> None:
    door.shut()
    service, other = make_service(), make_service()
    await say(service, conversation, "shoes")
    turn = await take(service, conversation)

    assert await other.take_turn(conversation=conversation, at=NOON) is None

    await answer(service, turn)
    await say(service, conversation, "more")
    assert (await take(other, conversation)).number == 2


async def test_without_redis_a_dead_holder_is_replaced_and_cannot_free_the_lease_of_the_next(
    make_service: MakeService, conversation: ConversationId, door: RedisDoor
) -> None:
    door.shut()
    dead, service = make_service(), make_service()
    await say(dead, conversation, "shoes")
    stale = await take(dead, conversation)
    await Conversation.objects.filter(id=conversation).aupdate(lease_until=after(-3600))

    turn = await take(service, conversation)
    assert (turn.number, turn.said) == (1, "shoes")
    assert not await dead.renew(turn=stale)
    with pytest.raises(Fenced):
        await answer(dead, stale, "too late")
    await dead.drop_turn(turn=stale)

    assert await make_service().take_turn(conversation=conversation, at=NOON) is None
    state = await answer(service, turn, "in time")
    assert [exchange.replied for exchange in state.transcript.tail] == ["in time"]


async def test_redis_goes_in_the_middle_of_a_turn(
    make_service: MakeService, conversation: ConversationId, door: RedisDoor
) -> None:
    service = make_service()
    await say(service, conversation, "shoes")
    turn = await take(service, conversation)
    door.shut()

    assert not await service.renew(turn=turn)
    await answer(service, turn)

    await say(service, conversation, "more")
    assert (await take(make_service(), conversation)).number == 2
    await require_one_truth(service, conversation)


async def test_redis_comes_back_in_the_middle_of_a_turn(
    make_service: MakeService, conversation: ConversationId, door: RedisDoor
) -> None:
    service, other = make_service(), make_service()
    await say(service, conversation, "shoes")
    door.shut()
    turn = await take(service, conversation)
    door.open()

    # The lease on the row is honoured by those who find Redis well.
    assert await other.take_turn(conversation=conversation, at=NOON) is None

    state = await answer(service, turn)
    assert [exchange.said for exchange in state.transcript.tail] == ["shoes"]
    await say(service, conversation, "more")
    assert (await take(other, conversation)).number == 2


async def test_an_older_state_never_replaces_a_newer_one(
    service: Conversations, conversation: ConversationId
) -> None:
    await say(service, conversation, "one")
    older = await answer(service, await take(service, conversation))
    await say(service, conversation, "two")
    newer = await answer(service, await take(service, conversation))

    assert await service._projection.write(conversation=conversation, state=older)

    assert await get_kept_version(service, conversation) == newer.version


async def test_a_projection_of_another_past_is_thrown_away(
    service: Conversations, conversation: ConversationId
) -> None:
    # As after a backup of PostgreSQL was restored beside a Redis that went on.
    await say(service, conversation, "shoes")
    state = await answer(service, await take(service, conversation), "of a past that was lost")
    await forget_last_event(conversation)

    loaded = await require_one_truth(service, conversation)

    assert loaded.version == state.version - 1
    assert loaded.transcript.taken == ("shoes",)
    assert await get_kept_version(service, conversation) is None


async def forget_last_event(conversation: ConversationId) -> None:
    """Puts the journal back by one event, as restoring an older backup does."""
    row = await Conversation.objects.aget(id=conversation)
    await row.journalentry_set.filter(seq=row.version).adelete()
    await Conversation.objects.filter(id=conversation).aupdate(version=row.version - 1, frames=row.frames - 1)


@pytest.mark.parametrize("stored", [b"", b"\x00", get_shape_mark(), get_shape_mark() + b"\xc1"])
async def test_a_projection_that_does_not_read_is_rebuilt(
    service: Conversations, conversation: ConversationId, redis: Redis, stored: bytes
) -> None:
    await say(service, conversation, "shoes")
    state = await answer(service, await take(service, conversation))
    await redis.hset(service._projection._key(conversation), "state", stored)  # type: ignore[arg-type]

    assert await service.load(conversation=conversation) == state


async def test_a_long_tail_is_folded_once(service: Conversations, conversation: ConversationId) -> None:
    await say(service, conversation, "shoes")
    state = await answer(service, await take(service, conversation))
    news = (make_notice(),) * (LONG_TAIL // 2)
    for _ in range(2):
        await service.record_arrivals(conversation=conversation, events=news, at=NOON)
    assert await get_kept_version(service, conversation) == state.version + LONG_TAIL

    await service.record_arrivals(conversation=conversation, events=news, at=NOON)
    assert await get_kept_version(service, conversation) == state.version
    loaded = await require_one_truth(service, conversation)

    assert await get_kept_version(service, conversation) == loaded.version == state.version + 3 * len(news)


async def test_a_turn_is_kept_behind_the_whole_until_that_is_long_ago(
    make_service: MakeService, conversation: ConversationId, redis: Redis
) -> None:
    service, other = make_service(), make_service()
    key = service._projection._key(conversation)
    behind: list[int] = []
    for number in range(LONG_TAIL):
        await say(service, conversation, f"shoes {number}", answering=True)
        state = await answer(service, await take(service, conversation))
        behind.append(state.version - int(await redis.hget(key, "version") or 0))  # type: ignore[misc]
        # Whoever did not make it opens the whole with what stands behind it.
        assert await get_kept_version(other, conversation) == state.version

    assert await require_one_truth(other, conversation) == state
    assert 0 < max(behind) <= LONG_TAIL
    assert behind.count(0) > 1, "it is written whole again and again"


@pytest.mark.parametrize("gone", ["state", "tail"])
async def test_a_turn_is_written_whole_where_what_it_follows_is_gone(
    service: Conversations, conversation: ConversationId, redis: Redis, gone: str
) -> None:
    for number in range(3):
        await say(service, conversation, f"shoes {number}", answering=True)
        turn = await take(service, conversation)
        if number == 2:
            assert await redis.delete(f"{service._projection._key(conversation).removesuffix('state')}{gone}")
        state = await answer(service, turn)

    assert int(await redis.hget(service._projection._key(conversation), "version") or 0) == state.version  # type: ignore[misc]
    assert await get_kept_version(service, conversation) == state.version
    await require_one_truth(service, conversation)
