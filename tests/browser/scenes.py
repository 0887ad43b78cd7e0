"""What a conversation may show, invented, as the vocabulary's own events."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from commerce_agent.tools import list_orders
from commerce_agent.tools.list_orders import OrderRow
from commerce_agent.tools.look_at_product import IMAGE
from conversations.events.carts import CartChanged, CartLine, Proposal, ProposalMade, ProposalResolved
from conversations.events.facts import Amount
from conversations.events.messages import (
    Card,
    CardFact,
    CardsShown,
    CardVersion,
    NoticeGiven,
    QuickRepliesOffered,
    TableShown,
)
from conversations.events.visits import HandoffRequested
from conversations.ids import EntityRef

PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACw="


def usd(amount: str) -> Amount:
    return Amount(Decimal(amount), "USD")


TEAPOT = EntityRef("variant", "TEA-1")
KETTLE = EntityRef("variant", "KET-1")

CARDS = CardsShown(
    part="cards",
    cards=(
        Card(
            ref=TEAPOT,
            title="Stoneware teapot, ash",
            url="/p/teapot",
            price=usd("64.00"),
            list_price=usd("80.00"),
            stock=12,
            availability="in_stock",
            rating=4.6,
            rating_count=212,
            attributes=(("Volume", "1.2 l"),),
            versions=(
                CardVersion(name="color", value="Ash", ask="Stoneware teapot, Ash", chosen=True, sku="TEA-1"),
                CardVersion(name="color", value="Moss", ask="Stoneware teapot, Moss", sku="TEA-2"),
                CardVersion(name="color", value="Snow", ask="Stoneware teapot, Snow", sold_out=True),
            ),
            reason="The only one that holds more than a litre.",
            facts=(
                CardFact(name="price", source="store", at=datetime(2026, 3, 1, 12, tzinfo=UTC)),
                CardFact(name="stock", source="store", at=datetime(2026, 3, 2, 12, tzinfo=UTC)),
            ),
        ),
        Card(ref=KETTLE, title="Kettle", price=usd("49.90"), stock=2, availability="in_stock"),
        Card(ref=EntityRef("variant", "CUP-1"), title="Cup", as_of="Checked 10 minutes ago."),
        Card(
            ref=EntityRef("variant", "CUP-2"),
            title="Mug",
            price=usd("9"),
            stock=0,
            availability="out_of_stock",
        ),
    ),
)
ONE_CARD = CardsShown(part="one", cards=CARDS.cards[:1])
PICTURE = CardsShown(
    part=f"{IMAGE}-1",
    cards=(Card(ref=TEAPOT, title="Stoneware teapot, ash", url="/p/teapot", image="/static/loader.js"),),
)
TABLE = TableShown(
    part="table",
    columns=("", "Teapot", "Kettle"),
    rows=(("Price", "$64.00", "$49.90"), ("Volume", "1.2 l", "0.9 l")),
)
ORDERS = TableShown(
    part=f"{list_orders.ORDERS}-1",
    columns=OrderRow.__struct_fields__,
    rows=(
        ("1042", "Shipped", "November 20, 2026", "$99.80", "2 × Kettle", "shipped"),
        ("977", "Cancelled", "October 2, 2026", "$64.00", "1 × Stoneware teapot", "cancelled"),
    ),
)
QUICK = QuickRepliesOffered(part="quick", replies=("Compare the first two", "Something smaller"))
LINES = (
    CartLine(ref=TEAPOT, title="Stoneware teapot, ash", quantity=1, unit_price=usd("64.00")),
    CartLine(ref=KETTLE, title="Kettle", quantity=2, unit_price=usd("49.90")),
)
CART = CartChanged(lines=LINES)
EMPTY_CART = CartChanged(lines=())
SOLD_OUT = NoticeGiven(
    notice="stock.changed",
    ref=TEAPOT,
    text="Stoneware teapot, ash, has just sold out.",
    stock=0,
    availability="out_of_stock",
)
MOSS_SOLD_OUT = NoticeGiven(
    notice="stock.changed",
    ref=EntityRef("variant", "TEA-2"),
    text="Stoneware teapot, moss, has just sold out.",
    stock=0,
    availability="out_of_stock",
)
MOSS_IS_BACK = NoticeGiven(
    notice="stock.changed",
    ref=EntityRef("variant", "TEA-2"),
    text="Stoneware teapot, moss, is back.",
    stock=9,
    availability="in_stock",
)
CHEAPER = NoticeGiven(notice="price.changed", ref=KETTLE, text="Kettle is now $39.90.", price=usd("39.90"))
DEARER = NoticeGiven(
    notice="price.changed",
    ref=TEAPOT,
    text="Stoneware teapot is now $66.00.",
    price=usd("66.00"),
    list_price=usd("80.00"),
)
NEW_TERMS = NoticeGiven(
    notice="policy.changed", ref=EntityRef("policy", "returns"), text="The return policy has changed."
)
PERSON = HandoffRequested(text="A person has been asked to join.")


MARA_CAME = {"t": "agent", "at": "2026-11-20T12:00:00Z", "name": "Mara"}
MARA_SPOKE = {
    "t": "person",
    "at": "2026-11-20T12:01:00Z",
    "name": "Mara",
    "text": "See the care guide.",
    "rich": [
        {
            "k": "p",
            "spans": [{"k": "em", "text": "See "}, {"k": "link", "text": "the care guide", "href": "/care"}],
        },
        {
            "k": "table",
            "rows": [
                [[{"k": "words", "text": "Item"}], [{"k": "words", "text": "Holds"}]],
                [[{"k": "words", "text": "Teapot"}], [{"k": "words", "text": "1.2 l"}]],
                [[{"k": "words", "text": "Kettle"}], [{"k": "words", "text": "0.9 l"}]],
            ],
        },
        {"k": "ul", "items": [[{"k": "strong", "text": "Rinse it"}]]},
    ],
}


def propose(*, name: str = "offer-1") -> ProposalMade:
    return ProposalMade(
        proposal=Proposal(
            id=name,
            hash="0" * 64,
            lines=LINES,
            total=usd("163.80"),
            expires_at=datetime.now(UTC) + timedelta(minutes=10),
        )
    )


def propose_to_cancel() -> ProposalMade:
    proposal = Proposal(
        id="cancel-1",
        hash="0" * 64,
        kind="cancel",
        order="N-1042",
        lines=LINES,
        total=usd("163.80"),
        goes_back=True,
        expires_at=datetime.now(UTC) + timedelta(minutes=10),
    )
    return ProposalMade(proposal=proposal)


def propose_to_send_elsewhere() -> ProposalMade:
    proposal = Proposal(
        id="address-1",
        hash="0" * 64,
        kind="address",
        order="N-1042",
        lines=LINES,
        total=usd("0"),
        address="Ada Moss\n5 Rose Street\nBath BA1 1AA",
        expires_at=datetime.now(UTC) + timedelta(minutes=10),
    )
    return ProposalMade(proposal=proposal)


def propose_to_exchange() -> ProposalMade:
    proposal = Proposal(
        id="exchange-1",
        hash="0" * 64,
        kind="exchange",
        order="N-1042",
        lines=LINES[:1],
        new_lines=LINES[1:],
        total=usd("35.80"),
        expires_at=datetime.now(UTC) + timedelta(minutes=10),
    )
    return ProposalMade(proposal=proposal)


def accept(*, name: str = "offer-1") -> ProposalResolved:
    return ProposalResolved(id=name, status="accepted", text="Your order is placed.", order="N-1042")


def list_ends() -> tuple[ProposalMade | ProposalResolved, ...]:
    """An offer for each way in which one can end, besides that of `accept`."""
    told = (
        ("declined", "Not ordered."),
        ("expired", "This offer has expired."),
        ("failed", "The kettle has just sold out, so nothing was ordered."),
        ("changed", "The price has changed. Nothing was ordered."),
    )
    ends = [ProposalResolved(id=f"{status}-1", status=status, text=text) for status, text in told]
    paid = ProposalResolved(
        id="paid-1",
        status="accepted",
        text="Your order is placed.",
        order="N-1043",
        pay_at="/checkout/N-1043",
    )
    return tuple(event for end in (*ends, paid) for event in (propose(name=end.id), end))
