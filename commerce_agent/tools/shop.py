"""The goods of one merchant as one turn sees them: one clock, one price context, one set of connectors."""

import asyncio
from collections.abc import Iterable, Sequence

import msgspec
from moneyed import Money

from catalog.connectors import (
    Connectors,
    ConnectorUnavailable,
    OrderSource,
    OrdersReading,
    PlainValue,
    Sources,
    StockReading,
    expire_orders,
)
from catalog.connectors.given import Given, ask_before
from catalog.connectors.readings import WHOLE, PriceReading, PromotionsReading, Whole
from catalog.connectors.routed import Routed
from catalog.connectors.store_rows import Connections
from catalog.ids import CustomerKey, GroupKey, MerchantId, Sku
from catalog.orders import (
    Change,
    ChangeAltered,
    ChangeChecked,
    ChangeMade,
    ChangeRefused,
    ChangeWish,
    Desks,
    OfferGone,
    OrderDesk,
    OrderItem,
    OrderPlaced,
    OrderRecord,
    OrderRefused,
    OrderWish,
    Place,
    Pressed,
    Reserved,
    counts_elsewhere,
    end_attempt,
    find_checkout,
    reckon_sold,
    record_attempt,
)
from catalog.policies import PolicyAnswer, ask_policies
from catalog.pricing import CartItem, CartPrice, PriceAnswer, PriceContext, price_cart, price_variants
from catalog.products import (
    SearchQuery,
    SearchResult,
    VariantRecord,
    Version,
    list_siblings,
    list_variants,
    list_versions,
    search_products,
)
from catalog.promotions import Discount, PromotionsHeld, ask_promotions
from commerce_agent.tools.customers import find_preferences, read_bought
from commerce_agent.tools.memory import Memory, MemoryChange, Remembered
from commerce_agent.tools.offers import Offer, make_offer, read_words
from commerce_agent.tools.tastes import Taste, read_tastes


class Shop:
    """Reads one merchant's goods. Which merchant and which shopper's tier is settled here, never by a tool."""

    def __init__(
        self,
        *,
        pool: Connections,
        connectors: Connectors | Sources,
        merchant: MerchantId,
        context: PriceContext,
        customer_key: str | None,
        memory: Memory | None = None,
        desks: Desks | None = None,
    ) -> None:
        self._pool = pool
        self._memory = memory
        self._desks = desks
        self._connectors = connectors
        self._merchant = merchant
        self.customer_key = customer_key
        self._tastes: tuple[Taste, ...] | None = None
        self.now = context.now
        self.context = context

    async def search(self, query: SearchQuery) -> SearchResult:
        """Ranked hits; see `catalog.products.search_products`."""
        discounts = await self._find_foreign_discounts()
        async with self._pool.connection() as db:
            return await search_products(db, merchant=self._merchant, query=query, discounts=discounts)

    async def _find_foreign_discounts(self) -> tuple[Discount, ...] | None:
        """What lowers prices by the merchant's own system; None where the store's promotions hold."""
        promotions = self._connectors.promotions
        if not isinstance(promotions, Routed) or not await promotions.is_elsewhere(merchant=self._merchant):
            return None
        try:
            return (await self.list_promotions()).promotions
        except ConnectorUnavailable:
            return ()

    async def list_items(self, skus: Iterable[str]) -> dict[Sku, VariantRecord]:
        """What the items are, by SKU; one the shop no longer has is left out."""
        if not (wanted := tuple(map(Sku, skus))):
            return {}
        async with self._pool.connection() as db:
            return await list_variants(db, merchant=self._merchant, skus=wanted, now=self.now)

    async def list_siblings(self, group: GroupKey) -> tuple[VariantRecord, ...]:
        """Every variant of one product."""
        async with self._pool.connection() as connection:
            return await list_siblings(connection, merchant=self._merchant, group=group, now=self.now)

    async def list_versions(self, groups: Sequence[GroupKey]) -> dict[GroupKey, tuple[Version, ...]]:
        """What each product comes in."""
        async with self._pool.connection() as connection:
            return await list_versions(connection, merchant=self._merchant, groups=tuple(groups))

    async def list_offers(
        self,
        skus: Sequence[str],
        *,
        codes: tuple[str, ...] | None = None,
        known: dict[Sku, VariantRecord] | None = None,
    ) -> tuple[Offer, ...]:
        """Price and stock of the items from the merchant's systems, in the order asked for, at the shopper's codes
        or others; `known` is what was just read of them. Raises ConnectorUnavailable where nobody can say the price.
        """
        if not (wanted := tuple(map(Sku, skus))):
            return ()
        found, stocks, prices, words = await asyncio.gather(
            self.list_items(wanted if known is None else ()),
            self.read_stock(wanted),
            self._read_prices(wanted, codes=codes),
            read_words(self._connectors.catalogue, merchant=self._merchant, skus=wanted, now=self.now),
        )
        items = known or found
        return tuple(
            make_offer(items[sku], price=prices[sku], stock=stocks[sku], words=words)
            for sku in wanted
            if sku in items and sku in prices and sku in stocks
        )

    def at_source(self, *, context: PriceContext | None = None) -> "Shop":
        """The same goods asked of the merchant's systems themselves: whatever is kept of them has no say.
        At the prices of another `context`, where given.

        What is read there raises ConnectorUnavailable where a system does not answer.
        """
        if not isinstance(self._connectors, Connectors):
            return self
        return Shop(
            pool=self._pool,
            connectors=self._connectors.direct,
            merchant=self._merchant,
            context=context or self.context,
            customer_key=self.customer_key,
            desks=self._desks,
        )

    async def read_stock(self, skus: tuple[Sku, ...]) -> dict[Sku, StockReading]:
        """How many there are of each, less what was sold here and a warehouse elsewhere has not booked yet."""
        read = await self._connectors.stock.read(merchant=self._merchant, keys=skus, now=self.now)
        if not counts_elsewhere(read.values()):
            return read
        async with self._pool.connection() as connection:
            return await reckon_sold(connection, read, merchant=self._merchant, now=self.now)

    async def _ask_prices(
        self, skus: tuple[Sku, ...]
    ) -> tuple[Given[Sku, PriceReading], Given[Whole, PromotionsReading]]:
        """Asked before a connection is taken: whoever holds one and waits for another would starve the rest."""
        merchant, now = self._merchant, self.now
        return await asyncio.gather(
            ask_before(self._connectors.price, merchant=merchant, keys=skus, now=now),
            ask_before(self._connectors.promotions, merchant=merchant, keys=(WHOLE,), now=now),
        )

    async def _read_prices(
        self, skus: tuple[Sku, ...], *, codes: tuple[str, ...] | None
    ) -> dict[Sku, PriceAnswer]:
        prices, promotions = await self._ask_prices(skus)
        async with self._pool.connection() as connection:
            return await price_variants(
                connection,
                merchant=self._merchant,
                skus=skus,
                context=self._get_context(codes),
                source=prices,
                promotions=promotions,
            )

    async def price_lines(
        self, lines: tuple[CartItem, ...], *, codes: tuple[str, ...] | None = None
    ) -> CartPrice:
        """The lines at this shopper's prices and codes, or other codes, with the total that would be charged."""
        prices, promotions = await self._ask_prices(tuple(dict.fromkeys(line.sku for line in lines)))
        async with self._pool.connection() as connection:
            return await price_cart(
                connection,
                merchant=self._merchant,
                lines=lines,
                context=self._get_context(codes),
                source=prices,
                promotions=promotions,
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
            tier_since=self.context.tier_since,
            codes=self.context.codes,
        )

    async def list_orders(self, *, placed: tuple[str, ...] = ()) -> OrdersReading | None:
        """This shopper's orders, newest first; when nobody knows who that is, those that these tokens placed."""
        if self.customer_key is not None or not placed or self._desks is None:
            return await self._list_bought(self._connectors.orders)
        found = await asyncio.gather(*(self.find_order(token=token) for token in placed))
        orders = tuple(order for order in reversed(found) if order is not None)
        here = OrdersReading(source="orders", observed_at=self.now, customer=CustomerKey(""), orders=orders)
        return here if orders else None

    async def list_history(self) -> OrdersReading | None:
        """What this shopper bought and sent back, newest first; None when nobody knows who the shopper is."""
        return await self._list_bought(self._connectors.history)

    async def _list_bought(self, asked: OrderSource) -> OrdersReading | None:
        if (customer := self.customer_key) is None:
            return None
        # Side by side, as the record of a read mostly is: neither answers before both are done.
        read = read_bought(asked, merchant=self._merchant, customer=customer, now=self.now)
        return (await asyncio.gather(read, self._note("orders.read")))[0]

    async def list_preferences(self) -> dict[str, PlainValue]:
        """What the shop has down of this shopper's likes, such as a shoe size; empty for one whom nobody knows."""
        if (customer := self.customer_key) is None:
            return {}
        asked = self._connectors.customers
        return await find_preferences(asked, merchant=self._merchant, customer=customer, now=self.now)

    async def list_tastes(self) -> tuple[Taste, ...]:
        """What this shopper likes by their own word or the shop's records; nothing where they let nothing be used."""
        if self._memory is None:
            return ()
        if self._tastes is None:
            remembered = await self._memory.recall()
            records = await self.list_preferences() if remembered.allowed else {}
            self._tastes = read_tastes(remembered.kept, records)
        return self._tastes

    def _get_context(self, codes: tuple[str, ...] | None) -> PriceContext:
        return self.context if codes is None else msgspec.structs.replace(self.context, codes=codes)

    async def recall_shopper(self) -> Remembered | None:
        """What is remembered of this shopper; None when nobody knows who that is."""
        return await self._memory.recall_given() if self._memory else None

    async def change_memory(self, change: MemoryChange) -> Remembered | None:
        """Forgets, or takes the shopper's consent; None when nobody knows who that is."""
        return await self._memory.change(change) if self._memory else None

    async def check_change(self, change: Change) -> ChangeChecked | ChangeRefused | None:
        """What the change of this shopper's order comes to, or why not; None when nobody knows who that is.

        Raises ConnectorUnavailable, as all do that ask whoever keeps the orders.
        """
        if self.customer_key is None:
            return None
        wish = ChangeWish(customer_key=self.customer_key, change=change, context=self.context)
        await self._note("orders.read")
        return await (await self._find_desk()).check(wish, merchant=self._merchant)

    async def takes_orders(self) -> bool:
        """Whether anything may be ordered here; False where the shop's own system shows orders and takes none."""
        return self._desks is None or await self._desks.takes_orders(merchant=self._merchant)

    async def find_order(self, *, token: str) -> OrderRecord | None:
        """The order that this token placed, if it did."""
        return await (await self._find_desk()).find_placed(merchant=self._merchant, token=token)

    async def find_made(self, *, token: str) -> ChangeMade | None:
        """What this token has placed or changed, if it did."""
        return await (await self._find_desk()).find_made(merchant=self._merchant, token=token)

    async def reserve(
        self, *, lines: tuple[OrderItem, ...], codes: tuple[str, ...], token: str, total: Money
    ) -> Reserved | OrderRefused:
        """Sets the pieces aside for a moment, if price and stock at the source are as told."""
        wish = self._wish(lines=lines, codes=codes, token=token, total=total)
        return await (await self._find_desk()).reserve(wish, merchant=self._merchant)

    async def place_order(
        self, *, lines: tuple[OrderItem, ...], codes: tuple[str, ...], total: Money, pressed: Pressed
    ) -> OrderPlaced | OrderRefused:
        """Orders the lines after checking price and stock at the source; the same token orders once.

        Raises OutcomeUnknown where nobody said what came of it, OfferGone where the offer stands no more.
        """
        token = pressed.token
        desk, wish = await self._find_desk(), self._wish(lines=lines, codes=codes, token=token, total=total)
        is_ours = await self._record_attempt(token=token, origin=pressed.origin)
        if not await pressed.stands():
            if is_ours:
                await self.mark_told(token=token)
            raise OfferGone
        placed = await desk.place(wish, merchant=self._merchant)
        await self._forget_orders()
        return placed

    async def make_change(
        self, *, change: Change, token: str, amount: Money, origin: str
    ) -> ChangeMade | ChangeAltered | ChangeRefused:
        """Changes this shopper's order for the amount told; the same token changes once. Raises OutcomeUnknown too."""
        if self.customer_key is None:
            return ChangeRefused(because="unknown_order", number=change.number)
        desk = await self._find_desk()
        wish = ChangeWish(
            customer_key=self.customer_key, change=change, context=self.context, token=token, amount=amount
        )
        await self._record_attempt(token=token, origin=origin)
        made = await desk.make(wish, merchant=self._merchant)
        await self._forget_orders()
        return made

    async def mark_told(self, *, token: str) -> None:
        """Whoever pressed the button of this token has been answered."""
        async with self._pool.connection() as connection:
            await end_attempt(connection, merchant=self._merchant, token=token)

    async def _note(self, action: str) -> None:
        """What is looked at or done to this shopper's orders is on record first."""
        if self._memory is not None:
            await self._memory.note(action, "orders")

    async def _record_attempt(self, *, token: str, origin: str) -> bool:
        await self._note("orders.written")
        async with self._pool.connection() as db:
            return await record_attempt(db, merchant=self._merchant, token=token, origin=origin, now=self.now)

    async def _find_desk(self) -> OrderDesk:
        if self._desks is None:
            raise LookupError("This shop is for looking only.")
        return await self._desks.find(merchant=self._merchant)

    def _wish(
        self, *, lines: tuple[OrderItem, ...], codes: tuple[str, ...], token: str, total: Money
    ) -> OrderWish:
        at, place = self._get_context(codes), Place(customer_key=self.customer_key)
        return OrderWish(lines=lines, total=total, context=at, token=token, place=place)

    async def _forget_orders(self) -> None:
        """What was known of the customer's orders holds no longer."""
        if isinstance(self._connectors, Connectors) and (customer := self.customer_key):
            await expire_orders(self._connectors, merchant=self._merchant, customer=CustomerKey(customer))

    async def find_checkout(self, *, number: str) -> str:
        """Where the shop's own checkout takes the payment of an order; empty where it has named none."""
        async with self._pool.connection() as connection:
            return await find_checkout(connection, merchant=self._merchant, number=number)
