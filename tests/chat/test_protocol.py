"""What may cross the socket, and what each visible event looks like on it."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from commerce_agent.chat import protocol
from commerce_agent.chat.wire import NotForTheWidget, to_wire
from conversations.events import Event, Recorded
from conversations.events.carts import CartChanged, CartLine, Proposal, ProposalMade, ProposalResolved
from conversations.events.entities import EntitiesFocused
from conversations.events.facts import Amount
from conversations.events.messages import (
    Card,
    CardsShown,
    FeedbackGiven,
    NoticeGiven,
    QuickRepliesOffered,
    ReplyGiven,
    ShopperSpoke,
    TableShown,
    TurnStarted,
)
from conversations.events.visits import HandoffEnded, HandoffRequested
from conversations.ids import ClientMessageId, EntityRef

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SHOE = EntityRef("variant", "SKU-1")
PRICE = Amount(Decimal("84.00"), "USD")
WIRE_PRICE = {"type": "money", "amount": "84.00", "currency": "USD"}
BEFORE = Amount(Decimal("99.00"), "USD")
WIRE_BEFORE = {"type": "money", "amount": "99.00", "currency": "USD"}
LINE = CartLine(ref=SHOE, title="Daily trainer", quantity=2, unit_price=PRICE)
WIRE_LINE = {
    "ref": {"kind": "variant", "key": "SKU-1"},
    "title": "Daily trainer",
    "quantity": 2,
    "unit_price": WIRE_PRICE,
}

FRAMES: list[tuple[Event, dict[str, object]]] = [
    (
        ShopperSpoke(cid=ClientMessageId("m-1"), text="hello"),
        {"t": "user", "cid": "m-1", "text": "hello"},
    ),
    (TurnStarted(turn=3, cids=(ClientMessageId("m-1"),)), {"t": "turn", "turn": 3, "cids": ["m-1"]}),
    (
        QuickRepliesOffered(part="p", replies=("In blue",)),
        {"t": "part", "turn": 3, "part": "p", "kind": "quick_replies", "replies": ["In blue"]},
    ),
    (
        TableShown(part="p", columns=("A", "B"), rows=(("Weight", "1", "2"),)),
        {
            "t": "part",
            "turn": 3,
            "part": "p",
            "kind": "table",
            "columns": ["A", "B"],
            "rows": [["Weight", "1", "2"]],
        },
    ),
    (
        CartChanged(lines=(LINE,)),
        {"t": "part", "turn": 3, "part": "cart-7", "kind": "cart", "lines": [WIRE_LINE]},
    ),
    (
        ProposalMade(
            proposal=Proposal(
                id="o-1", hash="h", lines=(LINE,), total=Amount(Decimal(168), "USD"), expires_at=AT
            )
        ),
        {
            "t": "proposal",
            "turn": 3,
            "id": "o-1",
            "hash": "h",
            "lines": [WIRE_LINE],
            "total": {"type": "money", "amount": "168", "currency": "USD"},
            "expires": "2026-03-01T12:00:00Z",
        },
    ),
    (
        ProposalResolved(id="o-1", status="accepted", text="Ordered.", order="N-9"),
        {"t": "resolved", "id": "o-1", "status": "accepted", "text": "Ordered.", "order": "N-9"},
    ),
    (
        ReplyGiven(turn=3, text="Here.", status="stopped", decision="d-1"),
        {"t": "done", "turn": 3, "text": "Here.", "status": "stopped", "decision": "d-1"},
    ),
    (
        NoticeGiven(notice="stock.changed", ref=SHOE, text="Gone.", stock=0, availability="out_of_stock"),
        {"t": "stock", "sku": "SKU-1", "text": "Gone.", "stock": 0, "availability": "out_of_stock"},
    ),
    (
        NoticeGiven(notice="price.changed", ref=SHOE, text="Cheaper.", price=PRICE),
        {"t": "price", "sku": "SKU-1", "text": "Cheaper.", "price": WIRE_PRICE},
    ),
    (
        NoticeGiven(notice="price.changed", ref=SHOE, text="Sale.", price=PRICE, list_price=BEFORE),
        {"t": "price", "sku": "SKU-1", "text": "Sale.", "price": WIRE_PRICE, "list_price": WIRE_BEFORE},
    ),
    (
        NoticeGiven(notice="price.changed", ref=SHOE, text="", price=PRICE, list_price=BEFORE),
        {
            "t": "version",
            "sku": "SKU-1",
            "sold_out": False,
            "price": WIRE_PRICE,
            "list_price": WIRE_BEFORE,
        },
    ),
    (
        NoticeGiven(notice="stock.changed", ref=SHOE, text="", stock=50, availability="in_stock"),
        {"t": "version", "sku": "SKU-1", "sold_out": False, "stock": 50, "availability": "in_stock"},
    ),
    (
        NoticeGiven(notice="policy.changed", ref=EntityRef("policy", "returns"), text="New terms."),
        {"t": "policy", "name": "returns", "subject": "policy", "text": "New terms."},
    ),
    (
        NoticeGiven(notice="promotion.changed", ref=EntityRef("promotion", "SPRING"), text="Over."),
        {"t": "policy", "name": "SPRING", "subject": "promotion", "text": "Over."},
    ),
    (HandoffRequested(text="Asked."), {"t": "agent"}),
    (HandoffEnded(), {"t": "agent", "left": True}),
    (
        FeedbackGiven(of_turn=2, score="bad", reason="wrong"),
        {"t": "feedback", "turn": 2, "score": "bad", "reason": "wrong"},
    ),
]


def record(event: Event, *, frame: int | None = 7) -> Recorded:
    return Recorded(seq=20, frame=frame, at=AT, turn=3, event=event)


@pytest.mark.parametrize(("event", "expected"), FRAMES, ids=lambda value: getattr(value, "t", None))
def test_a_visible_event_becomes_its_frame(event: Event, expected: dict[str, object]) -> None:
    written = json.loads(protocol.write_frame(to_wire(record(event))))

    assert written == {"seq": 7, "at": "2026-03-01T12:00:00Z", **expected}


def test_a_card_carries_all_that_it_shows() -> None:
    card = Card(
        ref=SHOE,
        title="Daily trainer",
        url="/p/1",
        image="/i/1.svg",
        price=PRICE,
        stock=3,
        availability="in_stock",
    )

    written = json.loads(protocol.write_frame(to_wire(record(CardsShown(part="p", cards=(card,))))))

    assert written["kind"] == "cards"
    assert written["cards"] == [json.loads(msgspec.json.encode(card))]
    assert written["cards"][0]["price"] == WIRE_PRICE


def test_an_event_without_a_frame_number_never_reaches_the_wire() -> None:
    with pytest.raises(NotForTheWidget) as refusal:
        to_wire(record(EntitiesFocused(refs=()), frame=None))

    assert refusal.value.seq == 20


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "no json",
        "[]",
        "null",
        '{"t":"msg"}',
        '{"t":"order","sku":"SKU-1"}',
        '{"t":"msg","cid":"message-1","text":"hi","merchant":"another"}',
        '{"t":"msg","cid":"short","text":"hi"}',
        r'{"t":"msg","cid":"message-1\n","text":"hi"}',
        '{"t":"msg","cid":"message-1","text":4}',
        '{"t":"confirm","cid":"message-1","proposal":"p","hash":"h","token":"t","decision":"perhaps"}',
        '{"t":"feedback","cid":"message-1","turn":1,"score":"superb"}',
        '{"t":"feedback","cid":"message-1","turn":0,"score":"good"}',
        '{"t":"ping","seq":-1}',
        '{"t":"hello","v":1,"ticket":"x","seq":"1"}',
        b"\xff\xfe",
        '{"t":"msg","cid":"message-1","text":"\ud800"}',
    ],
)
def test_what_is_not_a_frame_is_refused_politely(raw: str | bytes) -> None:
    with pytest.raises(protocol.FrameRefused) as refusal:
        protocol.read_frame(raw)

    assert refusal.value.code == "bad_frame"


def test_a_client_of_this_version_may_say_its_time_zone() -> None:
    read = protocol.read_frame('{"t":"hello","v":1,"ticket":"x","tz":"Europe/Paris"}')

    assert isinstance(read, protocol.Hello)


def test_a_frame_holds_sixteen_kilobytes() -> None:
    frame = '{"t":"msg","cid":"message-1","text":"%s"}'
    room = protocol.MAX_FRAME_BYTES - len(frame % "")

    read = protocol.read_frame(frame % ("a" * room))
    assert isinstance(read, protocol.Msg)
    with pytest.raises(protocol.FrameRefused) as refusal:
        protocol.read_frame(frame % ("a" * (room + 1)))

    assert len(read.text) == room
    assert refusal.value.code == "too_large"
