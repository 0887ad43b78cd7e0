"""Every way in which Claude can fail: what the shopper hears, what is kept, and what the breaker makes of it."""

import asyncio
import json
import threading

import msgspec
import pytest

from commerce_agent.agent.claude import calling, tool_rounds, toolbox
from commerce_agent.agent.claude.planner import build_planner
from commerce_agent.composition import Platform
from commerce_agent.models import ModelSpend
from commerce_agent.tools import change_cart
from commerce_agent.tools.shop import Shop
from conversations.events import Event
from conversations.events.carts import CartChanged
from conversations.events.decisions import ToolCalled
from conversations.events.visits import HandoffRequested
from conversations.ids import ConversationId
from tests.agent.messages_api import MessagesApi, Reply
from tests.agent.talking import find_decision, find_reply, list_cards, open_talk, say
from tests.running import find_free_port

CHANGE = {"sku": "MEADOW-G", "quantity": 5}
STARTED = next(Reply().list_events())
NOT_A_STREAM = "event: message_start\ndata: {}\n\n"
NO_JSON = "event: message_start\ndata: {never closed\n\n"
OUT_OF_ORDER = 'event: content_block_stop\ndata: {"type": "content_block_stop", "index": 0}\n\n'
UNFINISHED = f"event: message_start\ndata: {json.dumps(STARTED)}\n\n"

FAILS_THE_SERVICE = [
    pytest.param([Reply(status=529)] * 2, "OverloadedError", 2, id="overloaded"),
    pytest.param([Reply(status=500)] * 2, "InternalServerError", 2, id="server-error"),
    pytest.param([Reply(status=429)] * 2, "RateLimitError", 2, id="rate-limited"),
    pytest.param(
        [Reply(status=429, headers={"retry-after": "3600"})], "RateLimitError", 1, id="come-back-in-an-hour"
    ),
    pytest.param([Reply(status=401)], "AuthenticationError", 1, id="wrong-key"),
    pytest.param([Reply(status=402)], "PaymentRequiredError", 1, id="unpaid"),
    pytest.param([Reply(text="The Meadow lamp folds. It", cut=True)], "stop reason None", 1, id="cut-stream"),
    pytest.param([Reply(broken=True)] * 2, "RemoteProtocolError", 2, id="broken-connection"),
    pytest.param([Reply(error_midway=True)], "APIStatusError", 1, id="error-at-once"),
    pytest.param(
        [Reply(text="The Meadow lamp folds. It", error_midway=True)], "APIStatusError", 1, id="error-midway"
    ),
    pytest.param([Reply(body=UNFINISHED)], "stop reason None", 1, id="empty-message"),
    pytest.param(
        [Reply(tool="change_cart", arguments=CHANGE, cut=True)],
        "stop reason None",
        1,
        id="cut-in-a-tool-call",
    ),
]
MALFORMED = [
    pytest.param([Reply(body=NOT_A_STREAM)], "AssertionError", id="no-message"),
    pytest.param([Reply(body=NO_JSON)], "JSONDecodeError", id="no-json"),
    pytest.param([Reply(body=OUT_OF_ORDER)], "AssertionError", id="out-of-order"),
    pytest.param([Reply(body="")], "AssertionError", id="nothing"),
    pytest.param([Reply(body="<html>gateway</html>")], "AssertionError", id="a-page"),
    pytest.param(
        [Reply(tool="change_cart", raw='{"sku": "MEADOW-')], "half a tool call", id="half-a-tool-call"
    ),
]
SAYS_NOTHING_OF_THE_SERVICE = [
    pytest.param([Reply(status=400)], "BadRequestError", id="our-request"),
    pytest.param([Reply(status=404)], "NotFoundError", id="no-such-model"),
    pytest.param([Reply(status=413)], "ContentTooLargeError", id="too-long"),
    pytest.param(
        [Reply(text="The lamp", error_midway=True, error="invalid_request_error")],
        "APIStatusError",
        id="our-request-midway",
    ),
]
ENDS_OTHERWISE = [
    pytest.param([Reply(text="I will not.", stop_reason="refusal")], "stop reason refusal", (), id="refusal"),
    pytest.param(
        [Reply(text="The lamp is", stop_reason="max_tokens")], "stop reason max_tokens", (), id="too-long"
    ),
    pytest.param(
        [Reply(tool="change_cart", arguments=CHANGE, stop_reason="max_tokens")],
        "stop reason max_tokens",
        (),
        id="cut-tool-call",
    ),
    pytest.param(
        [Reply(text="Hm.", stop_reason="model_context_window_exceeded")],
        "stop reason model_context_window_exceeded",
        (),
        id="window-full",
    ),
    pytest.param([Reply(text="Hm.", stop_reason="tired")], "stop reason tired", (), id="unknown-reason"),
    pytest.param(
        [Reply(text="It costs €1.00.")] * 2, "no claim of the reply stood on a fact", (), id="all-false"
    ),
    pytest.param([Reply()], "no text", (), id="silent"),
    pytest.param(
        [Reply(text="Hm, let me see.", stop_reason="pause_turn")] * 6,
        "no answer after 6 rounds",
        (),
        id="pauses-for-ever",
    ),
    pytest.param(
        [Reply(tool="search_products", arguments={"query": "lamp"})] * 6,
        "no answer after 6 rounds",
        ("search_products",) * 6,
        id="no-end",
    ),
    pytest.param(
        [Reply(tool="call_person", arguments={"reason": "x"}), Reply(text="I", stop_reason="refusal")],
        "stop reason refusal",
        ("call_person",),
        id="refusal-after-a-tool",
    ),
    pytest.param(
        [
            Reply(
                tool="look_at_product",
                arguments={"sku": "MEADOW-G"},
                tools=(("get_policy", {}), ("open_the_till", {"sum": 1})),
            ),
            Reply(text="The lamp is", stop_reason="max_tokens"),
        ],
        "stop reason max_tokens",
        ("get_policy", "unknown", "look_at_product"),
        id="cut-after-three-tools",
    ),
]


async def expect_the_built_in_planner(
    claude: Platform, *, merchant: str, reason: str, in_vain: tuple[str, ...] = ()
) -> None:
    """One turn that Claude cannot finish: answered all the same, with nothing of Claude's kept but that it called
    the tools `in_vain`.
    """
    conversation = await open_talk(claude, merchant=merchant)

    events = await say(claude, conversation, "a green lamp")

    decision, reply = find_decision(events), find_reply(events)
    assert (decision.planner, decision.planner_reason) == ("builtin", reason)
    assert decision.cost_micros == 0 or decision.calls
    assert (reply.status, reply.text) == (
        "ok",
        "I found one lamp in green: the Meadow lamp in green, at €80.00.",
    )
    assert list_cards(events) == ["MEADOW-G"]
    called = [(event.tool, event.dropped) for event in events if isinstance(event, ToolCalled)]
    assert called == [*((tool, True) for tool in in_vain), ("search_products", False)]
    assert [(used.tool, used.dropped) for used in decision.tools] == called
    assert not [event for event in events if isinstance(event, CartChanged | HandoffRequested)]
    state = await claude.conversations.load(conversation=conversation)
    assert state.cart.lines == ()
    assert state.transcript.tail[-1].replied == reply.text
    assert state == await claude.conversations.rebuild(conversation=conversation)


async def expect_claude(
    claude: Platform,
    conversation: ConversationId,
    events: tuple[Event, ...],
    *,
    text: str,
    failures: int = 0,
) -> None:
    """Claude gave this reply, changed nothing, and the breaker has put down so many failures."""
    reply = find_reply(events)
    assert (find_decision(events).planner, reply.status, reply.text) == ("claude", "ok", text)
    state = await claude.conversations.load(conversation=conversation)
    assert (state.cart.lines, state.transcript.handed_off) == ((), False)
    assert state == await claude.conversations.rebuild(conversation=conversation)
    assert await count_failures(claude) == failures
    assert not await is_open(claude)


async def is_open(claude: Platform) -> bool:
    """Whether the breaker leaves Claude alone."""
    return await claude.redis.hget(f"{claude.prefix}c:every-shop:breaker:claude", "state") == b"open"


async def count_failures(claude: Platform) -> int:
    """How many calls the breaker has put down as failures of the service."""
    kept = await claude.redis.hgetall(f"{claude.prefix}c:every-shop:breaker:claude")
    return sum(int(count) for name, count in kept.items() if name.startswith(b"f"))


@pytest.fixture(autouse=True)
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits between two tries that a test has no time for."""
    monkeypatch.setattr(calling, "FIRST_WAIT", 0.01)


@pytest.mark.parametrize(("replies", "reason", "calls"), FAILS_THE_SERVICE)
async def test_a_service_that_fails_is_stood_in_for_and_then_left_alone(
    claude: Platform,
    messages_api: MessagesApi,
    lamp_shop: str,
    replies: list[Reply],
    reason: str,
    calls: int,
) -> None:
    messages_api.replies = list(replies)
    await expect_the_built_in_planner(claude, merchant=lamp_shop, reason=reason)
    assert len(messages_api.requests) == calls

    for _ in range(3):
        messages_api.replies = list(replies)
        if await is_open(claude):
            break
        await expect_the_built_in_planner(claude, merchant=lamp_shop, reason=reason)
    asked = len(messages_api.requests)

    assert await is_open(claude)
    await expect_the_built_in_planner(
        claude, merchant=lamp_shop, reason="Claude fails at the moment and is left alone"
    )
    assert len(messages_api.requests) == asked


@pytest.mark.parametrize(("replies", "reason"), MALFORMED)
async def test_a_malformed_body_is_a_failure_of_the_service(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str, replies: list[Reply], reason: str
) -> None:
    messages_api.replies = list(replies)

    await expect_the_built_in_planner(claude, merchant=lamp_shop, reason=reason)

    assert await count_failures(claude) == 1


async def test_a_service_that_is_not_there_costs_nothing_and_is_a_failure(
    claude: Platform, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = build_planner(api_key="k", model="m", base_url=f"http://127.0.0.1:{find_free_port()}")
    monkeypatch.setattr(claude.turns, "_models", msgspec.structs.replace(claude.turns._models, claude=gone))

    await expect_the_built_in_planner(claude, merchant=lamp_shop, reason="APIConnectionError")

    assert await count_failures(claude) == 2
    assert {each.micros async for each in ModelSpend.objects.filter(merchant_id=lamp_shop)} == {0}
    await gone.close()


@pytest.mark.parametrize(("replies", "reason"), SAYS_NOTHING_OF_THE_SERVICE)
async def test_a_request_that_is_refused_does_not_open_the_breaker(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str, replies: list[Reply], reason: str
) -> None:
    for _ in range(4):
        messages_api.replies = list(replies)
        await expect_the_built_in_planner(claude, merchant=lamp_shop, reason=reason)
    assert await count_failures(claude) == 0
    assert len(messages_api.requests) == 4


@pytest.mark.parametrize(("replies", "reason", "in_vain"), ENDS_OTHERWISE)
async def test_an_answer_that_ends_otherwise_counts_for_nothing(
    claude: Platform,
    messages_api: MessagesApi,
    lamp_shop: str,
    replies: list[Reply],
    reason: str,
    in_vain: tuple[str, ...],
) -> None:
    for _ in range(2):
        messages_api.replies = list(replies)
        await expect_the_built_in_planner(claude, merchant=lamp_shop, reason=reason, in_vain=in_vain)
    assert await count_failures(claude) == 0


async def test_a_call_that_failed_is_tried_once_more(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    messages_api.replies = [Reply(status=529), Reply(text="Which kind of lamp do you like?")]
    conversation = await open_talk(claude, merchant=lamp_shop)

    events = await say(claude, conversation, "a lamp")

    await expect_claude(claude, conversation, events, text="Which kind of lamp do you like?", failures=1)


async def test_a_stop_sequence_ends_a_reply_as_any_end_does(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    messages_api.replies = [Reply(text="Which kind of lamp do you like?", stop_reason="stop_sequence")]
    conversation = await open_talk(claude, merchant=lamp_shop)

    events = await say(claude, conversation, "a lamp")

    await expect_claude(claude, conversation, events, text="Which kind of lamp do you like?")


async def test_a_pause_is_gone_on_from(claude: Platform, messages_api: MessagesApi, lamp_shop: str) -> None:
    messages_api.replies = [
        Reply(text="Let me see.", stop_reason="pause_turn"),
        Reply(text="Which kind of lamp do you like?"),
    ]
    conversation = await open_talk(claude, merchant=lamp_shop)

    events = await say(claude, conversation, "a lamp")

    said = "Let me see. Which kind of lamp do you like?"
    await expect_claude(claude, conversation, events, text=said)
    last = messages_api.requests[-1]["body"]["messages"][-1]
    assert last == {"role": "assistant", "content": [{"type": "text", "text": "Let me see."}]}


async def test_a_service_that_hangs_is_not_waited_for(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "CALL_SECONDS", 0.2)
    held = threading.Event()
    messages_api.replies = [Reply(text="Too late.", held=held)]

    try:
        await expect_the_built_in_planner(claude, merchant=lamp_shop, reason="TimeoutError")
    finally:
        held.set()
    assert await count_failures(claude) == 1


async def test_a_tool_that_does_not_answer_is_unknown_not_none(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def find_none_ever(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Shop, "find_policy", find_none_ever)
    monkeypatch.setattr(tool_rounds, "TOOL_SECONDS", 0.05)
    messages_api.replies = [
        Reply(tool="get_policy", arguments={"name": "returns"}),
        Reply(text="I can't look that up right now."),
    ]
    conversation = await open_talk(claude, merchant=lamp_shop)

    events = await say(claude, conversation, "a lamp")

    await expect_claude(claude, conversation, events, text="I can't look that up right now.")
    assert [(used.tool, used.outcome) for used in find_decision(events).tools] == [("get_policy", "too slow")]
    (result,) = messages_api.requests[1]["body"]["messages"][-1]["content"]
    assert result["is_error"] is True
    assert "unknown, not none" in result["content"]


async def test_a_tool_that_breaks_is_answered_for_and_leaks_nothing(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object, quantity: int) -> None:
        raise RuntimeError(f"password=hunter{quantity}")

    monkeypatch.setattr(change_cart, "_require_stock", break_down)
    messages_api.replies = [
        Reply(tool="change_cart", arguments={"sku": "MEADOW-G", "quantity": 1}),
        Reply(text="I can't put that in your cart right now."),
    ]
    conversation = await open_talk(claude, merchant=lamp_shop)

    events = await say(claude, conversation, "put the green Meadow lamp in my cart")

    await expect_claude(claude, conversation, events, text="I can't put that in your cart right now.")
    (result,) = messages_api.requests[1]["body"]["messages"][-1]["content"]
    assert (result["is_error"], result["content"]) == (True, toolbox.BROKEN)
    assert "hunter" not in str((messages_api.requests, events))


async def test_it_is_said_only_where_it_matters(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    messages_api.replies = [Reply(status=401)] * 2
    found, lost = [
        find_reply(await say(claude, await open_talk(claude, merchant=lamp_shop), said)).text
        for said in ("a green lamp", "hm, well, you know")
    ]

    assert "plain requests" not in found
    assert "plain requests" in lost


async def test_what_a_failed_claude_took_is_on_record(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    messages_api.replies = [
        Reply(tool="search_products", arguments={"query": "lamp"}),
        Reply(text="I will not.", stop_reason="refusal"),
    ]
    conversation = await open_talk(claude, merchant=lamp_shop)

    decision = find_decision(await say(claude, conversation, "a green lamp"))

    assert (decision.planner, decision.planner_reason) == ("builtin", "stop reason refusal")
    assert [call.stop_reason for call in decision.calls] == ["tool_use", "refusal"]
    assert decision.model == "claude-of-the-tests"
    assert decision.input_tokens == sum(
        call.input_tokens + call.cache_read + call.cache_write for call in decision.calls
    )
    assert (decision.cost_micros > 0, len(decision.prompt)) == (True, 16)
    assert [(used.tool, used.outcome, used.dropped) for used in decision.tools] == [
        ("search_products", "ok", True),
        ("search_products", "ok", False),
    ]
