"""What a turn asks of the stores, counted: it does not creep up unnoticed, and does not grow with the talk."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from psycopg import AsyncCursor
from redis.asyncio import Redis

from commerce_agent.redis_wire import LeanConnection
from conversations.events.entities import EntitiesShown
from conversations.ids import ConversationId
from conversations.service import Conversations
from conversations.state import ConversationState
from conversations.store import taking
from conversations.store.codec import find_state
from tests.conversations.state.conftest import conversation, ear, make_service, merchant, service
from tests.conversations.state.talking import (
    NOON,
    answer,
    make_notice,
    make_shoe,
    require_one_truth,
    say,
    take,
)

__all__ = ["conversation", "ear", "make_service", "merchant", "service"]


SHORT_WAY = "redis, the short way"
"""As scripts go on a connection that rests: without the client's detours."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which store was asked, in order: PostgreSQL for each statement, one that tells for whom it acts too."""
    asked: list[str] = []
    execute, command, script = AsyncCursor.execute, Redis.execute_command, LeanConnection.ask

    async def note_statement(self: AsyncCursor, query: str, *args: object, **options: object) -> object:
        asked.append("postgresql")
        return await execute(self, query, *args, **options)  # type: ignore[call-overload]

    async def note_command(self: Redis, *args: object, **options: object) -> object:
        asked.append("redis")
        return await command(self, *args, **options)

    async def note_script(self: LeanConnection, *command: Any) -> object:
        asked.append(SHORT_WAY)
        return await script(self, *command)

    monkeypatch.setattr(AsyncCursor, "execute", note_statement)
    monkeypatch.setattr(Redis, "execute_command", note_command)
    monkeypatch.setattr(LeanConnection, "ask", note_script)
    return asked


async def test_a_turn_is_taken_with_its_message_and_commits_once_the_first_one_too(
    service: Conversations,
    conversation: ConversationId,
    asked: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A busy machine may take its time between a message and its turn.
    monkeypatch.setattr(taking, "FRESH_SECONDS", 60.0)
    for number in range(12):
        asked.clear()
        await say(service, conversation, f"m{number}", answering=True)
        assert asked == ["postgresql", SHORT_WAY]
        asked.clear()

        turn = await take(service, conversation)

        assert asked == []
        await answer(service, turn, "These.", EntitiesShown(entities=(make_shoe(),)))
        assert asked == ["postgresql", SHORT_WAY]
    await require_one_truth(service, conversation)


async def test_a_turn_that_was_not_begun_with_its_message_is_two_scripts_and_two_statements(
    service: Conversations, conversation: ConversationId, asked: list[str]
) -> None:
    for number in range(12):
        await say(service, conversation, f"m{number}")
        asked.clear()

        turn = await take(service, conversation)
        await answer(service, turn, "These.", EntitiesShown(entities=(make_shoe(),)))

        # The lease and the start are asked for at once, in whichever order.
        assert sorted(asked[:2]) == ["postgresql", SHORT_WAY]
        assert asked[2:] == ["postgresql", SHORT_WAY]
    await require_one_truth(service, conversation)


async def test_what_comes_between_costs_statements_and_changes_nothing_else(
    service: Conversations, conversation: ConversationId, asked: list[str]
) -> None:
    await say(service, conversation, "shoes")
    turn = await take(service, conversation)
    await service.record_arrivals(conversation=conversation, events=(make_notice("late"),), at=NOON)
    await say(service, conversation, "boots")
    asked.clear()

    state = await answer(service, turn)

    assert asked.count("postgresql") > 1
    assert [message.text for message in state.transcript.waiting] == ["boots"]
    assert [notice.text for notice in state.transcript.notices] == ["late"]
    assert state == await require_one_truth(service, conversation)


async def test_a_state_is_opened_where_this_process_did_not_make_it(
    make_service: Callable[[], Conversations], conversation: ConversationId, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[int] = []

    def note_opening(stored: bytes) -> ConversationState | None:
        opened.append(len(stored))
        return find_state(stored)

    monkeypatch.setattr("conversations.store.shelving.find_state", note_opening)
    service, other = make_service(), make_service()
    for taker, openings in ((service, 2), (service, 0), (other, 2), (service, 2), (service, 0)):
        await say(taker, conversation, "shoes", cid=uuid4().hex, answering=True)
        opened.clear()

        turn = await take(taker, conversation)

        assert len(opened) == openings, "the outline and the whole, or neither"
        await answer(taker, turn)
        await require_one_truth(taker, conversation)
    service._projection._boxes.forget()
    await say(service, conversation, "with another box", answering=True)
    opened.clear()
    await answer(service, await take(service, conversation))
    assert opened
