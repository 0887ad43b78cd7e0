"""Messages, turns and frames: every event has its place, once."""

import asyncio
from collections.abc import Callable
from secrets import token_urlsafe
from uuid import uuid4

import pytest
from django.db import IntegrityError

from conversations.events import VISIBLE
from conversations.events.decisions import Decision, DecisionMade
from conversations.events.entities import EntitiesShown
from conversations.events.messages import QuickRepliesOffered, ReplyGiven, ShopperSpoke, TurnStarted
from conversations.ids import ConversationId, DecisionId, MerchantId, ShopperId
from conversations.models import DecisionRecord, JournalEntry, Message
from conversations.service import Conversations, NoSuchConversation, NoSuchShopper
from tests.conversations.state.talking import (
    BLUE,
    NOON,
    RED,
    Ear,
    after,
    answer,
    make_notice,
    make_shoe,
    require_one_truth,
    say,
    take,
)


async def test_a_conversation_opens_at_version_one_and_shows_nothing(
    service: Conversations, merchant: MerchantId
) -> None:
    conversation = await service.open_conversation(
        merchant=merchant, at=NOON, tier="gold", locale="de", currency="EUR"
    )

    state = await require_one_truth(service, conversation)

    assert (state.version, state.frames) == (1, 0)
    assert (state.transcript.merchant, state.transcript.tier) == (merchant, "gold")
    assert (state.transcript.locale, state.transcript.currency) == ("de", "EUR")
    assert await service.list_frames(conversation=conversation, after=0) == ()


async def test_versions_rise_by_one_and_frames_count_what_is_seen(
    service: Conversations, conversation: ConversationId, ear: Ear
) -> None:
    arrival = await say(service, conversation, "shoes under $100")
    turn = await take(service, conversation)
    offered = QuickRepliesOffered(part="t1p1", replies=("Lighter",))
    state = await answer(service, turn, "Two of them.", EntitiesShown(entities=(make_shoe(),)), offered)

    assert (arrival.seq, arrival.frame, arrival.duplicate) == (2, 1, False)
    assert (turn.number, turn.cids, turn.said) == (1, ("shoes under $100",), "shoes under $100")
    assert state == await require_one_truth(service, conversation)
    placed = [
        (recorded.seq, recorded.frame, recorded.turn, type(recorded.event).__name__)
        for recorded in await service.list_events(conversation=conversation)
    ]
    assert placed == [
        (1, None, 0, "ConversationOpened"),
        (2, 1, 0, "ShopperSpoke"),
        (3, 2, 1, "TurnStarted"),
        (4, None, 1, "EntitiesShown"),
        (5, 3, 1, "QuickRepliesOffered"),
        (6, 4, 1, "ReplyGiven"),
    ]
    assert ear.heard == [(conversation, 1), (conversation, 2), (conversation, 4)]


async def test_whoever_missed_frames_gets_exactly_those(
    service: Conversations, conversation: ConversationId
) -> None:
    for text in ("one", "two", "three"):
        await say(service, conversation, text)
        await answer(service, await take(service, conversation), f"about {text}")
        await service.record_arrivals(conversation=conversation, events=(make_notice(text),), at=NOON)
    everything = await service.list_frames(conversation=conversation, after=0)

    assert [recorded.frame for recorded in everything] == list(range(1, 13))
    assert all(isinstance(recorded.event, VISIBLE) for recorded in everything)
    for seen in range(13):
        assert await service.list_frames(conversation=conversation, after=seen) == everything[seen:]
    assert await service.list_frames(conversation=conversation, after=4, limit=3) == everything[4:7]


async def test_the_state_at_a_seq_is_the_state_that_was(
    service: Conversations, conversation: ConversationId
) -> None:
    await say(service, conversation, "one")
    then = await answer(service, await take(service, conversation), "first")
    await say(service, conversation, "two")

    assert await service.rebuild(conversation=conversation, up_to=then.version) == then


async def test_one_message_id_twenty_times_at_once_is_one_event(
    make_service: Callable[[], Conversations], conversation: ConversationId
) -> None:
    arrivals = await asyncio.gather(
        *(say(make_service(), conversation, "shoes", cid="m-1") for _ in range(20))
    )

    assert sorted(arrival.duplicate for arrival in arrivals) == [False] + [True] * 19
    assert {(arrival.seq, arrival.frame) for arrival in arrivals} == {(2, 1)}
    assert len(await make_service().list_events(conversation=conversation)) == 2
    assert await Message.objects.filter(conversation_id=conversation).acount() == 1


async def test_a_message_id_stays_taken_after_its_answer(
    service: Conversations, conversation: ConversationId, ear: Ear
) -> None:
    first = await say(service, conversation, "shoes", cid="m-1")
    done = await answer(service, await take(service, conversation))
    heard = list(ear.heard)

    again = await say(service, conversation, "something else", cid="m-1", at=after(10**8))

    assert (again.seq, again.frame, again.duplicate) == (first.seq, first.frame, True)
    # What came behind its place is what came of it: three years later, the same reply.
    started, reply = (
        each.event for each in await service.list_frames(conversation=conversation, after=again.frame)
    )
    assert (started.turn, started.cids) == (reply.turn, ("m-1",))
    assert reply.text == done.transcript.tail[-1].replied
    assert await service.take_turn(conversation=conversation, at=NOON) is None
    assert await require_one_truth(service, conversation) == done
    assert ear.heard == heard


async def test_one_message_id_in_two_conversations_is_two_messages(
    service: Conversations, merchant: MerchantId
) -> None:
    for _ in range(2):
        conversation = await service.open_conversation(merchant=merchant, at=NOON)
        assert not (await say(service, conversation, "hello", cid="m-1")).duplicate


async def test_many_writers_leave_no_gap(
    make_service: Callable[[], Conversations], conversation: ConversationId
) -> None:
    talking = [say(make_service(), conversation, f"m{number}") for number in range(15)]
    news = [
        make_service().record_arrivals(conversation=conversation, events=(make_notice(),) * 2, at=NOON)
        for _ in range(10)
    ]

    await asyncio.gather(*talking, *news)

    state = await require_one_truth(make_service(), conversation)
    assert state.version == 1 + 15 + 20


async def test_a_decision_is_indexed_in_the_transaction_of_its_reply(
    service: Conversations, conversation: ConversationId, merchant: MerchantId
) -> None:
    await say(service, conversation, "shoes")
    turn = await take(service, conversation)
    decision = Decision(id=DecisionId(str(uuid4())), turn=1, planner="builtin")

    state = await answer(service, turn, "These.", DecisionMade(decision=decision), at=after(2))

    row = await DecisionRecord.objects.aget(id=decision.id)
    assert (str(row.merchant_id), str(row.conversation_id)) == (merchant, conversation)
    assert (row.seq, row.turn, row.planner, row.at) == (state.version - 1, 1, "builtin", after(2))
    entry = await JournalEntry.objects.aget(conversation_id=conversation, seq=row.seq)
    assert entry.kind == "decision.made"


async def test_what_was_shown_is_found_by_those_with_news(
    service: Conversations, conversation: ConversationId, merchant: MerchantId
) -> None:
    await say(service, conversation, "shoes")
    await answer(
        service, await take(service, conversation), "These.", EntitiesShown(entities=(make_shoe(BLUE),))
    )

    async def find(ref: object, *, merchant: MerchantId = merchant, seconds: float = -1) -> tuple[str, ...]:
        found = await service.list_concerned(
            merchant=merchant,
            refs=(ref,),  # type: ignore[arg-type]
            active_after=after(seconds),
        )
        assert all(refs == (ref,) for refs in found.values())
        return tuple(found)

    assert await find(BLUE) == (conversation,)
    assert await find(RED) == ()
    assert await find(BLUE, merchant=MerchantId(str(uuid4()))) == ()
    assert await find(BLUE, seconds=0) == ()


async def test_news_does_not_keep_a_quiet_conversation_active(
    service: Conversations, conversation: ConversationId, merchant: MerchantId
) -> None:
    await service.record_arrivals(conversation=conversation, events=(make_notice(),), at=after(60))
    assert await service.list_open(merchant=merchant, active_after=after(30)) == ()

    await say(service, conversation, "still here", at=after(90))
    assert await service.list_open(merchant=merchant, active_after=after(30)) == (conversation,)


async def test_a_conversation_that_is_not_there_is_said_to_be_so(service: Conversations) -> None:
    nobody = ConversationId(str(uuid4()))

    for asking in (
        service.load(conversation=nobody),
        service.get_head(conversation=nobody),
        service.take_turn(conversation=nobody, at=NOON),
        say(service, nobody, "hello"),
        service.record_arrivals(conversation=nobody, events=(make_notice(),), at=NOON),
    ):
        with pytest.raises(NoSuchConversation, match=nobody):
            await asking


async def test_a_shopper_of_another_merchant_is_refused(service: Conversations, merchant: MerchantId) -> None:
    stranger = ShopperId(str(uuid4()))

    with pytest.raises(NoSuchShopper, match=stranger):
        await service.open_conversation(merchant=merchant, at=NOON, shopper=stranger)

    assert await service.list_open(merchant=merchant, active_after=after(-1)) == ()


async def test_the_events_of_a_turn_bear_its_number(
    service: Conversations, conversation: ConversationId
) -> None:
    for number in (1, 2):
        await say(service, conversation, f"m{number}")
        await answer(service, await take(service, conversation))

    turns = {
        (recorded.turn, type(recorded.event))
        for recorded in await service.list_events(conversation=conversation, after=1)
    }
    assert turns == {
        (0, ShopperSpoke),
        (1, TurnStarted),
        (1, ReplyGiven),
        (2, TurnStarted),
        (2, ReplyGiven),
    }


async def test_the_database_refuses_to_change_what_was_recorded(
    service: Conversations, conversation: ConversationId
) -> None:
    await say(service, conversation, "shoes")
    entries = JournalEntry.objects.filter(conversation_id=conversation)

    with pytest.raises(IntegrityError, match="was recorded and is never changed"):
        await entries.filter(seq=2).aupdate(body=b"{}")

    assert (await require_one_truth(service, conversation)).transcript.waiting[0].text == "shoes"


async def test_the_database_refuses_a_second_event_in_one_place(
    service: Conversations, conversation: ConversationId, merchant: MerchantId
) -> None:
    await say(service, conversation, "shoes")
    place = {"merchant_id": merchant, "conversation_id": conversation, "at": NOON, "schema": 1, "body": b""}

    with pytest.raises(IntegrityError, match="journal_one_event_a_seq"):
        await JournalEntry.objects.acreate(seq=2, **place)
    with pytest.raises(IntegrityError, match="journal_one_event_a_frame"):
        await JournalEntry.objects.acreate(seq=3, frame=1, **place)


async def test_the_database_refuses_a_second_message_of_one_id(
    service: Conversations, conversation: ConversationId, merchant: MerchantId
) -> None:
    await say(service, conversation, "shoes")
    taken = await Message.objects.aget(conversation_id=conversation)
    other = await service.open_conversation(merchant=merchant, at=NOON)
    row = {"merchant_id": merchant, "cid": taken.cid, "seq": 9, "frame": 9}

    with pytest.raises(IntegrityError, match="message_taken_once"):
        await Message.objects.acreate(conversation_id=conversation, **row)

    assert await Message.objects.filter(conversation_id=conversation).acount() == 1
    # An id is one message's within its own conversation alone.
    await Message.objects.acreate(conversation_id=other, **row)


async def test_a_merchant_that_goes_takes_its_talk_along_and_nobody_elses(
    service: Conversations, merchant: MerchantId
) -> None:
    conversation = await service.open_conversation(merchant=merchant, resume=token_urlsafe(32), at=NOON)
    other = await service.open_conversation(merchant=MerchantId(str(uuid4())), at=NOON)
    for told in (conversation, other):
        await say(service, told, "shoes")
        turn = await take(service, told)
        decision = DecisionMade(decision=Decision(id=DecisionId(str(uuid4())), turn=1, planner="builtin"))
        await answer(service, turn, "These.", EntitiesShown(entities=(make_shoe(),)), decision)

    await service.forget_merchant(merchant=merchant)

    with pytest.raises(NoSuchConversation):
        await service.load(conversation=conversation)
    assert await JournalEntry.objects.filter(merchant_id=merchant).acount() == 0
    assert (await require_one_truth(service, other)).version == 6


async def test_some_turns_are_read_with_their_messages_and_without_the_rest_of_the_talk(
    service: Conversations, conversation: ConversationId
) -> None:
    for number in range(1, 9):
        await say(service, conversation, f"m{number}")
        turn = await take(service, conversation)
        # One that comes while a turn runs waits for the next one.
        await say(service, conversation, f"late{number}")
        decided = Decision(id=DecisionId(str(uuid4())), turn=number, planner="builtin")
        await answer(service, turn, f"r{number}", DecisionMade(decision=decided))
    whole = await service.list_events(conversation=conversation)

    for first, last in ((1, 2), (3, 3), (4, 6), (8, 8)):
        read = await service.list_turns(conversation=conversation, first=first, last=last)

        started = [each.event for each in whole if isinstance(each.event, TurnStarted)]
        meant = {cid for start in started if first <= start.turn <= last for cid in start.cids}
        assert meant <= {each.event.cid for each in read if isinstance(each.event, ShopperSpoke)}
        assert {each for each in whole if first <= each.turn <= last} <= set(read)
        assert list(read) == [each for each in whole if read[0].seq <= each.seq <= read[-1].seq]
        # At most two turns of five events on either side.
        assert len(read) <= (last - first + 1) * 5 + 15
