"""What a shopper likes tips the scales of a search, hides nothing, gives way to their words, and is said."""

from datetime import timedelta

from catalog.ids import Sku
from catalog.models import Customer
from commerce_agent.models import AgentSettings
from commerce_agent.tools.ranking import choose_tastes, rank
from commerce_agent.tools.tastes import Taste, read_tastes
from conversations.events.decisions import DecisionMade
from conversations.ids import MerchantId
from conversations.shoppers import Kept
from tests.shoppers.conftest import NOON, Visitor, get_reply, list_cards

DAY = timedelta(days=1)


async def like(outfitter: MerchantId, **preferences: str) -> None:
    """What the shop's own system has down of the shopper."""
    await Customer.objects.acreate(
        merchant_id=outfitter,
        key="ada",
        preferences={name.replace("_", " "): value for name, value in preferences.items()},
    )


async def test_what_the_shop_has_down_comes_first_and_that_is_said(
    ada: Visitor, outfitter: MerchantId
) -> None:
    stranger = Visitor(ada.platform, ada.clock, merchant=outfitter, shopper=None)
    usual = list_cards(await stranger.say("show me boots"))
    await like(outfitter, favourite_brand="Borea")

    events = await ada.say("show me boots")

    cards = list_cards(events)
    assert cards[0] == "FELL-41"
    assert sorted(cards) == sorted(usual)
    assert usual[0] != "FELL-41"
    assert "Borea" in get_reply(events)
    assert "your account here says" in get_reply(events)
    (decision,) = [event for event in events if isinstance(event, DecisionMade)]
    first = next(each for each in decision.decision.candidates if each.ref.key == "FELL-41")
    assert "brand Borea (as the shop has down)" in first.reason


async def test_the_shoppers_own_word_of_an_earlier_visit_holds_against_a_record(
    ada: Visitor, outfitter: MerchantId
) -> None:
    await like(outfitter, brand="Borea")
    await ada.say("I'm looking for tents, nothing from Alta, ever")
    await ada.come(after=DAY)

    events = await ada.say("show me boots")

    assert list_cards(events) == ["FELL-41", "BOOT-41"]
    assert "Alta last, since you've told me" in get_reply(events)


async def test_it_gives_way_to_the_message_and_to_an_order_that_is_asked_for(
    ada: Visitor, outfitter: MerchantId
) -> None:
    await like(outfitter, brand="Borea")

    own = await ada.say("show me boots from Alta")
    await ada.come()
    cheapest = await ada.say("what are your cheapest boots?")

    assert list_cards(own) == ["BOOT-41"]
    assert list_cards(cheapest)[0] == "BOOT-41"
    for events in (own, cheapest):
        assert "account" not in get_reply(events)


async def test_without_the_consent_that_the_shop_asks_nothing_is_ranked_by(
    ada: Visitor, outfitter: MerchantId
) -> None:
    await like(outfitter, brand="Borea")
    await AgentSettings.objects.acreate(
        merchant_id=outfitter, version=1, memory_needs_consent=True, changed_at=NOON
    )

    before = await ada.say("show me boots")
    await ada.say("you may remember me")
    await ada.come()
    after = await ada.say("show me boots")

    assert list_cards(before)[0] == "BOOT-41"
    assert "Borea" not in get_reply(before)
    assert list_cards(after)[0] == "FELL-41"


def keep(kind: str, topic: str, value: str, source: str = "stated") -> Kept:
    return Kept(id="", kind=kind, topic=topic, value=value, source=source, at=NOON)  # type: ignore[arg-type]


def test_records_and_words_are_read_as_tastes() -> None:
    kept = (
        keep("preference", "shoes color", "red, blue"),
        keep("preference", "not brand", "Fell"),
        keep("size", "boots", "42"),
        keep("preference", "color", "green", source="inferred"),
        keep("preference", "material", "wool"),
    )
    records = {
        "shoe size": 9.0,
        "favourite_colour": "navy",
        "Boots size": "44",
        "newsletter": True,
        "name": "Ada",
    }

    tastes = read_tastes(kept, records)

    assert [(each.field, each.value, each.goods, each.is_dislike, each.source) for each in tastes] == [
        ("color", "red", "shoes", False, "stated"),
        ("color", "blue", "shoes", False, "stated"),
        ("brand", "Fell", "", True, "stated"),
        ("size", "42", "boots", False, "stated"),
        ("size", "9", "shoe", False, "merchant"),
        ("color", "navy", "", False, "merchant"),
    ]


def test_tastes_of_other_goods_and_of_this_conversation_are_left_out() -> None:
    tastes = (
        Taste(field="color", value="red", goods="shoes", source="stated"),
        Taste(field="brand", value="Fell", source="stated", conversation="here"),
        Taste(field="size", value="42", goods="boot", source="merchant"),
    )

    chosen = choose_tastes(tastes, query="winter boots", terms=(), conversation="here")

    assert [taste.field for taste in chosen] == ["size"]
    assert rank((), tastes=chosen, versions={}).list_told([Sku("A")]) == ()
