"""What a cart comes to."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import get_args

from conversations.carts import Cart, list_moved
from conversations.events.carts import CartLine, Proposal, ProposalKind, ProposalResolved, TakenOff
from conversations.events.facts import Amount
from conversations.ids import EntityRef


def make_line(sku: str, *, quantity: int, price: str) -> CartLine:
    unit_price = Amount(amount=Decimal(price), currency="EUR")
    return CartLine(ref=EntityRef("variant", sku), title=sku, quantity=quantity, unit_price=unit_price)


def test_what_promotions_take_off_the_whole_is_in_no_line() -> None:
    lines = make_line("A", quantity=2, price="40.00"), make_line("B", quantity=1, price="5.50")
    off = TakenOff(title="Five euros off", amount=Amount(amount=Decimal("5.00"), currency="EUR"))

    assert Cart(lines=lines).find_total() == Amount(amount=Decimal("85.50"), currency="EUR")
    assert Cart(lines=lines, taken_off=(off,)).find_total() == Amount(amount=Decimal("80.50"), currency="EUR")
    assert Cart(taken_off=(off,)).find_total() is None


def test_what_is_sent_elsewhere_or_paid_otherwise_moves_no_goods() -> None:
    line = make_line("A", quantity=2, price="40.00")
    until = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
    offered = Proposal(id="p", hash="h", lines=(line,), total=line.unit_price, expires_at=until)
    still = [
        kind
        for kind in get_args(ProposalKind)
        if not list_moved(
            Cart(proposal=offered), ProposalResolved(id="p", status="accepted", text="", kind=kind)
        )
    ]
    assert still == ["address", "payment"]
