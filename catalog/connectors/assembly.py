"""The connectors put together: the order of the wrappers stands here and nowhere else."""

import msgspec

from catalog.connectors.cache import AnswerCache, GetRedis, Keys
from catalog.connectors.fallback import FallbackToLast, make_unknown_stock
from catalog.connectors.fresh import FreshWithin
from catalog.connectors.readings import PriceReading, PriceSource, StockReading, StockSource
from catalog.connectors.store import Connections, StorePrices, StoreStock
from catalog.connectors.switch import Outages, Switched
from catalog.ids import MerchantId, Sku


class Connectors(msgspec.Struct, frozen=True, kw_only=True):
    """What a turn asks, and what keeps its answers fresh."""

    stock: StockSource
    price: PriceSource
    fresh_stock: FreshWithin[Sku, StockReading]
    fresh_price: FreshWithin[Sku, PriceReading]


class Sources(msgspec.Struct, frozen=True, kw_only=True):
    """The merchant's systems asked directly: no answer is kept, none is taken from what was kept."""

    stock: StockSource
    price: PriceSource


def build_sources(*, pool: Connections) -> Sources:
    """The built-in store without its wrappers. An answer may raise ConnectorUnavailable."""
    return Sources(stock=StoreStock(connections=pool), price=StorePrices(connections=pool))


def build_connectors(
    *, pool: Connections, get_redis: GetRedis, prefix: str = "", outages: Outages | None = None
) -> Connectors:
    """The built-in store behind its wrappers; what is kept in Redis is under `prefix`."""
    keys = Keys(prefix=prefix)
    switchable = outages or Outages()
    stock_cache: AnswerCache[Sku, StockReading] = AnswerCache(
        get_redis=get_redis, keys=keys, connector="inventory", shape=StockReading
    )
    price_cache: AnswerCache[Sku, PriceReading] = AnswerCache(
        get_redis=get_redis, keys=keys, connector="pricing", shape=PriceReading
    )
    fresh_stock = FreshWithin(
        inner=Switched(inner=StoreStock(connections=pool), connector="inventory", outages=switchable),
        cache=stock_cache,
    )
    fresh_price = FreshWithin(
        inner=Switched(inner=StorePrices(connections=pool), connector="pricing", outages=switchable),
        cache=price_cache,
    )
    return Connectors(
        stock=FallbackToLast(inner=fresh_stock, cache=stock_cache, make_unknown=make_unknown_stock),
        price=FallbackToLast(inner=fresh_price, cache=price_cache),
        fresh_stock=fresh_stock,
        fresh_price=fresh_price,
    )


async def expire_offers(connectors: Connectors, *, merchant: MerchantId, skus: tuple[Sku, ...]) -> None:
    """Takes the kept answers as fresh no more, after a change that makes them untrue: the source is asked next."""
    await connectors.fresh_stock.expire(merchant=merchant, keys=skus)
    await connectors.fresh_price.expire(merchant=merchant, keys=skus)
