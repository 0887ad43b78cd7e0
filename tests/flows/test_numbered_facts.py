"""What a talk knows of ratings and promotions says which version it is, as does all else that the shop numbers."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from asgiref.sync import sync_to_async

from catalog.feeds import load_promotions
from catalog.ids import MerchantId
from catalog.models import Merchant, Product, Promotion, Variant
from conversations.events.decisions import DecisionMade
from conversations.events.facts import Fact
from tests.flows.recordings import OPENED
from tests.flows.test_misbehaving import Talk, open_talk
from tests.merchant_api import RunningApi

GREEN = "MEADOW-G"
PROMOTIONS = """
- {code: null, title: Lamps save a tenth, discount: {percent: 10}, applies_to: {category: Lamps}}
- {code: GREEN5, title: Five off, discount: {amount: "5.00 EUR"}}
"""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """Of a fact what says where it is from and how new it is."""

    value: object
    source: str
    version: int
    at: object


async def list_told(talk: Talk, *said: str) -> dict[tuple[str, str], Known]:
    """What the last of the answers rests on, by subject and name."""
    events = [event for words in said for event in await talk.say(words)]
    decision = [event.decision for event in events if isinstance(event, DecisionMade)][-1]
    assert talk.conversation is not None
    state = await talk.platform.conversations.load(conversation=talk.conversation)
    facts: list[Fact] = [fact for fact in state.facts.canonical.values() if fact.id in decision.facts]
    return {
        (fact.subject.key, fact.name): Known(
            value=fact.value, source=fact.source.partition("@")[0], version=fact.version, at=fact.observed_at
        )
        for fact in facts
    }


@pytest.fixture
async def numbered(lamps: MerchantId) -> MerchantId:
    await sync_to_async(load_promotions)(merchant=lamps, source=PROMOTIONS, now=OPENED)
    return lamps


async def find_words_version(merchant: MerchantId, sku: str) -> int:
    variant = await Variant.objects.select_related("product").aget(merchant_id=merchant, sku=sku)
    return max(variant.words_version, variant.product.words_version)


@pytest.mark.parametrize(
    "said",
    [
        ("show me green lamps",),
        ("tell me about the green Meadow lamp",),
        ("show me lamps", "compare the first two"),
        ("show me lamps", "which one would you recommend?"),
        ("show me lamps", "which of those has the best rating?"),
    ],
    ids=["cards", "details", "table", "recommended", "best of the list"],
)
@pytest.mark.parametrize("through", ["store", "merchant api"])
async def test_a_rating_is_a_fact_in_the_version_of_its_items_words(
    numbered: MerchantId, merchant_api: RunningApi, settings: Any, through: str, said: tuple[str, ...]
) -> None:
    url = merchant_api.url if through == "merchant api" else ""
    async with open_talk(numbered, url=url, settings=settings) as talk:
        told = await list_told(talk, *said)

    rated = {sku: fact for (sku, name), fact in told.items() if name == "rating"}
    assert rated != {}
    for sku, fact in rated.items():
        product = await Product.objects.aget(merchant_id=numbered, variants__sku=sku)
        assert fact == Known(
            value=f"{float(product.rating or 0):g} by {product.rating_count}",
            source="store" if url else "catalogue",
            version=await find_words_version(numbered, sku),
            at=OPENED,
        )
        assert fact.version > 1


async def test_a_rating_that_changed_is_told_in_its_later_version(
    numbered: MerchantId, settings: Any
) -> None:
    async with open_talk(numbered, url="", settings=settings) as talk:
        before = (await list_told(talk, "tell me about the green Meadow lamp"))[GREEN, "rating"]
        await Product.objects.filter(merchant_id=numbered, group_key="MEADOW").aupdate(
            rating=3, rating_count=121
        )
        # Within the same instant: the version alone says which of the two is the later.
        after = (await list_told(talk, "tell me about the green Meadow lamp"))[GREEN, "rating"]

    assert (before.value, after.value) == ("4.6 by 120", "3 by 121")
    assert (after.at, after.version > before.version) == (before.at, True)


@pytest.mark.parametrize("through", ["store", "merchant api"])
async def test_promotions_and_what_became_of_a_code_are_facts_with_versions(
    numbered: MerchantId, merchant_api: RunningApi, settings: Any, through: str
) -> None:
    url = merchant_api.url if through == "merchant api" else ""
    async with open_talk(numbered, url=url, settings=settings) as talk:
        listed = await list_told(talk, "any promotions?")
        entered = await list_told(talk, "add the green Meadow lamp to my cart", "use code GREEN5")
        unknown = await list_told(talk, "use code NONSENSE")

    tenth = await Promotion.objects.aget(merchant_id=numbered, code=None)
    of_list = (await Merchant.objects.aget(id=numbered)).promotions_version
    assert of_list > tenth.version > 1
    assert listed["Lamps save a tenth", "promotion"] == Known(
        value="Lamps save a tenth", source="promotions", version=tenth.version, at=OPENED
    )
    assert entered["GREEN5", "code"].version == of_list
    assert unknown["NONSENSE", "code"].version == of_list


async def test_a_promotion_of_the_same_instant_gives_way_to_its_later_version_and_to_none(
    numbered: MerchantId, settings: Any
) -> None:
    async with open_talk(numbered, url="", settings=settings) as talk:
        await list_told(talk, "add the green Meadow lamp to my cart")
        counts = (await list_told(talk, "use code GREEN5"))["GREEN5", "code"]
        await Promotion.objects.filter(merchant_id=numbered, code="GREEN5").adelete()
        talk.clock.advance(timedelta(minutes=20).total_seconds())
        gone = (await list_told(talk, "use code GREEN5"))["GREEN5", "code"]

    assert (gone.value != counts.value, gone.version > counts.version) == (True, True)
