"""What a shop's settings forbid or hand on, whoever speaks."""

import pytest

from commerce_agent.agent.merchant_rules import find_declined, find_handoff
from commerce_agent.agent.merchant_settings import AgentSettings
from commerce_agent.composition import Platform
from conversations.events.decisions import ToolCalled
from conversations.events.visits import HandoffRequested
from tests.agent.messages_api import MessagesApi, Reply
from tests.agent.talking import find_decision, find_reply, list_cards, open_talk, say
from tests.agent.test_claude_settings import choose

CHOSEN = AgentSettings(
    declined_topics=("politics", "Health: dosage, side effects", "competitor prices"),
    handoff_rules=(
        "Bulk orders of more than 50",
        "The shopper asks about a business account",
        "When the shopper is angry",
        "Reklamationen: beschädigt, kaputt",
    ),
)


@pytest.mark.parametrize(
    ("said", "topic"),
    [
        ("what do you think of the political parties?", "politics"),
        ("does it have any side-effects?", "Health: dosage, side effects"),
        ("how do your prices compare with your competitors'?", "competitor prices"),
        ("a lamp for a party", None),
        ("which prices do the lamps have?", None),
    ],
)
def test_a_topic_is_known_by_its_words_in_any_form(said: str, topic: str | None) -> None:
    assert find_declined(CHOSEN, texts=(said,)) == topic


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ("can I open a business account?", "The shopper asks about a business account"),
        ("a bulk order, more than 50 of them", "Bulk orders of more than 50"),
        ("you are useless", "When the shopper is angry"),
        ("meine Lampe kam kaputt an", "Reklamationen: beschädigt, kaputt"),
        ("a lamp for my business", None),
        ("an order of 50", None),
    ],
)
def test_a_rule_is_known_by_its_words_or_the_shoppers_mood(said: str, rule: str | None) -> None:
    assert find_handoff(CHOSEN, texts=(said,)) == rule


async def test_the_built_in_planner_leaves_a_declined_topic_alone(platform: Platform, lamp_shop: str) -> None:
    await choose(lamp_shop, version=2, declined_topics=["politics"])
    conversation = await open_talk(platform, merchant=lamp_shop)

    events = await say(platform, conversation, "which lamps do political parties use?")

    assert find_reply(events).text == (
        "That's a subject the shop has asked me to leave alone. "
        "I'm glad to help with its products, prices and policies."
    )
    assert list_cards(events) == []
    assert [event for event in events if isinstance(event, ToolCalled)] == []
    assert find_decision(events).settings_version == 2


async def test_the_built_in_planner_calls_a_person_by_the_shops_rule_once(
    platform: Platform, lamp_shop: str
) -> None:
    await choose(lamp_shop, handoff_rules=["The shopper asks about a business account"])
    conversation = await open_talk(platform, merchant=lamp_shop)

    first = await say(platform, conversation, "do you do business accounts? I need green lamps")
    again = await say(platform, conversation, "what about my business account?")

    assert [event.text for event in first if isinstance(event, HandoffRequested)] == [
        "do you do business accounts? I need green lamps"
    ]
    assert "person" in find_reply(first).text
    assert not [event for event in again if isinstance(event, HandoffRequested)]
    assert "person" not in find_reply(again).text


async def test_claude_calls_a_person_by_the_shops_rule_and_not_on_its_own(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    await choose(lamp_shop, handoff_rules=["The shopper asks about a business account"])
    called = Reply(tool="call_person", arguments={"reason": "business account"})
    messages_api.replies = [
        called,
        Reply(text="Someone will join."),
        called,
        Reply(text="Shall I ask someone?"),
    ]
    by_rule, unasked = [
        await say(claude, await open_talk(claude, merchant=lamp_shop), said)
        for said in ("do you have business accounts?", "a lamp for my office")
    ]

    assert [event.text for event in by_rule if isinstance(event, HandoffRequested)] == ["business account"]
    assert not [event for event in unasked if isinstance(event, HandoffRequested)]
    assert find_decision(unasked).planner == "claude"
