"""The built-in store: stock and prices as the shop's own tables have them, read at the source."""

from datetime import datetime
from typing import get_args

from moneyed import Money
from psycopg.rows import TupleRow

from catalog.connectors.readings import AvailabilityWord, PriceReading, StockReading
from catalog.connectors.store_rows import Connections, read_plain_rows
from catalog.ids import MerchantId, Sku

SOURCE = "store"
STOCK = """
SELECT v.sku, s.quantity, v.availability, coalesce(s.version, 0) FROM catalog_variant v
LEFT JOIN catalog_stocklevel s ON s.variant_id = v.id
WHERE v.merchant_id = %(merchant)s AND v.sku = ANY(%(skus)s)
"""
PRICES = """
SELECT v.sku, v.price, v.price_currency, v.price_version,
  CASE WHEN v.sale_price IS NOT NULL AND (v.sale_starts IS NULL OR v.sale_starts <= %(now)s)
    AND (v.sale_ends IS NULL OR v.sale_ends > %(now)s) THEN v.sale_price ELSE v.price END,
  CASE WHEN v.sale_price IS NULL THEN NULL WHEN v.sale_starts > %(now)s THEN v.sale_starts
    WHEN v.sale_ends > %(now)s THEN v.sale_ends END
FROM catalog_variant v WHERE v.merchant_id = %(merchant)s AND v.sku = ANY(%(skus)s)
"""


_WORDS: dict[str, AvailabilityWord] = {word: word for word in get_args(AvailabilityWord)}


def settle_availability(*, quantity: int | None, availability: str) -> AvailabilityWord:
    """What the number on the shelf makes of the shop's word: none left is out of stock, some left is in stock."""
    if quantity == 0 and availability == "in_stock":
        return "out_of_stock"
    if quantity and availability in ("out_of_stock", "unknown"):
        return "in_stock"
    return _WORDS[availability]


def read_stock(row: TupleRow, *, source: str, at: datetime, stale: bool = False) -> StockReading:
    """The reading of a row of SKU, quantity, availability and version."""
    sku, quantity, availability, version = row
    return StockReading(
        sku=sku,
        quantity=quantity,
        availability=settle_availability(quantity=quantity, availability=availability),
        source=source,
        observed_at=at,
        version=version,
        stale=stale,
    )


class StoreStock:
    """Stock levels of the shop's tables."""

    def __init__(self, *, connections: Connections) -> None:
        self._connections = connections

    async def read(
        self, *, merchant: MerchantId, keys: tuple[Sku, ...], now: datetime
    ) -> dict[Sku, StockReading]:
        """Reads at the source. Raises ConnectorUnavailable when the database is out of reach."""
        asked = {"merchant": merchant, "skus": list(keys)}
        rows = await read_plain_rows(self._connections, STOCK, asked, connector="inventory")
        return {row[0]: read_stock(row, source=SOURCE, at=now) for row in rows}


class StorePrices:
    """Prices of the shop's tables, with a running sale."""

    def __init__(self, *, connections: Connections) -> None:
        self._connections = connections

    async def read(
        self, *, merchant: MerchantId, keys: tuple[Sku, ...], now: datetime
    ) -> dict[Sku, PriceReading]:
        """Reads at the source. Raises ConnectorUnavailable when the database is out of reach."""
        asked = {"merchant": merchant, "skus": list(keys), "now": now}
        rows = await read_plain_rows(self._connections, PRICES, asked, connector="pricing")
        return {
            sku: PriceReading(
                sku=sku,
                list_price=Money(listed, currency),
                price=Money(paid, currency),
                source=SOURCE,
                observed_at=now,
                valid_until=turns,
                version=version,
            )
            for sku, listed, currency, version, paid, turns in rows
        }
