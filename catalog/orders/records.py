"""Orders: what is asked for, what came of it, and what was bought before."""

from datetime import datetime
from typing import Literal

import msgspec
from moneyed import Money

from catalog.cards import require_no_card
from catalog.connectors import OrderedLine, OrderRecord
from catalog.events import StockChanged
from catalog.ids import Sku
from catalog.pricing import PriceContext

__all__ = [
    "LineChange",
    "OrderItem",
    "OrderPlaced",
    "OrderRecord",
    "OrderRefused",
    "OrderedLine",
]


class OrderItem(msgspec.Struct, frozen=True, kw_only=True):
    """So many of one item, at the unit price the shopper was told."""

    sku: Sku
    quantity: int
    unit_price: Money


class OrderPlaced(msgspec.Struct, frozen=True, kw_only=True):
    """The order stands, stock is taken. `changes` are to be announced to whoever shows these items."""

    number: str
    lines: tuple[OrderedLine, ...]
    total: Money
    placed_at: datetime
    changes: tuple[StockChanged, ...] = ()
    """Empty when the same token had placed the order before."""


class LineChange(msgspec.Struct, frozen=True, kw_only=True):
    """What is not as the shopper was told: `price` with both prices, `stock` with both numbers, or `gone`."""

    sku: Sku
    kind: Literal["price", "stock", "gone"]
    wanted: Money | int | None
    actual: Money | int | None


class TotalChange(msgspec.Struct, frozen=True, kw_only=True):
    """The total told and the total now: a promotion, shipping or tax is not as it was."""

    wanted: Money
    actual: Money


class OrderRefused(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing was ordered, because of these changes."""

    changes: tuple[LineChange, ...]
    total: TotalChange | None = None
    """Where the lines are as told and the sum is not."""


class Reserved(msgspec.Struct, frozen=True, kw_only=True):
    """The pieces are set aside under the token until then, and let go of by themselves."""

    expires_at: datetime


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """For whom an order is placed."""

    customer_key: str | None = None
    address: str = ""
    payment_method: str = ""

    def __post_init__(self) -> None:
        """Raises CardNumberGiven."""
        require_no_card(self.payment_method)


ANYONE = Place()


class OrderWish(msgspec.Struct, frozen=True, kw_only=True):
    """What shall be ordered, at the prices and the total told. The token is good for one order."""

    lines: tuple[OrderItem, ...]
    total: Money | None = None
    context: PriceContext
    token: str
    place: Place = ANYONE


class ItemCount(msgspec.Struct, frozen=True, kw_only=True):
    """So many pieces of a line."""

    sku: Sku
    quantity: int = 1


class Swap(msgspec.Struct, frozen=True, kw_only=True):
    """So many pieces of a line for as many of another version of the same product."""

    sku: Sku
    for_sku: Sku
    quantity: int = 1


class CancelOrder(msgspec.Struct, frozen=True, kw_only=True, tag="cancel"):
    """Undo the order; its pieces go back on the shelf."""

    number: str
    reason: str = ""


class ChangeAddress(msgspec.Struct, frozen=True, kw_only=True, tag="address"):
    """Send it to another address."""

    number: str
    address: str


class _Settled(msgspec.Struct, frozen=True, kw_only=True):
    """A change that names the checkout's reference of what pays or gets the money."""

    method: str = ""

    def __post_init__(self) -> None:
        """Raises CardNumberGiven."""
        require_no_card(self.method)


class ChangePayment(_Settled, frozen=True, kw_only=True, tag="payment"):
    """Pay it by another method: the checkout's reference of one, never a card number."""

    number: str
    method: str


class ChangeItems(_Settled, frozen=True, kw_only=True, tag="items"):
    """Other versions of what was ordered, before it leaves."""

    number: str
    swaps: tuple[Swap, ...]
    method: str = ""
    """What pays the difference, or gets it back; empty: what the order was paid with."""


class ReturnItems(_Settled, frozen=True, kw_only=True, tag="return"):
    """Send pieces of a delivered order back for what was paid."""

    number: str
    items: tuple[ItemCount, ...]
    method: str = ""
    """Where the money goes; empty: where it came from."""


class ExchangeItems(_Settled, frozen=True, kw_only=True, tag="exchange"):
    """Send pieces of a delivered order back for other versions."""

    number: str
    swaps: tuple[Swap, ...]
    method: str = ""
    """What pays the difference, or gets it back; empty: what the order was paid with."""


Change = CancelOrder | ChangeAddress | ChangePayment | ChangeItems | ReturnItems | ExchangeItems
"""Whatever can be asked of an order after the sale."""


class ChangeWish(msgspec.Struct, frozen=True, kw_only=True):
    """What shall be changed of a customer's order. To make it, the token and the amount told are needed."""

    customer_key: str
    change: Change
    context: PriceContext
    token: str = ""
    amount: Money | None = None


RefusedBecause = Literal[
    "unknown_order",
    "too_late",
    "not_delivered",
    "no_policy",
    "final_sale",
    "window_over",
    "not_in_order",
    "already_returned",
    "other_product",
    "out_of_stock",
    "no_address",
    "no_items",
    "no_price",
    "already_changed",
    "already_requested",
    "no_reason",
    "unknown_method",
    "same_method",
    "wrong_method",
    "paid_in_parts",
    "balance_short",
]


class ChangeRefused(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing was changed, and why; the values are for the sentence that says so."""

    because: RefusedBecause
    number: str
    status: str = ""
    item: str = ""
    days: int | None = None
    policy: str = ""
    """The rule that stands against it, as `returns/store@3`."""


class ChangeChecked(msgspec.Struct, frozen=True, kw_only=True):
    """The change can be made, and comes to this."""

    number: str
    lines: tuple[OrderedLine, ...]
    """The lines it is about."""
    new_lines: tuple[OrderedLine, ...] = ()
    """What comes in their place."""
    amount: Money
    """Owed by the shopper when above nothing, goes back when below."""
    address: str = ""
    policy: str = ""
    days: int | None = None
    """The return window that holds."""


class ChangeAltered(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing was changed: it comes to something else than was told."""

    checked: ChangeChecked


class ChangeMade(msgspec.Struct, frozen=True, kw_only=True):
    """The change stands. `changes` are to be announced to whoever shows these items."""

    number: str
    status: str
    amount: Money
    changes: tuple[StockChanged, ...] = ()
