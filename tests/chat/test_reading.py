"""How far a shopper has read, what they are sent after a long absence, and what cannot be read at all."""

import uuid
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from catalog.models import Merchant
from commerce_agent.chat.snapshots import AWAY_FRAMES, SHOWN_FRAMES
from commerce_agent.composition import Platform
from conversations.events import Event
from conversations.events.messages import QuickRepliesOffered
from conversations.events.visits import PersonJoined
from conversations.ids import ConversationId
from conversations.models import Conversation
from tests.chat.shopper import Frame, Gate, Shopper


def make_secret() -> str:
    return f"{uuid.uuid4()}{uuid.uuid4()}"


async def begin(shopper: Shopper, *, resume: str) -> int:
    """Says something, and answers the place of the reply."""
    await shopper.hello(resume=resume)
    await shopper.say("hello")
    return int((await shopper.expect("done"))["seq"])


async def have_heard(other: Shopper, *, read_by: Shopper, head: int) -> Frame:
    """What another tab hears of reading on, as soon as it hears at all: such a remark is not said twice."""
    for seq in range(1, head):
        await read_by.send(t="read", seq=seq)
        with suppress(TimeoutError):
            return await other.expect("read", seconds=2.0)
    await read_by.send(t="read", seq=head)
    return await other.expect("read")


async def append(platform: Platform, merchant: Merchant, *events: Event) -> None:
    row = await Conversation.objects.aget(merchant_id=merchant.pk)
    await platform.conversations.record_arrivals(
        conversation=ConversationId(str(row.pk)), events=events, at=datetime.now(UTC)
    )


async def test_what_was_read_in_one_tab_is_read_in_all_and_stays_so(gate: Gate) -> None:
    secret = make_secret()
    async with gate.open() as first:
        head = await begin(first, resume=secret)
        async with gate.open() as second:
            before = await second.hello(resume=secret)
            told = await have_heard(second, read_by=first, head=head)
            await first.send(t="read", seq=head)
        # Neither what is not there yet nor what was read before moves the place.
        await first.send(t="read", seq=head + 50)
        await first.send(t="read", seq=1)
        await first.send(t="ping")
        await first.expect("pong")

    async with gate.open() as later:
        after = await later.hello(resume=secret)
    assert before.get("read", 0) == 0
    assert 1 <= told["read"] <= head
    assert after["read"] == head


async def test_who_was_away_for_long_is_sent_how_things_stand_and_the_newest_part(
    gate: Gate, merchant: Merchant, platform: Platform
) -> None:
    secret = make_secret()
    async with gate.open() as shopper:
        head = await begin(shopper, resume=secret)
        few = tuple(QuickRepliesOffered(part="p", replies=("Yes",)) for _ in range(AWAY_FRAMES))
        await append(platform, merchant, *few)
        await shopper.hello(seq=head)
        await shopper.say("hello again")
        again = await shopper.expect("user", lambda frame: frame["text"] == "hello again")
        await shopper.expect("done")
        await append(platform, merchant, PersonJoined(by="mara@shop.example", name="Mara"))
        await shopper.hello(seq=again["seq"])
        newest = int((await shopper.expect("agent"))["seq"])

    async with gate.open() as back:
        welcome = await back.hello(resume=secret, seq=head)
        snapshot = await back.expect("snapshot")
        await back.expect("agent")
        sent = [frame["seq"] for frame in back.durable]
        back.frames.clear()
        everything = await back.hello(seq=newest, whole=True)
        await back.expect("agent")

    assert (welcome["reset"], everything["reset"]) == (True, True)
    assert (snapshot["since"], snapshot["name"]) == (again["seq"] - 1, "Mara")
    assert sent == list(range(again["seq"], newest + 1))
    assert [frame["seq"] for frame in back.durable] == list(range(1, newest + 1))

    async with gate.open() as soon:
        missed_little = await soon.hello(resume=secret, seq=newest - SHOWN_FRAMES)
        await soon.expect("agent")
    assert missed_little.get("reset") is None
    assert next(frame["seq"] for frame in soon.durable) == newest - SHOWN_FRAMES + 1


@pytest.mark.parametrize(
    "broken", [{"page": {"cart": "none"}}, {"page": {"product": 7}}, {"text": 7}, {"unknown": 1}]
)
async def test_a_message_that_cannot_be_read_is_refused_by_its_name(
    gate: Gate, broken: dict[str, object]
) -> None:
    cid = str(uuid.uuid4())
    async with gate.open() as shopper:
        await shopper.hello()
        await shopper.send(**{"t": "msg", "cid": cid, "text": "hello", **broken})
        error = await shopper.expect("error")

    assert (error["code"], error["cid"]) == ("bad_frame", cid)


async def test_what_names_itself_badly_is_refused_all_the_same(gate: Gate) -> None:
    async with gate.open() as shopper:
        await shopper.hello()
        await shopper.send(t="msg", cid="<b>", text="hello")
        error = await shopper.expect("error")

    assert (error["code"], error.get("cid")) == ("bad_frame", None)
