"""What Claude is told of a shopper: their card, as far as they agreed, and what is remembered where it is asked for."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from catalog.models import Customer
from commerce_agent.agent.claude.planner import build_planner
from commerce_agent.composition import Platform, open_platform
from commerce_agent.models import AgentSettings
from conversations.ids import MerchantId
from conversations.service import Reader, Whose
from conversations.shoppers import Kept, remember
from tests.agent.conftest import messages_api
from tests.agent.messages_api import MessagesApi, Reply
from tests.shoppers.conftest import NOON, Clock, Visitor

__all__ = ["messages_api"]
DAY = timedelta(days=1)
RECALL = Reply(tool="recall_shopper", arguments={})
WELL = Reply(text="Which tent do you like?")


@pytest.fixture
async def platform(database: str, clock: Clock, messages_api: MessagesApi) -> AsyncIterator[Platform]:
    """The outfitter's platform, whose Claude is the tests' own server."""
    planner = build_planner(api_key="k", model="claude-of-the-tests", base_url=messages_api.url)
    prefix = f"test-{uuid4().hex}:"
    async with open_platform(clock=clock, claude=planner, quiet=True, prefix=prefix) as opened:
        yield opened
        await opened.forget_keys()
    await planner.close()


def read_state(request: dict[str, Any]) -> Any:
    """The state at the end of what was asked."""
    written = request["body"]["messages"][-1]["content"][-1]["text"]
    return json.loads(written.removeprefix("<state>").removesuffix("</state>"))


def read_result(request: dict[str, Any]) -> Any:
    """What the last tool answered."""
    return json.loads(request["body"]["messages"][-1]["content"][-1]["content"])


async def test_claude_is_told_of_likes_once_they_may_be_used_and_only_of_this_shoppers(
    ada: Visitor, outfitter: MerchantId, messages_api: MessagesApi
) -> None:
    messages_api.answer = lambda body: WELL
    await Customer.objects.acreate(merchant_id=outfitter, key="ada", preferences={"favourite brand": "Borea"})
    await AgentSettings.objects.acreate(
        merchant_id=outfitter, version=1, memory_needs_consent=True, changed_at=NOON
    )
    stranger = Visitor(ada.platform, ada.clock, merchant=outfitter, shopper=None)

    await ada.say("show me tents")
    await ada.say("you may remember me")
    await ada.say("show me boots, nothing from Alta, ever")
    await ada.come(after=DAY)
    await ada.say("show me tents")
    await stranger.say("show me tents")

    first, *_, later, other = (read_state(request)["shopper"] for request in messages_api.requests)
    assert first == {"signed_in": True, "tier": None}
    assert later == {
        "signed_in": True,
        "tier": None,
        "preferences": [
            {"dislikes": "brand Alta", "known_from": "the shopper, in an earlier visit"},
        ],
    }
    assert other == {"signed_in": False, "tier": None}


async def test_what_is_remembered_comes_by_rule_and_by_tool(
    ada: Visitor, outfitter: MerchantId, messages_api: MessagesApi
) -> None:
    messages_api.answer = lambda body: WELL
    await ada.say("I'm looking for hiking boots in size 42")
    await ada.come(after=DAY)
    messages_api.answer, messages_api.replies = None, [WELL, RECALL, WELL, RECALL, WELL]

    await ada.say("what do you know about me?")
    await ada.say("a tent, please")
    stranger = Visitor(ada.platform, ada.clock, merchant=outfitter, shopper=None)
    await stranger.say("a tent, please")

    by_rule, _, by_tool, _, nobodys = messages_api.requests[-5:]
    size = {"about": "size boots", "value": "42", "certain": True}
    assert size in read_state(by_rule)["loaded"]["recall_shopper"]["remembered"]
    assert size in read_result(by_tool)["remembered"]
    assert read_result(nobodys)["remembered"] is None


async def test_where_somebody_lives_and_what_they_pay_with_is_told_to_no_model(
    ada: Visitor, messages_api: MessagesApi
) -> None:
    assert ada.shopper is not None
    news = tuple(
        Kept(id="", kind=kind, topic=topic, value=value, name=name, source="merchant", at=NOON)
        for kind, topic, value, name in (
            ("address", "address", "7 Gorse Lane", ""),
            ("payment", "2f", "tok_9f2c71", "Visa ending in 4242"),
            ("size", "boots", "43", ""),
        )
    )
    await ada.platform.conversations.profiles.change(
        Whose(merchant=ada.merchant, shopper=ada.shopper),
        lambda profile: remember(profile, news, now=NOON),
        reader=Reader(actor="test", purpose="given"),
        fields=("kept",),
        at=NOON,
    )
    messages_api.answer, messages_api.replies = None, [RECALL, WELL]

    await ada.say("a tent, please")

    assert [kept["value"] for kept in read_result(messages_api.requests[-1])["remembered"]] == ["43"]
    told = str(messages_api.requests)
    assert not any(word in told for word in ("Gorse", "tok_9f2c71", "4242"))
