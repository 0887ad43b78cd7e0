"""Where orders go and what pays them, as the shop's own list of customers says: sealed, shown, given out, erased."""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any
from uuid import uuid4

import pytest

from catalog.connectors.readings import AnswerRefused
from catalog.ids import CustomerKey
from catalog.ids import MerchantId as ShopId
from catalog.models import Connector
from commerce_agent.chat import protocol
from commerce_agent.chat.inbound import Correction
from commerce_agent.chat.memories import answer_memory
from commerce_agent.chat.merchants import Shop
from commerce_agent.composition import Platform, open_platform
from commerce_agent.models import AgentSettings
from commerce_agent.shoppers.erasing import erase
from commerce_agent.shoppers.exporting import export_shopper, write_page
from commerce_agent.shoppers.proving import find_canaries
from conversations.ids import ClientMessageId, MerchantId
from conversations.models import AccessRecord, ShopperProfile
from conversations.service import Reader
from tests.shoppers.conftest import NOON, Clock, Visitor, get_reply
from tests.strange_system import Answer, answering, say

STAFF = Reader(actor="operator:1", purpose="asked by letter")
HOME, TOKEN, OTHER = "7 Gorse Lane, Hay", "tok_9f2c71", "tok_0b55aa"
VISA = {"token": TOKEN, "name": "Visa ending in 4242"}
FIELDS = {"tier": "level", "address": "home", "payments": "wallet[].{reference: token, label: name}"}
CARD = "4111 1111 1111 1111"


class System:
    """The shop's own list of customers."""

    def __init__(self) -> None:
        self.status = 200
        self.says: dict[str, object] = {"level": "gold", "home": HOME, "wallet": [VISA, {"token": OTHER}]}

    def __call__(self, _path: str, _headers: Mapping[str, str]) -> Answer:
        return say(self.says, status=self.status)


@pytest.fixture
def system() -> System:
    return System()


@pytest.fixture
def url(system: System, settings: Any) -> Iterator[str]:
    settings.CONNECTOR_PRIVATE_NETWORKS = ("127.0.0.0/8",)
    with answering(system) as base:
        yield f"{base}/customers?who={{customer}}"


@pytest.fixture
async def visitor(outfitter: MerchantId, clock: Clock, url: str) -> AsyncIterator[Visitor]:
    """Ada, of whom the shop's own system knows where her orders go and what pays them."""
    await Connector.objects.acreate(
        merchant_id=outfitter, kind="customers", name="crm", url=url, fields=FIELDS, timeout_ms=9000
    )
    async with open_platform(clock=clock, quiet=True, prefix=f"test-{uuid4().hex}:") as platform:
        card = await platform.conversations.shoppers.record(
            merchant=outfitter, key="ada", name="Ada Moss", at=NOON
        )
        yield Visitor(platform, clock, merchant=outfitter, shopper=card.id)
        await platform.forget_keys()


async def look(visitor: Visitor, **change: Any) -> protocol.Memories:
    """The page of what is remembered, as the widget asks for it."""
    assert visitor.shopper is not None
    shop = Shop(id=visitor.merchant, key="o", name="O", currency="USD", locale="en", shop_url="", origins=())
    card = await visitor.platform.conversations.find_shopper(
        merchant=visitor.merchant, shopper=visitor.shopper
    )
    return await answer_memory(
        protocol.Memory(cid=ClientMessageId(uuid4().hex), **change),
        platform=visitor.platform,
        shop=shop,
        shopper=card,
        language="en",
        now=visitor.clock,
    )


async def ask_anew(platform: Platform, merchant: MerchantId) -> None:
    """Nothing that the system said before is fresh any more."""
    await platform.connectors.customers.expire(merchant=ShopId(merchant), keys=(CustomerKey("ada"),))


def list_shown(page: protocol.Memories) -> list[tuple[str, str, bool]]:
    return sorted((item.about, item.value, item.editable) for item in page.kept)


async def test_what_the_shop_has_down_is_kept_sealed_shown_and_given_out(visitor: Visitor) -> None:
    page = await look(visitor)
    told = get_reply(await visitor.say("what do you know about me?"))

    assert list_shown(page) == [
        ("Address", HOME, True),
        ("Means of payment", "Visa ending in 4242", False),
        ("Means of payment", OTHER, False),
    ]
    assert HOME in told
    assert "Visa ending in 4242" in told
    assert TOKEN not in told
    row = await ShopperProfile.objects.aget(merchant_id=visitor.merchant)
    assert row.version == 1
    assert not any(word.encode() in bytes(row.sealed) for word in (HOME, TOKEN, OTHER))
    assert visitor.shopper is not None
    export = await export_shopper(
        visitor.platform, merchant=visitor.merchant, shopper=visitor.shopper, reader=STAFF, at=NOON
    )
    assert {(kept.kind, kept.value, kept.source) for kept in export.profile.kept} == {
        ("address", HOME, "merchant"),
        ("payment", TOKEN, "merchant"),
        ("payment", OTHER, "merchant"),
    }
    written = write_page(export)
    assert "payment, Visa ending in 4242: tok_9f2c71 (merchant" in written
    assert "payment, by reference: tok_0b55aa (merchant" in written


async def test_it_follows_the_shop_and_the_shoppers_own_hand_outweighs_it(
    visitor: Visitor, outfitter: MerchantId
) -> None:
    ids = {item.value: item.id for item in (await look(visitor)).kept}
    await look(visitor, correct=Correction(id=ids[HOME], value="9 Quay, Hay"))
    await look(visitor, correct=Correction(id=ids[OTHER], value="free of charge"))
    await look(visitor, forget=(ids["Visa ending in 4242"],))
    await ask_anew(visitor.platform, outfitter)
    kept = list_shown(await look(visitor))
    version = (await visitor.get_profile()).version
    await look(visitor)

    assert kept == [("Address", "9 Quay, Hay", True), ("Means of payment", OTHER, False)]
    profile = await visitor.get_profile()
    assert profile.version == version
    assert TOKEN not in str(profile)


async def test_what_the_shop_says_no_more_goes(
    visitor: Visitor, outfitter: MerchantId, system: System
) -> None:
    await look(visitor)
    system.says = {"level": "gold", "home": "", "wallet": [VISA]}
    await ask_anew(visitor.platform, outfitter)

    assert list_shown(await look(visitor)) == [("Means of payment", "Visa ending in 4242", False)]


async def test_a_system_that_does_not_answer_takes_nothing_away(
    visitor: Visitor, outfitter: MerchantId, system: System
) -> None:
    kept = list_shown(await look(visitor))
    system.status = 500
    await ask_anew(visitor.platform, outfitter)

    assert list_shown(await look(visitor)) == kept
    assert len(kept) == 3


async def test_nothing_is_kept_without_the_consent_that_is_needed(
    visitor: Visitor, outfitter: MerchantId
) -> None:
    await AgentSettings.objects.acreate(
        merchant_id=outfitter, version=1, memory_needs_consent=True, changed_at=NOON
    )
    page = await look(visitor)
    assert (page.kept, page.allowed) == ((), False)
    assert not await ShopperProfile.objects.filter(merchant_id=outfitter).aexists()

    await look(visitor, agree=True)
    assert len((await look(visitor)).kept) == 3
    await look(visitor, agree=False)
    assert (await look(visitor)).kept == ()
    assert (await visitor.get_profile()).kept == ()


async def test_a_cards_number_among_them_is_refused_and_kept_nowhere(
    visitor: Visitor, outfitter: MerchantId, system: System
) -> None:
    for spoiled in ({"token": CARD}, {"token": OTHER, "name": f"Visa {CARD}"}):
        system.says = {"level": "gold", "home": HOME, "wallet": [VISA, spoiled]}
        await ask_anew(visitor.platform, outfitter)
        with pytest.raises(AnswerRefused, match="a card's number stands among its payments") as refused:
            await visitor.platform.connectors.direct.customers.read(
                merchant=ShopId(outfitter), keys=(CustomerKey("ada"),), now=NOON
            )
        assert "4111" not in str(refused.value)
        assert (await look(visitor)).kept == ()
    assert not await ShopperProfile.objects.filter(merchant_id=outfitter).aexists()


async def test_an_erasure_takes_it(visitor: Visitor, outfitter: MerchantId, system: System) -> None:
    canary = f"tok_{uuid4().hex}"
    system.says = {"level": "gold", "home": f"{canary} Lane", "wallet": [{"token": canary, "name": canary}]}
    assert len((await look(visitor)).kept) == 2
    assert visitor.shopper is not None
    await erase(visitor.platform, merchant=outfitter, owner=visitor.shopper, reader=STAFF, at=NOON)

    assert not await ShopperProfile.objects.filter(merchant_id=outfitter).aexists()
    assert (await visitor.get_profile()).kept == ()
    assert await find_canaries(visitor.platform, (canary,)) == ()


async def test_turns_that_do_not_speak_of_it_read_and_write_no_profile(
    visitor: Visitor, outfitter: MerchantId
) -> None:
    await visitor.say("hello")

    looked = AccessRecord.objects.filter(merchant_id=outfitter, action__startswith="profile.")
    assert not await looked.aexists()
    assert not await ShopperProfile.objects.filter(merchant_id=outfitter).aexists()
