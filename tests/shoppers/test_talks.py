"""`manage.py talk`: one conversation, also of nobody known, is erased and held by its id, on record, and proven."""

from pathlib import Path
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.core.management import CommandError, call_command

from catalog.models import Merchant, Product
from commerce_agent.shoppers.erasing import erase
from commerce_agent.shoppers.proving import find_canaries, find_left, look_before
from conversations.ids import MerchantId
from conversations.models import AccessRecord, DataKey, JournalEntry
from conversations.service import Reader
from tests.shoppers.conftest import NOON, Visitor

STAFF = Reader(actor="operator:1", purpose="asked by letter")


async def run(capsys: pytest.CaptureFixture[str], visitor: Visitor, *words: str) -> str:
    shop = await Merchant.objects.aget(pk=visitor.merchant)
    told = ("--merchant", shop.key, "--why", "asked by letter")
    await sync_to_async(call_command, thread_sensitive=False)(
        "talk", words[0], visitor.talk, *told, *words[1:]
    )
    return capsys.readouterr().out


@pytest.fixture
async def stranger(ada: Visitor) -> Visitor:
    """Somebody whom the shop has not named, with a talk in which a secret was said."""
    nobody = Visitor(ada.platform, ada.clock, merchant=ada.merchant, shopper=None)
    await nobody.say(f"boots for {uuid4().hex}")
    return nobody


async def test_a_talk_of_nobody_is_held_released_and_erased_by_its_id(
    stranger: Visitor, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "web.log").write_text("nothing of theirs")
    assert "Held." in await run(capsys, stranger, "hold")
    with pytest.raises(CommandError, match="legal hold"):
        await run(capsys, stranger, "erase")
    assert await JournalEntry.objects.filter(conversation_id=stranger.talk).aexists()
    assert "Released." in await run(capsys, stranger, "release")

    told = await run(capsys, stranger, "erase", "--files", str(tmp_path))

    assert "Of 1 texts that were theirs, 0 were found again" in told
    assert not await JournalEntry.objects.filter(conversation_id=stranger.talk).aexists()
    assert not await DataKey.objects.filter(owner_id=stranger.talk, destroyed_at=None).aexists()
    rows = AccessRecord.objects.filter(merchant_id=stranger.merchant, subject__endswith=stranger.talk)
    assert [(row.actor, row.action, row.purpose) async for row in rows.order_by("seq")] == [
        ("operator:command", action, "asked by letter")
        for action in (
            "conversation.held",
            "shopper.erasing",
            "shopper.not_erased",
            "conversation.released",
            "shopper.erasing",
            "shopper.erased",
        )
    ]


async def test_what_is_left_of_it_is_a_fault(
    stranger: Visitor, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (spoke,) = await stranger.platform.conversations.list_events(
        conversation=stranger.talk or "", kind="shopper.spoke"
    )
    (tmp_path / "web.log").write_text(getattr(spoke.event, "text", ""))

    with pytest.raises(CommandError, match=r"Still there, see to it: .*web\.log"):
        await run(capsys, stranger, "erase", "--files", str(tmp_path))


async def test_of_a_named_shopper_one_talk_goes_and_the_rest_stays(
    ada: Visitor, capsys: pytest.CaptureFixture[str]
) -> None:
    await ada.say("hiking boots in size 42")

    await run(capsys, ada, "erase")

    assert not await JournalEntry.objects.filter(conversation_id=ada.talk).aexists()
    assert "42" in [kept.value for kept in (await ada.get_profile()).kept]


async def test_another_shops_talk_is_none(
    ada: Visitor, stranger: Visitor, capsys: pytest.CaptureFixture[str]
) -> None:
    other = await Merchant.objects.acreate(key=f"other-{uuid4().hex[:8]}", name="Other")
    abroad = Visitor(ada.platform, ada.clock, merchant=MerchantId(str(other.pk)), shopper=None)
    abroad.talk = stranger.talk
    before = await AccessRecord.objects.filter(merchant_id=ada.merchant).acount()

    for action in ("erase", "hold", "release"):
        with pytest.raises(CommandError, match="There is no conversation"):
            await run(capsys, abroad, action)

    assert await JournalEntry.objects.filter(conversation_id=stranger.talk).aexists()
    assert await AccessRecord.objects.filter(merchant_id=ada.merchant).acount() == before


async def test_what_the_shops_goods_said_all_along_is_nobodys(ada: Visitor, outfitter: MerchantId) -> None:
    """Whoever asks for a product by its name leaves no trace in it; elsewhere the same words would be one."""
    secret = f"the kettle for {uuid4().hex}"
    for said in ("Harbour espresso coffee", secret):
        await ada.say(said)
    assert ada.shopper is not None
    platform = ada.platform
    card = await platform.conversations.find_shopper(merchant=outfitter, shopper=ada.shopper)
    before = await look_before(platform, merchant=outfitter, card=card)
    await erase(platform, merchant=outfitter, owner=ada.shopper, reader=STAFF, at=NOON)

    assert await find_left(platform, before) == ()
    assert before.shared == 1
    assert {each.place for each in await find_canaries(platform, before.canaries)} >= {"catalog_product"}
    # The same words in another place, and others that got into the goods since, are still found.
    await platform.redis.set(f"{platform.prefix}left", "Harbour espresso coffee")
    await Product.objects.acreate(merchant_id=outfitter, group_key="kettle", title=secret)
    assert {each.sort for each in await find_left(platform, before)} == {"Redis", "catalog_product"}
