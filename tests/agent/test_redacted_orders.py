"""An order's number that looks like a card's stays in what the shopper says; a card's number never does."""

from uuid import uuid4

from commerce_agent.composition import Platform
from conversations.events.facts import Fact, FactsObserved
from conversations.events.messages import ShopperSpoke
from conversations.ids import ClientMessageId, EntityRef
from tests.agent.conftest import NOW
from tests.agent.talking import open_talk

ORDER = "6304950600007"


async def test_a_number_that_the_talk_knows_as_an_orders_stays_and_a_cards_does_not(
    platform: Platform, lamp_shop: str
) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    said = f"I paid {ORDER} with the card 4111111111111111 or 501800000009"

    for known in (False, True):
        if known:
            status = Fact(
                id="status",
                subject=EntityRef("order", ORDER),
                name="status",
                value="pending",
                source="orders",
                observed_at=NOW,
            )
            await platform.conversations.record_arrivals(
                conversation=conversation, events=(FactsObserved(facts=(status,)),), at=NOW
            )
        await platform.conversations.record_message(
            conversation=conversation, cid=ClientMessageId(uuid4().hex), text=said, at=NOW
        )

    events = await platform.conversations.list_events(conversation=conversation)
    kept = [each.event.text for each in events if isinstance(each.event, ShopperSpoke)]
    card = "[card number removed]"
    assert kept == [
        f"I paid {card} with the card {card} or {card}",
        f"I paid {ORDER} with the card {card} or {card}",
    ]
