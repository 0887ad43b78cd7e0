"""What a message asks for is in the prompt by itself: the model need not ask for it."""

import json

import pytest
from asgiref.sync import sync_to_async

from catalog.feeds import load_policies
from catalog.ids import MerchantId
from commerce_agent.composition import Platform
from tests.agent.conftest import NOW
from tests.agent.messages_api import MessagesApi, Reply
from tests.agent.talking import open_talk, say

POLICIES = [
    {"name": "returns", "title": "Returns", "text": "Within 60 days.", "version": 1},
    {"name": "shipping", "title": "Shipping", "text": "It takes 3 days.", "version": 1},
]


@pytest.mark.parametrize(
    ("said", "loaded"),
    [
        (
            "what is your return policy, and what does shipping cost?",
            {"get_policy returns", "get_policy shipping"},
        ),
        ("are there any promotions?", {"list_promotions"}),
        ("how much was my order?", {"list_orders"}),
        ("I want to cancel my order", {"list_orders"}),
        ("a lamp", set()),
    ],
)
async def test_what_is_asked_for_is_loaded_before_the_model_is(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str, said: str, loaded: set[str]
) -> None:
    await sync_to_async(load_policies)(merchant=MerchantId(lamp_shop), source=json.dumps(POLICIES), now=NOW)
    messages_api.replies = [Reply(text="Let me see.")]

    await say(claude, await open_talk(claude, merchant=lamp_shop), said)

    written = messages_api.requests[0]["body"]["messages"][-1]["content"][1]["text"]
    digest = json.loads(written.removeprefix("<state>").removesuffix("</state>"))
    assert digest.get("loaded", {}).keys() == loaded
