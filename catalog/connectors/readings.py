"""What a merchant's systems answer, with where and when it was read; and how to ask them.

One protocol each, all of one form: asked for some keys, a system answers a reading for each that it knows.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, NewType, Protocol, TypeVar

import msgspec
from moneyed import Money

from catalog.errors import CatalogError
from catalog.ids import CustomerKey, GroupKey, MerchantId, Sku

AvailabilityWord = Literal["in_stock", "out_of_stock", "preorder", "backorder", "unknown"]
PlainValue = str | int | float | bool | None
Kind = Literal["inventory", "pricing", "catalogue", "policies", "promotions", "orders", "customers"]
"""The connectors there are, by the names that events, settings and the console use."""
KINDS: tuple[Kind, ...] = (
    "inventory",
    "pricing",
    "catalogue",
    "policies",
    "promotions",
    "orders",
    "customers",
)

Whole = NewType("Whole", str)
"""The key of what a merchant answers as one whole: all its policies, all its promotions."""
WHOLE = Whole("all")
TOLD = "webhook"
"""The source of what a merchant's system told by itself."""
COPY = "catalogue copy"
"""The source of what the platform itself keeps of a merchant's catalogue."""

NOBODY = "none"
"""The source of an answer that nobody gave."""


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What every reading carries besides its value."""

    source: str
    observed_at: datetime
    valid_until: datetime | None = None
    version: int = 0
    """0: the system does not number its answers."""
    stale: bool = False
    """True when the source could not be asked and this is the last answer known."""
    teller: int = 0
    """Which of the systems that a shop has had for this one after the other: the later, the higher. Versions of two
    say nothing of each other.
    """


class StockReading(Answered, frozen=True, kw_only=True):
    """How many there are. `quantity` None with a known availability: the shop does not count them."""

    sku: Sku
    quantity: int | None
    availability: AvailabilityWord
    unbooked: int = 0
    """Pieces sold here that are off `quantity` already, and that the system's own number still has."""


class PriceReading(Answered, frozen=True, kw_only=True):
    """What it costs before promotions: `price` with a running sale, `list_price` without."""

    sku: Sku
    list_price: Money
    price: Money


class ItemReading(Answered, frozen=True, kw_only=True):
    """The words of an item, as the merchant's catalogue has them now."""

    sku: Sku
    group: GroupKey
    title: str
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
    rating: float | None = None
    """From 0 to 5; None where the merchant says of none."""
    rating_count: int = 0


class PolicyRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a policy for a scope."""

    name: str
    title: str
    text: str
    terms: dict[str, PlainValue | list[PlainValue]]
    scope: str
    """`store`, `category` or `sku`."""
    scope_value: str
    version: int
    valid_from: datetime | None
    valid_until: datetime | None
    observed_at: datetime

    @property
    def ref(self) -> str:
        """Name, scope and version as decisions record it: `returns/store@3`, `returns/category:Footwear@1`."""
        return f"{self.name}/{self.place}@{self.version}"

    @property
    def place(self) -> str:
        """What it holds for: `store`, `category:Footwear`."""
        return f"{self.scope}:{self.scope_value}" if self.scope_value else self.scope


class PoliciesReading(Answered, frozen=True, kw_only=True):
    """Every policy of the merchant, in force or not: which one applies is chosen by who asks."""

    policies: tuple[PolicyRecord, ...]


class PromotionTerms(msgspec.Struct, frozen=True, kw_only=True):
    """A promotion as the merchant has it, in force or not."""

    id: int
    code: str | None
    title: str
    percent: Decimal | None = None
    amount: Decimal | None = None
    scope: Literal["store", "category", "brand", "sku"] = "store"
    scope_value: str = ""
    requires_tier: str = ""
    min_total: Decimal | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    active: bool = True
    version: int = 0
    """0: the system does not number its promotions."""


class PromotionsReading(Answered, frozen=True, kw_only=True):
    """Every promotion of the merchant: which of them hold for a shopper is chosen by who asks."""

    promotions: tuple[PromotionTerms, ...]


class OrderedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of an order, as it was sold."""

    sku: Sku
    title: str
    quantity: int
    unit_price: Money
    charged: Money | None = None
    """Paid for the whole line after promotions, with tax; None where only the unit price is known."""
    returned: int = 0
    """Pieces that went back, or are on their way."""


class OrderRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An order of the past."""

    number: str
    placed_at: datetime
    status: str
    total: Money
    lines: tuple[OrderedLine, ...]
    shipping: Money | None = None
    discount: Money | None = None
    """What promotions took off the order as a whole."""
    tax: Money | None = None
    refunded: Money | None = None
    delivered_at: datetime | None = None
    address: str = ""
    payment_method: str = ""
    """The checkout's own reference."""
    version: int = 0
    """0: the system does not number its orders."""


class OrdersReading(Answered, frozen=True, kw_only=True):
    """A customer's orders, the latest first; empty where the merchant knows that there are none."""

    customer: CustomerKey
    orders: tuple[OrderRecord, ...]


class PaymentReference(msgspec.Struct, frozen=True, kw_only=True):
    """A means of payment, by the checkout's own reference; never a card's number."""

    reference: str
    label: str = ""
    """What it is called, such as "Visa ending in 4242"."""


class CustomerReading(Answered, frozen=True, kw_only=True):
    """What the merchant knows of a customer that bears on selling: no name."""

    customer: CustomerKey
    tier: str | None
    preferences: dict[str, PlainValue] = {}
    address: str | None = None
    """Where their orders go; None where nothing is said of it, empty where they have none."""
    payments: tuple[PaymentReference, ...] | None = None
    """None where nothing is said of them."""


Key = TypeVar("Key", bound=str)
Reading = TypeVar("Reading", bound=Answered)


class Source(Protocol[Key, Reading]):
    """One question to a merchant's system. A key that the system does not know is absent from the answer."""

    async def read(self, *, merchant: MerchantId, keys: tuple[Key, ...], now: datetime) -> dict[Key, Reading]:
        """Answers for these keys. Raises ConnectorUnavailable when the system cannot be asked."""
        ...


StockSource = Source[Sku, StockReading]
PriceSource = Source[Sku, PriceReading]
CatalogueSource = Source[Sku, ItemReading]
PolicySource = Source[Whole, PoliciesReading]
PromotionSource = Source[Whole, PromotionsReading]
OrderSource = Source[CustomerKey, OrdersReading]
CustomerSource = Source[CustomerKey, CustomerReading]
HistorySource = Source[CustomerKey, OrdersReading]


class ConnectorUnavailable(CatalogError):
    """The merchant's system cannot be asked now; use the last answer, marked as such, or say that it is unknown."""

    def __init__(self, *, connector: str, retry_after: float | None = None, reason: str = "") -> None:
        why = f" ({reason})" if reason else ""
        super().__init__(
            f"The {connector} connector is out of reach{why}. Say so, or use the last known answer."
        )
        self.connector = connector
        self.retry_after = retry_after
        self.reason = reason


class ConnectorTimedOut(ConnectorUnavailable):
    """The merchant's system did not answer in time."""

    def __init__(self, *, connector: str, seconds: float) -> None:
        super().__init__(connector=connector, reason=f"no answer within {seconds:g} s")
        self.seconds = seconds


class NeverReached(ConnectorUnavailable):
    """The call did not get as far as the merchant's system: whatever it asked for was not done."""


class CallLimited(ConnectorUnavailable):
    """The merchant's system wants fewer calls, or was promised no more: ask again after `retry_after` seconds."""

    def __init__(self, *, connector: str, retry_after: float) -> None:
        super().__init__(
            connector=connector,
            retry_after=retry_after,
            reason=f"asked too often, again in {retry_after:.1f} s",
        )
        self.answered: dict[Any, Any] = {}
        """Of a long question the parts that had their turn: keys and readings of the source that was asked."""


class CallRefused(ConnectorUnavailable):
    """The merchant's system is there and refuses the question: its address or its key is for the merchant to mend."""


class CallUndecided(CallRefused):
    """The system is there and refuses the call, but not for good: the same one may be under way, or done already."""


class AnswerRefused(ConnectorUnavailable):
    """The merchant's system answered what cannot be: the answer counts as none, never as zero."""


class BreakerOpen(ConnectorUnavailable):
    """The system failed too often lately and is left alone until its probe succeeds."""
