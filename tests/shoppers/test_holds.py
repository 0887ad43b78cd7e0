"""What is under a legal hold goes by none of the ways by which something is let go of, until the hold is lifted."""

from datetime import UTC, datetime, timedelta
from unittest.mock import AsyncMock

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from moneyed import Money

from catalog.ids import MerchantId as ShopId
from catalog.models import Order
from catalog.orders import AddressBook
from commerce_agent.shoppers.erasing import erase, erase_conversation
from commerce_agent.shoppers.holding import Held, lift_hold, place_hold
from commerce_agent.shoppers.purging import purge
from conversations.events.carts import ProposalResolved
from conversations.ids import ConversationId, EntityRef, MerchantId
from conversations.models import (
    AccessRecord,
    Conversation,
    LegalHold,
    RetentionPeriod,
    ShownEntity,
)
from conversations.service import Reader, UnknownSchema, UnreadableEvent, Whose
from conversations.store import holding
from conversations.store.holding import OnHold
from tests.shoppers.conftest import NOON, Clock, Visitor

STAFF = Reader(actor="operator:1", purpose="the shopper asked by letter")
LONG_AGO = datetime(2001, 3, 5, 12, 0, tzinfo=UTC)
"""Nobody else's conversation was quiet for so long."""
DAY = timedelta(days=1)


@pytest.fixture
async def stranger(ada: Visitor) -> Visitor:
    """Somebody whom the shop has not named, with a talk."""
    nobody = Visitor(ada.platform, ada.clock, merchant=ada.merchant, shopper=None)
    await nobody.come()
    return nobody


async def hold(visitor: Visitor, owner: str) -> None:
    assert await visitor.platform.holds.place(
        merchant=visitor.merchant, owner=owner, reason="case 12", by="operator:1", at=NOON
    )


async def release(visitor: Visitor, owner: str) -> None:
    assert await visitor.platform.holds.lift(merchant=visitor.merchant, owner=owner, by="operator:1", at=NOON)


async def list_erased(visitor: Visitor) -> set[str]:
    erased = Conversation.objects.filter(merchant_id=visitor.merchant, erased_at__isnull=False)
    return {str(pk) async for pk in erased.values_list("pk", flat=True)}


async def test_a_held_shopper_and_each_of_their_talks_are_erased_by_nobody(
    ada: Visitor, outfitter: MerchantId
) -> None:
    await ada.say("hiking boots in size 42")
    assert ada.shopper is not None
    assert ada.talk is not None
    whose, platform = Whose(merchant=outfitter, shopper=ada.shopper), ada.platform
    await hold(ada, ada.shopper)

    with pytest.raises(OnHold):
        await erase(platform, merchant=outfitter, owner=ada.shopper, reader=STAFF, at=NOON)
    with pytest.raises(OnHold):
        await erase_conversation(platform, whose=whose, conversation=ada.talk, reader=STAFF, at=NOON)
    with pytest.raises(OnHold):
        await platform.key_keeper.forget_key(merchant=outfitter, owner=ada.shopper)
    assert await platform.purges.drop_profiles(merchant=outfitter, before=NOON + DAY) == 0
    still = await ada.get_profile()
    await release(ada, ada.shopper)
    events = await erase_conversation(platform, whose=whose, conversation=ada.talk, reader=STAFF, at=NOON)

    assert [kept.value for kept in still.kept if kept.kind == "size"] == ["42"]
    assert events > 0


async def test_a_held_talk_of_nobody_is_neither_erased_nor_run_out(
    stranger: Visitor, outfitter: MerchantId
) -> None:
    assert stranger.talk is not None
    platform, talk = stranger.platform, stranger.talk
    await RetentionPeriod.objects.acreate(merchant_id=outfitter, kind="anonymous talk", days=3)
    await hold(stranger, talk)

    with pytest.raises(OnHold):
        await erase(platform, merchant=outfitter, owner=talk, reader=STAFF, at=NOON)
    await purge(platform, now=NOON + 9 * DAY)
    kept = await list_erased(stranger)
    await release(stranger, talk)
    await purge(platform, now=NOON + 9 * DAY)

    assert kept == set()
    assert await list_erased(stranger) == {talk}


async def test_whole_months_go_without_what_is_held(ada: Visitor, clock: Clock) -> None:
    clock.now = LONG_AGO
    stranger = Visitor(ada.platform, clock, merchant=ada.merchant, shopper=None)
    other = Visitor(ada.platform, clock, merchant=ada.merchant, shopper=None)
    for each in (ada, stranger, other):
        await each.come()
    assert ada.shopper is not None
    assert stranger.talk is not None
    await hold(ada, ada.shopper)
    await hold(stranger, stranger.talk)
    retention, later = ada.platform.retention, LONG_AGO + 900 * DAY

    await retention.drop_quiet(now=later, months=13)
    first = await list_erased(ada)
    await release(ada, ada.shopper)
    await release(stranger, stranger.talk)
    await retention.drop_quiet(now=later, months=13)

    assert first == {other.talk}
    assert await list_erased(ada) == {ada.talk, stranger.talk, other.talk}


async def place(visitor: Visitor, number: str, *, days_ago: int) -> None:
    """An order of this visitor's talk while nobody was signed in, with where it goes."""
    book = AddressBook(merchant=ShopId(visitor.merchant), keys=settings.KEY_ENCRYPTION_KEYS)
    await Order.objects.acreate(
        merchant_id=visitor.merchant,
        number=number,
        placed_at=NOON - days_ago * DAY,
        total=Money(5, "USD"),
        sealed_address=await sync_to_async(book.seal_for_order)(
            "12 Elm St", customer_key=None, number=number
        ),
    )
    assert visitor.talk is not None
    bought = ProposalResolved(id=f"p{number}", status="accepted", text="Ordered.", order=number)
    await visitor.platform.conversations.record_arrivals(
        conversation=ConversationId(visitor.talk), events=(bought,), at=NOON
    )


async def test_an_order_of_nobody_loses_its_address_in_time_unless_its_talk_is_held(
    stranger: Visitor, outfitter: MerchantId
) -> None:
    held = Visitor(stranger.platform, stranger.clock, merchant=outfitter, shopper=None)
    await held.come()
    await place(stranger, "87", days_ago=399)
    await place(stranger, "88", days_ago=401)
    await place(held, "89", days_ago=401)
    assert held.talk is not None
    await hold(held, held.talk)

    async def list_addressed() -> list[str]:
        named = Order.objects.filter(merchant_id=outfitter).exclude(sealed_address=b"")
        return [number async for number in named.order_by("number").values_list("number", flat=True)]

    purged = await purge(stranger.platform, now=NOON)
    while_held = await list_addressed()
    await release(held, held.talk)
    await purge(stranger.platform, now=NOON)

    assert purged.counts["order of nobody"] >= 1
    assert while_held == ["87", "89"]
    assert await list_addressed() == ["87"]
    assert await Order.objects.filter(merchant_id=outfitter).acount() == 3


@pytest.mark.parametrize(
    "fault", [UnreadableEvent(reason="damaged"), UnknownSchema(schema=99)], ids=["damaged", "newer"]
)
async def test_what_an_unreadable_talk_under_a_hold_ordered_keeps_its_address(
    stranger: Visitor, outfitter: MerchantId, monkeypatch: pytest.MonkeyPatch, fault: UnreadableEvent
) -> None:
    await place(stranger, "88", days_ago=401)
    assert stranger.talk is not None
    await hold(stranger, stranger.talk)
    damage = AsyncMock(side_effect=fault)
    monkeypatch.setattr(stranger.platform.conversations, "list_events", damage)

    await purge(stranger.platform, now=NOON)

    kept = await Order.objects.aget(merchant_id=outfitter, number="88")
    assert bytes(kept.sealed_address) != b""
    assert damage.await_count == 1


async def test_a_hold_is_on_record_with_what_came_of_it_or_is_not_placed(
    ada: Visitor, outfitter: MerchantId, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ada.come()
    assert ada.shopper is not None
    held = Held(merchant=outfitter, kind="shopper", id=ada.shopper)
    records = AccessRecord.objects.filter(
        merchant_id=outfitter, action__in=("shopper.held", "shopper.released")
    )
    with monkeypatch.context() as patched:
        patched.setattr(holding, "record_access_within", AsyncMock(side_effect=OSError("no record")))
        with pytest.raises(OSError, match="no record"):
            await place_hold(ada.platform, held, reader=STAFF, at=NOON)
    left = await LegalHold.objects.filter(merchant_id=outfitter).acount()

    came = [
        await act(ada.platform, held, reader=STAFF, at=NOON) for act in (place_hold, place_hold, lift_hold)
    ]

    assert (left, came) == (0, [True, False, True])
    assert [(row.action, row.detail) async for row in records.order_by("seq")] == [
        ("shopper.held", ""),
        ("shopper.held", '{"changed":"nothing"}'),
        ("shopper.released", ""),
    ]


async def test_rows_that_tell_who_was_shown_an_order_go_unless_the_talk_is_held(
    stranger: Visitor, outfitter: MerchantId
) -> None:
    for ref in (EntityRef("order", "A-1"), EntityRef("variant", "TENT-2")):
        await ShownEntity.objects.acreate(
            merchant_id=outfitter, conversation_id=stranger.talk, kind=ref.kind, key=ref.key, shown_at=NOON
        )

    assert stranger.talk is not None
    await hold(stranger, stranger.talk)
    await purge(stranger.platform, now=NOON)
    while_held = await ShownEntity.objects.filter(merchant_id=outfitter).acount()
    await release(stranger, stranger.talk)
    purged = await purge(stranger.platform, now=NOON)

    assert while_held == 2
    assert purged.counts["shown order"] >= 1
    left = ShownEntity.objects.filter(merchant_id=outfitter)
    assert [row.kind async for row in left] == ["variant"]
