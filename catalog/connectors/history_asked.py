"""Where a customer's order and return history comes from.

It comes by the customers connector, as a question of its own (`Connectors.history`): "the size I had last time",
"reorder my coffee" and the shopper's export ask it. It shares the connector's address, breaker, limit and outages
with the tier, and is kept apart from it: a turn asks for the tier each time and for the history when its words do.
The orders connector answers for orders as such: where one is, what may be changed of it. A shop's own list of
customers tells it by one more field of its mapping:

    orders: purchases[].{number: no, placed_at: at, status: state, total: sum, currency: cur,
      lines: items[].{sku: id, quantity: n, unit_price: each, returned: back}}

Where it says nothing of orders, or its orders are in a system of its own and its customers are not, the list of
that order system stands in.
"""

from datetime import datetime

from catalog.connectors.readings import OrdersReading
from catalog.connectors.routed import Routed
from catalog.ids import CustomerKey, MerchantId

Asked = Routed[CustomerKey, OrdersReading]


class History:
    """What a customer bought and sent back, by the customers connector.

    Where a merchant's own list of customers says nothing of orders, or its orders are kept in a system of its own and
    its customers are not, the list of that order system stands in.
    """

    def __init__(self, *, customers: Asked, orders: Asked) -> None:
        self._customers = customers
        self._orders = orders

    async def read(
        self, *, merchant: MerchantId, keys: tuple[CustomerKey, ...], now: datetime
    ) -> dict[CustomerKey, OrdersReading]:
        """For a turn: fresh answers, or the last known, marked. Raises ConnectorUnavailable."""
        told: dict[CustomerKey, OrdersReading] = {}
        if await self._is_with_customers(merchant):
            told = await self._customers.read(merchant=merchant, keys=keys, now=now)
        left = tuple(key for key in keys if key not in told)
        return {**told, **await self._orders.read(merchant=merchant, keys=left, now=now)} if left else told

    async def read_directly(
        self, *, merchant: MerchantId, keys: tuple[CustomerKey, ...], now: datetime
    ) -> dict[CustomerKey, OrdersReading]:
        """At the source, whatever is kept. Raises ConnectorUnavailable."""
        told: dict[CustomerKey, OrdersReading] = {}
        if await self._is_with_customers(merchant):
            told = await self._customers.read_directly(merchant=merchant, keys=keys, now=now)
        left = tuple(key for key in keys if key not in told)
        if not left:
            return told
        return {**told, **await self._orders.read_directly(merchant=merchant, keys=left, now=now)}

    async def expire(self, *, merchant: MerchantId, keys: tuple[CustomerKey, ...]) -> None:
        """Has the source asked at the next reading, whatever is kept."""
        await self._customers.expire(merchant=merchant, keys=keys)

    async def forget(self, *, merchant: MerchantId, keys: tuple[CustomerKey, ...]) -> int:
        """Takes what is kept of these out of Redis and says how many there were. Raises RedisError."""
        return await self._customers.forget(merchant=merchant, keys=keys)

    async def _is_with_customers(self, merchant: MerchantId) -> bool:
        customers = (await self._customers.find_route(merchant=merchant)).endpoint
        if customers is not None and not customers.trusted:
            return not customers.mapping.fields or "orders" in customers.mapping.fields
        orders = (await self._orders.find_route(merchant=merchant)).endpoint
        return orders is None or orders.trusted
