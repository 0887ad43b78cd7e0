"""Changes after the sale: checked and made in one transaction, once for each token."""

from collections.abc import Awaitable, Callable

import msgspec
from moneyed import Money
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from catalog.events import StockChanged
from catalog.ids import MerchantId, Sku
from catalog.orders.addresses import NO_KEYS, Keys, get_seal, name_owner, name_place
from catalog.orders.checking import Ground, check, get_part, list_new_skus
from catalog.orders.elsewhere import OWN, Elsewhere
from catalog.orders.paying import Payer, settle
from catalog.orders.placing import hold_token
from catalog.orders.reading import find_own_order
from catalog.orders.recording import NewChange, record_change, record_lines
from catalog.orders.records import (
    CancelOrder,
    Change,
    ChangeAddress,
    ChangeAltered,
    ChangeChecked,
    ChangeItems,
    ChangeMade,
    ChangePayment,
    ChangeRefused,
    ChangeWish,
    ExchangeItems,
    OrderedLine,
    ReturnItems,
)
from catalog.orders.shelves import Shelf, lock_shelves, put_back, take
from commerce_agent.decoding import convert

LOCK = """
SELECT id FROM catalog_order WHERE merchant_id = %(merchant)s AND number = %(number)s
  AND customer_key = %(customer)s FOR UPDATE
"""
MADE = """
SELECT o.number, o.status, c.amount, o.total_currency
FROM catalog_orderchange c JOIN catalog_order o ON o.id = c.order_id
WHERE c.merchant_id = %(merchant)s AND c.token = %(token)s
"""
MOVE = """
UPDATE catalog_order SET status = %(status)s, total = total + %(more)s, refunded = refunded + %(back)s,
  sealed_address = coalesce(%(address)s, sealed_address), payment_method = coalesce(%(payment)s, payment_method)
WHERE id = %(order)s
"""
LINES = """
SELECT id FROM catalog_orderline WHERE order_id = %(order)s AND sku = %(sku)s
  AND quantity - returned >= %(quantity)s ORDER BY id LIMIT 1
"""
SEND_BACK = "UPDATE catalog_orderline SET returned = returned + %(quantity)s WHERE id = %(line)s"
LESSEN = """
UPDATE catalog_orderline SET quantity = quantity - %(quantity)s,
  charged = coalesce(charged, unit_price * quantity) - %(charged)s WHERE id = %(line)s
"""
DROP_EMPTY = "DELETE FROM catalog_orderline WHERE id = %(line)s AND quantity = 0"
AFTER: dict[type[Change], str] = {
    CancelOrder: "cancelled",
    ReturnItems: "return_requested",
    ExchangeItems: "exchange_requested",
}
"""The state an order is in after a change; after any other it stays as it was."""


async def check_change(
    connection: AsyncConnection[TupleRow],
    wish: ChangeWish,
    *,
    merchant: MerchantId,
    elsewhere: Elsewhere = OWN,
    keys: Keys = NO_KEYS,
) -> ChangeChecked | ChangeRefused:
    """What the change would come to, or why it cannot be made; nothing is changed.

    An order of somebody else is as unknown as one that is not there. `keys` as for `make_change`.
    """
    async with connection.transaction():
        wish = await _seal_method(connection, wish, merchant=merchant, keys=keys)
        ground = await _stand(connection, wish, merchant=merchant, elsewhere=elsewhere)
        if ground is None:
            return ChangeRefused(because="unknown_order", number=wish.change.number)
        return await check(connection, ground, change=wish.change)


async def make_change(
    connection: AsyncConnection[TupleRow],
    wish: ChangeWish,
    *,
    merchant: MerchantId,
    elsewhere: Elsewhere = OWN,
    keys: Keys = NO_KEYS,
) -> ChangeMade | ChangeAltered | ChangeRefused:
    """Makes the change for the amount told, or nothing where it has become another one or cannot be made.

    The same token makes one change, however often it comes. Raises NoSealingKey where an address or a payment
    reference is to be kept without `keys`.
    """
    async with connection.transaction():
        wish = await _seal_method(connection, wish, merchant=merchant, keys=keys)
        change = wish.change
        await hold_token(connection, merchant=merchant, token=wish.token)
        before = await find_made(connection, merchant=merchant, token=wish.token)
        if before is not None:
            return before
        asked = {"merchant": merchant, "number": change.number, "customer": wish.customer_key}
        cursor = await connection.execute(LOCK, asked)
        row = await cursor.fetchone()
        ground = await _stand(connection, wish, merchant=merchant, elsewhere=elsewhere)
        if row is None or ground is None:
            return ChangeRefused(because="unknown_order", number=change.number)
        checked = await check(connection, ground, change=change)
        if isinstance(checked, ChangeRefused):
            return checked
        if checked.amount != wish.amount:
            return ChangeAltered(checked=checked)
        return await _apply(
            connection, ground, row=int(row[0]), change=change, checked=checked, token=wish.token, keys=keys
        )


async def find_made(
    connection: AsyncConnection[TupleRow], *, merchant: MerchantId, token: str
) -> ChangeMade | None:
    """What this token changed, if it did."""
    cursor = await connection.execute(MADE, {"merchant": merchant, "token": token})
    row = await cursor.fetchone()
    if row is None:
        return None
    number, status, amount, currency = row
    return ChangeMade(number=number, status=status, amount=Money(amount, currency))


async def _stand(
    connection: AsyncConnection[TupleRow], wish: ChangeWish, *, merchant: MerchantId, elsewhere: Elsewhere
) -> Ground | None:
    """None where the customer has no such order.

    The shelves that the change touches are locked in one go, so that two changes cannot wait for each other.
    """
    change, now = wish.change, wish.context.now
    order = await find_own_order(
        connection, merchant=merchant, customer_key=wish.customer_key, number=change.number
    )
    if order is None:
        return None
    touched = list_new_skus(change)
    if isinstance(change, CancelOrder | ChangeItems):
        touched = [*touched, *(line.sku for line in order.lines)]
    shelves = await lock_shelves(
        connection, merchant=merchant, skus=list(dict.fromkeys(touched)), token="", now=now
    )
    if elsewhere.stock is not None:
        new = list_new_skus(change)
        heard = await lock_shelves(
            connection, merchant=merchant, skus=new, token="", now=now, heard=elsewhere.stock
        )
        shelves = {sku: shelf for sku, shelf in shelves.items() if sku not in new} | heard
    return Ground(
        merchant=merchant,
        customer_key=wish.customer_key,
        order=order,
        context=wish.context,
        shelves=shelves,
        elsewhere=elsewhere,
    )


async def _apply(
    connection: AsyncConnection[TupleRow],
    ground: Ground,
    *,
    row: int,
    change: Change,
    checked: ChangeChecked,
    token: str,
    keys: Keys,
) -> ChangeMade:
    amount, now = checked.amount, ground.context.now
    status = AFTER.get(type(change), ground.order.status)
    await connection.execute(
        MOVE,
        {
            "order": row,
            "status": status,
            "more": amount.amount if isinstance(change, ChangeItems) else 0,
            "back": 0 if isinstance(change, ChangeItems) else max(-amount.amount, 0),
            "address": await _seal_address(connection, ground, change=change, keys=keys),
            "payment": change.method if isinstance(change, ChangePayment) else None,
        },
    )
    moved = await _move_goods(connection, ground, row=row, change=change, checked=checked, token=token)
    made = NewChange(
        kind=type(change).__struct_config__.tag,  # type: ignore[arg-type]  # every change has a tag
        token=token,
        amount=amount.amount,
        policy=checked.policy,
        detail=_tell_detail(change),
    )
    await record_change(connection, merchant=ground.merchant, order=row, change=made, now=now)
    payer = Payer(merchant=ground.merchant, customer_key=ground.customer_key)
    await settle(connection, payer, order=ground.order, change=change, amount=amount, token=token)
    return ChangeMade(number=checked.number, status=status, amount=amount, changes=moved)


async def _seal_address(
    connection: AsyncConnection[TupleRow], ground: Ground, *, change: Change, keys: Keys
) -> bytes | None:
    if not isinstance(change, ChangeAddress):
        return None
    owner = name_owner(customer_key=ground.customer_key, number=change.number)
    seal = await get_seal(connection, merchant=ground.merchant, owner=owner, keys=keys)
    return seal.seal(change.address, place=name_place(change.number))


async def _seal_method(
    connection: AsyncConnection[TupleRow], wish: ChangeWish, *, merchant: MerchantId, keys: Keys
) -> ChangeWish:
    """The wish with the reference that it names as references lie: sealed for its customer."""
    change = wish.change
    if isinstance(change, CancelOrder | ChangeAddress) or not change.method:
        return wish
    owner = name_owner(customer_key=wish.customer_key, number=change.number)
    seal = await get_seal(connection, merchant=merchant, owner=owner, keys=keys)
    sealed = msgspec.structs.replace(change, method=seal.seal_reference(change.method))
    return msgspec.structs.replace(wish, change=sealed)


def _tell_detail(change: Change) -> dict[str, object]:
    """What was asked for; an address stands in the order alone, sealed."""
    told: dict[str, object] = msgspec.to_builtins(change)
    told.pop("address", None)
    return told


async def _move_goods(
    connection: AsyncConnection[TupleRow],
    ground: Ground,
    *,
    row: int,
    change: Change,
    checked: ChangeChecked,
    token: str,
) -> tuple[StockChanged, ...]:
    """What is sent back goes on no shelf yet: it is not here, and nobody has looked at it."""
    merchant, now = ground.merchant, ground.context.now

    def take_off(shelf: Shelf, quantity: int) -> Awaitable[StockChanged | None]:
        return take(connection, shelf, merchant=merchant, quantity=quantity, token=token, now=now)

    def lay_back(shelf: Shelf, quantity: int) -> Awaitable[StockChanged | None]:
        return put_back(connection, shelf, merchant=merchant, quantity=quantity, order=row, now=now)

    match change:
        case CancelOrder():
            parts = [
                get_part(line, since=line.returned, quantity=line.quantity - line.returned)
                for line in checked.lines
                if line.quantity > line.returned
            ]
            return await _shelve(ground, lines=tuple(parts), move=lay_back)
        case ChangeItems():
            for line in checked.lines:
                place = await _find_line(connection, row=row, line=line)
                asked = {
                    "line": place,
                    "quantity": line.quantity,
                    "charged": line.charged.amount if line.charged is not None else 0,
                }
                await connection.execute(LESSEN, asked)
                await connection.execute(DROP_EMPTY, asked)
            await record_lines(connection, merchant=ground.merchant, order=row, lines=checked.new_lines)
            back = await _shelve(ground, lines=checked.lines, move=lay_back)
            return (*back, *await _shelve(ground, lines=checked.new_lines, move=take_off))
        case ReturnItems() | ExchangeItems():
            for line in checked.lines:
                place = await _find_line(connection, row=row, line=line)
                await connection.execute(SEND_BACK, {"line": place, "quantity": line.quantity})
            return await _shelve(ground, lines=checked.new_lines, move=take_off)
        case ChangeAddress() | ChangePayment():
            return ()


async def _find_line(connection: AsyncConnection[TupleRow], *, row: int, line: OrderedLine) -> int:
    cursor = await connection.execute(LINES, {"order": row, "sku": line.sku, "quantity": line.quantity})
    (place,) = convert(await cursor.fetchone(), tuple[int])
    return place


async def _shelve(
    ground: Ground,
    *,
    lines: tuple[OrderedLine, ...],
    move: Callable[[Shelf, int], Awaitable[StockChanged | None]],
) -> tuple[StockChanged, ...]:
    """Moves the lines' pieces, shelf by shelf; what the shop no longer has goes nowhere."""
    counts: dict[Sku, int] = {}
    for line in lines:
        counts[line.sku] = counts.get(line.sku, 0) + line.quantity
    changes = [
        await move(ground.shelves[sku], count) for sku, count in counts.items() if sku in ground.shelves
    ]
    return tuple(change for change in changes if change is not None)
