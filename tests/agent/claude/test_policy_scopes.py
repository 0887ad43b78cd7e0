"""Of a policy that differs from scope to scope, several are told in one turn; each of them stays told."""

from typing import Any

import pytest

from commerce_agent.composition import Platform
from conversations.events.facts import FactsCited
from conversations.ids import EntityRef
from tests.agent.messages_api import MessagesApi, Reply
from tests.agent.talking import find_reply, list_notices, open_talk, say
from tests.agent.test_news_of_policies import publish_returns

STORE: dict[str, Any] = {"name": "returns"}
LAMP: dict[str, Any] = {"name": "returns", "sku": "MEADOW-G"}
QUESTION = "how long can I return things, and the green Meadow lamp?"


async def _publish(shop: str) -> None:
    await publish_returns(shop, days=60)
    await publish_returns(shop, days=20, scope={"sku": "MEADOW-G"})


@pytest.mark.parametrize(("first", "last"), [(STORE, LAMP), (LAMP, STORE)], ids=["store first", "lamp first"])
async def test_each_scope_that_one_turn_told_is_news_when_it_changes(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str, first: dict[str, Any], last: dict[str, Any]
) -> None:
    await _publish(lamp_shop)
    said = "In general you have 60 days. For the Meadow lamp it is 20 days."
    messages_api.replies = [
        Reply(tool="get_policy", arguments=first, tools=(("get_policy", last),)),
        Reply(text=said),
    ]
    conversation = await open_talk(claude, merchant=lamp_shop)
    events = await say(claude, conversation, QUESTION)
    assert find_reply(events).text == said
    (cited,) = (event for event in events if isinstance(event, FactsCited))

    heard = [
        await claude.newsroom.spread(await publish_returns(lamp_shop, days=40, version=2)),
        await claude.newsroom.spread(
            await publish_returns(lamp_shop, days=10, scope={"sku": "MEADOW-G"}, version=2)
        ),
    ]

    assert heard == [1, 1]
    notices = await list_notices(claude, conversation)
    assert [notice.partition("it was ")[2] for notice in notices] == [
        "60 days when you asked, and it is 40 days from now on.",
        "20 days when you asked, and it is 10 days from now on.",
    ]
    facts = (await claude.conversations.load(conversation=conversation)).facts
    told = {
        fact.id: fact.value
        for line in ("policy:returns/store", "policy:returns/sku:MEADOW-G")
        if (
            fact := facts.find_told(
                subject=EntityRef("policy", "returns"), name="returns.window_days", line=line
            )
        )
    }
    assert sorted(told.values()) == [20, 60]
    assert told.keys() <= set(cited.ids)


async def test_claude_is_told_of_which_scope_each_was_said(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    await _publish(lamp_shop)
    messages_api.replies = [
        Reply(tool="get_policy", arguments=STORE, tools=(("get_policy", LAMP),)),
        Reply(text="In general you have 60 days. For the Meadow lamp it is 20 days."),
        Reply(text="You are welcome."),
    ]
    conversation = await open_talk(claude, merchant=lamp_shop)
    await say(claude, conversation, QUESTION)

    await say(claude, conversation, "thanks")

    asked = str(messages_api.requests[-1]["body"]["messages"][-1])
    assert '"name":"returns.window_days","value":60' in asked
    assert '"name":"returns.window_days","scope":"sku:MEADOW-G","value":20' in asked


@pytest.mark.parametrize(("first", "last"), [(STORE, LAMP), (LAMP, STORE)], ids=["store first", "lamp first"])
async def test_what_stands_in_the_place_of_a_false_period_is_no_matter_of_order(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str, first: dict[str, Any], last: dict[str, Any]
) -> None:
    await _publish(lamp_shop)
    false = "You may return it within 90 days."
    messages_api.replies = [
        Reply(tool="get_policy", arguments=first, tools=(("get_policy", last),)),
        Reply(text=f"Let me see. {false}"),
        Reply(text=false),
    ]
    conversation = await open_talk(claude, merchant=lamp_shop)

    events = await say(claude, conversation, QUESTION)

    # Both were read, and nobody knows which the sentence is about.
    assert find_reply(events).text == "Let me see."
    correction = messages_api.requests[-1]["body"]["messages"][-1]["content"]
    assert '"name":"returns.window_days","value":"60"' in correction
    assert '"name":"returns.window_days","scope":"sku:MEADOW-G","value":"20"' in correction
