"""Whatever is written, a turn ends in time with a reply: hostile messages, in many conversations at once.

Five thousand are understood and answered by the built-in planner over the real shop, cache and state, without the
journal; some of them go the whole way as well, from the message on record to the reply.
"""

import asyncio
import os
import random
import re
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import cycle, pairwise
from pathlib import Path
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async

from catalog.feeds import import_feed
from catalog.ids import MerchantId
from catalog.merchants import create_merchant, delete_merchant
from catalog.products import index_products
from commerce_agent.agent.answering import answer
from commerce_agent.agent.builtin import planner
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.closing import Spoke
from commerce_agent.agent.shop.settings import AgentSettings
from commerce_agent.agent.turns import TURN_SECONDS
from commerce_agent.agent.voice import Voice
from commerce_agent.composition import Platform, open_platform
from commerce_agent.tools.trail import Trail
from conversations.events import Event, Recorded
from conversations.events.messages import ConversationOpened, ReplyGiven, ShopperSpoke, TurnStarted
from conversations.ids import ClientMessageId
from conversations.ids import MerchantId as StateMerchantId
from conversations.state import ConversationState, apply
from tests.agent.hostile import list_messages
from tests.agent.talking import find_reply, open_talk, say

BIKES = Path(__file__).parent.parent / "conversations" / "scripts" / "bikes.tsv"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CONVERSATIONS = int(os.environ.get("HOSTILE_CONVERSATIONS", "500"))
EACH = 10
"""Ten messages a conversation: five thousand. Fewer say quicker whether anything is wrong at all."""
AT_ONCE = 6
WHOLE_TALKS = 12
WHOLE_WAY = 6
"""So many messages of so many talks through the journal, the lease and the commit."""
LONGEST_REPLY = 4000
TALKS = 6
TURNS = 16
SHORTEST_SENTENCE = 25
ASKED = (
    "show me bikes under 900 euros",
    "something cheaper",
    "is the first one in stock?",
    "what is the return policy?",
    "how much is it?",
    "add it to my cart",
    "what's in my cart?",
    "any discounts?",
    "why that one?",
    "tell me more about it",
    "do you have helmets?",
    "thanks",
    "hello",
    "what can you do?",
    "blorp fizz",
    "I want to talk to a person",
)


@pytest.fixture
async def bikes(database: str) -> AsyncIterator[MerchantId]:
    """A bike shop of the test's own."""
    merchant = await sync_to_async(_make_shop)()
    yield merchant
    await sync_to_async(delete_merchant)(merchant=merchant)


def _make_shop() -> MerchantId:
    merchant = create_merchant(key=f"bikes-{uuid4().hex[:12]}", name="Bikes", currency="EUR")
    name = MerchantId(str(merchant.id))
    import_feed(merchant=name, path=BIKES, now=NOW)
    index_products(merchant=name, now=NOW)
    return name


@pytest.mark.timeout(900)
async def test_hostile_messages_are_answered_in_time(bikes: MerchantId) -> None:
    gate = asyncio.Semaphore(AT_ONCE)
    async with open_platform(clock=lambda: NOW, quiet=True) as platform:
        held = [
            _hold_in_turn(platform, bikes, seed=seed, locale=locale, gate=gate)
            for seed, locale in zip(range(CONVERSATIONS), cycle(("en", "de", "es", "fr")))
        ]
        replies = [reply for conversation in await asyncio.gather(*held) for reply in conversation]

    assert len(replies) == CONVERSATIONS * EACH
    assert all(reply.strip() for reply in replies)
    assert max(map(len, replies)) <= LONGEST_REPLY
    # Nothing of the machine shows: no unfilled wording, no error.
    for leak in ("{item", "{goods", "{term", "Traceback", "psycopg"):
        assert not [reply for reply in replies if leak in reply]


async def test_hostile_messages_go_the_whole_way_of_a_turn(bikes: MerchantId) -> None:
    gate = asyncio.Semaphore(AT_ONCE)
    async with open_platform(clock=lambda: NOW, quiet=True, prefix=f"test-{uuid4().hex}:") as platform:
        talks = [
            _talk_in_turns(
                platform, bikes, messages=[*list_messages(seed=seed, count=WHOLE_WAY), ""], gate=gate
            )
            for seed in range(WHOLE_TALKS)
        ]
        replies = [reply for talk in await asyncio.gather(*talks) for reply in talk]
        await platform.forget_keys()

    assert len(replies) == WHOLE_TALKS * (WHOLE_WAY + 1)
    assert {reply.status for reply in replies} == {"ok"}
    assert all(reply.text.strip() and len(reply.text) <= LONGEST_REPLY for reply in replies)


async def _talk_in_turns(
    platform: Platform, merchant: MerchantId, *, messages: list[str], gate: asyncio.Semaphore
) -> list[ReplyGiven]:
    async with gate:
        conversation = await open_talk(platform, merchant=merchant)
        return [find_reply(await say(platform, conversation, message)) for message in messages]


@pytest.mark.parametrize("locale", ["en", "de", "es", "fr"])
async def test_no_sentence_is_said_twice_running(bikes: MerchantId, locale: str) -> None:
    async with open_platform(clock=lambda: NOW, quiet=True) as platform:
        talks = [
            await _hold(platform, bikes, messages=_list_asked_again(seed), locale=locale)
            for seed in range(TALKS)
        ]

    repeated = [
        (before, sentence)
        for replies in talks
        for before, reply in pairwise(replies)
        for sentence in _list_sentences(reply) & _list_sentences(before)
    ]
    assert [len(replies) for replies in talks] == [TURNS] * TALKS
    assert repeated == []


def _list_asked_again(seed: int) -> list[str]:
    """A talk in which what was asked is asked again half of the time, in the same words."""
    choose = random.Random(seed)
    asked: list[str] = []
    for _ in range(TURNS):
        again = bool(asked) and choose.random() < 1 / 2
        asked.append(asked[-1] if again else choose.choice(ASKED))
    return asked


def _list_sentences(reply: str) -> set[str]:
    """Its sentences; a word or two of courtesy may come back."""
    return {each for each in re.split(r"(?<=[.!?])\s+", reply) if len(each) >= SHORTEST_SENTENCE}


async def _hold_in_turn(
    platform: Platform, merchant: MerchantId, *, seed: int, locale: str, gate: asyncio.Semaphore
) -> list[str]:
    async with gate:
        messages = list_messages(seed=seed, count=EACH)
        return await _hold(platform, merchant, messages=messages, locale=locale)


async def _hold(platform: Platform, merchant: MerchantId, *, messages: list[str], locale: str) -> list[str]:
    opened = ConversationOpened(merchant=StateMerchantId(merchant), locale=locale, currency="EUR")
    state = _apply(ConversationState(), opened, turn=0, at=NOW)
    replies = []
    for turn, message in enumerate(messages, start=1):
        at = NOW + timedelta(seconds=turn)
        cid = ClientMessageId(f"m{turn}")
        state = _apply(state, ShopperSpoke(cid=cid, text=message), turn=0, at=at)
        state = _apply(state, TurnStarted(turn=turn, cids=(cid,)), turn=turn, at=at)
        began = time.perf_counter()
        state, reply = await _answer(platform, state, turn=turn, at=at)
        assert time.perf_counter() - began < TURN_SECONDS, message
        replies.append(reply)
    return replies


async def _answer(
    platform: Platform, state: ConversationState, *, turn: int, at: datetime
) -> tuple[ConversationState, str]:
    trail = Trail(state=state, turn=turn, at=at)
    voice = Voice(trail=trail, publish=_publish)
    merchant = state.transcript.merchant
    await answer(
        conversation=f"hostile-{turn}",
        trail=trail,
        voice=voice,
        words=await platform.words.get_words(merchant=merchant, now=NOW),
        shop=await platform.turns.shops.open_shop(merchant=merchant, state=state, now=at),
        speak=_speak,
        recall=lambda: _recall(state),
        settings=AgentSettings(),
    )
    return trail.state, voice.text


async def _speak(scene: Scene) -> Spoke:
    await planner.answer(scene)
    return Spoke(planner="builtin", reason="the test has no other")


async def _publish(frame: dict[str, object]) -> None:
    """Nobody listens."""


async def _recall(state: ConversationState) -> ConversationState:
    return state


def _apply(state: ConversationState, event: Event, *, turn: int, at: datetime) -> ConversationState:
    return apply(state, Recorded(seq=state.version + 1, frame=None, at=at, turn=turn, event=event))
