"""What a cart comes to."""

from decimal import Decimal

from conversations.carts import Cart
from conversations.events.carts import CartLine, TakenOff
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
