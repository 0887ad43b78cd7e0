"""What each kind of connector is made of."""

from catalog.connectors.assembly import Plan
from catalog.connectors.fallback import make_unknown_stock
from catalog.connectors.kinds import HISTORY
from catalog.connectors.readings import (
    CatalogueSource,
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
from catalog.connectors.recorded import list_older_orders, list_older_policies, list_older_promotions
from catalog.connectors.wire import (
    CustomerShape,
    HistoryShape,
    ItemShape,
    OrderShape,
    PolicyShape,
    PriceShape,
    PromotionShape,
    StockShape,
)
from catalog.ids import CustomerKey, Sku


def plan_stock(store: StockSource, *, told: StockSource) -> Plan[Sku, StockReading]:
    """What nobody can say of stock is what the merchant's system told last; else unknown, not zero."""
    return Plan(
        kind="inventory",
        reading=StockReading,
        shape=StockShape(),
        store=store,
        cached_store=True,
        make_unknown=make_unknown_stock,
        resort=told,
    )


def plan_prices(store: PriceSource, *, copy: PriceSource) -> Plan[Sku, PriceReading]:
    """What nobody can say is what the platform last heard."""
    return Plan(
        kind="pricing", reading=PriceReading, shape=PriceShape(), store=store, cached_store=True, resort=copy
    )


def plan_items(store: CatalogueSource, *, copy: CatalogueSource) -> Plan[Sku, ItemReading]:
    """What nobody can say is what the last feed said."""
    return Plan(kind="catalogue", reading=ItemReading, shape=ItemShape(), store=store, resort=copy)


def plan_policies(store: PolicySource) -> Plan[Whole, PoliciesReading]:
    """The shop's rules, as one whole."""
    return Plan(
        kind="policies",
        reading=PoliciesReading,
        shape=PolicyShape(),
        store=store,
        list_behind=list_older_policies,
    )


def plan_promotions(store: PromotionSource) -> Plan[Whole, PromotionsReading]:
    """The shop's promotions, as one whole."""
    return Plan(
        kind="promotions",
        reading=PromotionsReading,
        shape=PromotionShape(),
        store=store,
        list_behind=list_older_promotions,
    )


def plan_orders(store: OrderSource) -> Plan[CustomerKey, OrdersReading]:
    """A customer's orders."""
    return Plan(
        kind="orders",
        reading=OrdersReading,
        shape=OrderShape(),
        store=store,
        list_behind=list_older_orders,
    )


def plan_history(store: HistorySource) -> Plan[CustomerKey, OrdersReading]:
    """What a customer bought and sent back: asked of the customers connector, where a message speaks of it."""
    return Plan(
        kind="customers",
        question="history",
        tier=HISTORY,
        reading=OrdersReading,
        shape=HistoryShape(),
        store=store,
        list_behind=list_older_orders,
    )


def plan_customers(store: CustomerSource) -> Plan[CustomerKey, CustomerReading]:
    """A customer's tier and preferences: asked for in every turn of one who is known."""
    return Plan(
        kind="customers", reading=CustomerReading, shape=CustomerShape(), store=store, cached_store=True
    )
