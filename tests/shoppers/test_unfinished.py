"""An outage in the middle of an erasure loses nothing of it: it is finished later, and whoever asked is told so."""

from collections.abc import Awaitable
from datetime import timedelta
from typing import Any
from unittest.mock import AsyncMock

import pytest
from asgiref.sync import sync_to_async
from django.db import InterfaceError
from django.db import OperationalError as DjangoError
from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from catalog.models import Merchant
from commerce_agent.chat.merchants import find_shop
from commerce_agent.chat.protocol import FrameRefused
from commerce_agent.chat.standing import Standing
from commerce_agent.composition import Platform
from commerce_agent.decoding import decode_json
from commerce_agent.shoppers import erasing
from commerce_agent.shoppers.erasing import erase, erase_conversation
from commerce_agent.shoppers.finishing import FINISHER, finish_erasures
from commerce_agent.shoppers.purging import purge
from conversations.accesses import Access, record_access_through, verify_chain
from conversations.ids import MerchantId
from conversations.models import AccessRecord, Conversation, DataKey, JournalEntry
from conversations.service import KeyDestroyed, Reader, UnknownSchema, Whose
from conversations.store.holding import OnHold
from conversations.store.keeper import KeyKeeper
from conversations.store.purging import Purges
from tests.shoppers.conftest import NOON, Visitor

STAFF = Reader(actor="operator:1", purpose="the shopper asked by letter")
LATER = NOON + timedelta(hours=1)


async def list_told(visitor: Visitor) -> list[tuple[str, str]]:
    rows = AccessRecord.objects.filter(merchant_id=visitor.merchant, action__contains="eras").order_by("seq")
    return [(row.actor, row.action) async for row in rows]


async def go_away(*_: object, **__: object) -> Any:
    raise OperationalError("the server closed the connection unexpectedly")


STEPS: dict[str, tuple[object, str]] = {
    "before the person": (erasing, "_forget_customer"),
    "before the notes": (erasing, "_drop_notes"),
    "before the key": (KeyKeeper, "forget_key"),
    "before the rows": (Purges, "drop_rows"),
}


@pytest.mark.parametrize("step", STEPS)
async def test_postgresql_goes_away_at_any_step_and_the_purge_finishes(
    ada: Visitor, outfitter: MerchantId, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    platform = ada.platform
    await ada.say("hiking boots in size 42")
    assert ada.shopper is not None
    with monkeypatch.context() as patched:
        patched.setattr(*STEPS[step], go_away)
        with pytest.raises(OperationalError):
            await erase(platform, merchant=outfitter, owner=ada.shopper, reader=STAFF, at=NOON)
    # Whoever asked may still be at it, so for a moment nobody else is.
    assert await finish_erasures(platform, since=NOON, now=NOON + timedelta(minutes=1)) == 0

    purged = await purge(platform, now=LATER)

    assert purged.counts["erasure"] >= 1
    assert not await JournalEntry.objects.filter(merchant_id=outfitter).aexists()
    assert not await DataKey.objects.filter(owner_id=ada.shopper, destroyed_at=None).aexists()
    assert await list_told(ada) == [
        (STAFF.actor, "shopper.erasing"),
        (FINISHER.actor, "shopper.erasing"),
        (FINISHER.actor, "shopper.erased"),
    ]
    assert await finish_erasures(platform, since=NOON, now=LATER + timedelta(hours=1)) == 0
    last = await AccessRecord.objects.filter(merchant_id=outfitter).afirst()
    assert last is not None
    assert (await sync_to_async(verify_chain)(chain=last.merchant_id)).is_whole


async def test_one_talk_whose_erasure_was_interrupted_goes_and_the_others_stay(
    ada: Visitor, outfitter: MerchantId, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = ada.platform
    await ada.say("hiking boots in size 42")
    kept = ada.talk
    await ada.come()
    assert ada.shopper is not None
    assert ada.talk is not None
    whose = Whose(merchant=outfitter, shopper=ada.shopper)
    with monkeypatch.context() as patched:
        patched.setattr(Purges, "drop_one", go_away)
        with pytest.raises(OperationalError):
            await erase_conversation(platform, whose=whose, conversation=ada.talk, reader=STAFF, at=NOON)

    await purge(platform, now=LATER)

    gone = Conversation.objects.filter(merchant_id=outfitter, erased_at__isnull=False)
    assert [str(pk) async for pk in gone.values_list("pk", flat=True)] == [ada.talk]
    assert kept is not None
    assert (await platform.conversations.load(conversation=kept)).transcript.turns == 1


async def test_what_was_refused_is_not_done_later_by_itself(ada: Visitor, outfitter: MerchantId) -> None:
    """Who was told that nothing was erased must ask again, also once the hold is lifted."""
    platform, shopper = ada.platform, ada.shopper
    await ada.come()
    assert shopper is not None
    held = {"merchant": outfitter, "owner": shopper, "by": "operator:1", "at": NOON}
    await platform.holds.place(reason="case 12", **held)
    with pytest.raises(OnHold):
        await erase(platform, merchant=outfitter, owner=shopper, reader=STAFF, at=NOON)
    await platform.holds.lift(**held)

    await purge(platform, now=LATER)

    assert await list_told(ada) == [
        (STAFF.actor, "shopper.erasing"),
        (STAFF.actor, "shopper.not_erased"),
    ]
    assert await DataKey.objects.filter(owner_id=shopper, destroyed_at=None).aexists()


async def list_details(visitor: Visitor, action: str) -> list[dict[str, str]]:
    rows = AccessRecord.objects.filter(merchant_id=visitor.merchant, action=action).order_by("seq")
    return [decode_json(row.detail, dict[str, str]) async for row in rows]


@pytest.mark.parametrize("one_talk", [True, False], ids=["one talk", "the shopper"])
async def test_a_hold_in_the_middle_is_on_record_with_what_went_and_nothing_more_goes_later(
    ada: Visitor, outfitter: MerchantId, monkeypatch: pytest.MonkeyPatch, *, one_talk: bool
) -> None:
    platform, shopper = ada.platform, ada.shopper
    await ada.come()
    assert shopper is not None
    assert ada.talk is not None
    whose, hold = Whose(merchant=outfitter, shopper=shopper), AsyncMock(side_effect=OnHold(owner=shopper))
    asked: Awaitable[object] = (
        erase_conversation(platform, whose=whose, conversation=ada.talk, reader=STAFF, at=NOON)
        if one_talk
        else erase(platform, merchant=outfitter, owner=shopper, reader=STAFF, at=NOON)
    )
    with monkeypatch.context() as patched:
        patched.setattr(Purges, "drop_one", hold)
        patched.setattr(KeyKeeper, "forget_key", hold)
        with pytest.raises(OnHold):
            await asked

    await purge(platform, now=LATER)

    assert hold.await_count == 1
    (told,) = await list_details(ada, "conversation.not_erased" if one_talk else "shopper.not_erased")
    named = {"conversation": ada.talk} if one_talk else {}
    assert told == {**named, "went": "person", "because": "OnHold"}
    assert not await Conversation.objects.filter(pk=ada.talk, erased_at__isnull=False).aexists()


async def test_what_a_release_that_did_not_record_refusals_began_is_not_carried_out(
    ada: Visitor, outfitter: MerchantId
) -> None:
    await ada.come()
    begun = Access(
        merchant=outfitter,
        actor=STAFF.actor,
        action="shopper.erasing",
        subject=f"shopper:{ada.shopper}",
        purpose=STAFF.purpose,
    )
    await record_access_through(ada.platform.pool, begun, at=NOON)

    await purge(ada.platform, now=LATER)

    assert await list_told(ada) == [(STAFF.actor, "shopper.erasing")]
    assert await DataKey.objects.filter(owner_id=ada.shopper, destroyed_at=None).aexists()


async def test_an_outage_after_the_last_row_ends_as_erased(
    ada: Visitor, outfitter: MerchantId, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform, shopper = ada.platform, ada.shopper
    await ada.say("hiking boots in size 42")
    assert shopper is not None
    with monkeypatch.context() as patched:
        patched.setattr(erasing, "_record_erased", go_away)
        with pytest.raises(OperationalError):
            await erase(platform, merchant=outfitter, owner=shopper, reader=STAFF, at=NOON)

    assert await finish_erasures(platform, since=NOON, now=LATER) == 1
    assert await finish_erasures(platform, since=NOON, now=LATER) == 0

    assert await list_told(ada) == [(STAFF.actor, "shopper.erasing"), (FINISHER.actor, "shopper.erased")]
    (told,) = await list_details(ada, "shopper.erased")
    assert told == {"conversations": "0", "events": "0", "orders": "0", "copies": "0", "left": "0"}


@pytest.mark.parametrize("outage", [DjangoError, InterfaceError, OperationalError, PoolTimeout])
async def test_an_erasure_that_meets_another_outage_waits_for_the_next_purge(
    ada: Visitor, outfitter: MerchantId, monkeypatch: pytest.MonkeyPatch, outage: type[Exception]
) -> None:
    platform, shopper = ada.platform, ada.shopper
    await ada.come()
    assert shopper is not None
    with monkeypatch.context() as patched:
        patched.setattr(erasing, "_drop_notes", AsyncMock(side_effect=outage("deadlock detected")))
        with pytest.raises(outage):
            await erase(platform, merchant=outfitter, owner=shopper, reader=STAFF, at=NOON)
        assert await finish_erasures(platform, since=NOON, now=LATER) == 0

    assert await finish_erasures(platform, since=NOON, now=LATER + timedelta(hours=1)) == 1


async def list_copies(platform: Platform, talk: str) -> list[bytes]:
    return [key async for key in platform.redis.scan_iter(match=f"{platform.prefix}*{talk}*")]


async def test_without_redis_a_shopper_is_erased_all_the_same_and_the_copies_go_when_it_is_back(
    ada: Visitor, outfitter: MerchantId
) -> None:
    platform = ada.platform
    await ada.say("hiking boots in size 42")
    assert ada.shopper is not None
    assert ada.talk is not None
    copies = await list_copies(platform, ada.talk)
    platform.door.shut()

    gone = await erase(platform, merchant=outfitter, owner=ada.shopper, reader=STAFF, at=NOON)

    platform.door.open()
    assert (gone.conversations, gone.copies, gone.left) == (1, 0, 1)
    assert "Redis is out of reach and may hold copies of 1 conversations" in gone.describe()
    assert await list_copies(platform, ada.talk) == copies != []
    with pytest.raises(KeyDestroyed):
        await platform.conversations.load(conversation=ada.talk)
    purged = await purge(platform, now=LATER)
    assert purged.counts["copy"] >= 1
    assert await list_copies(platform, ada.talk) == []


async def test_the_shopper_is_told_to_ask_again_in_their_language(
    ada: Visitor, outfitter: MerchantId, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = Visitor(ada.platform, ada.clock, merchant=outfitter, shopper=None)
    await stranger.come()
    shop = await sync_to_async(Merchant.objects.get)(pk=outfitter)
    found = await sync_to_async(find_shop)(key=shop.key)
    assert found is not None
    standing = Standing(platform=ada.platform, shop=found, now=ada.clock)
    with monkeypatch.context() as patched:
        patched.setattr(KeyKeeper, "forget_key", go_away)
        with pytest.raises(FrameRefused) as refused:
            await standing.erase(stranger.talk, language="de", cid="erasing-1")

    assert (refused.value.code, refused.value.cid) == ("not_erased", "erasing-1")
    assert refused.value.text.startswith("Wir erreichen den Shop nicht.")
    with monkeypatch.context() as patched:
        newer = AsyncMock(side_effect=UnknownSchema(schema=99))
        patched.setattr(ada.platform.conversations, "list_events", newer)
        with pytest.raises(FrameRefused) as too_new:
            await standing.erase(stranger.talk, language="de", cid="erasing-2")
    assert (too_new.value.code, too_new.value.text) == ("not_erased", refused.value.text)
    await standing.erase(stranger.talk, language="de", cid="erasing-3")
    assert not await JournalEntry.objects.filter(merchant_id=outfitter).aexists()
