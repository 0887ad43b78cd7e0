"""Claude through the same tools: what it says is checked, what it cannot finish the built-in planner answers."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from commerce_agent.agent.claude.planner import build_planner
from commerce_agent.composition import Platform, open_platform
from conversations.events.decisions import ToolCalled
from tests.agent.conftest import NOW
from tests.agent.messages_api import MessagesApi, Reply
from tests.agent.talking import find_decision, find_reply, list_cards, open_talk, say


@pytest.fixture
async def claude(database: str, messages_api: MessagesApi) -> AsyncIterator[Platform]:
    """A platform whose Claude is the tests' own server."""
    planner = build_planner(
        api_key="key-of-the-tests", model="claude-of-the-tests", base_url=messages_api.url
    )
    async with open_platform(
        clock=lambda: NOW, claude=planner, quiet=True, prefix=f"test-{uuid4().hex}:"
    ) as opened:
        yield opened
        await opened.forget_keys()


async def test_it_searches_with_the_shops_tool_and_says_what_the_facts_say(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    messages_api.replies = [
        Reply(tool="search_products", arguments={"query": "lamp"}),
        Reply(text="The Meadow lamp is €80.00 and folds away nicely. Shall I put it aside?"),
    ]
    conversation = await open_talk(claude, merchant=lamp_shop)

    events = await say(claude, conversation, "a dimmable lamp under 100 euros")

    reply, decision = find_reply(events), find_decision(events)
    assert reply.text == "The Meadow lamp is €80.00 and folds away nicely. Shall I put it aside?"
    assert (decision.planner, decision.model) == ("claude", "claude-of-the-tests")
    assert (decision.input_tokens, decision.output_tokens) == (200, 40)
    # The server applied the shopper's limits; the model only named the goods.
    assert sorted(list_cards(events)) == ["MEADOW-G", "MEADOW-W"]
    assert [event.tool for event in events if isinstance(event, ToolCalled)] == ["search_products"]
    first, second = (request["body"] for request in messages_api.requests)
    assert '"value":100.0' in first["messages"][-1]["content"][1]["text"]
    assert second["messages"][-1]["content"][0]["type"] == "tool_result"
    assert lamp_shop not in str(first)


async def test_a_sentence_without_a_fact_is_not_said(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    messages_api.replies = [
        Reply(tool="search_products", arguments={"query": "green lamp"}),
        Reply(text="The Meadow lamp is a good choice. It costs only €49.99 today. It is 30% off."),
    ]
    conversation = await open_talk(claude, merchant=lamp_shop)

    events = await say(claude, conversation, "a green lamp")

    assert find_reply(events).text == "The Meadow lamp is a good choice."
    verdicts = {verdict.claim: verdict.passed for verdict in find_decision(events).grounding}
    assert verdicts == {"€49.99": False, "30%": False}


@pytest.mark.parametrize(
    ("replies", "reason"),
    [
        pytest.param([Reply(status=529), Reply(status=529)], "OverloadedError", id="overloaded"),
        pytest.param([Reply(status=401)], "AuthenticationError", id="wrong-key"),
        pytest.param([Reply(text="The Meadow", cut=True)], "stop reason None", id="cut-stream"),
        pytest.param([Reply(error_midway=True)], "APIStatusError", id="error-midway"),
        pytest.param([Reply(text="I will not.", stop_reason="refusal")], "stop reason refusal", id="refusal"),
        pytest.param(
            [
                Reply(
                    tool="change_cart", arguments={"sku": "MEADOW-G", "quantity": 5}, stop_reason="max_tokens"
                )
            ],
            "stop reason max_tokens",
            id="cut-tool-call",
        ),
        pytest.param(
            [Reply(text="It costs €1.00.")], "no claim of the reply stood on a fact", id="all-false"
        ),
        pytest.param(
            [Reply(tool="search_products", arguments={"query": "lamp"})] * 6,
            "no answer after 6 rounds",
            id="never-ends",
        ),
    ],
)
async def test_what_claude_cannot_finish_the_built_in_planner_answers(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str, replies: list[Reply], reason: str
) -> None:
    messages_api.replies = list(replies)
    conversation = await open_talk(claude, merchant=lamp_shop)

    events = await say(claude, conversation, "a green lamp")

    decision, reply = find_decision(events), find_reply(events)
    assert (decision.planner, decision.planner_reason) == ("builtin", reason)
    assert reply.status == "ok"
    assert "Meadow lamp" in reply.text
    assert list_cards(events) == ["MEADOW-G"]
    # Nothing of what Claude had begun was kept: one search, no cart.
    assert [event.tool for event in events if isinstance(event, ToolCalled)] == ["search_products"]
    state = await claude.conversations.load(conversation=conversation)
    assert state.cart.lines == ()


async def test_after_a_failure_claude_rests(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    messages_api.replies = [Reply(status=401)]
    conversation = await open_talk(claude, merchant=lamp_shop)
    await say(claude, conversation, "a green lamp")
    asked = len(messages_api.requests)

    events = await say(claude, conversation, "how much is it?")

    assert len(messages_api.requests) == asked
    assert find_decision(events).planner_reason == "Claude failed a moment ago"
    assert "€80.00" in find_reply(events).text


async def test_what_the_model_calls_wrongly_comes_back_as_words(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    messages_api.replies = [
        Reply(tool="look_at_product", arguments={"sku": "NONE", "merchant": "another"}),
        Reply(tool="order_everything"),
        Reply(tool="look_at_product", arguments={"sku": "NONE"}),
        Reply(text="I could not find that one."),
    ]
    conversation = await open_talk(claude, merchant=lamp_shop)

    events = await say(claude, conversation, "tell me about the lamp called none")

    answers = [request["body"]["messages"][-1]["content"][0] for request in messages_api.requests[1:]]
    assert [answer["is_error"] for answer in answers] == [True, True, True]
    assert "unknown field `merchant`" in answers[0]["content"]
    assert "There is no tool 'order_everything'" in answers[1]["content"]
    assert "There is no product 'NONE'" in answers[2]["content"]
    assert find_reply(events).text == "I could not find that one."
