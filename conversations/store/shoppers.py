"""Who the merchant's named shoppers are."""

from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from conversations.ids import MerchantId, ShopperId


class ShopperCard(msgspec.Struct, frozen=True, kw_only=True):
    """What a turn needs to know of a shopper."""

    id: ShopperId
    key: str
    """The merchant's own customer key."""
    name: str
    tier: str | None


class NoSuchShopper(Exception):
    """The merchant has no shopper of this id. Whoever asked named it wrongly, or named another merchant's."""

    def __init__(self, *, shopper: ShopperId) -> None:
        super().__init__(
            f"This merchant has no shopper {shopper!r}: use an id that `find_shopper_by_key` gave."
        )
        self.shopper = shopper


class Shoppers:
    """Reads shoppers of one merchant at a time."""

    def __init__(self, *, pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]]) -> None:
        self._pool = pool

    async def find(self, *, merchant: MerchantId, shopper: ShopperId) -> ShopperCard | None:
        """The shopper of this id."""
        return await self._find("id = %s::uuid", merchant=merchant, value=shopper)

    async def find_by_key(self, *, merchant: MerchantId, key: str) -> ShopperCard | None:
        """The shopper of this customer key."""
        return await self._find("key = %s", merchant=merchant, value=key)

    async def _find(self, condition: str, *, merchant: MerchantId, value: str) -> ShopperCard | None:
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT id, key, name, tier FROM conversations_shopper"
                f" WHERE merchant_id = %s AND {condition}",
                [merchant, value],
            )
            row = await cursor.fetchone()
        if row is None:
            return None
        return ShopperCard(id=ShopperId(str(row[0])), key=row[1], name=row[2], tier=row[3] or None)
