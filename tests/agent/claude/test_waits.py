"""Claude is slow, or ends a message otherwise than its reason to stop says: what is waited for, and what is kept."""

import threading
from collections.abc import Iterator

import pytest

from commerce_agent.agent.claude import calling
from commerce_agent.composition import Platform
from conversations.events.decisions import ToolCalled
from tests.agent.claude.test_faults import (
    CHANGE,
    count_failures,
    expect_claude,
    expect_the_built_in_planner,
    is_open,
)
from tests.agent.claude.test_stops import begin_turn, wait_for_requests
from tests.agent.messages_api import MessagesApi, Reply
from tests.agent.talking import find_decision, find_reply, open_talk


@pytest.fixture
def held() -> Iterator[threading.Event]:
    """What an answer waits for; it is let go in the end, whatever happens."""
    event = threading.Event()
    yield event
    event.set()


async def test_a_first_byte_that_is_late_is_waited_for(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str, held: threading.Event
) -> None:
    messages_api.replies = [Reply(text="Which kind of lamp do you like?", held=held)]
    conversation = await open_talk(claude, merchant=lamp_shop)

    running = await begin_turn(claude, conversation, said="a lamp")
    await wait_for_requests(messages_api, count=1)
    held.set()
    await running

    recorded = await claude.conversations.list_events(conversation=conversation)
    events = tuple(each.event for each in recorded)
    await expect_claude(claude, conversation, events, text="Which kind of lamp do you like?")


async def test_a_stream_that_stands_still_is_given_up_and_what_was_heard_replaced(
    claude: Platform,
    messages_api: MessagesApi,
    lamp_shop: str,
    held: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(calling, "CALL_SECONDS", 0.4)
    text = "Let me see. Which of our lamps do you like best, and for which room?"
    messages_api.replies = [Reply(text=text, held=held, pause_after=40)]

    await expect_the_built_in_planner(claude, merchant=lamp_shop, reason="TimeoutError")

    assert await count_failures(claude) == 1
    assert len(messages_api.requests) == 1


async def test_a_tool_that_is_announced_and_not_there_counts_for_nothing(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    messages_api.replies = [Reply(text="Let me look.", stop_reason="tool_use")]

    await expect_the_built_in_planner(
        claude, merchant=lamp_shop, reason="stop reason tool_use without a tool"
    )

    assert await count_failures(claude) == 0
    assert len(messages_api.requests) == 1


@pytest.mark.parametrize("reason", ["end_turn", "stop_sequence"])
async def test_a_tool_in_a_message_that_is_over_is_not_run(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str, reason: str
) -> None:
    messages_api.replies = [
        Reply(text="Which lamp?", tool="change_cart", arguments=CHANGE, stop_reason=reason)
    ]
    conversation = await open_talk(claude, merchant=lamp_shop)

    running = await begin_turn(claude, conversation, said="put 5 green Meadow lamps in my cart")
    await running

    recorded = await claude.conversations.list_events(conversation=conversation)
    events = tuple(each.event for each in recorded)
    await expect_claude(claude, conversation, events, text="Which lamp?")
    assert [event for event in events if isinstance(event, ToolCalled)] == []
    assert find_decision(events).tools == ()
    assert find_reply(events).status == "ok"
    assert not await is_open(claude)
