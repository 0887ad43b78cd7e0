"""One turn in flight, nothing lost, nothing doubled."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from conversations.events.carts import CartChanged, ProposalMade, ProposalResolved
from conversations.events.decisions import ToolCalled
from conversations.events.facts import FactsCited, FactsObserved, FactSuperseded
from conversations.events.messages import ReplyGiven
from conversations.ids import ConversationId
from conversations.models import Conversation
from conversations.service import Conversations, Fenced, MovedOn, Overtaken, Turn
from conversations.store.codec import UnreadableEvent
from conversations.store.turn_lease import Lease
from tests.conversations.state.talking import (
    BLUE,
    NOON,
    RED,
    Ear,
    after,
    answer,
    forget_keys,
    make_fact,
    make_line,
    make_notice,
    make_proposal,
    require_one_truth,
    say,
    take,
)

MakeService = Callable[[], Conversations]


async def lose_lease(turn: Turn, redis: object) -> None:
    """The holder stopped renewing, as a process that was paused or killed does."""
    assert await forget_keys(redis, turn.conversation) >= 1  # type: ignore[arg-type]


async def get_waiting_since(conversation: ConversationId) -> object:
    return (await Conversation.objects.aget(id=conversation)).waiting_since


async def test_nothing_waits_so_there_is_no_turn(
    service: Conversations, conversation: ConversationId
) -> None:
    assert await service.take_turn(conversation=conversation, at=NOON) is None
    # The lease was given back: the next message finds it free.
    await say(service, conversation, "shoes")
    assert (await take(service, conversation)).number == 1


async def test_many_takers_at_once_get_one_turn(
    make_service: MakeService, conversation: ConversationId
) -> None:
    await say(make_service(), conversation, "shoes")

    takers = [make_service().take_turn(conversation=conversation, at=NOON) for _ in range(8)]
    taken = [turn for turn in await asyncio.gather(*takers) if turn]

    assert [turn.number for turn in taken] == [1]
    state = await require_one_truth(make_service(), conversation)
    assert state.version == 3


async def test_a_message_during_a_turn_is_answered_by_the_next_with_others_in_order(
    make_service: MakeService, conversation: ConversationId
) -> None:
    service, other = make_service(), make_service()
    await say(service, conversation, "one")
    turn = await take(service, conversation)
    await say(other, conversation, "two", at=after(1))
    await say(other, conversation, "three", at=after(2))
    assert await other.take_turn(conversation=conversation, at=after(2)) is None

    state = await answer(service, turn, "about one", at=after(3))

    assert [message.text for message in state.transcript.waiting] == ["two", "three"]
    assert await get_waiting_since(conversation) == after(1)
    second = await take(other, conversation)
    assert (second.number, second.cids, second.said) == (2, ("two", "three"), "two\nthree")
    state = await answer(other, second, "about both", at=after(4))
    assert state == await require_one_truth(service, conversation)
    assert [(exchange.said, exchange.replied) for exchange in state.transcript.tail] == [
        ("one", "about one"),
        ("two\nthree", "about both"),
    ]
    assert state.transcript.waiting == ()
    assert await get_waiting_since(conversation) is None


async def test_a_message_turned_away_as_the_holder_lets_go_is_still_answered(
    make_service: MakeService, conversation: ConversationId, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, other = make_service(), make_service()
    release = service._leases.release
    turned_away: list[Turn | None] = []

    async def release_late(*, lease: Lease) -> None:
        if not turned_away:
            await say(other, conversation, "shoes")
            turned_away.append(await other.take_turn(conversation=conversation, at=NOON))
        await release(lease=lease)

    monkeypatch.setattr(service._leases, "release", release_late)

    # Nothing waits when it looks; the message comes before it has let go.
    turn = await service.take_turn(conversation=conversation, at=NOON)

    assert turned_away == [None]
    assert turn is not None
    assert turn.said == "shoes"


async def test_a_stale_holder_commits_nothing(
    make_service: MakeService, conversation: ConversationId, redis: object, ear: Ear
) -> None:
    stale_service, service = make_service(), make_service()
    await say(service, conversation, "shoes")
    stale = await take(stale_service, conversation)
    await lose_lease(stale, redis)
    turn = await take(service, conversation)
    before = await service.list_events(conversation=conversation)
    heard = list(ear.heard)

    with pytest.raises(Fenced, match=conversation):
        await answer(stale_service, stale, "too late")

    assert await service.list_events(conversation=conversation) == before
    assert ear.heard == heard
    assert not await stale_service.renew(turn=stale)
    # The refused holder gave back its own lease only: the turn is still held.
    assert await service.renew(turn=turn)
    assert await stale_service.take_turn(conversation=conversation, at=NOON) is None
    state = await answer(service, turn, "in time")
    assert [exchange.replied for exchange in state.transcript.tail] == ["in time"]
    await require_one_truth(service, conversation)


async def test_an_interrupted_turn_is_taken_again_under_its_number(
    make_service: MakeService, conversation: ConversationId, redis: object
) -> None:
    dead, service = make_service(), make_service()
    await say(dead, conversation, "shoes")
    interrupted = await take(dead, conversation)
    await say(service, conversation, "hello?")
    await lose_lease(interrupted, redis)

    turn = await take(service, conversation)

    assert (turn.number, turn.cids, turn.said) == (1, ("shoes",), "shoes")
    assert turn.fence > interrupted.fence
    await answer(service, turn, "Here.")
    assert (await take(service, conversation)).said == "hello?"


async def test_a_dropped_turn_waits_for_the_next_holder(
    make_service: MakeService, conversation: ConversationId
) -> None:
    service, other = make_service(), make_service()
    await say(service, conversation, "shoes", at=after(5))
    await service.drop_turn(turn=await take(service, conversation))

    assert await get_waiting_since(conversation) == after(5)
    turn = await take(other, conversation)
    assert (turn.number, turn.said) == (1, "shoes")


async def test_a_reply_committed_twice_is_given_once(
    service: Conversations, conversation: ConversationId
) -> None:
    await say(service, conversation, "shoes")
    turn = await take(service, conversation)
    done = await answer(service, turn, "Here.")

    with pytest.raises(Fenced):
        await answer(service, turn, "Here.")

    assert await require_one_truth(service, conversation) == done
    assert [exchange.replied for exchange in done.transcript.tail] == ["Here."]


async def test_an_event_that_cannot_be_read_back_is_never_written(
    service: Conversations, conversation: ConversationId
) -> None:
    await say(service, conversation, "shoes")
    turn = await take(service, conversation)
    broken = ToolCalled(tool="search", arguments="{}", outcome="ok", milliseconds=float("nan"))

    with pytest.raises(UnreadableEvent, match="milliseconds"):
        await answer(service, turn, "Here.", broken)

    # Nothing of it is there, and the turn can be taken again at once.
    assert (await require_one_truth(service, conversation)).version == 3
    assert (await take(service, conversation)).number == 1


async def test_an_error_while_taking_gives_the_lease_back(
    make_service: MakeService, conversation: ConversationId, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = make_service()
    await say(make_service(), conversation, "shoes")

    async def fail(**_: object) -> None:
        raise ConnectionError("the database went away")

    with monkeypatch.context() as patched:
        patched.setattr(service._taking._starts, "find_started", fail)
        with pytest.raises(ConnectionError):
            await service.take_turn(conversation=conversation, at=NOON)

    assert (await take(make_service(), conversation)).number == 1


async def test_who_waits_comes_once_longest_first_whoever_cannot_be_answered(
    service: Conversations, merchant: str
) -> None:
    # Long before any other test's messages, so that these come first.
    early = NOON - timedelta(days=9000)
    opened = [await service.open_conversation(merchant=merchant, at=early) for _ in range(3)]  # type: ignore[arg-type]
    for number, conversation in enumerate(opened):
        await say(service, conversation, "hello", at=early + timedelta(seconds=10 - number))

    before = early + timedelta(seconds=10)
    assert [page async for page in service.walk_waiting(before=before)] == [(opened[2], opened[1])]
    by_one = service.walk_waiting(before=before, page=1)
    assert await anext(by_one) == (opened[2],)
    # Whether it was answered by now or not, the next one has its turn.
    assert [page async for page in by_one] == [(opened[1],)]

    for conversation in opened:
        await answer(service, await take(service, conversation), at=early)
    assert [page async for page in service.walk_waiting(before=before)] == []


async def test_a_notice_during_a_turn_reaches_the_next_one(
    service: Conversations, conversation: ConversationId
) -> None:
    await service.record_arrivals(conversation=conversation, events=(make_notice("early"),), at=NOON)
    await say(service, conversation, "shoes")
    turn = await take(service, conversation)
    assert [notice.text for notice in turn.state.transcript.notices] == ["early"]
    await service.record_arrivals(conversation=conversation, events=(make_notice("late"),), at=NOON)

    state = await answer(service, turn)

    assert [notice.text for notice in state.transcript.notices] == ["late"]
    await require_one_truth(service, conversation)


async def test_a_fact_told_while_news_of_it_came_counts_as_told(
    service: Conversations, conversation: ConversationId
) -> None:
    await say(service, conversation, "price?")
    seen = make_fact("f1", price="89.00", version=1)
    await answer(service, await take(service, conversation), "89", FactsObserved(facts=(seen,)))
    await say(service, conversation, "and now?")
    turn = await take(service, conversation)
    news = make_fact("n1", price="79.00", version=2)
    await service.record_arrivals(
        conversation=conversation, events=(FactSuperseded(id="f1", fact=news),), at=NOON
    )

    # The turn read the source before the news and tells what it read.
    late = make_fact("f2", price="89.00", version=1)
    state = await answer(service, turn, "89", FactsObserved(facts=(late,)), FactsCited(ids=("f1", "f2")))

    assert state.facts.find(subject=BLUE, name="price") == news
    assert state.facts.find_cited(subject=BLUE, name="price") == late
    await require_one_truth(service, conversation)


async def test_an_order_during_a_turn_refuses_the_cart_the_turn_built(
    service: Conversations, conversation: ConversationId
) -> None:
    blue, red = make_line(BLUE), make_line(RED)
    await say(service, conversation, "the blue one")
    proposed = ProposalMade(proposal=make_proposal("p1", blue))
    await answer(service, await take(service, conversation), "?", CartChanged(lines=(blue,)), proposed)
    await say(service, conversation, "add the red one")
    turn = await take(service, conversation)
    ordered = ProposalResolved(id="p1", status="accepted", text="Ordered.", order="A-1")
    await service.record_arrivals(conversation=conversation, events=(ordered,), at=NOON)

    with pytest.raises(Overtaken):
        await answer(service, turn, "Added.", CartChanged(lines=(blue, red)))

    # Taken again, it sees what was bought and puts in the red one only.
    again = await take(service, conversation)
    assert (again.number, again.state.cart.lines, again.state.cart.orders) == (2, (), ("A-1",))
    state = await answer(service, again, "Added.", CartChanged(lines=(red,)))
    assert (state.cart.lines, state.cart.orders) == ((red,), ("A-1",))
    await require_one_truth(service, conversation)


async def test_two_who_decided_on_one_state_do_not_both_act(
    make_service: MakeService, conversation: ConversationId
) -> None:
    seen = await make_service().load(conversation=conversation)

    acts = [
        make_service().record_arrivals(
            conversation=conversation, events=(make_notice(),), at=NOON, expected_version=seen.version
        )
        for _ in range(5)
    ]
    outcomes = await asyncio.gather(*acts, return_exceptions=True)

    refused = [outcome for outcome in outcomes if isinstance(outcome, MovedOn)]
    assert len(refused) == 4
    assert {(error.expected, error.version) for error in refused} == {(1, 2)}
    assert (await require_one_truth(make_service(), conversation)).version == 2


async def test_a_closing_that_failed_or_was_stopped_is_an_answer(
    service: Conversations, conversation: ConversationId
) -> None:
    for number, status in enumerate(("failed", "stopped"), start=1):
        await say(service, conversation, f"m{number}")
        turn = await take(service, conversation)
        closing = ReplyGiven(turn=turn.number, text="Sorry.", status=status)  # type: ignore[arg-type]
        state = await service.commit_turn(turn=turn, events=(closing,), at=NOON)
        assert (state.transcript.waiting, state.transcript.taken) == ((), ())
        assert await get_waiting_since(conversation) is None
    await require_one_truth(service, conversation)


async def test_an_unfinished_commit_leaves_the_turn_open(
    service: Conversations, conversation: ConversationId
) -> None:
    await say(service, conversation, "shoes")
    turn = await take(service, conversation)

    state = await service.commit_turn(turn=turn, events=(make_notice("half"),), at=NOON)

    assert (state.transcript.taken, state.transcript.said) == (("shoes",), "shoes")
    again = await take(service, conversation)
    assert (again.number, again.said) == (1, "shoes")
    await require_one_truth(service, conversation)
