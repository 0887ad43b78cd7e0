"""Whatever was put before the shopper to confirm stands on the staff's pages as the shopper's slip said it."""

import asyncio
import html
import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, get_args

import pytest
from django.test import Client
from django.urls import reverse

from catalog.ids import MerchantId
from commerce_agent.composition import open_platform
from commerce_agent.console.audit.masking import COVERED
from conversations import ids as talk_ids
from conversations.events import Event
from conversations.events.carts import (
    CartChanged,
    CartLine,
    Proposal,
    ProposalDoubted,
    ProposalKind,
    ProposalMade,
    ProposalResolved,
    TakenOff,
)
from conversations.events.facts import Amount
from conversations.events.messages import Card, CardsShown, CardVersion, ReplyGiven
from conversations.ids import ClientMessageId, EntityRef

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ADDRESS = "12 New Road, 90210 Springfield"
FIVE_OFF = TakenOff(title="Five off from seventy", amount=Amount(Decimal("5.00"), "EUR"))


def euros(amount: str) -> Amount:
    return Amount(Decimal(amount), "EUR")


def line(sku: str, title: str, *, quantity: int, price: str) -> CartLine:
    return CartLine(ref=EntityRef("variant", sku), title=title, quantity=quantity, unit_price=euros(price))


GREEN = line("MEADOW-G", "Meadow, green", quantity=2, price="40.00")
WHITE = line("MEADOW-W", "Meadow, white", quantity=2, price="45.00")
OF_AN_ORDER: dict[str, Any] = {"order": "A-1001", "lines": (GREEN,), "total": euros("80.00")}
MADE: dict[ProposalKind, dict[str, Any]] = {
    "order": {
        "lines": (GREEN,),
        "taken_off": (FIVE_OFF,),
        "shipping": euros("4.90"),
        "tax": euros("12.76"),
        "total": euros("79.90"),
    },
    "cancel": {**OF_AN_ORDER, "goes_back": True},
    "address": {**OF_AN_ORDER, "address": ADDRESS, "total": euros("0")},
    "payment": OF_AN_ORDER,
    "items": {**OF_AN_ORDER, "new_lines": (WHITE,), "total": euros("10.00")},
    "return": {**OF_AN_ORDER, "goes_back": True},
    "exchange": {**OF_AN_ORDER, "new_lines": (WHITE,), "total": euros("10.00"), "goes_back": True},
}
OLD = "2 × Meadow, green €40.00 each, MEADOW-G"
NEW = "In its place: 2 × Meadow, white €45.00 each, MEADOW-W"
UNTIL = "Valid until 23 Nov 2026, 12:30"
READ: dict[ProposalKind, str] = {
    "order": f"Order proposed Your order {OLD} Five off from seventy -€5.00 Shipping €4.90 "
    f"Tax, included €12.76 Total €79.90 {UNTIL} Buttons: Confirm order Not now",
    "cancel": f"Cancellation proposed Cancel order A-1001 {OLD} Goes back to you €80.00 "
    f"{UNTIL} Buttons: Confirm Not now",
    "address": f"Another address proposed Send order A-1001 to {OLD} {COVERED} {UNTIL} Buttons: Confirm Not now",
    "payment": f"Another way of paying proposed Pay for order A-1001 another way {OLD} To pay €80.00 "
    f"{UNTIL} Buttons: Confirm Not now",
    "items": f"Change of items proposed Change order A-1001 {OLD} {NEW} To pay €10.00 {UNTIL} Buttons: Confirm Not now",
    "return": f"Return proposed Return from order A-1001 {OLD} Goes back to you €80.00 "
    f"{UNTIL} Buttons: Confirm Not now",
    "exchange": f"Exchange proposed Exchange from order A-1001 {OLD} {NEW} Goes back to you €10.00 "
    f"{UNTIL} Buttons: Confirm Not now",
}
"""What each slip says to whoever reads it."""


def make_proposal(kind: ProposalKind) -> Proposal:
    return Proposal(id=f"p-{kind}", hash="h", kind=kind, expires_at=AT + timedelta(minutes=30), **MADE[kind])


def hold_turn(merchant: MerchantId, *events: Event, locale: str = "en") -> str:
    """A conversation of one turn in which this was put before the shopper."""

    async def hold() -> str:
        async with open_platform(quiet=True) as platform:
            service = platform.conversations
            name = await service.open_conversation(
                merchant=talk_ids.MerchantId(str(merchant)), locale=locale, currency="EUR", at=AT
            )
            cid = ClientMessageId(uuid.uuid4().hex)
            await service.record_message(conversation=name, cid=cid, text="please", at=AT)
            turn = await service.take_turn(conversation=name, at=AT)
            assert turn is not None
            await service.commit_turn(turn=turn, events=(*events, ReplyGiven(turn=1, text="Here.")), at=AT)
            return str(name)

    return asyncio.run(hold())


def list_slips(page: str) -> Iterator[tuple[str, str]]:
    """The kind and the words of each slip on a page, as somebody reads them."""
    for kind, body in re.findall(
        r'<div class="ca-slip" data-slip="(\w+)" dir="auto">(.*?)</div>', page, re.DOTALL
    ):
        yield kind, read_words(body)


def list_told(page: str) -> list[str]:
    """What is told of proposals and of how they ended."""
    return [
        read_words(body)
        for body in re.findall(
            r'<p class="ca-event ca-event-(?:doubted|resolved)">(.*?)</p>', page, re.DOTALL
        )
    ]


def read_words(body: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_every_kind_has_a_case() -> None:
    assert set(MADE) == set(READ) == set(get_args(ProposalKind))


@pytest.mark.parametrize("kind", get_args(ProposalKind))
def test_a_proposal_is_shown_as_the_shopper_read_it(
    support: Client, lamp_shop: MerchantId, kind: ProposalKind
) -> None:
    talk = hold_turn(lamp_shop, ProposalMade(proposal=make_proposal(kind)))

    for page, more in (("talk", []), ("print", []), ("turn", [1]), ("live", [])):
        shown = support.get(reverse(f"admin:audit_{page}", args=[talk, *more])).content.decode()
        assert list(list_slips(shown)) == [(kind, READ[kind])], page
        assert ADDRESS not in shown

    document = support.get(reverse("admin:audit_export", args=[talk])).json()
    (part,) = document["shown"][0]["parts"]
    slip = part["slip"]
    words = [part["label"], slip["title"], slip["note"], *(text for row in slip["sums"] for text in row)]
    assert [word for word in words if word not in READ[kind]] == []
    assert (slip["kind"], slip["order"]) == (kind, MADE[kind].get("order", ""))
    assert [each["sku"] for each in slip["lines"]] == ["MEADOW-G"]
    assert [each["sku"] for each in slip["new_lines"]] == ["MEADOW-W"] * ("new_lines" in MADE[kind])
    assert ADDRESS not in str(document)


def test_an_address_is_shown_for_a_reason(support: Client, lamp_shop: MerchantId) -> None:
    talk = hold_turn(lamp_shop, ProposalMade(proposal=make_proposal("address")))

    support.post(reverse("admin:audit_reveal", args=[talk]), {"reason": "The parcel came back"})

    for page in ("talk", "print"):
        shown = support.get(reverse(f"admin:audit_{page}", args=[talk])).content.decode()
        assert list(list_slips(shown)) == [("address", READ["address"].replace(COVERED, ADDRESS))]


def test_a_slip_is_in_the_language_that_the_chat_was_opened_in(
    support: Client, lamp_shop: MerchantId
) -> None:
    talk = hold_turn(lamp_shop, ProposalMade(proposal=make_proposal("cancel")), locale="de")

    ((_, words),) = list_slips(support.get(reverse("admin:audit_talk", args=[talk])).content.decode())

    assert words.startswith("Cancellation proposed Bestellung A-1001 stornieren ")


@pytest.mark.parametrize("kind", ["order", "return"])
def test_a_doubt_is_told_with_the_slip_that_it_is_about(
    support: Client, lamp_shop: MerchantId, kind: ProposalKind
) -> None:
    proposal = make_proposal(kind)
    doubt = ProposalDoubted(id=proposal.id, text="The Meadow has sold out.")
    talk = hold_turn(lamp_shop, ProposalMade(proposal=proposal), doubt)

    title = {"order": "Your order", "return": "Return from order A-1001"}[kind]
    for page in ("talk", "print"):
        told = list_told(support.get(reverse(f"admin:audit_{page}", args=[talk])).content.decode())
        assert told == [
            f"No longer to be had as proposed; its buttons were taken away {title}: The Meadow has sold out."
        ]
    shown = support.get(reverse("admin:audit_export", args=[talk])).json()["shown"][0]["parts"]
    assert [(part["kind"], part["title"], part["text"]) for part in shown[1:]] == [
        ("doubted", title, "The Meadow has sold out.")
    ]


@pytest.mark.parametrize(
    ("ended", "told"),
    [
        (
            ProposalResolved(id="p-order", status="accepted", text="Thank you!", order="N-7", pay_at="https://pay.example/7"),
            "Confirmed by the shopper Your order: Order confirmed. Thank you! (order N-7) Pay now: https://pay.example/7",
        ),
        (
            ProposalResolved(id="p-order", status="declined", text="As you like."),
            "Declined by the shopper Your order: Not ordered. As you like.",
        ),
        (
            ProposalResolved(id="p-order", status="failed", text="The shop refused it."),
            "Failed Your order: The shop refused it.",
        ),
        (
            ProposalResolved(id="p-cancel", status="accepted", text="It is cancelled.", order="A-1001", kind="cancel"),
            "Confirmed by the shopper Cancel order A-1001: It is cancelled. (order A-1001)",
        ),
        (
            ProposalResolved(id="p-return", status="expired", text="Too late.", kind="return"),
            "Expired Return from order A-1001: Too late.",
        ),
        (
            ProposalResolved(id="p-exchange", status="changed", text="It costs more now.", kind="exchange"),
            "No longer as proposed Exchange from order A-1001: It costs more now.",
        ),
        (
            ProposalResolved(id="p-items", status="failed", text="It has left.", kind="items"),
            "Failed Change order A-1001: It has left.",
        ),
    ],
    ids=lambda value: f"{value.status} {value.kind}" if isinstance(value, ProposalResolved) else "",
)  # fmt: skip
def test_an_outcome_is_told_with_the_slip_that_it_is_about(
    support: Client, lamp_shop: MerchantId, ended: ProposalResolved, told: str
) -> None:
    talk = hold_turn(lamp_shop, ProposalMade(proposal=make_proposal(ended.kind)), ended)

    for page in ("talk", "print"):
        assert list_told(support.get(reverse(f"admin:audit_{page}", args=[talk])).content.decode()) == [told]
    (_, part) = support.get(reverse("admin:audit_export", args=[talk])).json()["shown"][0]["parts"]
    assert f"{part['label']} {part['title']}: {part['text']}" == told


def test_a_cart_and_a_card_are_shown_whole(support: Client, lamp_shop: MerchantId) -> None:
    card = Card(
        ref=GREEN.ref,
        title=GREEN.title,
        price=GREEN.unit_price,
        rating=4.46,
        rating_count=12,
        versions=(
            CardVersion(name="color", value="Green", ask="the green one", chosen=True),
            CardVersion(name="color", value="White", ask="the white one", sold_out=True),
            CardVersion(name="size", value="Small", ask="the small one"),
        ),
    )
    cart = CartChanged(lines=(GREEN,), taken_off=(FIVE_OFF,))
    talk = hold_turn(lamp_shop, CardsShown(part="t1p1", cards=(card,)), cart, CartChanged(lines=()))

    for page in ("talk", "print"):
        shown = support.get(reverse(f"admin:audit_{page}", args=[talk])).content.decode()
        assert list(list_slips(shown)) == [
            ("cart", f"Cart Your cart {OLD} Five off from seventy -€5.00"),
            ("cart", "Cart Your cart is empty."),
        ]
        words = read_words(shown)
        assert "★ 4.5 (12)" in words
        assert "color: Green (chosen), White (sold out) size: Small" in words
