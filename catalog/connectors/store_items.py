"""The built-in store: the words of items, and the platform's own copy of prices for the time when nobody answers."""

from datetime import datetime

import msgspec

from catalog.connectors.readings import COPY, TOLD, ItemReading, PriceReading, StockReading
from catalog.connectors.store import SOURCE, StorePrices, read_stock
from catalog.connectors.store_rows import Connections, read_plain_rows, read_rows
from catalog.ids import GroupKey, MerchantId, Sku
from commerce_agent.decoding import convert

ITEMS = """
SELECT v.sku, p.group_key AS "group", v.title, p.title AS product_title, p.description, coalesce(b.name, '') AS brand,
  coalesce(c.path, '') AS category, v.color, v.size, v.material, coalesce(nullif(v.link, ''), p.link) AS link,
  v.image_link, v.attributes, p.rating::float8 AS rating, p.rating_count, p.updated_at,
  greatest(p.words_version, v.words_version) AS version
FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id
LEFT JOIN catalog_brand b ON b.id = p.brand_id LEFT JOIN catalog_category c ON c.id = p.category_id
WHERE v.merchant_id = %(merchant)s AND v.sku = ANY(%(skus)s)
"""
OBSERVED = """
SELECT sku, price_observed_at, price_source FROM catalog_variant
WHERE merchant_id = %(merchant)s AND sku = ANY(%(skus)s)
"""
STOCK_TOLD = """
SELECT v.sku, s.quantity, v.availability, s.version, s.observed_at FROM catalog_variant v
JOIN catalog_stocklevel s ON s.variant_id = v.id
WHERE v.merchant_id = %(merchant)s AND v.sku = ANY(%(skus)s) AND s.source = %(told)s
"""


class _Item(msgspec.Struct, frozen=True, kw_only=True):
    sku: Sku
    group: GroupKey
    title: str
    product_title: str
    description: str
    brand: str
    category: str
    color: str
    size: str
    material: str
    link: str
    image_link: str
    attributes: dict[str, str]
    rating: float | None
    rating_count: int
    updated_at: datetime
    version: int


class StoreItems:
    """Titles, texts and attributes. As a `copy` they are what was last brought in, and stale."""

    def __init__(self, *, connections: Connections, copy: bool = False) -> None:
        self._connections = connections
        self._copy = copy

    async def read(
        self, *, merchant: MerchantId, keys: tuple[Sku, ...], now: datetime
    ) -> dict[Sku, ItemReading]:
        """Reads at the source. Raises ConnectorUnavailable when the database is out of reach."""
        rows = [
            convert(row, _Item)
            for row in await read_rows(
                self._connections, ITEMS, {"merchant": merchant, "skus": list(keys)}, connector="catalogue"
            )
        ]
        return {row.sku: self._read(row, now=now) for row in rows}

    def _read(self, row: _Item, *, now: datetime) -> ItemReading:
        words = {
            name: getattr(row, name)
            for name in _Item.__struct_fields__
            if name not in ("updated_at", "version")
        }
        if self._copy:
            return ItemReading(source=COPY, observed_at=min(row.updated_at, now), stale=True, **words)
        return ItemReading(source=SOURCE, observed_at=now, version=row.version, **words)


class CopiedPrices:
    """Prices as the platform last heard of them, from a feed or an event: a last resort, always stale."""

    def __init__(self, *, connections: Connections) -> None:
        self._connections = connections
        self._prices = StorePrices(connections=connections)

    async def read(
        self, *, merchant: MerchantId, keys: tuple[Sku, ...], now: datetime
    ) -> dict[Sku, PriceReading]:
        """Reads the copy. Raises ConnectorUnavailable when the database is out of reach."""
        prices = await self._prices.read(merchant=merchant, keys=keys, now=now)
        asked = {"merchant": merchant, "skus": list(keys)}
        rows = await read_plain_rows(self._connections, OBSERVED, asked, connector="pricing")
        heard = {sku: (at, source) for sku, at, source in rows}
        return {
            sku: msgspec.structs.replace(
                reading,
                source=TOLD if heard[sku][1] == TOLD else COPY,
                observed_at=min(heard[sku][0], now),
                stale=True,
                valid_until=None,
            )
            for sku, reading in prices.items()
            if sku in heard
        }


class ToldStock:
    """How many there are as the merchant's system last told by itself: a last resort, always stale.

    What a feed says of stock is none: it was true on the day of the feed.
    """

    def __init__(self, *, connections: Connections) -> None:
        self._connections = connections

    async def read(
        self, *, merchant: MerchantId, keys: tuple[Sku, ...], now: datetime
    ) -> dict[Sku, StockReading]:
        """What was told. Raises ConnectorUnavailable when the database is out of reach."""
        asked = {"merchant": merchant, "skus": list(keys), "told": TOLD}
        rows = await read_plain_rows(self._connections, STOCK_TOLD, asked, connector="inventory")
        return {
            sku: read_stock((sku, *told), source=TOLD, at=min(at, now), stale=True) for sku, *told, at in rows
        }
