"""What a merchant's systems answer, with where and when it was read; and how to ask them."""

from datetime import datetime
from typing import Literal, Protocol, TypeVar

import msgspec
from moneyed import Money

from catalog.errors import CatalogError
from catalog.ids import MerchantId, Sku

AvailabilityWord = Literal["in_stock", "out_of_stock", "preorder", "backorder", "unknown"]


class StockReading(msgspec.Struct, frozen=True, kw_only=True):
    """How many there are. `quantity` None with a known availability: the shop does not count them."""

    sku: Sku
    quantity: int | None
    availability: AvailabilityWord
    source: str
    observed_at: datetime
    valid_until: datetime | None
    version: int
    stale: bool = False
    """True when the source could not be asked and this is the last answer known."""


class PriceReading(msgspec.Struct, frozen=True, kw_only=True):
    """What it costs before promotions: `price` with a running sale, `list_price` without."""

    sku: Sku
    list_price: Money
    price: Money
    source: str
    observed_at: datetime
    valid_until: datetime | None
    version: int
    stale: bool = False


Reading = TypeVar("Reading", StockReading, PriceReading)


class Source(Protocol[Reading]):
    """One question to a merchant's system. A SKU that the system does not know is absent from the answer."""

    async def read(self, *, merchant: MerchantId, skus: tuple[Sku, ...], now: datetime) -> dict[Sku, Reading]:
        """Answers for these SKUs. Raises ConnectorUnavailable when the system cannot be asked."""
        ...


StockSource = Source[StockReading]
PriceSource = Source[PriceReading]


class ConnectorUnavailable(CatalogError):
    """The merchant's system cannot be asked now; use the last answer, marked as such, or say that it is unknown."""

    def __init__(self, *, connector: str, retry_after: float | None = None) -> None:
        super().__init__(f"The {connector} connector is out of reach. Say so, or use the last known answer.")
        self.connector = connector
        self.retry_after = retry_after
