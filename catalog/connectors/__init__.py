"""How the merchant's systems are asked: one narrow protocol, a built-in store, and wrappers of one job each."""

from catalog.connectors.assembly import Connectors, Sources, build_connectors, build_sources, expire_offers
from catalog.connectors.readings import (
    ConnectorUnavailable,
    PriceReading,
    PriceSource,
    Source,
    StockReading,
    StockSource,
)
from catalog.connectors.store import Connections, StorePrices, StoreStock
from catalog.connectors.switch import Outages

__all__ = [
    "Connections",
    "ConnectorUnavailable",
    "Connectors",
    "Outages",
    "PriceReading",
    "PriceSource",
    "Source",
    "Sources",
    "StockReading",
    "StockSource",
    "StorePrices",
    "StoreStock",
    "build_connectors",
    "build_sources",
    "expire_offers",
]
