"""A turn that a dead process holds is looked at again until its lease has run out, whatever is sent meanwhile."""

import asyncio

import pytest

from commerce_agent.agent import looking_again
from commerce_agent.agent.looking_again import MOST_LOOKS, LaterLooks
from conversations.ids import ConversationId
from tests.waiting import wait_until_async

TALK = ConversationId("talk")


async def test_what_is_sent_meanwhile_uses_up_none_of_the_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking_again, "SECONDS", 0.0)
    kicked: list[ConversationId] = []
    later = LaterLooks(kick=kicked.append)
    for _ in range(MOST_LOOKS + 3):
        later.look(TALK)  # As after each message that finds the turn held.
    for number in range(1, MOST_LOOKS + 1):

        async def was_kicked(number: int = number) -> bool:
            return len(kicked) == number

        await wait_until_async(was_kicked, what=f"look {number}")
        later.look(TALK)

    for _ in range(3):
        await asyncio.sleep(0)  # A further look would be taken at once.
    assert kicked == [TALK] * MOST_LOOKS


async def test_nothing_is_looked_for_once_it_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking_again, "SECONDS", 0.0)
    kicked: list[ConversationId] = []
    later = LaterLooks(kick=kicked.append)
    later.look(TALK)
    later.forget(TALK)
    for _ in range(3):
        await asyncio.sleep(0)
    assert kicked == []
