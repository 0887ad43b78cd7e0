"""A card offers the versions that an item comes in, and what a press says is understood."""

from asgiref.sync import sync_to_async

from catalog.ids import MerchantId, Sku
from catalog.inventory import set_stock
from commerce_agent.composition import Platform
from conversations.events import Event
from conversations.events.messages import CardsShown, CardVersion
from tests.agent.conftest import NOW
from tests.agent.talking import list_cards, open_talk, say


def list_versions(events: tuple[Event, ...]) -> list[CardVersion]:
    """The versions on the turn's only card."""
    (card,) = (card for event in events if isinstance(event, CardsShown) for card in event.cards)
    return list(card.versions)


async def test_a_press_asks_for_the_other_version(platform: Platform, lamp_shop: str) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    shown = list_versions(await say(platform, conversation, "tell me more about the Meadow lamp"))
    other = next(version for version in shown if not version.chosen)

    events = await say(platform, conversation, other.ask)

    assert {(one.name, one.value, one.sold_out, one.sku) for one in shown} == {
        ("color", "Green", False, "MEADOW-G"),
        ("color", "White", False, "MEADOW-W"),
    }
    assert list_cards(events) == [f"MEADOW-{other.value[0]}"]
    assert {one.value: one.chosen for one in list_versions(events)} == {
        value: value == other.value for value in ("Green", "White")
    }


async def test_an_item_without_sisters_offers_no_choice(platform: Platform, lamp_shop: str) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)

    assert list_versions(await say(platform, conversation, "tell me more about the Tall lamp")) == []


async def test_what_is_sold_out_says_so(platform: Platform, lamp_shop: str) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    await sync_to_async(set_stock)(
        merchant=MerchantId(lamp_shop), sku=Sku("MEADOW-W"), quantity=0, at=NOW, source="test"
    )
    shown = list_versions(await say(platform, conversation, "tell me more about the green Meadow lamp"))

    assert {(one.value, one.chosen, one.sold_out) for one in shown} == {
        ("Green", True, False),
        ("White", False, True),
    }


async def test_cards_side_by_side_offer_versions_too(platform: Platform, lamp_shop: str) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    events = await say(platform, conversation, "show me lamps")
    (shown,) = (event.cards for event in events if isinstance(event, CardsShown))
    offered = {card.ref.key: {(one.value, one.chosen) for one in card.versions} for card in shown}

    assert len(shown) > 1
    assert any(
        offered.get(f"MEADOW-{own[0]}") == {("Green", own == "Green"), ("White", own == "White")}
        for own in ("Green", "White")
    )
    assert any(versions == set() for versions in offered.values())


async def test_a_card_says_its_values_in_the_shoppers_language(platform: Platform, lamp_shop: str) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    events = await say(platform, conversation, "erzähl mir mehr über die grüne Meadow Lampe")
    (card,) = (card for event in events if isinstance(event, CardsShown) for card in event.cards)
    other = next(version for version in card.versions if not version.chosen)

    # The names of what one chooses by are the widget's to translate.
    assert dict(card.attributes)["color"] == "Grün"
    assert {one.value for one in card.versions} == {"Grün", "Weiß"}
    assert list_cards(await say(platform, conversation, other.ask)) == ["MEADOW-W"]
