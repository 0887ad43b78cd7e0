"""A shopper whom the shop vouches for sees what is remembered of them, and has the last word on it."""

import uuid
from datetime import UTC, datetime
from typing import Any

from catalog.models import Merchant
from commerce_agent.composition import Platform
from conversations.ids import MerchantId
from conversations.models import AccessRecord
from conversations.service import Reader, Whose
from conversations.shoppers import Kept, remember
from tests.chat.shopper import Frame, Gate, Shopper
from tests.chat.signing import claim, give_key, sign

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
KNOWN = (
    Kept(id="", kind="size", topic="boots", value="42", source="stated", at=AT),
    Kept(id="", kind="preference", topic="color", value="blue", source="inferred", at=AT),
    Kept(id="", kind="seen", topic="FELL-42", value="FELL-42", name="Fell boot", source="inferred", at=AT),
)


async def come(person: Shopper, merchant: Merchant) -> None:
    """Says hello, vouched for by the shop."""
    await person.hello(resume=f"{uuid.uuid4()}{uuid.uuid4()}", lang="de")
    token = sign(give_key(merchant), claim(merchant))
    await person.send(t="identify", cid=str(uuid.uuid4()), jwt=token)
    await person.expect("welcome")


async def ask(person: Shopper, **wish: Any) -> Frame:
    """Asks what is remembered, with a wish."""
    cid = str(uuid.uuid4())
    await person.send(t="memory", cid=cid, **wish)
    return await person.expect("memories", lambda frame: frame["cid"] == cid)


async def teach(platform: Platform, merchant: Merchant) -> None:
    """Has things remembered of the shopper."""
    shop = MerchantId(str(merchant.pk))
    card = await platform.conversations.shoppers.find_by_key(merchant=shop, key="C-1")
    assert card is not None
    await platform.conversations.profiles.change(
        Whose(merchant=shop, shopper=card.id),
        lambda profile: remember(profile, KNOWN, now=AT),
        reader=Reader(actor="test", purpose="teaching"),
        fields=("kept",),
        at=AT,
    )


async def test_it_is_shown_put_right_and_taken_out(
    gate: Gate, merchant: Merchant, platform: Platform
) -> None:
    async with gate.open() as person:
        await come(person, merchant)
        await teach(platform, merchant)

        shown = await ask(person)
        assert shown["kept"] == [
            {"id": "m3", "about": "Angesehen", "value": "Fell boot", "guess": True},
            {"id": "m2", "about": "Farbe", "value": "blue", "guess": True, "editable": True},
            {"id": "m1", "about": "Größe (boots)", "value": "42", "editable": True},
        ]
        corrected = await ask(person, correct={"id": "m2", "value": " green "})
        assert {each["about"]: each["value"] for each in corrected["kept"]}["Farbe"] == "green"
        left = await ask(person, forget=["m3", "m1", "no such"])
        assert [(each["id"], each["value"], each.get("guess")) for each in left["kept"]] == [
            ("m2", "green", None)
        ]
        refused = await ask(person, agree=False)
        assert (refused.get("kept"), refused["allowed"]) == (None, False)

    looks = AccessRecord.objects.filter(merchant_id=merchant.pk, actor="shopper")
    assert looks.count() == 4


async def test_an_anonymous_shopper_has_none_to_see(gate: Gate, merchant: Merchant) -> None:
    async with gate.open() as person:
        await person.hello(resume=f"{uuid.uuid4()}{uuid.uuid4()}")
        await person.say("hello")
        await person.send(t="memory", cid="memory-1", agree=True)
        error = await person.expect("error")

    assert (error["code"], error["cid"]) == ("not_identified", "memory-1")
    assert not AccessRecord.objects.filter(merchant_id=merchant.pk, actor="shopper").exists()
