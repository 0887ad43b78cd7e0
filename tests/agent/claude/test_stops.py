"""A turn that is closed while Claude is at it: what was heard stays, nothing that was done does, what it cost is on
record and on the accounts alike.
"""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from commerce_agent import composition
from commerce_agent.agent import turns
from commerce_agent.composition import Platform
from commerce_agent.models import ModelSpend
from commerce_agent.tools.shop import Shop
from conversations.events import Event
from conversations.events.carts import CartChanged
from conversations.events.decisions import Decision, ToolCalled
from conversations.ids import ClientMessageId, ConversationId
from tests.agent.claude.test_faults import count_failures
from tests.agent.conftest import NOW
from tests.agent.messages_api import MessagesApi, Reply
from tests.agent.shop_settings import choose
from tests.agent.talking import find_decision, find_reply, open_talk
from tests.waiting import wait_until_async

IN_CART = Reply(tool="change_cart", arguments={"sku": "MEADOW-G", "quantity": 1})


@pytest.fixture
def held(messages_api: MessagesApi) -> Iterator[threading.Event]:
    """What an answer waits for; it is let go in the end, whatever happens."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def frames(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The texts that are streamed to the shopper, as a quiet platform would not have sent them."""
    texts: list[object] = []

    async def hear(*told: object) -> None:
        texts.extend(each["text"] for each in told if isinstance(each, dict) and each.get("t") == "delta")

    monkeypatch.setattr(composition, "_hush", hear)
    return texts


async def begin_turn(claude: Platform, conversation: ConversationId, *, said: str) -> asyncio.Task[object]:
    """The turn of a message, under way."""
    await claude.conversations.record_message(
        conversation=conversation, cid=ClientMessageId("stopped-1"), text=said, at=NOW
    )
    return asyncio.create_task(claude.turns.run(conversation))


async def wait_for_requests(api: MessagesApi, *, count: int) -> None:
    async def are_asked() -> bool:
        return len(api.requests) >= count

    await wait_until_async(are_asked)


async def list_since(
    claude: Platform, conversation: ConversationId, *, running: asyncio.Task[object], failures: int = 0
) -> tuple[Event, ...]:
    """The events of the turn once it is over; of all that was done for it none moved the state, and the breaker has put
    down so many failures.
    """
    await running
    assert await count_failures(claude) == failures
    recorded = await claude.conversations.list_events(conversation=conversation)
    events = tuple(each.event for each in recorded)
    state = await claude.conversations.load(conversation=conversation)
    assert (state.cart.lines, state.cart.proposal, state.transcript.handed_off) == ((), None, False)
    assert not [event for event in events if isinstance(event, CartChanged)]
    assert state == await claude.conversations.rebuild(conversation=conversation)
    return events


async def expect_paid(decision: Decision, *, merchant: str) -> None:
    """The record says what the accounts were charged, and both accounts say the same."""
    accounts = {each.payer: each async for each in ModelSpend.objects.filter(merchant_id=merchant)}
    assert len(accounts) == 2
    assert {each.micros for each in accounts.values()} == {decision.cost_micros}
    assert {each.reserved for each in accounts.values()} == {0}
    assert {each.calls for each in accounts.values()} == {len(decision.calls)}
    told = sum(
        call.input_tokens + call.cache_read + call.cache_write + call.output_tokens for call in decision.calls
    )
    assert {each.tokens for each in accounts.values()} == {told}
    assert decision.input_tokens + decision.output_tokens == told


async def test_a_turn_that_is_stopped_in_mid_sentence_keeps_what_was_heard_and_says_what_it_cost(
    frames: list[object], claude: Platform, messages_api: MessagesApi, lamp_shop: str, held: threading.Event
) -> None:
    await choose(lamp_shop, version=6, tone="warm")
    text = "Let me see. Which of our lamps do you like best, and for which room?"
    messages_api.replies = [IN_CART, Reply(text=text, held=held, pause_after=40)]
    conversation = await open_talk(claude, merchant=lamp_shop)

    running = await begin_turn(claude, conversation, said="put the green Meadow lamp in my cart")
    await wait_for_requests(messages_api, count=2)

    async def is_heard() -> bool:
        return "Let me see." in frames

    await wait_until_async(is_heard)
    claude.turns.stop(conversation)
    events = await list_since(claude, conversation, running=running)

    decision, reply = find_decision(events), find_reply(events)
    assert (reply.status, reply.text) == (
        "stopped",
        "Let me see. I stopped there, and changed nothing after all.",
    )
    assert (decision.planner, decision.planner_reason) == ("none", "it was stopped")
    assert (decision.model, decision.settings_version, len(decision.prompt)) == ("claude-of-the-tests", 6, 16)
    assert [(call.stop_reason, call.broken, call.input_tokens) for call in decision.calls] == [
        ("tool_use", False, 100),
        ("stopped", True, 100),
    ]
    assert decision.calls[1].output_tokens > 0
    assert [(used.tool, used.dropped) for used in decision.tools] == [("change_cart", True)]
    await expect_paid(decision, merchant=lamp_shop)


async def test_a_tool_that_the_shopper_stopped_was_not_too_slow(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = asyncio.Event()

    async def answer_never(*_: object, **__: object) -> None:
        called.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(Shop, "find_policy", answer_never)
    messages_api.replies = [Reply(tool="get_policy", arguments={"name": "returns"})]
    conversation = await open_talk(claude, merchant=lamp_shop)

    running = await begin_turn(claude, conversation, said="a green lamp")
    await called.wait()
    claude.turns.stop(conversation)
    decision = find_decision(await list_since(claude, conversation, running=running))

    assert [(used.tool, used.outcome, used.dropped) for used in decision.tools] == [
        ("get_policy", "stopped", True)
    ]


async def test_a_turn_that_takes_too_long_says_what_it_cost(
    claude: Platform,
    messages_api: MessagesApi,
    lamp_shop: str,
    held: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "TURN_SECONDS", 0.3)
    messages_api.replies = [Reply(text="Too late.", held=held)]
    conversation = await open_talk(claude, merchant=lamp_shop)

    running = await begin_turn(claude, conversation, said="a green lamp")
    events = await list_since(claude, conversation, running=running)

    decision, reply = find_decision(events), find_reply(events)
    assert (reply.status, decision.planner_reason) == ("failed", "it took too long")
    assert [(call.stop_reason, call.broken) for call in decision.calls] == [("stopped", True)]
    assert decision.cost_micros > 0
    await expect_paid(decision, merchant=lamp_shop)
    assert [event for event in events if isinstance(event, ToolCalled)] == []


async def test_a_call_that_hangs_is_charged_as_the_record_says(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    messages_api.replies = [Reply(text="The Meadow lamp folds. It", cut=True)]
    conversation = await open_talk(claude, merchant=lamp_shop)

    running = await begin_turn(claude, conversation, said="a green lamp")
    decision = find_decision(await list_since(claude, conversation, running=running, failures=1))

    assert [(call.stop_reason, call.broken) for call in decision.calls] == [("stop reason None", True)]
    await expect_paid(decision, merchant=lamp_shop)
