"""Placing an order: everything is checked at the source in the very transaction that takes the stock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

from moneyed import Money
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from catalog.connectors import ConnectorUnavailable, StorePrices
from catalog.errors import CatalogError
from catalog.ids import MerchantId, Sku
from catalog.orders.addresses import NO_KEYS, Keys
from catalog.orders.elsewhere import OWN, Elsewhere
from catalog.orders.reading import find_order_by_token
from catalog.orders.recording import NewOrder, record_order
from catalog.orders.records import (
    LineChange,
    OrderedLine,
    OrderItem,
    OrderPlaced,
    OrderRecord,
    OrderRefused,
    OrderWish,
    Reserved,
    TotalChange,
)
from catalog.orders.shelves import Shelf, find_stock_change, lock_shelves, release, set_aside, take
from catalog.pricing import CartItem, CartPrice, PriceContext, PricedLine, price_cart, share_out

ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended(%(token)s, 3))"


class EmptyOrder(CatalogError):
    """An order needs at least one line, and each at least one piece."""

    def __init__(self) -> None:
        super().__init__("An order needs at least one line, each SKU once, with a quantity from 1.")


class Lent:
    """The transaction's own connection, for a source that asks for one."""

    def __init__(self, lent: AsyncConnection[TupleRow]) -> None:
        self._lent = lent

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection[TupleRow]]:
        """The connection; it stays open."""
        yield self._lent


async def hold_token(connection: AsyncConnection[TupleRow], *, merchant: MerchantId, token: str) -> None:
    """Makes whoever else comes with this token wait until the caller's transaction ends."""
    await connection.execute(ONE_AT_A_TIME, {"token": f"{merchant}/{token}"})


async def price_at_source(
    connection: AsyncConnection[TupleRow],
    *,
    merchant: MerchantId,
    lines: tuple[CartItem, ...],
    context: PriceContext,
    elsewhere: Elsewhere = OWN,
) -> CartPrice:
    """What the lines cost as the shop's own tables say in this transaction, or what the merchant's own systems said
    just before it; no cache has a say. Raises ConnectorUnavailable where one of these did not answer.
    """
    priced = await price_cart(
        connection,
        merchant=merchant,
        lines=lines,
        context=context,
        source=elsewhere.prices or StorePrices(connections=Lent(connection)),
        promotions=elsewhere.promotions,
    )
    if priced.stale:
        raise ConnectorUnavailable(connector="promotions")
    return priced


async def reserve_items(
    connection: AsyncConnection[TupleRow],
    wish: OrderWish,
    *,
    merchant: MerchantId,
    elsewhere: Elsewhere = OWN,
) -> Reserved | OrderRefused:
    """Sets the pieces aside under the token, if price and stock are as told; else nothing, and says what changed.

    What is set aside is let go of after `HOLD`, or when the token's order takes it. Raises EmptyOrder.
    """
    _require_lines(wish.lines)
    async with connection.transaction():
        await hold_token(connection, merchant=merchant, token=wish.token)
        shelves, _, refused = await _check(connection, wish, merchant=merchant, elsewhere=elsewhere)
        if refused is not None:
            await release(connection, merchant=merchant, token=wish.token)
            return refused
        until = await set_aside(
            connection,
            merchant=merchant,
            lines=wish.lines,
            shelves=shelves,
            token=wish.token,
            now=wish.context.now,
        )
    return Reserved(expires_at=until)


async def place_order(
    connection: AsyncConnection[TupleRow],
    wish: OrderWish,
    *,
    merchant: MerchantId,
    elsewhere: Elsewhere = OWN,
    keys: Keys = NO_KEYS,
) -> OrderPlaced | OrderRefused:
    """Orders these lines at the prices and the total told, or orders nothing and says what changed.

    Stock and price are checked at the source and taken in one transaction, which also lets go of what the token
    had set aside. The same token places one order, however often it comes; a refused one may be tried again.
    Raises EmptyOrder, and NoSealingKey where an address is to be kept without `keys`.
    """
    _require_lines(wish.lines)
    now = wish.context.now
    async with connection.transaction():
        await hold_token(connection, merchant=merchant, token=wish.token)
        before = await find_order_by_token(connection, merchant=merchant, token=wish.token)
        if before is not None:
            return _repeat(before)
        shelves, priced, refused = await _check(connection, wish, merchant=merchant, elsewhere=elsewhere)
        await release(connection, merchant=merchant, token=wish.token)
        if refused is not None:
            return refused
        taken = [
            await take(
                connection,
                shelves[line.sku],
                merchant=merchant,
                quantity=line.quantity,
                token=wish.token,
                now=now,
            )
            for line in wish.lines
        ]
        new = NewOrder(
            lines=list_ordered(priced, titles={sku: shelf.title for sku, shelf in shelves.items()}),
            charges=priced.charges,
            discount=_get_order_discount(priced),
            place=wish.place,
            token=wish.token,
        )
        number = await record_order(connection, merchant=merchant, order=new, keys=keys, now=now)
    return OrderPlaced(
        number=number,
        lines=new.lines,
        total=priced.charges.total,
        placed_at=now,
        changes=tuple(change for change in taken if change is not None),
    )


def list_ordered(priced: CartPrice, *, titles: dict[Sku, str]) -> tuple[OrderedLine, ...]:
    """The lines as they are sold: each with its part of the order's discount, and of a tax that is added."""
    charges, currency = priced.charges, str(priced.total.currency)
    paid = tuple(_get_paid(line) for line in priced.lines)
    added = charges.tax.amount if charges.tax is not None and not charges.tax_included else Decimal(0)
    shipping = charges.shipping.amount if charges.shipping is not None else Decimal(0)
    # The last part is the shipping's own tax, which no line is charged.
    taxes = share_out(added, weights=(*(money.amount for money in paid), shipping), currency=currency)
    return tuple(
        OrderedLine(
            sku=line.sku,
            title=titles[line.sku],
            quantity=line.quantity,
            unit_price=line.unit_price,
            charged=money + Money(tax, currency),
        )
        for line, money, tax in zip(priced.lines, paid, taxes, strict=False)
    )


def _get_order_discount(priced: CartPrice) -> Money:
    return priced.order_discount.amount if priced.order_discount else Money(0, priced.total.currency)


def _get_paid(line: PricedLine) -> Money:
    return line.line_total if line.order_share is None else line.line_total - line.order_share


def _require_lines(lines: tuple[OrderItem, ...]) -> None:
    skus = {line.sku for line in lines}
    if not lines or min(line.quantity for line in lines) < 1 or len(skus) < len(lines):
        raise EmptyOrder


def _repeat(before: OrderRecord) -> OrderPlaced:
    return OrderPlaced(
        number=before.number, lines=before.lines, total=before.total, placed_at=before.placed_at
    )


async def _check(
    connection: AsyncConnection[TupleRow], wish: OrderWish, *, merchant: MerchantId, elsewhere: Elsewhere
) -> tuple[dict[Sku, Shelf], CartPrice, OrderRefused | None]:
    """The locked shelves and the prices at the source; and what is not as told, where something is not."""
    shelves = await lock_shelves(
        connection,
        merchant=merchant,
        skus=[line.sku for line in wish.lines],
        token=wish.token,
        now=wish.context.now,
        heard=elsewhere.stock,
    )
    items = tuple(CartItem(sku=line.sku, quantity=line.quantity) for line in wish.lines)
    priced = await price_at_source(
        connection, merchant=merchant, lines=items, context=wish.context, elsewhere=elsewhere
    )
    changed = _list_changes(wish.lines, shelves=shelves, priced=priced)
    if changed:
        return shelves, priced, OrderRefused(changes=changed)
    if wish.total is not None and priced.charges.total != wish.total:
        other = TotalChange(wanted=wish.total, actual=priced.charges.total)
        return shelves, priced, OrderRefused(changes=(), total=other)
    return shelves, priced, None


def _list_changes(
    lines: tuple[OrderItem, ...], *, shelves: dict[Sku, Shelf], priced: CartPrice
) -> tuple[LineChange, ...]:
    prices = {line.sku: line.unit_price for line in priced.lines}
    changes = []
    for line in lines:
        changed = find_stock_change(line, shelves.get(line.sku))
        if changed is not None:
            changes.append(changed)
        actual = prices.get(line.sku)
        if actual is not None and actual != line.unit_price:
            changes.append(LineChange(sku=line.sku, kind="price", wanted=line.unit_price, actual=actual))
    return tuple(changes)
