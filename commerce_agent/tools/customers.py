"""What the merchant's own system knows of a customer that bears on selling."""

from datetime import datetime

import msgspec

from catalog.connectors import (
    ConnectorUnavailable,
    CustomerReading,
    CustomerSource,
    OrderSource,
    OrdersReading,
    PlainValue,
)
from catalog.ids import CustomerKey, MerchantId
from conversations.service import ShopperCard


async def find_preferences(
    customers: CustomerSource, *, merchant: str, customer: str, now: datetime
) -> dict[str, PlainValue]:
    """What the merchant's own system has down of a customer's likes; empty where it says nothing, or cannot."""
    reading = await find_customer(customers, merchant=merchant, customer=customer, now=now)
    return reading.preferences if reading else {}


async def find_customer(
    customers: CustomerSource, *, merchant: str, customer: str, now: datetime
) -> CustomerReading | None:
    """What the merchant's own system says of a customer; None where it says nothing, or cannot."""
    key = CustomerKey(customer)
    try:
        return (await customers.read(merchant=MerchantId(merchant), keys=(key,), now=now)).get(key)
    except ConnectorUnavailable:
        return None


async def read_bought(orders: OrderSource, *, merchant: str, customer: str, now: datetime) -> OrdersReading:
    """A customer's orders, newest first; none where the system knows no such customer."""
    key = CustomerKey(customer)
    readings = await orders.read(merchant=MerchantId(merchant), keys=(key,), now=now)
    return readings.get(key) or OrdersReading(source="orders", observed_at=now, customer=key, orders=())


class KnownTier(msgspec.Struct, frozen=True, kw_only=True):
    """A shopper's tier."""

    tier: str | None
    since: datetime | None = None
    """Of when it is, where the system could not be asked."""


async def find_tier(
    customers: CustomerSource, *, merchant: str, card: ShopperCard, before: str | None, now: datetime
) -> KnownTier:
    """A shopper's tier: by the merchant's own system; where that says none, by what the shop vouched for.

    So a tier that the system takes back is lost. Where it cannot be asked, the one of `before` still holds.
    """
    key = CustomerKey(card.key)
    try:
        readings = await customers.read(merchant=MerchantId(merchant), keys=(key,), now=now)
    except ConnectorUnavailable:
        return KnownTier(tier=before, since=now)
    reading = readings.get(key)
    since = reading.observed_at if reading is not None and reading.stale else None
    return KnownTier(tier=(reading.tier if reading else None) or card.tier, since=since)


async def ask_tier(
    customers: CustomerSource, *, merchant: str, card: ShopperCard, now: datetime
) -> str | None:
    """The same for a commitment, where no last tier known stands in: `customers` is to be asked at the source.

    Raises ConnectorUnavailable.
    """
    key = CustomerKey(card.key)
    readings = await customers.read(merchant=MerchantId(merchant), keys=(key,), now=now)
    said = readings[key].tier if key in readings else None
    return said or card.tier


async def list_tiers(
    customers: CustomerSource, *, merchant: str, keys: tuple[CustomerKey, ...], now: datetime
) -> dict[str, KnownTier]:
    """The tiers that the merchant's own system says of these customers; absent is one of whom it says nothing.

    Where it cannot be asked they are of the oldest of its last answers, so that they can be priced together.
    """
    if not keys:
        return {}
    try:
        readings = await customers.read(merchant=MerchantId(merchant), keys=keys, now=now)
    except ConnectorUnavailable:
        return {key: KnownTier(tier=None, since=now) for key in keys}
    since = min((reading.observed_at for reading in readings.values() if reading.stale), default=None)
    return {
        key: KnownTier(tier=reading.tier, since=since if reading.stale else None)
        for key, reading in readings.items()
    }
