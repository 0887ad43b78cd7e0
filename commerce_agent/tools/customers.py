"""What the merchant's own system knows of a customer that bears on selling."""

from datetime import datetime

from catalog.connectors import ConnectorUnavailable, CustomerSource, PlainValue
from catalog.ids import CustomerKey, MerchantId


async def find_preferences(
    customers: CustomerSource, *, merchant: str, customer: str, now: datetime
) -> dict[str, PlainValue]:
    """What the merchant's own system has down of a customer's likes; empty where it says nothing, or cannot."""
    key = CustomerKey(customer)
    try:
        readings = await customers.read(merchant=MerchantId(merchant), keys=(key,), now=now)
    except ConnectorUnavailable:
        return {}
    return readings[key].preferences if key in readings else {}


async def find_tier(customers: CustomerSource, *, merchant: str, customer: str, now: datetime) -> str | None:
    """The tier by which the merchant's own system knows a customer; None where it does not say, or cannot."""
    key = CustomerKey(customer)
    try:
        readings = await customers.read(merchant=MerchantId(merchant), keys=(key,), now=now)
    except ConnectorUnavailable:
        return None
    return readings[key].tier if key in readings else None
