"""Orders: what is asked for, what came of it, and what was bought before."""

from datetime import datetime
from typing import Literal

import msgspec
from moneyed import Money

from catalog.connectors import OrderedLine, OrderRecord
from catalog.events import StockChanged
from catalog.ids import Sku

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


class OrderRefused(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing was ordered, because of these changes."""

    changes: tuple[LineChange, ...]
