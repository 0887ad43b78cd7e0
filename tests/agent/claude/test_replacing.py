"""What Claude claims against the facts twice is not said; the fact is, whatever kind it is of."""

import json
from typing import Any

from asgiref.sync import sync_to_async

from catalog.feeds import load_policies
from catalog.ids import MerchantId
from commerce_agent.composition import Platform
from tests.agent.conftest import NOW
from tests.agent.messages_api import MessagesApi, Reply
from tests.agent.talking import find_decision, find_reply, open_talk, say

RETURNS = "You may return anything within 45 days."
READ: tuple[tuple[str, dict[str, Any]], ...] = (
    ("look_at_product", {"sku": "BRIM-Y"}),
    ("look_at_product", {"sku": "STOOL-O"}),
    ("get_policy", {"name": "returns"}),
)
FALSE = {
    "The Meadow lamp costs €20.00.": "The Meadow lamp is €80.00.",
    "The Brim lamp is half off.": "The Brim lamp is €39.00.",
    "The Brim lamp is sold out.": "The Brim lamp is in stock.",
    "There are 9 Brim lamps left.": "Only 5 of the Brim lamp left.",
    "The Sill stool is in stock.": "The Sill stool is sold out right now.",
    "You may return it within 90 days.": RETURNS,
    "Delivery takes 2 days.": "",
    "Use the code LAMP99.": "",
}


async def test_the_fact_stands_in_the_place_of_what_is_false_of_it(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    written = json.dumps([{"name": "returns", "title": "Returns", "text": RETURNS, "version": 1}])
    await sync_to_async(load_policies)(merchant=MerchantId(lamp_shop), source=written, now=NOW)
    told = " ".join(("Let me see.", *FALSE))
    messages_api.replies = [
        Reply(tool="look_at_product", arguments={"sku": "MEADOW-G"}, tools=READ),
        Reply(text=told),
        Reply(text=told.removeprefix("Let me see. ")),
    ]
    conversation = await open_talk(claude, merchant=lamp_shop)

    events = await say(claude, conversation, "tell me about your lamps and returns")

    decision = find_decision(events)
    assert find_reply(events).text == " ".join(filter(None, ("Let me see.", *FALSE.values())))
    remedies = [verdict.remedy for verdict in decision.grounding if not verdict.passed]
    assert remedies == ["repaired", *("replaced" if fact else "left_out" for fact in FALSE.values())]
    state = await claude.conversations.load(conversation=conversation)
    cited = {fact.name for fact in state.facts.cited.values()}
    assert {"price", "availability", "stock", "policy.returns"} <= cited
