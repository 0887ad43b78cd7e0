"""Answers as they come over the wire, one row at a time."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

import msgspec

from catalog.connectors.readings import AvailabilityWord, Kind, PlainValue

Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Pieces = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Amount = Decimal
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
"""With its time zone: without one nobody knows when it is."""
Text = Annotated[str, msgspec.Meta(min_length=1)]


class StockRow(msgspec.Struct, frozen=True, kw_only=True):
    """How many of a SKU there are, or a word for it, or both."""

    sku: Text
    quantity: Pieces | None = None
    availability: AvailabilityWord | None = None
    version: Count = 0


class PriceRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a SKU costs, with a running sale; `list_price` without."""

    sku: Text
    price: Amount
    currency: Text
    list_price: Amount | None = None
    valid_until: Instant | None = None
    version: Count = 0


class ItemRow(msgspec.Struct, frozen=True, kw_only=True):
    """The words of a SKU."""

    sku: Text
    title: Text
    group: str = ""
    product_title: str = ""
    description: str = ""
    brand: str = ""
    category: str = ""
    color: str = ""
    size: str = ""
    material: str = ""
    link: str = ""
    image_link: str = ""
    attributes: dict[str, str] = {}
    rating: Decimal | None = None
    rating_count: Pieces = 0
    version: Count = 0


class PolicyRow(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a policy for a scope."""

    name: Text
    text: Text
    title: str = ""
    terms: dict[str, PlainValue | list[PlainValue]] = {}
    scope: Literal["store", "category", "sku"] = "store"
    scope_value: str = ""
    version: Count = 1
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    observed_at: Instant | None = None


class PromotionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A promotion: `percent` or `amount` off each unit of its scope."""

    title: Text
    id: Count | None = None
    code: str | None = None
    percent: Decimal | None = None
    amount: Decimal | None = None
    scope: Literal["store", "category", "brand", "sku"] = "store"
    scope_value: str = ""
    requires_tier: str = ""
    min_total: Amount | None = None
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    active: bool = True
    version: Count = 0


class LineRow(msgspec.Struct, frozen=True, kw_only=True):
    """A line of an order."""

    sku: Text
    quantity: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
    unit_price: Amount
    title: str = ""
    returned: Pieces = 0
    """How many of them went back, or are on their way."""


class OrderRow(msgspec.Struct, frozen=True, kw_only=True):
    """An order of the past."""

    number: Text
    placed_at: Instant
    status: Text
    total: Amount
    currency: Text
    lines: tuple[LineRow, ...] = ()
    version: Count = 0


class PaymentRow(msgspec.Struct, frozen=True, kw_only=True):
    """A means of payment, by the checkout's own reference."""

    reference: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    label: Annotated[str, msgspec.Meta(max_length=200)] | None = None


class CustomerRow(msgspec.Struct, frozen=True, kw_only=True):
    """What the merchant knows of a customer; None: it says nothing of it."""

    tier: str | None = None
    preferences: dict[str, PlainValue] = {}
    address: Annotated[str, msgspec.Meta(max_length=500)] | None = None
    payments: Annotated[tuple[PaymentRow, ...], msgspec.Meta(max_length=20)] | None = None
    version: Count = 0


class HistoryRow(msgspec.Struct, frozen=True, kw_only=True):
    """What the merchant's list of customers says of a customer's orders and returns; None: it says nothing of them."""

    orders: tuple[OrderRow, ...] | None = None


class WholeCustomerRow(CustomerRow, frozen=True, kw_only=True):
    """All that may be said of a customer: the two are asked for apart, at one address."""

    orders: tuple[OrderRow, ...] | None = None


ROWS: dict[Kind, type[msgspec.Struct]] = {
    "inventory": StockRow,
    "pricing": PriceRow,
    "catalogue": ItemRow,
    "policies": PolicyRow,
    "promotions": PromotionRow,
    "orders": OrderRow,
    "customers": WholeCustomerRow,
}
"""The fields that a mapping may name, by kind."""
