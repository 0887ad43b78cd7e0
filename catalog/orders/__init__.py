"""Orders: placed in one step with the check at the source, and read back."""

from catalog.orders.placing import EmptyOrder, place_order
from catalog.orders.reading import find_order_by_token, list_orders
from catalog.orders.records import (
    LineChange,
    OrderedLine,
    OrderItem,
    OrderPlaced,
    OrderRecord,
    OrderRefused,
)

__all__ = [
    "EmptyOrder",
    "LineChange",
    "OrderItem",
    "OrderPlaced",
    "OrderRecord",
    "OrderRefused",
    "OrderedLine",
    "find_order_by_token",
    "list_orders",
    "place_order",
]
