"""The goods of one merchant as one turn sees them: one clock, one price context, one set of connectors."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from catalog.connectors import Connectors, Sources, StockReading
from catalog.ids import GroupKey, MerchantId, Sku
from catalog.orders import (
    OrderItem,
    OrderPlaced,
    OrderRecord,
    OrderRefused,
    Place,
    find_order_by_token,
    list_orders,
    place_order,
)
from catalog.policies import PolicyAnswer, find_policy, list_policies
from catalog.pricing import CartItem, CartPrice, PriceAnswer, PriceContext, price_cart, price_variants
from catalog.products import (
    NameMatch,
    SearchQuery,
    SearchResult,
    VariantRecord,
    find_products_by_name,
    list_siblings,
    list_variants,
    search_products,
)
from catalog.promotions import PromotionRecord, list_promotions

Pool = AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]]


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """What an item is, what it costs this shopper, and whether it can be had."""

    item: VariantRecord
    price: PriceAnswer
    stock: StockReading

    @property
    def can_be_had(self) -> bool:
        """False only when the stock is known to be out; what is unknown is not out."""
        return self.stock.availability != "out_of_stock" and self.stock.quantity != 0


class Shop:
    """Reads one merchant's goods. Which merchant and which shopper's tier is settled here, never by a tool."""

    def __init__(
        self,
        *,
        pool: Pool,
        connectors: Connectors | Sources,
        merchant: MerchantId,
        now: datetime,
        tier: str | None,
        customer_key: str | None,
        codes: tuple[str, ...] = (),
    ) -> None:
        self._pool = pool
        self._connectors = connectors
        self._merchant = merchant
        self._customer_key = customer_key
        self.now = now
        self.context = PriceContext(now=now, tier=tier, codes=codes)

    async def search(self, query: SearchQuery) -> SearchResult:
        """Ranked hits; see `catalog.products.search_products`."""
        async with self._pool.connection() as connection:
            return await search_products(connection, merchant=self._merchant, query=query)

    async def list_items(self, skus: Iterable[str]) -> dict[Sku, VariantRecord]:
        """What the items are, by SKU; one the shop no longer has is left out."""
        wanted = tuple(Sku(sku) for sku in skus)
        async with self._pool.connection() as connection:
            return await list_variants(connection, merchant=self._merchant, skus=wanted, now=self.now)

    async def list_siblings(self, group: GroupKey) -> tuple[VariantRecord, ...]:
        """Every variant of one product."""
        async with self._pool.connection() as connection:
            return await list_siblings(connection, merchant=self._merchant, group=group, now=self.now)

    async def find_by_name(self, text: str) -> tuple[NameMatch, ...]:
        """Products whose name or model number is like the text, best first."""
        async with self._pool.connection() as connection:
            return await find_products_by_name(connection, merchant=self._merchant, text=text, now=self.now)

    async def list_offers(self, skus: Sequence[str]) -> tuple[Offer, ...]:
        """Price and stock of the items from the merchant's systems, in the order asked for."""
        wanted = tuple(Sku(sku) for sku in skus)
        if not wanted:
            return ()
        items, stocks, prices = await asyncio.gather(
            self.list_items(wanted), self._read_stock(wanted), self._read_prices(wanted)
        )
        return tuple(
            Offer(item=items[sku], price=prices[sku], stock=stocks[sku])
            for sku in wanted
            if sku in items and sku in prices and sku in stocks
        )

    async def _read_stock(self, skus: tuple[Sku, ...]) -> dict[Sku, StockReading]:
        return await self._connectors.stock.read(merchant=self._merchant, keys=skus, now=self.now)

    async def _read_prices(self, skus: tuple[Sku, ...]) -> dict[Sku, PriceAnswer]:
        async with self._pool.connection() as connection:
            return await price_variants(
                connection,
                merchant=self._merchant,
                skus=skus,
                context=self.context,
                source=self._connectors.price,
            )

    async def price_lines(self, lines: tuple[CartItem, ...]) -> CartPrice:
        """The lines at this shopper's prices, with the total that would be charged."""
        async with self._pool.connection() as connection:
            return await price_cart(
                connection,
                merchant=self._merchant,
                lines=lines,
                context=self.context,
                source=self._connectors.price,
            )

    async def find_policy(
        self, name: str, *, sku: str | None = None, category: str | None = None
    ) -> PolicyAnswer | None:
        """The policy in force for the item, the category or the store, narrowest first."""
        async with self._pool.connection() as connection:
            return await find_policy(
                connection,
                merchant=self._merchant,
                name=name,
                now=self.now,
                sku=Sku(sku) if sku else None,
                category=category,
            )

    async def list_policies(self) -> tuple[PolicyAnswer, ...]:
        """Every policy in force for the store as a whole."""
        async with self._pool.connection() as connection:
            return await list_policies(connection, merchant=self._merchant, now=self.now)

    async def list_promotions(self) -> tuple[PromotionRecord, ...]:
        """The promotions in force for this shopper."""
        async with self._pool.connection() as connection:
            return await list_promotions(
                connection,
                merchant=self._merchant,
                now=self.now,
                tier=self.context.tier,
                codes=self.context.codes,
            )

    async def list_orders(self) -> tuple[OrderRecord, ...] | None:
        """This shopper's orders, newest first; None when nobody knows who the shopper is."""
        if self._customer_key is None:
            return None
        async with self._pool.connection() as connection:
            return await list_orders(connection, merchant=self._merchant, customer_key=self._customer_key)

    async def find_order(self, *, token: str) -> OrderRecord | None:
        """The order that this token placed, if it did."""
        async with self._pool.connection() as connection:
            return await find_order_by_token(connection, merchant=self._merchant, token=token)

    async def place_order(self, *, lines: tuple[OrderItem, ...], token: str) -> OrderPlaced | OrderRefused:
        """Orders the lines after checking price and stock at the source; the same token orders once."""
        async with self._pool.connection() as connection:
            return await place_order(
                connection,
                merchant=self._merchant,
                lines=lines,
                place=Place(customer_key=self._customer_key),
                context=self.context,
                token=token,
            )
