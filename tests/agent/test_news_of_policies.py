"""What changes in the shop's terms reaches the conversations that were told of them."""

import json

import pytest
from asgiref.sync import sync_to_async

from catalog.events import PolicyChanged
from catalog.feeds import load_policies
from catalog.ids import MerchantId
from commerce_agent.composition import Platform
from conversations.events.facts import Fact, FactSuperseded
from conversations.ids import EntityRef
from conversations.ids import MerchantId as ConversationMerchantId
from tests.agent.conftest import NOW
from tests.agent.talking import find_reply, list_notices, open_talk, say


async def publish_returns(
    merchant: str, *, days: int, scope: dict[str, str] | None = None, version: int = 1
) -> PolicyChanged:
    """A returns policy stands from now on."""
    policy = {"name": "returns", "title": "Returns", "text": f"Within {days} days.", "version": version}
    more = {"terms": {"window_days": days}, **({"applies_to": scope} if scope else {})}
    (event,) = await sync_to_async(load_policies)(
        merchant=MerchantId(merchant), source=json.dumps([{**policy, **more}]), now=NOW
    )
    assert isinstance(event, PolicyChanged)
    return event


@pytest.mark.parametrize(
    ("locale", "question", "notice"),
    [
        ("en", "what is the return policy?", "it was 60 days when you asked, and it is 40 days from now on."),
        ("de", "Wie lange kann ich etwas zurückgeben?", "waren es 60 Tage, von jetzt an sind es 40 Tage."),
    ],
)
async def test_a_changed_policy_says_what_it_was_and_what_it_is_in_the_shoppers_language(
    platform: Platform, lamp_shop: str, locale: str, question: str, notice: str
) -> None:
    await publish_returns(lamp_shop, days=60)
    conversation = await platform.conversations.open_conversation(
        merchant=ConversationMerchantId(lamp_shop), currency="EUR", locale=locale, at=NOW
    )
    assert "60" in find_reply(await say(platform, conversation, question)).text

    await platform.newsroom.spread(await publish_returns(lamp_shop, days=40, version=2))

    (told,) = await list_notices(platform, conversation)
    assert told.endswith(notice)
    again = find_reply(await say(platform, conversation, question)).text
    assert "60" in again
    assert "40" in again


async def test_a_policy_that_names_no_period_is_told_in_its_own_words(
    platform: Platform, lamp_shop: str
) -> None:
    await publish_returns(lamp_shop, days=60)
    conversation = await open_talk(platform, merchant=lamp_shop)
    await say(platform, conversation, "what is the return policy?")
    written = json.dumps([{"name": "returns", "title": "Returns", "text": "No returns.", "version": 2}])
    (event,) = await sync_to_async(load_policies)(merchant=MerchantId(lamp_shop), source=written, now=NOW)

    await platform.newsroom.spread(event)

    assert await list_notices(platform, conversation) == [
        "The Returns policy has changed since you asked. Now it says: “No returns.”"
    ]


@pytest.mark.parametrize(
    ("scope", "told"),
    [
        ({"sku": "MEADOW-G"}, 1),
        ({"sku": "CHAIR-O"}, 0),
        ({"category": "Lamps"}, 1),
        ({"category": "Chairs"}, 0),
    ],
    ids=lambda value: "/".join(map(str, value.values())) if isinstance(value, dict) else str(value),
)
async def test_a_narrower_policy_is_news_where_it_covers_what_is_talked_about(
    platform: Platform, lamp_shop: str, scope: dict[str, str], told: int
) -> None:
    await publish_returns(lamp_shop, days=60)
    conversation = await open_talk(platform, merchant=lamp_shop)
    await say(platform, conversation, "a green lamp")
    assert "60" in find_reply(await say(platform, conversation, "what is the return policy?")).text

    event = await publish_returns(lamp_shop, days=40, scope=scope)
    heard = [await platform.newsroom.spread(event) for _ in range(2)]

    assert heard == [told, 0]
    state = await platform.conversations.load(conversation=conversation)
    terms = state.facts.find(subject=EntityRef("policy", "returns"), name="returns.window_days")
    assert terms is not None
    assert terms.value == (40 if told else 60)


async def test_news_of_two_scopes_in_one_version_are_two_facts(platform: Platform, lamp_shop: str) -> None:
    await publish_returns(lamp_shop, days=60)
    conversation = await open_talk(platform, merchant=lamp_shop)
    await say(platform, conversation, "a green lamp")
    await say(platform, conversation, "what is the return policy?")

    async def hear(days: int, scope: dict[str, str]) -> Fact:
        await platform.newsroom.spread(await publish_returns(lamp_shop, days=days, scope=scope))
        state = await platform.conversations.load(conversation=conversation)
        known = state.facts.find(subject=EntityRef("policy", "returns"), name="returns.window_days")
        assert known is not None
        return known

    lamps, green = await hear(40, {"category": "Lamps"}), await hear(20, {"sku": "MEADOW-G"})

    assert [(each.value, each.version) for each in (lamps, green)] == [(40, 1), (20, 1)]
    assert lamps.id != green.id
    journal = await platform.conversations.list_events(conversation=conversation)
    passed = [each.event for each in journal if isinstance(each.event, FactSuperseded)]
    assert (lamps.id, green.id) in [(each.id, each.fact.id) for each in passed]
