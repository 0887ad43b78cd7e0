"""The connectors of a process: one of each kind, and what they share."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import msgspec

from catalog.clock import Clock
from catalog.connectors import plans
from catalog.connectors.addresses import Allowed
from catalog.connectors.assembly import Parts
from catalog.connectors.directory import Directory, StoreApi
from catalog.connectors.fetching import Fetcher
from catalog.connectors.flights import Flights
from catalog.connectors.history import record_changes_in
from catalog.connectors.history_asked import History
from catalog.connectors.local_breaker import LocalBreaker
from catalog.connectors.readings import (
    WHOLE,
    CatalogueSource,
    ConnectorUnavailable,
    CustomerReading,
    CustomerSource,
    HistorySource,
    ItemReading,
    OrderSource,
    OrdersReading,
    PoliciesReading,
    PolicySource,
    PriceReading,
    PriceSource,
    PromotionSource,
    PromotionsReading,
    StockReading,
    StockSource,
    Whole,
)
from catalog.connectors.redis_gate import ClosedGate, GetRedis, RedisGate
from catalog.connectors.routed import Direct, Routed
from catalog.connectors.shared_breaker import BreakerTerms
from catalog.connectors.store import StorePrices, StoreStock
from catalog.connectors.store_items import CopiedPrices, StoreItems, ToldStock
from catalog.connectors.store_people import StoreCustomers, StoreOrders
from catalog.connectors.store_rows import Connections
from catalog.connectors.store_terms import StorePolicies, StorePromotions
from catalog.connectors.switch import Outages
from catalog.connectors.tally import Tally
from catalog.ids import CustomerKey, MerchantId, Sku


class Sources(msgspec.Struct, frozen=True, kw_only=True):
    """The merchant's systems, as one asks them."""

    stock: StockSource
    price: PriceSource
    catalogue: CatalogueSource
    policies: PolicySource
    promotions: PromotionSource
    orders: OrderSource
    customers: CustomerSource
    history: HistorySource
    """What a customer bought and sent back, by the customers connector."""


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator chose."""

    prefix: str = ""
    store: StoreApi = StoreApi()
    keys: Mapping[int, bytes] = {}
    allowed: Allowed = Allowed()
    breaker_terms: BreakerTerms = BreakerTerms()


class Connectors(msgspec.Struct, frozen=True, kw_only=True):
    """What a turn asks: fresh answers, or the last known, marked. `direct` asks at the source or not at all."""

    stock: Routed[Sku, StockReading]
    price: Routed[Sku, PriceReading]
    catalogue: Routed[Sku, ItemReading]
    policies: Routed[Whole, PoliciesReading]
    promotions: Routed[Whole, PromotionsReading]
    orders: Routed[CustomerKey, OrdersReading]
    customers: Routed[CustomerKey, CustomerReading]
    history: History
    direct: Sources
    parts: Parts

    async def refresh_recent(self, *, now: datetime, within: timedelta) -> int:
        """Reads anew what was asked for lately and runs out `within` this time. Answers how many.

        A source that is down is passed over: its last answers stand, marked with their age.
        """
        refreshed = 0
        for merchant in await self.stock.list_readers(now=now):
            for refresh in (self.stock.refresh_recent, self.price.refresh_recent):
                refreshed += await _refresh(refresh, merchant=merchant, now=now, within=within)
        return refreshed

    async def close(self) -> None:
        """Ends the reads that are still under way, and closes the connections to merchants' systems."""
        await self.parts.flights.close()
        await self.parts.fetcher.close()


async def _refresh(
    refresh: Callable[..., Awaitable[int]], *, merchant: MerchantId, now: datetime, within: timedelta
) -> int:
    try:
        return await refresh(merchant=merchant, now=now, within=within)
    except ConnectorUnavailable:
        return 0


def build_sources(*, pool: Connections) -> Sources:
    """The built-in store without its wrappers, in this process. An answer may raise ConnectorUnavailable."""
    return Sources(
        stock=StoreStock(connections=pool),
        price=StorePrices(connections=pool),
        catalogue=StoreItems(connections=pool),
        policies=StorePolicies(connections=pool),
        promotions=StorePromotions(connections=pool),
        orders=StoreOrders(connections=pool),
        customers=StoreCustomers(connections=pool),
        history=StoreOrders(connections=pool, kind="customers"),
    )


def build_connectors(
    *,
    pool: Connections,
    get_redis: GetRedis,
    clock: Clock,
    choices: Choices | None = None,
    outages: Outages | None = None,
) -> Connectors:
    """The connectors of this process. What is kept in Redis is under the chosen prefix."""
    chosen = choices or Choices()
    gate = RedisGate(get_redis=get_redis)
    parts = Parts(
        gate=gate,
        prefix=chosen.prefix,
        directory=Directory(connections=pool, store=chosen.store, keys=chosen.keys),
        fetcher=Fetcher(allowed=chosen.allowed),
        flights=Flights(),
        outages=outages or Outages(),
        tally=Tally(gate=gate, prefix=chosen.prefix),
        postgres=LocalBreaker(guards="postgresql"),
        breaker_terms=chosen.breaker_terms,
        record_change=record_changes_in(pool, clock=clock),
        keys=chosen.keys,
    )
    return _route(parts, pool=pool)


def leave_no_trace(connectors: Connectors, *, pool: Connections) -> Connectors:
    """The same systems, asked each time: nothing is kept of their answers, nothing counted, and no breaker moved."""
    gate = ClosedGate()
    parts = msgspec.structs.replace(
        connectors.parts, gate=gate, tally=Tally(gate=gate, prefix=connectors.parts.prefix)
    )
    return _route(parts, pool=pool)


def _route(parts: Parts, *, pool: Connections) -> Connectors:
    store = build_sources(pool=pool)
    stock = Routed(plan=plans.plan_stock(store.stock, told=ToldStock(connections=pool)), parts=parts)
    price = Routed(plan=plans.plan_prices(store.price, copy=CopiedPrices(connections=pool)), parts=parts)
    copied = StoreItems(connections=pool, copy=True)
    catalogue = Routed(plan=plans.plan_items(store.catalogue, copy=copied), parts=parts)
    policies = Routed(plan=plans.plan_policies(store.policies), parts=parts)
    promotions = Routed(plan=plans.plan_promotions(store.promotions), parts=parts)
    orders = Routed(plan=plans.plan_orders(store.orders), parts=parts)
    customers = Routed(plan=plans.plan_customers(store.customers), parts=parts)
    told = Routed(plan=plans.plan_history(store.history), parts=parts)
    history = History(customers=told, orders=orders)
    return Connectors(
        stock=stock,
        price=price,
        catalogue=catalogue,
        policies=policies,
        promotions=promotions,
        orders=orders,
        customers=customers,
        history=history,
        direct=Sources(
            stock=Direct(stock),
            price=Direct(price),
            catalogue=Direct(catalogue),
            policies=Direct(policies),
            promotions=Direct(promotions),
            orders=Direct(orders),
            customers=Direct(customers),
            history=Direct(history),
        ),
        parts=parts,
    )


async def expire_offers(connectors: Connectors, *, merchant: MerchantId, skus: tuple[Sku, ...]) -> None:
    """Takes the kept answers as fresh no more, after a change that makes them untrue: the source is asked next."""
    await connectors.stock.expire(merchant=merchant, keys=skus)
    await connectors.price.expire(merchant=merchant, keys=skus)


async def expire_orders(connectors: Connectors, *, merchant: MerchantId, customer: CustomerKey) -> None:
    """The same for what a customer has ordered, after a change of it."""
    await connectors.orders.expire(merchant=merchant, keys=(customer,))
    await connectors.history.expire(merchant=merchant, keys=(customer,))


async def expire_terms(connectors: Connectors, *, merchant: MerchantId) -> None:
    """The same for policies and promotions."""
    await connectors.policies.expire(merchant=merchant, keys=(WHOLE,))
    await connectors.promotions.expire(merchant=merchant, keys=(WHOLE,))
