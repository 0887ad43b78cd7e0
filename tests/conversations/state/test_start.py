"""A turn's start holds for everybody at once, and nobody is told of one that a crash of PostgreSQL could undo."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from redis.asyncio import Redis

from commerce_agent.isolation.connections import Pool
from conversations.events.messages import TurnStarted
from conversations.ids import ConversationId
from conversations.models import Conversation
from conversations.service import Conversations, Fenced, Turn
from conversations.store import taking
from conversations.store.projection import Projection, RedisDoor
from conversations.store.turn import Reading
from tests.conversations.state.talking import (
    NOON,
    answer,
    forget_keys,
    make_notice,
    require_one_truth,
    say,
    take,
)
from tests.waiting import wait_until_async

MakeService = Callable[[], Conversations]


async def undo_start(conversation: ConversationId, *, fence: int) -> None:
    """What a crash of PostgreSQL leaves of a start that was not yet on disk: nothing."""
    row = await Conversation.objects.aget(id=conversation)
    await row.journalentry_set.filter(seq=row.version).adelete()
    await Conversation.objects.filter(id=conversation).aupdate(
        version=row.version - 1, frames=row.frames - 1, turns=row.turns - 1, fence=fence
    )


async def test_a_start_that_was_lost_is_made_again_and_its_holder_is_shut_out(
    make_service: MakeService, conversation: ConversationId
) -> None:
    dead, service = make_service(), make_service()
    await say(dead, conversation, "shoes")
    before = (await Conversation.objects.aget(id=conversation)).fence
    lost = await take(dead, conversation)
    await undo_start(conversation, fence=before)
    await dead.drop_turn(turn=lost)

    turn = await take(service, conversation)

    assert (turn.number, turn.said) == (1, "shoes")
    assert turn.fence != lost.fence
    with pytest.raises(Fenced):
        await answer(dead, lost, "of the time before the crash")
    state = await answer(service, turn, "of the time after it")
    assert [exchange.replied for exchange in state.transcript.tail] == ["of the time after it"]
    assert state == await require_one_truth(service, conversation)


async def test_a_holder_whose_start_was_lost_commits_nothing(
    service: Conversations, conversation: ConversationId
) -> None:
    await say(service, conversation, "shoes")
    before = (await Conversation.objects.aget(id=conversation)).fence
    lost = await take(service, conversation)
    await undo_start(conversation, fence=before)

    with pytest.raises(Fenced):
        await answer(service, lost)

    state = await require_one_truth(service, conversation)
    assert (state.version, [message.text for message in state.transcript.waiting]) == (2, ["shoes"])
    assert (await answer(service, await take(service, conversation))).transcript.waiting == ()


@pytest.mark.parametrize("read", ["list_frames", "list_events"])
async def test_who_reads_of_a_start_reads_of_one_that_is_on_disk(
    service: Conversations, conversation: ConversationId, pool: Pool, read: str
) -> None:
    await say(service, conversation, "shoes")
    await take(service, conversation)
    async with pool.connection() as connection:
        cursor = await connection.execute("SELECT pg_current_wal_insert_lsn()")
        (written,) = await cursor.fetchone() or (None,)

        seen = await getattr(service, read)(conversation=conversation, after=0)

        assert isinstance(seen[-1].event, TurnStarted)
        cursor = await connection.execute("SELECT pg_current_wal_flush_lsn() >= %s::pg_lsn", [written])
        assert await cursor.fetchone() == (True,)


async def test_the_outline_tells_what_the_whole_state_tells(
    service: Conversations, conversation: ConversationId
) -> None:
    await say(service, conversation, "shoes")
    await answer(service, await take(service, conversation))
    await service.record_arrivals(conversation=conversation, events=(make_notice(),), at=NOON)
    await say(service, conversation, "boots")

    kept = await service._projection.take(conversation=conversation, token="t", milliseconds=1000)

    reading = Reading(kept)
    whole = reading.read()
    outlined = reading.find_outline()
    assert outlined is not None
    assert whole == await service.load(conversation=conversation)
    assert (outlined.version, outlined.frames) == (whole.version, whole.frames)
    for name in ("merchant", "waiting", "taken", "turns"):
        assert getattr(outlined.transcript, name) == getattr(whole.transcript, name)


async def get_to_know(service: Conversations, conversation: ConversationId) -> None:
    """From its own turn's end on, a process knows all that waits, as long as it is the only one at it."""
    await say(service, conversation, "hello")
    await answer(service, await take(service, conversation))


def knows_what_waits(service: Conversations, conversation: ConversationId) -> bool:
    """Whether its next turn there is started before anything is looked at."""
    stand = service._taking._starts._standings.find(conversation)
    return bool(stand and stand.waiting)


async def test_what_this_process_saw_come_starts_the_turn_as_what_is_kept_does(
    make_service: MakeService, conversation: ConversationId
) -> None:
    saw, other = make_service(), make_service()
    await get_to_know(saw, conversation)
    for taker, number in ((saw, 2), (other, 3)):
        await say(saw, conversation, f"shoes {number}")
        await say(saw, conversation, f"boots {number}")
        assert (knows_what_waits(saw, conversation), knows_what_waits(other, conversation)) == (True, False)

        turn = await take(taker, conversation)

        assert (turn.number, turn.said) == (number, f"shoes {number}\nboots {number}")
        assert turn.state == await require_one_truth(taker, conversation)
        await answer(taker, turn)
    assert (await require_one_truth(saw, conversation)).transcript.waiting == ()


async def test_a_start_ahead_changes_nothing_once_the_conversation_went_on(
    make_service: MakeService, conversation: ConversationId
) -> None:
    saw, other = make_service(), make_service()
    await get_to_know(saw, conversation)
    await say(saw, conversation, "shoes")
    await say(other, conversation, "boots")
    await other.record_arrivals(conversation=conversation, events=(make_notice(),), at=NOON)
    assert knows_what_waits(saw, conversation)

    turn = await take(saw, conversation)

    assert turn.said == "shoes\nboots"
    events = await saw.list_events(conversation=conversation)
    assert [type(each.event).__name__ for each in events][-2:] == ["NoticeGiven", "TurnStarted"]
    assert (await answer(saw, turn)).transcript.waiting == ()


async def test_a_start_ahead_without_the_lease_is_taken_up_by_its_holder(
    make_service: MakeService, conversation: ConversationId
) -> None:
    saw, holder = make_service(), make_service()
    await get_to_know(saw, conversation)
    await say(saw, conversation, "shoes")
    found = await holder._leases.find_lease(conversation=conversation)
    assert found is not None

    assert await saw.take_turn(conversation=conversation, at=NOON) is None
    assert (await require_one_truth(saw, conversation)).transcript.turns == 2
    await holder._leases.release(lease=found.lease)

    turn = await take(holder, conversation)
    assert (turn.number, turn.said) == (2, "shoes")
    state = await answer(holder, turn)
    assert [exchange.turn for exchange in state.transcript.tail] == [1, 2]
    assert state == await require_one_truth(saw, conversation)


async def test_a_start_ahead_lands_where_the_lease_could_not_be_asked_for(
    make_service: MakeService, conversation: ConversationId, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = make_service()
    await get_to_know(service, conversation)
    await say(service, conversation, "shoes")

    async def fail(**_: object) -> None:
        raise ConnectionError("neither Redis nor the row could be asked")

    with monkeypatch.context() as patched:
        patched.setattr(service._leases, "find_lease", fail)
        with pytest.raises(ConnectionError):
            await service.take_turn(conversation=conversation, at=NOON)

    # It is on record, under its own number, for whoever comes next.
    assert (await require_one_truth(service, conversation)).transcript.turns == 2
    turn = await take(make_service(), conversation)
    assert (turn.number, turn.said) == (2, "shoes")


async def lose_lease(redis: Redis, conversation: ConversationId) -> None:
    """What is left of the lease of a process that died: nothing, after some seconds."""
    leases = [key async for key in redis.scan_iter(match=f"*{{{conversation}}}:turn", count=1000)]
    assert len(leases) == 1
    await redis.delete(*leases)


async def test_a_turn_begun_with_its_message_is_for_its_process_until_the_lease_runs_out(
    make_service: MakeService, conversation: ConversationId, redis: Redis
) -> None:
    saw, other = make_service(), make_service()
    await get_to_know(saw, conversation)
    for taker, number in ((saw, 2), (other, 3), (saw, 4)):
        arrival = await say(saw, conversation, f"shoes {number}", answering=True)
        begun = (await require_one_truth(other, conversation)).transcript
        events = await other.list_events(conversation=conversation, after=arrival.seq - 1)
        if begun.taken:
            assert await other.take_turn(conversation=conversation, at=NOON) is None
        if taker is other:
            await lose_lease(redis, conversation)

        turn = await take(taker, conversation)

        # `other` took turn 3, so `saw` does not know that nothing else waits when the next message comes.
        assert begun.taken == (() if number == 4 else (f"shoes {number}",))
        assert (events[0].seq, events[0].frame) == (arrival.seq, arrival.frame)
        assert (turn.number, turn.said) == (number, f"shoes {number}")
        assert turn.state == await require_one_truth(taker, conversation)
        assert (await answer(taker, turn)).transcript.waiting == ()
        with pytest.raises(Fenced):
            await answer(taker, turn, "again")
    assert [past.turn for past in (await require_one_truth(saw, conversation)).transcript.tail] == [
        1,
        2,
        3,
        4,
    ]


async def test_what_comes_before_a_begun_turn_is_taken_waits_for_the_next(
    service: Conversations, conversation: ConversationId
) -> None:
    await get_to_know(service, conversation)
    await say(service, conversation, "shoes", answering=True)
    await say(service, conversation, "boots", answering=True)

    turn = await take(service, conversation)

    assert turn.said == "shoes"
    assert turn.state == await require_one_truth(service, conversation)
    assert [waits.text for waits in (await answer(service, turn)).transcript.waiting] == ["boots"]
    assert (await take(service, conversation)).said == "boots"


async def test_a_message_that_came_twice_begins_one_turn(
    make_service: MakeService, conversation: ConversationId, redis: Redis
) -> None:
    first, second = make_service(), make_service()
    await get_to_know(first, conversation)
    arrivals = [await say(each, conversation, "shoes", answering=True) for each in (first, second, first)]

    assert [arrival.duplicate for arrival in arrivals] == [False, True, True]
    await lose_lease(redis, conversation)
    assert (await answer(second, await take(second, conversation))).transcript.turns == 2
    assert await first.take_turn(conversation=conversation, at=NOON) is None


async def test_a_holder_of_a_begun_turn_that_comes_back_takes_a_new_token(
    service: Conversations, conversation: ConversationId
) -> None:
    await get_to_know(service, conversation)
    await say(service, conversation, "shoes", answering=True)
    lost = await take(service, conversation)
    assert await service.take_turn(conversation=conversation, at=NOON) is None
    await service.drop_turn(turn=lost)

    turn = await take(service, conversation)

    assert (turn.number, turn.fence == lost.fence) == (2, False)
    with pytest.raises(Fenced):
        await answer(service, lost)
    assert (await answer(service, turn)).transcript.waiting == ()


async def test_a_begun_turn_whose_lease_redis_lost_is_whose_token_is_newest(
    make_service: MakeService,
    conversation: ConversationId,
    redis: Redis,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A busy machine may take its time; after a while whoever holds the lease asks for it again.
    monkeypatch.setattr(taking, "FRESH_SECONDS", 60.0)
    service, other = make_service(), make_service()
    await get_to_know(service, conversation)
    await say(service, conversation, "shoes", answering=True)
    await lose_lease(redis, conversation)
    turn = await take(other, conversation)
    late = await take(service, conversation)

    assert (turn.number, late.number, turn.fence > late.fence) == (2, 2, True)
    with pytest.raises(Fenced):
        await answer(service, late)
    assert (await answer(other, turn)).transcript.waiting == ()
    assert (await require_one_truth(service, conversation)).transcript.turns == 2


async def test_a_begun_turn_outlives_what_redis_forgets(
    service: Conversations, conversation: ConversationId, door: RedisDoor
) -> None:
    await get_to_know(service, conversation)
    await say(service, conversation, "shoes", answering=True)
    assert await forget_keys(door.client, conversation)

    turn = await take(service, conversation)

    assert (turn.number, turn.said) == (2, "shoes")
    assert turn.state == await require_one_truth(service, conversation)
    assert (await answer(service, turn)).transcript.waiting == ()


async def test_a_lease_that_is_granted_to_who_was_cancelled_is_given_back(
    make_service: MakeService, conversation: ConversationId, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, other = make_service(), make_service()
    await get_to_know(service, conversation)
    arrived, answered = asyncio.Event(), asyncio.Event()
    original = Projection.take

    async def take_slowly(self: Projection, **named: Any) -> Any:
        kept = await original(self, **named)
        arrived.set()
        await answered.wait()
        return kept

    async def cancel_once_granted(asking: Coroutine[Any, Any, object]) -> None:
        arrived.clear()
        answered.clear()
        monkeypatch.setattr(Projection, "take", take_slowly)
        task = asyncio.create_task(asking)
        async with asyncio.timeout(30):
            await arrived.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        monkeypatch.setattr(Projection, "take", original)
        assert await other.take_turn(conversation=conversation, at=NOON) is None
        answered.set()

    async def take_free() -> Turn | None:
        return await other.take_turn(conversation=conversation, at=NOON)

    await cancel_once_granted(say(service, conversation, "shoes", answering=True))
    turn = await wait_until_async(take_free)
    assert turn.said == "shoes"
    await other.drop_turn(turn=turn)

    await cancel_once_granted(service.take_turn(conversation=conversation, at=NOON))
    turn = await wait_until_async(take_free)
    assert (await answer(other, turn)).transcript.waiting == ()


async def test_who_is_cancelled_before_taking_a_begun_turn_leaves_no_lease(
    make_service: MakeService, conversation: ConversationId, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, other = make_service(), make_service()
    await get_to_know(service, conversation)

    async def hear_nothing(*_: object) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(service._taking, "_announce", hear_nothing)
    with pytest.raises(asyncio.CancelledError):
        await say(service, conversation, "shoes", answering=True)

    assert (await take(other, conversation)).said == "shoes"
