"""What a shop's settings forbid or hand on, whoever speaks."""

import pytest

from commerce_agent.agent.shop.rules import find_broached, find_declined, find_handoff
from commerce_agent.agent.shop.settings import AgentSettings
from commerce_agent.composition import Platform
from conversations.events.decisions import ToolCalled
from conversations.events.visits import HandoffRequested
from tests.agent.messages_api import MessagesApi, Reply
from tests.agent.shop_settings import choose
from tests.agent.talking import find_decision, find_reply, list_cards, open_talk, say

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
        ("was hältst du von der Politik der Regierung?", "politics"),
        ("¿qué opinas de la política?", "politics"),
        ("que penses-tu de la politique ?", "politics"),
        ("gibt es Nebenwirkungen?", "Health: dosage, side effects"),
        ("¿tiene efectos secundarios?", "Health: dosage, side effects"),
        ("est-ce bon pour la santé ?", "Health: dosage, side effects"),
        ("wie sind die Preise der Konkurrenz?", "competitor prices"),
        ("¿y los precios de la competencia?", "competitor prices"),
        ("et les prix des concurrents ?", "competitor prices"),
        ("a lamp for a party", None),
        ("was kosten die Lampen?", None),
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
        ("kann ich ein Geschäftskonto eröffnen?", "The shopper asks about a business account"),
        ("¿puedo abrir una cuenta de empresa?", "The shopper asks about a business account"),
        ("ma lampe est arrivée cassée", "Reklamationen: beschädigt, kaputt"),
        ("my lamp arrived broken", "Reklamationen: beschädigt, kaputt"),
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


@pytest.mark.parametrize(
    ("sentence", "broached"),
    [
        ("My view on politics is that the left is right.", True),
        ("Politisch bin ich eher konservativ.", True),
        ("La politique, c'est une affaire de goût.", True),
        ("I can't talk about politics here.", False),
        ("Über Politik kann ich hier leider nicht sprechen.", False),
        ("No puedo hablar de política.", False),
        ("Je ne peux pas parler de politique ici.", False),
        ("The Meadow lamp is our favourite.", False),
    ],
)
def test_a_reply_may_turn_a_topic_away_and_not_go_into_it(sentence: str, broached: bool) -> None:
    assert (find_broached(CHOSEN, sentence=sentence) == "politics") is broached


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("what do you think of politics?", "That's a subject the shop has asked me to leave alone."),
        ("Was hältst du von Politik?", "Dazu soll ich hier nichts sagen."),
    ],
)
async def test_claude_is_not_asked_about_a_declined_topic(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str, said: str, told: str
) -> None:
    await choose(lamp_shop, declined_topics=["politics"])

    events = await say(claude, await open_talk(claude, merchant=lamp_shop), said)

    assert messages_api.requests == []
    decision = find_decision(events)
    assert (decision.planner, decision.planner_reason) == ("builtin", "the shop leaves this topic alone")
    assert find_reply(events).text.startswith(told)
    assert decision.cost_micros == 0


async def test_claude_does_not_bring_up_a_declined_topic_by_itself(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    await choose(lamp_shop, declined_topics=["politics"])
    opinion = "Die Politik ist daran schuld. "
    messages_api.replies = [
        Reply(text=f"Which lamp do you like? {opinion}"),
        Reply(text=f"{opinion}I can't talk about politics here, but I know lamps."),
    ]

    events = await say(claude, await open_talk(claude, merchant=lamp_shop), "a lamp, and how are you?")

    decision, reply = find_decision(events), find_reply(events)
    assert decision.planner == "claude"
    assert reply.text == "Which lamp do you like? I can't talk about politics here, but I know lamps."
    assert [(each.claim, each.passed, each.remedy) for each in decision.grounding] == [
        ("a topic that the shop leaves alone", False, "repaired"),
        ("a topic that the shop leaves alone", False, "left_out"),
    ]
    asked_again = messages_api.requests[1]["body"]["messages"][-1]["content"]
    assert "a topic that the shop leaves alone" in asked_again


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


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("do you have business accounts?", "person"),
        ("kann ich ein Geschäftskonto eröffnen?", "dazu"),
    ],
)
async def test_a_rule_of_the_shops_calls_a_person_whether_or_not_claude_would(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str, said: str, told: str
) -> None:
    await choose(lamp_shop, handoff_rules=["The shopper asks about a business account"])
    messages_api.answer = lambda body: Reply(text="Which lamp do you like?")
    conversation = await open_talk(claude, merchant=lamp_shop)

    events = await say(claude, conversation, said)
    asked = len(messages_api.requests)
    again = await say(claude, conversation, said)

    decision = find_decision(events)
    assert (asked, decision.planner, decision.planner_reason, decision.cost_micros) == (
        0,
        "builtin",
        "a rule of the shop's calls a person",
        0,
    )
    assert [event.text for event in events if isinstance(event, HandoffRequested)] == [said]
    assert told in find_reply(events).text
    # A person is called once; until they come, whoever else speaks goes on.
    assert not [event for event in again if isinstance(event, HandoffRequested)]
    assert find_decision(again).planner == "claude"


async def test_claude_calls_no_person_on_its_own(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    await choose(lamp_shop, handoff_rules=["The shopper asks about a business account"])
    messages_api.replies = [
        Reply(tool="call_person", arguments={"reason": "business account"}),
        Reply(text="Shall I ask someone?"),
    ]

    unasked = await say(claude, await open_talk(claude, merchant=lamp_shop), "a lamp for my office")

    assert not [event for event in unasked if isinstance(event, HandoffRequested)]
    assert find_decision(unasked).planner == "claude"
