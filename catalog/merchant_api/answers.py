"""What the merchant API answers: the built-in store's tables, one row a thing."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

import msgspec

from catalog.connectors import WHOLE, Kind, OrderRecord, Sources
from catalog.ids import CustomerKey, MerchantId, Sku

MOST_SKUS = 500


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    """An answer as it goes out."""

    items: list[dict[str, object]]
    version: int = 0
    """Of the answer as one whole; 0: it has none."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked, by whom it was let in, and when."""

    merchant: MerchantId
    skus: tuple[Sku, ...] = ()
    customer: CustomerKey | None = None
    now: datetime


async def list_stock(sources: Sources, asked: Question) -> Rows:
    """How many there are."""
    readings = await sources.stock.read(merchant=asked.merchant, keys=asked.skus, now=asked.now)
    return Rows(
        items=[
            {
                "sku": one.sku,
                "quantity": one.quantity,
                "availability": one.availability,
                "version": one.version,
            }
            for one in readings.values()
        ]
    )


async def list_prices(sources: Sources, asked: Question) -> Rows:
    """What they cost."""
    readings = await sources.price.read(merchant=asked.merchant, keys=asked.skus, now=asked.now)
    return Rows(
        items=[
            {
                "sku": one.sku,
                "price": str(one.price.amount),
                "list_price": str(one.list_price.amount),
                "currency": str(one.price.currency),
                "valid_until": one.valid_until,
                "version": one.version,
            }
            for one in readings.values()
        ]
    )


async def list_items(sources: Sources, asked: Question) -> Rows:
    """What they are."""
    readings = await sources.catalogue.read(merchant=asked.merchant, keys=asked.skus, now=asked.now)
    left_out = {"source", "observed_at", "valid_until", "stale"}
    return Rows(
        items=[
            {name: getattr(one, name) for name in one.__struct_fields__ if name not in left_out}
            for one in readings.values()
        ]
    )


async def list_policies(sources: Sources, asked: Question) -> Rows:
    """The shop's rules, each version of each."""
    readings = await sources.policies.read(merchant=asked.merchant, keys=(WHOLE,), now=asked.now)
    return Rows(items=[msgspec.structs.asdict(policy) for policy in readings[WHOLE].policies])


async def list_promotions(sources: Sources, asked: Question) -> Rows:
    """The shop's promotions, and which version of the list it is."""
    readings = await sources.promotions.read(merchant=asked.merchant, keys=(WHOLE,), now=asked.now)
    whole = readings[WHOLE]
    return Rows(
        items=[msgspec.structs.asdict(promotion) for promotion in whole.promotions], version=whole.version
    )


async def list_orders(sources: Sources, asked: Question) -> Rows:
    """A customer's orders."""
    customer = asked.customer or CustomerKey("")
    readings = await sources.orders.read(merchant=asked.merchant, keys=(customer,), now=asked.now)
    return Rows(items=[_write_order(order) for order in readings[customer].orders])


def _write_order(order: OrderRecord) -> dict[str, object]:
    return {
        "number": order.number,
        "placed_at": order.placed_at,
        "status": order.status,
        "total": str(order.total.amount),
        "currency": str(order.total.currency),
        "version": order.version,
        "lines": [
            {
                "sku": line.sku,
                "title": line.title,
                "quantity": line.quantity,
                "unit_price": str(line.unit_price.amount),
                "returned": line.returned,
            }
            for line in order.lines
        ],
    }


async def list_customers(sources: Sources, asked: Question) -> Rows:
    """A customer's tier and preferences; no row where there is no such customer."""
    customer = asked.customer or CustomerKey("")
    readings = await sources.customers.read(merchant=asked.merchant, keys=(customer,), now=asked.now)
    return Rows(
        items=[
            {"tier": one.tier, "preferences": one.preferences, "version": one.version}
            for one in readings.values()
        ]
    )


async def list_history(sources: Sources, asked: Question) -> Rows:
    """What a customer bought and sent back, as part of what is known of them."""
    customer = asked.customer or CustomerKey("")
    readings = await sources.history.read(merchant=asked.merchant, keys=(customer,), now=asked.now)
    return Rows(
        items=[{"orders": [_write_order(order) for order in one.orders]} for one in readings.values()]
    )


class Path(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to ask for."""

    kind: Kind
    answer: Callable[[Sources, Question], Awaitable[Rows]]


PATHS: Mapping[str, Path] = {
    "stock": Path(kind="inventory", answer=list_stock),
    "prices": Path(kind="pricing", answer=list_prices),
    "items": Path(kind="catalogue", answer=list_items),
    "policies": Path(kind="policies", answer=list_policies),
    "promotions": Path(kind="promotions", answer=list_promotions),
    "orders": Path(kind="orders", answer=list_orders),
    "customers": Path(kind="customers", answer=list_customers),
    "history": Path(kind="customers", answer=list_history),
}
