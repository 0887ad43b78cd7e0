"""A reply that is on disk is given, whatever goes wrong around it: announced, once, and its lease given back."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from psycopg import OperationalError

from conversations.events.entities import EntitiesShown, Entity
from conversations.events.messages import ReplyGiven
from conversations.ids import ConversationId, EntityRef
from conversations.models import ShownEntity
from conversations.service import Conversations
from tests.conversations.state.talking import (
    NOON,
    Ear,
    answer,
    make_notice,
    make_shoe,
    require_one_truth,
    say,
    take,
)

MakeService = Callable[[], Conversations]
MANY = 600


def failing(real: Callable[..., Any], *, with_: Exception, times: int) -> Callable[..., Any]:
    """The function, which fails so many times first."""
    left = [with_] * times

    async def run(**given: object) -> object:
        if left:
            raise left.pop()
        return await real(**given)

    return run


async def require_given_once(service: Conversations, conversation: ConversationId, ear: Ear) -> None:
    """The one reply is in the journal, was announced, and nobody holds the turn any more."""
    events = await service.list_events(conversation=conversation)
    replies = [each.frame for each in events if isinstance(each.event, ReplyGiven)]
    assert len(replies) == 1
    assert (conversation, replies[0]) in ear.heard
    await say(service, conversation, "and boots")
    assert (await take(service, conversation)).number == 2
    await require_one_truth(service, conversation)


@pytest.mark.parametrize("fault", [OperationalError("the key cannot be read"), ValueError("a mistake")])
async def test_what_fails_while_the_commit_is_under_way_does_not_undo_it(
    service: Conversations,
    conversation: ConversationId,
    ear: Ear,
    monkeypatch: pytest.MonkeyPatch,
    fault: Exception,
) -> None:
    await say(service, conversation, "shoes")
    turn = await take(service, conversation)

    with monkeypatch.context() as patched:
        prepare = service._projection.prepare
        patched.setattr(service._projection, "prepare", failing(prepare, with_=fault, times=1))
        state = await answer(service, turn)

    assert [exchange.said for exchange in state.transcript.tail] == ["shoes"]
    await require_given_once(service, conversation, ear)


async def test_what_fails_after_the_commit_does_not_undo_it(
    service: Conversations, conversation: ConversationId, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    await say(service, conversation, "shoes")
    turn = await take(service, conversation)
    await service.record_arrivals(conversation=conversation, events=(make_notice(),), at=NOON)

    with monkeypatch.context() as patched:
        fault = OperationalError("the database went away")
        read = service._journal.list_events
        patched.setattr(service._journal, "list_events", failing(read, with_=fault, times=1))
        reply = ReplyGiven(turn=turn.number, text="These.")
        state = await service.commit_turn(turn=turn, events=(reply,), at=NOON)

    assert state is None
    await require_given_once(service, conversation, ear)


async def test_a_commit_that_is_cancelled_has_landed_or_not_when_its_end_is_heard(
    service: Conversations, conversation: ConversationId, monkeypatch: pytest.MonkeyPatch
) -> None:
    await say(service, conversation, "shoes")
    turn = await take(service, conversation)
    is_under_way = asyncio.Event()

    async def never(**_: object) -> object:
        is_under_way.set()
        return await asyncio.Future()

    monkeypatch.setattr(service._projection, "prepare", never)
    committing = asyncio.create_task(answer(service, turn))
    await is_under_way.wait()
    committing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await committing

    events = await service.list_events(conversation=conversation)
    assert sum(isinstance(each.event, ReplyGiven) for each in events) == 1
    assert await service.take_turn(conversation=conversation, at=NOON) is None


@pytest.mark.parametrize(
    "ref", [EntityRef("variant", "a\0b"), EntityRef("promotion", "x" * 256), EntityRef("k" * 33, "a")]
)
async def test_a_name_that_no_catalogue_can_hold_does_not_stop_the_turn(
    service: Conversations, conversation: ConversationId, ear: Ear, ref: EntityRef
) -> None:
    await say(service, conversation, "shoes")
    odd = Entity(ref=ref, name="Odd")

    await answer(
        service, await take(service, conversation), "These.", EntitiesShown(entities=(odd, make_shoe()))
    )

    shown = ShownEntity.objects.filter(conversation_id=conversation)
    assert [each.key async for each in shown] == [make_shoe().ref.key]
    await require_given_once(service, conversation, ear)


async def test_a_long_journal_is_read_page_by_page_and_whole(
    service: Conversations, conversation: ConversationId
) -> None:
    notices = tuple(make_notice(f"n{number}") for number in range(MANY))
    await service.record_arrivals(conversation=conversation, events=notices, at=NOON)

    seqs = [each.seq for each in await service.list_events(conversation=conversation)]
    some = await service.list_events(conversation=conversation, after=1, up_to=590, limit=512)

    assert seqs == list(range(1, MANY + 2))
    assert [each.seq for each in some] == list(range(2, 514))
    assert (await service.rebuild(conversation=conversation, up_to=300)).version == 300
    assert (await service.recall(conversation=conversation)).version == MANY + 1
    await require_one_truth(service, conversation)
