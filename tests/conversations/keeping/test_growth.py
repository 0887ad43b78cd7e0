"""The eightieth turn costs what the twentieth did: in calls, in bytes written and in bytes kept."""

import sys
from collections.abc import AsyncIterator
from types import FrameType
from uuid import uuid4

import pytest

from commerce_agent.composition import Platform, open_platform
from commerce_agent.management.costs.overhead.floor import count_turn_bytes
from commerce_agent.management.costs.overhead.talk import SAYINGS, Talk, open_talk
from conversations.ids import MerchantId

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
