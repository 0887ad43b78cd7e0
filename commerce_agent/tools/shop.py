"""The goods of one merchant as one turn sees them: one clock, one price context, one set of connectors."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from catalog.connectors import (
    Connectors,
    ConnectorUnavailable,
    CustomerSource,
    ItemReading,
    OrdersReading,
    Sources,
    StockReading,
)
from catalog.connectors.fallback import NOBODY
from catalog.connectors.routed import Routed
from catalog.ids import CustomerKey, GroupKey, MerchantId, Sku
from catalog.orders import (
    LineChange,
    OrderItem,
    OrderPlaced,
    OrderRecord,
    OrderRefused,
    Place,
    find_order_by_token,
    place_order,
)
from catalog.policies import PolicyAnswer, ask_policies
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
from catalog.promotions import PromotionsHeld, ask_promotions

Pool = AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]]


UNCOUNTED = ("preorder", "backorder")
SAID = (
    "title",
    "product_title",
    "description",
    "brand",
    "color",
    "size",
    "material",
    "link",
    "image_link",
    "attributes",
)
"""What the merchant's own catalogue may word otherwise than our copy of it."""


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """What an item is, what it costs this shopper, and whether it can be had."""

    item: VariantRecord
    price: PriceAnswer
    stock: StockReading
    words: ItemReading | None = None
    """What the merchant's own catalogue says of it, where that is another system than ours, or out of reach."""

    @property
    def stale_since(self) -> datetime | None:
        """The age of its oldest answer that could not be refreshed; what is not known at all has no age."""
        known = (reading for reading in (self.price, self.stock, self.words) if reading is not None)
        return min(
            (reading.observed_at for reading in known if reading.stale and reading.source != NOBODY),
            default=None,
        )

    @property
    def can_be_had(self) -> bool:
        """False only when the stock is known to be out; what is unknown is not out."""
        return self.stock.availability != "out_of_stock" and self.stock.quantity != 0


def make_offer(
    item: VariantRecord, *, price: PriceAnswer, stock: StockReading, words: ItemReading | None
) -> Offer:
    """The offer, in the words of the merchant's own catalogue where it says any."""
    if words is None:
        return Offer(item=item, price=price, stock=stock)
    said = {name: getattr(words, name) for name in SAID if getattr(words, name)}
    return Offer(item=msgspec.structs.replace(item, **said), price=price, stock=stock, words=words)


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
        items, stocks, prices, words = await asyncio.gather(
            self.list_items(wanted),
            self._read_stock(wanted),
            self._read_prices(wanted),
            self._read_words(wanted),
        )
        return tuple(
            make_offer(items[sku], price=prices[sku], stock=stocks[sku], words=words.get(sku))
            for sku in wanted
            if sku in items and sku in prices and sku in stocks
        )

    async def _read_stock(self, skus: tuple[Sku, ...]) -> dict[Sku, StockReading]:
        return await self._connectors.stock.read(merchant=self._merchant, keys=skus, now=self.now)

    async def _read_words(self, skus: tuple[Sku, ...]) -> dict[Sku, ItemReading]:
        """Nothing where the merchant's catalogue is our own: then the items say it already."""
        catalogue = self._connectors.catalogue
        if isinstance(catalogue, Routed) and not await catalogue.is_elsewhere(merchant=self._merchant):
            return {}
        try:
            return await catalogue.read(merchant=self._merchant, keys=skus, now=self.now)
        except ConnectorUnavailable:
            return {}

    async def _read_prices(self, skus: tuple[Sku, ...]) -> dict[Sku, PriceAnswer]:
        async with self._pool.connection() as connection:
            return await price_variants(
                connection,
                merchant=self._merchant,
                skus=skus,
                context=self.context,
                source=self._connectors.price,
                promotions=self._connectors.promotions,
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
                promotions=self._connectors.promotions,
            )

    async def find_policy(
        self, name: str, *, sku: str | None = None, category: str | None = None
    ) -> PolicyAnswer | None:
        """The policy in force for the item, the category or the store, narrowest first.

        Raises ConnectorUnavailable, as the next three do, where the merchant's system cannot be asked and nothing is
        known of it: that is not the same as having none.
        """
        if sku is not None and category is None:
            category = next((item.category for item in (await self.list_items([sku])).values()), None)
        found = await ask_policies(
            self._connectors.policies,
            merchant=self._merchant,
            now=self.now,
            names=(name,),
            sku=sku,
            category=category,
        )
        return found[0] if found else None

    async def list_policies(self) -> tuple[PolicyAnswer, ...]:
        """Every policy in force for the store as a whole."""
        return await ask_policies(self._connectors.policies, merchant=self._merchant, now=self.now)

    async def list_promotions(self) -> PromotionsHeld:
        """The promotions in force for this shopper."""
        return await ask_promotions(
            self._connectors.promotions,
            merchant=self._merchant,
            now=self.now,
            tier=self.context.tier,
            codes=self.context.codes,
        )

    async def list_orders(self) -> OrdersReading | None:
        """This shopper's orders, newest first; None when nobody knows who the shopper is."""
        if self._customer_key is None:
            return None
        customer = CustomerKey(self._customer_key)
        readings = await self._connectors.orders.read(merchant=self._merchant, keys=(customer,), now=self.now)
        return readings.get(customer) or OrdersReading(
            source="orders", observed_at=self.now, customer=customer, orders=()
        )

    async def _check_elsewhere(self, lines: tuple[OrderItem, ...]) -> tuple[LineChange, ...]:
        """What the merchant's own stock system says against the lines; it is asked now, whatever is kept.

        Prices are only asked for: promotions are reckoned where the order is placed.
        """
        connectors = self._connectors
        if not isinstance(connectors, Connectors):
            return ()
        skus = tuple(line.sku for line in lines)
        changes: list[LineChange] = []
        if await connectors.price.is_elsewhere(merchant=self._merchant):
            await connectors.direct.price.read(merchant=self._merchant, keys=skus, now=self.now)
        if await connectors.stock.is_elsewhere(merchant=self._merchant):
            told = await connectors.direct.stock.read(merchant=self._merchant, keys=skus, now=self.now)
            changes += [change for line in lines if (change := _find_shortage(line, told.get(line.sku)))]
        return tuple(changes)

    async def find_order(self, *, token: str) -> OrderRecord | None:
        """The order that this token placed, if it did."""
        async with self._pool.connection() as connection:
            return await find_order_by_token(connection, merchant=self._merchant, token=token)

    async def place_order(self, *, lines: tuple[OrderItem, ...], token: str) -> OrderPlaced | OrderRefused:
        """Orders the lines after checking price and stock at the source; the same token orders once.

        Raises ConnectorUnavailable, with nothing ordered, where the merchant's own system does not answer.
        """
        changed = await self._check_elsewhere(lines)
        if changed:
            return OrderRefused(changes=changed)
        async with self._pool.connection() as connection:
            return await place_order(
                connection,
                merchant=self._merchant,
                lines=lines,
                place=Place(customer_key=self._customer_key),
                context=self.context,
                token=token,
            )


def _find_shortage(line: OrderItem, reading: StockReading | None) -> LineChange | None:
    if reading is None:
        return LineChange(sku=line.sku, kind="gone", wanted=line.quantity, actual=None)
    left = 0 if reading.availability == "out_of_stock" else reading.quantity
    if reading.availability in UNCOUNTED or left is None or left >= line.quantity:
        return None
    return LineChange(sku=line.sku, kind="stock", wanted=line.quantity, actual=left)


async def find_tier(customers: CustomerSource, *, merchant: str, customer: str, now: datetime) -> str | None:
    """The tier by which the merchant's own system knows a customer; None where it does not say, or cannot."""
    key = CustomerKey(customer)
    try:
        readings = await customers.read(merchant=MerchantId(merchant), keys=(key,), now=now)
    except ConnectorUnavailable:
        return None
    return readings[key].tier if key in readings else None
