"""A turn's spans: which there are, under which, with which ids and numbers, and that none quotes anybody."""

from datetime import timedelta

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from commerce_agent.composition import Platform
from commerce_agent.observing import names
from commerce_agent.tools import search_products
from conversations.ids import ClientMessageId
from conversations.store.projection import Projection
from tests.agent.conftest import NOW
from tests.agent.messages_api import MessagesApi, Reply
from tests.agent.talking import find_decision, open_talk, say

CANARY = "Ada-Lovelace-12-St-James"


def list_spans(spans: InMemorySpanExporter, name: str) -> list[ReadableSpan]:
    return [each for each in spans.get_finished_spans() if each.name == name]


def get_parent(spans: InMemorySpanExporter, child: ReadableSpan) -> str:
    """The name of the span that a span is in."""
    assert child.parent is not None
    (found,) = (each for each in spans.get_finished_spans() if each.context.span_id == child.parent.span_id)
    return found.name


async def test_a_turn_is_one_trace_with_its_parts(
    spans: InMemorySpanExporter, claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    messages_api.replies = [
        Reply(tool="search_products", arguments={"query": "lamp"}),
        Reply(text="The Meadow lamp is €80.00."),
    ]
    conversation = await open_talk(claude, merchant=lamp_shop)

    decision = find_decision(await say(claude, conversation, "a dimmable lamp under 100 euros"))

    assert {each.name: get_parent(spans, each) for each in spans.get_finished_spans() if each.parent} == {
        "state.load": "turn",
        "chat claude-of-the-tests": "turn",
        "execute_tool search_products": "turn",
        "grounding.check": "turn",
        "state.commit": "turn",
        "deliver": "state.commit",
    }
    (turn,) = list_spans(spans, "turn")
    assert len({each.context.trace_id for each in spans.get_finished_spans()}) == 1
    assert dict(turn.attributes or {}) == {
        names.CONVERSATION: conversation,
        names.TURN_NUMBER: 1,
        names.PLANNER: "claude",
        names.DECISION: decision.id,
        names.PROMPT: decision.prompt,
    }
    (load,), (commit,) = list_spans(spans, "state.load"), list_spans(spans, "state.commit")
    assert dict(load.attributes or {}) == {
        names.LAYER: "conversation",
        names.SOURCE: "redis",
        names.VERSION_AFTER: 3,
        names.AGE: 0,
    }
    (delivered,) = list_spans(spans, "deliver")
    assert dict(delivered.attributes or {}) == {names.FRAMES: 2}
    state = await claude.conversations.load(conversation=conversation)
    assert (commit.attributes or {})[names.VERSION_AFTER] == state.version
    (tool,) = list_spans(spans, "execute_tool search_products")
    assert (tool.attributes or {})["gen_ai.tool.name"] == "search_products"
    checked = [dict(each.attributes or {}) for each in list_spans(spans, "grounding.check")]
    assert checked == [{names.CLAIMS: 1, names.CLAIMS_STOPPED: 0}]


async def test_a_call_of_the_model_is_named_as_generative_ai_is_elsewhere(
    spans: InMemorySpanExporter, claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    messages_api.replies = [
        Reply(tool="search_products", arguments={"query": "lamp"}),
        Reply(text="The Meadow lamp is €80.00."),
    ]
    conversation = await open_talk(claude, merchant=lamp_shop)

    await say(claude, conversation, "a dimmable lamp under 100 euros")

    first, second = list_spans(spans, "chat claude-of-the-tests")
    assert (first.attributes or {}) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.request.model": "claude-of-the-tests",
        "gen_ai.request.max_tokens": 1024,
        "gen_ai.response.id": "msg_1",
        "gen_ai.response.model": "claude-of-the-tests",
        "gen_ai.response.finish_reasons": ("tool_use",),
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 20,
        "gen_ai.usage.cache_read.input_tokens": 0,
        "gen_ai.usage.cache_write.input_tokens": 0,
    }
    assert (second.attributes or {})["gen_ai.response.finish_reasons"] == ("end_turn",)
    assert (messages_api.requests[0]["body"].get("traceparent"), first.kind.name) == (None, "CLIENT")


async def test_a_state_that_redis_has_lost_is_loaded_from_postgresql(
    spans: InMemorySpanExporter, platform: Platform, lamp_shop: str
) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    await say(platform, conversation, "a lamp")
    await platform.conversations.record_message(
        conversation=conversation, cid=ClientMessageId("c-2"), text="a green one", at=NOW
    )
    await platform.forget_keys()
    await platform.turns.run(conversation)

    assert [(each.attributes or {})[names.SOURCE] for each in list_spans(spans, "state.load")] == [
        "redis",
        "postgresql",
    ]


async def test_a_copy_that_lags_behind_the_journal_says_by_how_much(
    spans: InMemorySpanExporter, platform: Platform, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    await say(platform, conversation, "a lamp")

    async def miss(projection: Projection, **news: object) -> bool:
        return False

    monkeypatch.setattr(Projection, "append", miss)
    for place in range(2):
        await platform.conversations.record_message(
            conversation=conversation,
            cid=ClientMessageId(f"c-{place}"),
            text="a green one",
            at=NOW + timedelta(seconds=2 * place),
        )
    await platform.turns.run(conversation)

    loads = [dict(each.attributes or {}) for each in list_spans(spans, "state.load")]
    assert [(load[names.SOURCE], load[names.AGE]) for load in loads] == [("redis", 0), ("redis", 2000)]


async def test_no_span_quotes_anybody(
    spans: InMemorySpanExporter,
    platform: Platform,
    lamp_shop: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def break_down(*_: object, **__: object) -> None:
        raise LookupError(f"nothing for {CANARY}")

    monkeypatch.setattr(search_products, "_search", break_down)
    conversation = await open_talk(platform, merchant=lamp_shop)
    await platform.conversations.record_message(
        conversation=conversation, cid=ClientMessageId("c-1"), text=f"a lamp for {CANARY}", at=NOW
    )

    await platform.turns.run(conversation)

    (tool,) = list_spans(spans, "execute_tool search_products")
    assert (tool.attributes or {})[names.ERROR] == "LookupError"
    assert (tool.status.is_ok, tool.status.description) == (False, None)
    told = "".join(each.to_json() for each in spans.get_finished_spans())
    assert "turn" in told
    for secret in (CANARY, "Lovelace", "nothing for", "a lamp", lamp_shop):
        assert secret not in told


async def test_a_look_that_finds_nothing_is_no_turn(
    spans: InMemorySpanExporter, platform: Platform, lamp_shop: str
) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)

    assert await platform.turns.run(conversation) is None

    assert spans.get_finished_spans() == ()
