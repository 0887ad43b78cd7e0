"""A change that Claude made before it failed is undone, and made once by whoever answers in its place."""

import pytest

from commerce_agent.agent.claude import calling
from commerce_agent.composition import Platform
from conversations.events.carts import CartChanged
from conversations.events.decisions import ToolCalled
from tests.agent.claude.test_faults import NO_JSON, count_failures, is_open
from tests.agent.messages_api import MessagesApi, Reply
from tests.agent.talking import find_decision, find_reply, open_talk, say

PUTS_IN = Reply(tool="change_cart", arguments={"sku": "MEADOW-G", "quantity": 1})
# With the failures that the breaker put down, and whether it is open: two of three calls open it, and it counts anew.
FAULTS = [
    pytest.param([Reply(status=529)] * 2, "OverloadedError", (0, True), id="overloaded"),
    pytest.param([Reply(text="It is in. Do", cut=True)], "stop reason None", (1, False), id="cut-stream"),
    pytest.param([Reply(text="I", stop_reason="refusal")], "stop reason refusal", (0, False), id="refusal"),
    pytest.param([Reply(body=NO_JSON)], "JSONDecodeError", (1, False), id="malformed"),
]


@pytest.mark.parametrize(("fault", "reason", "breaker"), FAULTS)
async def test_what_claude_put_in_the_cart_before_it_failed_is_in_it_once(
    claude: Platform,
    messages_api: MessagesApi,
    lamp_shop: str,
    monkeypatch: pytest.MonkeyPatch,
    fault: list[Reply],
    reason: str,
    breaker: tuple[int, bool],
) -> None:
    monkeypatch.setattr(calling, "FIRST_WAIT", 0.01)
    messages_api.replies = [PUTS_IN, *fault]
    conversation = await open_talk(claude, merchant=lamp_shop)

    events = await say(claude, conversation, "put the green Meadow lamp in my cart")

    decision, state = find_decision(events), await claude.conversations.load(conversation=conversation)
    assert len(messages_api.requests) == 1 + len(fault)
    assert (decision.planner, decision.planner_reason) == ("builtin", reason)
    assert [(line.ref.key, line.quantity) for line in state.cart.lines] == [("MEADOW-G", 1)]
    changes = [event for event in events if isinstance(event, CartChanged)]
    assert [[line.quantity for line in change.lines] for change in changes] == [[1]]
    called = [(event.tool, event.outcome, event.dropped) for event in events if isinstance(event, ToolCalled)]
    assert called == [
        ("change_cart", "ok", True),
        ("look_at_product", "ok", False),
        ("change_cart", "ok", False),
    ]
    assert [(used.tool, used.outcome, used.dropped) for used in decision.tools] == called
    assert find_reply(events).status == "ok"
    assert state.transcript.tail[-1].replied == find_reply(events).text
    assert (await count_failures(claude), await is_open(claude)) == breaker
    assert state == await claude.conversations.rebuild(conversation=conversation)
