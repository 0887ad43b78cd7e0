"""Every way in which Claude can fail: what the shopper hears, what is kept, and what the breaker makes of it."""

import json
import threading

import pytest

from commerce_agent.agent.claude import calling, tool_rounds
from commerce_agent.composition import Platform
from conversations.events.carts import CartChanged
from conversations.events.decisions import ToolCalled
from conversations.events.visits import HandoffRequested
from tests.agent.messages_api import MessagesApi, Reply
from tests.agent.talking import find_decision, find_reply, list_cards, open_talk, say

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
SAYS_NOTHING_OF_THE_SERVICE = [
    pytest.param([Reply(status=400)], "BadRequestError", id="our-request"),
    pytest.param([Reply(status=413)], "ContentTooLargeError", id="too-long"),
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


@pytest.mark.parametrize("body", [NOT_A_STREAM, NO_JSON, OUT_OF_ORDER, "", "<html>gateway</html>"])
async def test_a_malformed_body_is_a_failure_of_the_service(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str, body: str
) -> None:
    messages_api.replies = [Reply(body=body)]
    conversation = await open_talk(claude, merchant=lamp_shop)

    events = await say(claude, conversation, "a green lamp")

    assert find_decision(events).planner == "builtin"
    assert find_reply(events).text == "I found one lamp in green: the Meadow lamp in green, at €80.00."
    kept = await claude.redis.hgetall(f"{claude.prefix}c:every-shop:breaker:claude")
    assert sum(int(count) for name, count in kept.items() if name.startswith(b"f")) == 1


@pytest.mark.parametrize(("replies", "reason"), SAYS_NOTHING_OF_THE_SERVICE)
async def test_a_request_that_is_refused_does_not_open_the_breaker(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str, replies: list[Reply], reason: str
) -> None:
    for _ in range(4):
        messages_api.replies = list(replies)
        await expect_the_built_in_planner(claude, merchant=lamp_shop, reason=reason)
    assert not await is_open(claude)
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
    assert not await is_open(claude)


async def test_a_call_that_failed_is_tried_once_more(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    messages_api.replies = [Reply(status=529), Reply(text="Which kind of lamp do you like?")]
    conversation = await open_talk(claude, merchant=lamp_shop)

    events = await say(claude, conversation, "a lamp")

    assert find_reply(events).text == "Which kind of lamp do you like?"
    assert find_decision(events).planner == "claude"


async def test_a_pause_is_gone_on_from(claude: Platform, messages_api: MessagesApi, lamp_shop: str) -> None:
    messages_api.replies = [
        Reply(text="Let me see.", stop_reason="pause_turn"),
        Reply(text="Which kind of lamp do you like?"),
    ]
    conversation = await open_talk(claude, merchant=lamp_shop)

    events = await say(claude, conversation, "a lamp")

    assert find_reply(events).text == "Let me see. Which kind of lamp do you like?"
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


async def test_a_tool_that_does_not_answer_is_unknown_not_none(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tool_rounds, "TOOL_SECONDS", 0.0)
    messages_api.replies = [
        Reply(tool="get_policy", arguments={"name": "returns"}),
        Reply(text="I can't look that up right now."),
    ]
    conversation = await open_talk(claude, merchant=lamp_shop)

    await say(claude, conversation, "a lamp")

    (result,) = messages_api.requests[1]["body"]["messages"][-1]["content"]
    assert result["is_error"] is True
    assert "unknown, not none" in result["content"]


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
