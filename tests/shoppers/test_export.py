"""A shopper gets all that is kept of them, to read and for machines, and the command erases and proves it."""

import json
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings
from django.core.management import CommandError, call_command
from moneyed import Money

from catalog.ids import MerchantId as ShopId
from catalog.models import Customer, Merchant, Order
from catalog.orders import AddressBook
from commerce_agent.shoppers.exporting import NobodyToExport, export_shopper, write_page
from conversations.events import Recorded
from conversations.events.carts import ProposalResolved
from conversations.events.visits import PersonSpoke
from conversations.ids import ClientMessageId, MerchantId, ShopperId
from conversations.models import AccessRecord
from conversations.service import Reader, UnknownSchema, UnreadableEvent
from tests.shoppers.conftest import NOON, Visitor, buy

STAFF = Reader(actor="operator:1", purpose="asked by letter")


async def test_the_export_holds_what_was_said_decided_remembered_bought_and_looked_at(
    ada: Visitor, outfitter: MerchantId
) -> None:
    await sync_to_async(buy)(outfitter, "COFFEE-E", quantity=2)
    await ada.say("hiking boots in <b>size 42</b>")
    assert ada.shopper is not None

    export = await export_shopper(
        ada.platform, merchant=outfitter, shopper=ada.shopper, reader=STAFF, at=NOON
    )
    page = write_page(export)

    assert (export.key, export.name) == ("ada", "Ada Moss")
    (talk,) = export.conversations
    assert [line.who for line in talk.lines] == ["you", "assistant"]
    assert talk.lines[0].text == "hiking boots in <b>size 42</b>"
    assert [(made.turn, bool(made.reasons)) for made in talk.decisions] == [(1, True)]
    assert "42" in [kept.value for kept in export.profile.kept]
    assert [order.lines for order in export.orders] == [("2 × Harbour espresso coffee, $\xa014.00 each",)]
    assert [looked.action for looked in export.accesses] == [
        "shopper.named",
        "shopper.read",
        "profile.read",
        "profile.written",
        "profile.read",
    ]
    assert "hiking boots in &lt;b&gt;size 42&lt;/b&gt;" in page
    assert "<b>size" not in page
    assert "<script" not in page


async def test_the_export_holds_what_a_person_said_what_the_shop_noted_and_what_nobody_signed_in_ordered(
    ada: Visitor, outfitter: MerchantId
) -> None:
    assert ada.shopper is not None
    await ada.come()
    assert ada.talk is not None
    book = AddressBook(merchant=ShopId(outfitter), keys=settings.KEY_ENCRYPTION_KEYS)
    await Order.objects.acreate(
        merchant_id=outfitter,
        number="88",
        placed_at=NOON,
        total=Money(5, "USD"),
        sealed_address=await sync_to_async(book.seal_for_order)("1 Quay", customer_key=None, number="88"),
    )
    await Order.objects.acreate(merchant_id=outfitter, number="89", placed_at=NOON, total=Money(6, "USD"))
    await Customer.objects.acreate(
        merchant_id=outfitter, key="ada", tier="trade", preferences={"boots size": "42"}
    )
    told = (
        ProposalResolved(id="p1", status="accepted", text="Ordered.", order="88"),
        PersonSpoke(cid=ClientMessageId("c1"), name="Bo", text="It ships today."),
    )
    await ada.platform.conversations.record_arrivals(conversation=ada.talk, events=told, at=NOON)

    export = await export_shopper(
        ada.platform, merchant=outfitter, shopper=ada.shopper, reader=STAFF, at=NOON
    )
    page = write_page(export)

    assert [(line.who, line.text) for line in export.conversations[0].lines] == [("Bo", "It ships today.")]
    assert [(order.number, order.address) for order in export.orders] == [("88", "1 Quay")]
    assert (export.customer_tier, export.preferences) == ("trade", {"boots size": "42"})
    for kept in ("trade", "boots size", "It ships today."):
        assert kept in page


async def test_another_merchants_shopper_and_nobody_are_not_exported(ada: Visitor) -> None:
    assert ada.shopper is not None
    for merchant, shopper in (
        (MerchantId("0" * 8 + "-0000-4000-8000-" + "0" * 12), ada.shopper),
        (ada.merchant, ShopperId("0" * 8 + "-0000-4000-8000-" + "0" * 12)),
    ):
        with pytest.raises(NobodyToExport):
            await export_shopper(ada.platform, merchant=merchant, shopper=shopper, reader=STAFF, at=NOON)
    assert not await AccessRecord.objects.filter(merchant_id=ada.merchant, actor=STAFF.actor).aexists()


def test_the_command_exports_holds_releases_erases_and_proves_it(
    ada: Visitor, outfitter: MerchantId, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = Merchant.objects.get(pk=outfitter).key
    asked = ["ada", "--merchant", key, "--why", "letter 7"]
    out = tmp_path / "ada.json"
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "web.log").write_text("Ada Moss came\n")

    call_command("shopper", "export", *asked, "--out", str(out))
    call_command("shopper", "hold", *asked)
    with pytest.raises(CommandError, match=r"manage\.py shopper release"):
        call_command("shopper", "erase", *asked)
    call_command("shopper", "release", *asked)
    with pytest.raises(CommandError, match=r"Still there, see to it: .*web\.log"):
        call_command("shopper", "erase", *asked, "--files", str(logs))
    said = capsys.readouterr().out

    on_record = AccessRecord.objects.filter(merchant_id=outfitter, actor="operator:command").order_by("seq")
    assert [row.action for row in on_record] == [
        "profile.read",
        "shopper.held",
        "shopper.erasing",
        "shopper.not_erased",
        "shopper.released",
        "shopper.erasing",
        "shopper.erased",
    ]
    assert json.loads(out.read_text())["name"] == "Ada Moss"
    assert "Held." in said
    assert "Released." in said
    assert "Of 1 texts that were theirs, 1 were found again;" in said
    with pytest.raises(CommandError, match="no shopper of the key"):
        call_command("shopper", "export", *asked, "--out", str(out))
    assert (
        async_to_sync(ada.platform.conversations.shoppers.find_by_key)(merchant=outfitter, key="ada") is None
    )


@pytest.mark.parametrize(
    "fault", [UnreadableEvent(reason="damaged"), UnknownSchema(schema=99)], ids=["damaged", "newer"]
)
async def test_a_talk_that_cannot_be_read_keeps_nothing_else_from_being_given_out(
    ada: Visitor, outfitter: MerchantId, monkeypatch: pytest.MonkeyPatch, fault: UnreadableEvent
) -> None:
    await sync_to_async(buy)(outfitter, "COFFEE-E", quantity=2)
    await ada.say("hiking boots in size 42")
    service, broken = ada.platform.conversations, ada.talk
    await ada.come()
    await ada.say("a tent, please")
    assert ada.talk is not None
    # Ordered in the other one, before they signed in.
    await Order.objects.acreate(merchant_id=outfitter, number="77", placed_at=NOON, total=Money(5, "USD"))
    bought = ProposalResolved(id="p77", status="accepted", text="Ordered.", kind="order", order="77")
    await service.record_arrivals(conversation=ada.talk, events=(bought,), at=NOON)
    read = service.list_events

    async def list_events(**asked: Any) -> tuple[Recorded, ...]:
        if asked["conversation"] == broken:
            raise fault
        return await read(**asked)

    monkeypatch.setattr(service, "list_events", list_events)
    assert ada.shopper is not None
    export = await export_shopper(
        ada.platform, merchant=outfitter, shopper=ada.shopper, reader=STAFF, at=NOON
    )

    # Opened in the same moment, they come in no particular order.
    gone, whole = sorted(export.conversations, key=lambda talk: len(talk.lines))
    assert (gone.id, gone.lines, gone.unreadable) == (broken, (), str(fault))
    assert [line.who for line in whole.lines] == ["you", "assistant"]
    assert len(export.orders) == 2
    assert "77" in [order.number for order in export.orders]
    assert "This conversation cannot be read at present" in write_page(export)
    assert ("shopper.read", "contact,key,name,preferences,tier") in {
        (each.action, each.fields) for each in export.accesses
    }
