"""What a turn asks of the stores, counted: it does not creep up unnoticed, and does not grow with the talk."""

import pytest
from psycopg import AsyncConnection
from redis.asyncio import Redis

from conversations.events.entities import EntitiesShown
from conversations.ids import ConversationId
from conversations.service import Conversations
from tests.conversations.state.conftest import conversation, door, ear, make_service, merchant, service
from tests.conversations.state.talking import (
    NOON,
    answer,
    make_notice,
    make_shoe,
    require_one_truth,
    say,
    take,
)

__all__ = ["conversation", "door", "ear", "make_service", "merchant", "service"]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which store was asked, in order."""
    asked: list[str] = []
    execute, command = AsyncConnection.execute, Redis.execute_command

    async def note_statement(self: AsyncConnection, query: str, *args: object, **options: object) -> object:
        asked.append("postgresql")
        return await execute(self, query, *args, **options)  # type: ignore[arg-type]

    async def note_command(self: Redis, *args: object, **options: object) -> object:
        asked.append("redis")
        return await command(self, *args, **options)

    monkeypatch.setattr(AsyncConnection, "execute", note_statement)
    monkeypatch.setattr(Redis, "execute_command", note_command)
    return asked


async def test_a_turn_is_two_scripts_and_two_statements_the_first_one_too(
    service: Conversations, conversation: ConversationId, asked: list[str]
) -> None:
    for number in range(12):
        await say(service, conversation, f"m{number}")
        asked.clear()

        turn = await take(service, conversation)
        await answer(service, turn, "These.", EntitiesShown(entities=(make_shoe(),)))

        assert asked == ["redis", "postgresql", "postgresql", "redis"]
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
