"""A late turn costs what an early one did: in calls, in bytes written and in bytes kept."""

import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from types import FrameType
from uuid import uuid4

import pytest

from commerce_agent.composition import Platform, open_platform
from commerce_agent.management.costs.overhead.floor import count_turn_bytes
from commerce_agent.management.costs.overhead.talk import SAYINGS, Talk, open_talk
from commerce_agent.tools.trail import Observation, Trail
from conversations.events.entities import EntitiesShown, Entity
from conversations.events.facts import Fact, FactSuperseded
from conversations.events.messages import NoticeGiven, ReplyGiven
from conversations.ids import ClientMessageId, ConversationId, EntityRef, MerchantId
from conversations.service import Turn

ROUND = len(SAYINGS)
"""Turns after which the talk asks the same things again."""
EARLY, LATE = 20, 80
MOST_GROWTH = 1.05
MOST_KEPT_GROWTH = 1.2
"""The terms that ended are kept up to a number, which a talk of twenty turns has not reached."""


@pytest.fixture
async def platform(database: str) -> AsyncIterator[Platform]:
    async with open_platform(quiet=True, prefix=f"growth-{uuid4().hex}:") as platform:
        yield platform
        await platform.forget_keys()


async def _count_calls(talk: Talk) -> int:
    """The functions that a round of turns calls in this process, its commits included."""
    calls = 0

    def note(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        for _ in range(ROUND):
            await talk.speak()
    finally:
        sys.setprofile(before)
    return calls


async def test_a_turn_costs_the_same_however_long_the_talk(platform: Platform) -> None:
    merchant = MerchantId(str(uuid4()))
    talk = await open_talk(platform, merchant=merchant)
    calls: list[int] = []
    kept: list[int] = []
    written: list[int] = []
    for length in (EARLY, LATE):
        while talk.turns < length:
            await talk.speak()
        calls.append(await _count_calls(talk))
        kept.append(await platform.projection.count_bytes(conversation=talk.conversation))
        turns = range(talk.turns - ROUND + 1, talk.turns + 1)
        written.append(sum([await count_turn_bytes(platform, talk=talk, turn=turn) for turn in turns]))
    await platform.conversations.forget_merchant(merchant=merchant)

    assert 0 < calls[1] <= calls[0] * MOST_GROWTH
    assert 0 < written[1] <= written[0] * MOST_GROWTH
    assert 0 < kept[1] <= kept[0] * MOST_KEPT_GROWTH


SHOWN, SOLD_OUT = 4, 6
"""Items that a turn shows, and others that its search found sold out."""
NEWS_OF = 30
"""Turns after which an item that was shown is restocked: it is at hand no more by then."""
FIRST, LAST = 10, 300


async def test_a_talk_among_sold_out_goods_is_kept_in_as_few_bytes_at_its_end(platform: Platform) -> None:
    merchant = MerchantId(str(uuid4()))
    service = platform.conversations
    conversation = await service.open_conversation(merchant=merchant, at=datetime.now(UTC))
    kept: dict[int, int] = {}
    for number in range(1, LAST + 1):
        await _search_in_vain(platform, conversation=conversation, number=number)
        await _restock(platform, conversation=conversation, number=number - NEWS_OF)
        if number in (FIRST, LAST):
            kept[number] = await platform.projection.count_bytes(conversation=conversation)
    loaded = await service.load(conversation=conversation)
    assert loaded == await service.rebuild(conversation=conversation)
    await service.forget_merchant(merchant=merchant)

    assert 0 < kept[LAST] <= kept[FIRST] * MOST_KEPT_GROWTH
    read_last = [f"out-{LAST}-{place}" for place in range(SOLD_OUT)]
    assert {f"variant:{sku}:availability" for sku in read_last} <= loaded.facts.canonical.keys()
    assert "variant:out-1-0:availability" not in loaded.facts.canonical
    assert "variant:out-1-0:availability" not in loaded.facts.cited


async def _search_in_vain(platform: Platform, *, conversation: ConversationId, number: int) -> None:
    """A turn that shows some, and tells of others that they are sold out."""
    now, cid = datetime.now(UTC), ClientMessageId(f"m{number}")
    await platform.conversations.record_message(conversation=conversation, cid=cid, text="kites?", at=now)
    turn = await platform.conversations.take_turn(conversation=conversation, at=now)
    assert isinstance(turn, Turn)
    trail = Trail(state=turn.state, turn=turn.number, at=now)
    shown = tuple(
        Entity(ref=EntityRef("variant", f"in-{number}-{place}"), name="Kite") for place in range(SHOWN)
    )
    trail.record(EntitiesShown(entities=shown))
    out = tuple(EntityRef("variant", f"out-{number}-{place}") for place in range(SOLD_OUT))
    trail.cite(
        *trail.record_observations(
            (
                *(_observe(item.ref, "in_stock", at=now) for item in shown),
                *(_observe(ref, "out_of_stock", at=now) for ref in out),
            )
        )
    )
    trail.record(ReplyGiven(turn=turn.number, text="Two others are sold out."))
    await platform.conversations.commit_turn(turn=turn, events=trail.events, at=now)


def _observe(ref: EntityRef, value: str, *, at: datetime) -> Observation:
    return Observation(
        subject=ref, name="availability", value=value, source="store", observed_at=at, version=1
    )


async def _restock(platform: Platform, *, conversation: ConversationId, number: int) -> None:
    """News of an item that the turn of that number showed."""
    if number < 1:
        return
    now, ref = datetime.now(UTC), EntityRef("variant", f"in-{number}-0")
    newer = Fact(
        id=f"news/{ref.key}",
        subject=ref,
        name="availability",
        value="sold_out",
        source="store",
        observed_at=now,
        authority="webhook",
    )
    notice = NoticeGiven(notice="stock.changed", ref=ref, text="It is sold out.")
    await platform.conversations.record_arrivals(
        conversation=conversation, events=(FactSuperseded(id="", fact=newer), notice), at=now
    )
