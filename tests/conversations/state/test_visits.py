"""A person takes a conversation over: the turn that ran is given up, no other can be taken, one person at a time."""

import pytest

from conversations.events.messages import ReplyGiven, ShopperSpoke
from conversations.events.visits import HandoffEnded, HandoffRequested, PersonJoined, PersonSpoke
from conversations.ids import ClientMessageId, ConversationId
from conversations.models import Handover
from conversations.service import Conversations, Fenced, InHand, NotInHand, Person
from conversations.state import ConversationState, fold
from conversations.transcript import Line
from tests.conversations.state.talking import after, answer, say, take

MARA = Person(account="operator:5", name="Mara")
BEN = Person(account="operator:6", name="Ben")


async def join(
    service: Conversations, conversation: ConversationId, person: Person = MARA, at: float = 0
) -> bool:
    return await service.visits.join(
        conversation=conversation, person=person, at=after(at), until=after(at + 60)
    )


async def speak(
    service: Conversations,
    conversation: ConversationId,
    text: str,
    *,
    seen: int,
    by: Person = MARA,
    cid: str = "",
) -> bool:
    return await service.visits.speak(
        conversation=conversation,
        account=by.account,
        cid=ClientMessageId(cid or text),
        text=text,
        seen=seen,
        at=after(10),
        until=after(70),
    )


async def test_the_turn_that_runs_is_given_up_and_its_messages_wait_for_the_person(
    service: Conversations, conversation: ConversationId
) -> None:
    arrival = await say(service, conversation, "Where is my parcel?")
    turn = await take(service, conversation)

    assert await join(service, conversation)
    with pytest.raises(Fenced):
        await service.commit_turn(turn=turn, events=(ReplyGiven(turn=1, text="Hm."),), at=after(1))
    assert await service.take_turn(conversation=conversation, at=after(2)) is None
    assert not await service.is_waiting(conversation=conversation)
    assert not [page async for page in service.walk_waiting(before=after(99)) if conversation in page]

    state = await service.load(conversation=conversation)
    assert state.transcript.person == "Mara"
    assert [message.text for message in state.transcript.waiting] == ["Where is my parcel?"]
    assert state == await service.rebuild(conversation=conversation)
    assert await speak(service, conversation, "On its way, card 4111 1111 1111 1111.", seen=arrival.seq)
    events = [each.event for each in await service.list_events(conversation=conversation)]
    assert isinstance(events[-1], PersonSpoke)
    assert (events[-1].answers, events[-1].redacted) == (("Where is my parcel?",), ("card",))
    assert "4111" not in events[-1].text


async def test_what_the_person_did_not_see_is_the_assistants_once_they_left(
    service: Conversations, conversation: ConversationId
) -> None:
    await join(service, conversation)
    seen = await say(service, conversation, "Hello?")
    await say(service, conversation, "Anybody?")

    await speak(service, conversation, "Hello!", seen=seen.seq)
    await service.visits.leave(
        conversation=conversation, account=MARA.account, note="Wants a lamp.", text="", at=after(20)
    )

    turn = await take(service, conversation, at=after(21))
    assert turn.said == "Anybody?"
    visit = turn.state.transcript.visit
    assert visit is not None
    assert (visit.note, visit.left_after, visit.is_here) == ("Wants a lamp.", 0, False)
    assert visit.lines == (Line(by="", text="Hello?"), Line(by="Mara", text="Hello!"))
    state = await answer(service, turn)
    assert not state.transcript.handed_off
    assert state == fold(ConversationState(), await service.list_events(conversation=conversation))


async def test_the_same_words_sent_twice_are_said_once(
    service: Conversations, conversation: ConversationId
) -> None:
    await join(service, conversation)

    said = [await speak(service, conversation, "Hello!", seen=9, cid="c-1") for _ in range(2)]

    assert said == [True, False]
    events = await service.list_events(conversation=conversation)
    assert sum(isinstance(each.event, PersonSpoke) for each in events) == 1


async def test_one_person_has_it_and_another_only_once_that_one_is_gone(
    service: Conversations, conversation: ConversationId
) -> None:
    await join(service, conversation)
    before = await service.list_events(conversation=conversation)

    with pytest.raises(InHand, match="Mara has this conversation"):
        await join(service, conversation, BEN, at=59)
    with pytest.raises(NotInHand):
        await speak(service, conversation, "It is me", seen=9, by=BEN)
    with pytest.raises(NotInHand):
        await service.visits.leave(
            conversation=conversation, account=BEN.account, note="", text="", at=after(5)
        )
    assert not await join(service, conversation, MARA, at=30)
    assert await service.list_events(conversation=conversation) == before

    assert await join(service, conversation, BEN, at=91)
    events = [each.event for each in await service.list_events(conversation=conversation)]
    assert events[-2:] == [
        HandoffEnded(name="Mara", cause="went_away"),
        PersonJoined(by="operator:6", name="Ben"),
    ]


async def test_who_is_not_seen_or_lets_the_shopper_wait_has_it_taken_from_them(
    service: Conversations, conversation: ConversationId
) -> None:
    visits = service.visits
    await join(service, conversation)
    await say(service, conversation, "Hello?", at=after(5))
    assert conversation not in await visits.give_back(at=after(59), unanswered_since=after(5))
    assert await visits.see(conversation=conversation, account=MARA.account, until=after(600))
    assert not await visits.see(conversation=conversation, account=BEN.account, until=after(900))

    assert conversation in await visits.give_back(at=after(300), unanswered_since=after(6))
    assert conversation not in await visits.give_back(at=after(300), unanswered_since=after(6))
    await join(service, conversation, BEN, at=400)
    assert conversation in await visits.give_back(at=after(461), unanswered_since=after(0))

    ended = [each.event for each in await service.list_events(conversation=conversation)]
    assert [(e.name, e.cause) for e in ended if isinstance(e, HandoffEnded)] == [
        ("Mara", "went_away"), ("Ben", "went_away"),
    ]  # fmt: skip
    assert (await take(service, conversation, at=after(470))).said == "Hello?"


async def test_who_asks_for_a_person_stands_in_the_list_until_one_has_left(
    service: Conversations, conversation: ConversationId
) -> None:
    async def find_row() -> tuple[object, str] | None:
        return await Handover.objects.filter(pk=conversation).values_list("asked_at", "name").afirst()

    await say(service, conversation, "A person, please", at=after(1))
    await answer(
        service, await take(service, conversation), "Somebody comes.", HandoffRequested(text="!"), at=after(2)
    )
    assert await find_row() == (after(2), "")
    await join(service, conversation, at=30)
    assert await find_row() == (after(2), "Mara")
    await service.visits.leave(
        conversation=conversation, account=MARA.account, note="", text="", at=after(40)
    )
    assert await find_row() is None
    spoken = [each.event for each in await service.list_events(conversation=conversation)]
    assert sum(isinstance(event, ShopperSpoke) for event in spoken) == 1
