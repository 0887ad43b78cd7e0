"""What an order is paid with: who may use which means, what a change settles, what is left on a gift card.

These rules hold where the shop keeps the customer's means here. Where it does not, a reference is taken as given
and the checkout has the last word. References lie sealed and are compared so: what a change names is sealed before.
"""

from decimal import Decimal
from typing import Literal

import msgspec
from moneyed import Money
from psycopg import AsyncConnection
from psycopg.rows import TupleRow, dict_row

from catalog.ids import MerchantId
from catalog.orders.records import (
    CancelOrder,
    Change,
    ChangeAddress,
    ChangeItems,
    ChangePayment,
    ExchangeItems,
    OrderRecord,
    ReturnItems,
)
from commerce_agent.decoding import convert

# Locked in the order of their keys, so that two changes with the same means wait instead of overdrawing it.
MEANS = """
SELECT reference, source, balance FROM catalog_paymentmeans
WHERE merchant_id = %(merchant)s AND customer_key = %(customer)s ORDER BY id FOR UPDATE
"""
PAID = """
SELECT p.kind, p.method, p.amount FROM catalog_payment p JOIN catalog_order o ON o.id = p.order_id
WHERE o.merchant_id = %(merchant)s AND o.number = %(number)s ORDER BY p.id
"""
ENTER = """
INSERT INTO catalog_payment (merchant_id, order_id, change_id, kind, method, amount, at)
SELECT merchant_id, order_id, id, %(kind)s, %(method)s, %(amount)s, at FROM catalog_orderchange
WHERE merchant_id = %(merchant)s AND token = %(token)s
"""
DRAW = """
UPDATE catalog_paymentmeans SET balance = balance - %(amount)s
WHERE merchant_id = %(merchant)s AND customer_key = %(customer)s AND reference = %(method)s
"""
GIFT_CARD = "gift_card"

PaymentFault = Literal["unknown_method", "same_method", "wrong_method", "paid_in_parts", "balance_short"]


class Means(msgspec.Struct, frozen=True, kw_only=True):
    """What the customer may pay with; `balance` None has no limit."""

    reference: str
    source: str
    balance: Decimal | None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A payment of an order, or what went back of one."""

    kind: Literal["payment", "refund"]
    method: str
    amount: Decimal


class Payer(msgspec.Struct, frozen=True, kw_only=True):
    """Whose order is paid."""

    merchant: MerchantId
    customer_key: str


async def find_payment_fault(
    connection: AsyncConnection[TupleRow],
    payer: Payer,
    *,
    order: OrderRecord,
    change: Change,
    amount: Money,
) -> PaymentFault | None:
    """What is wrong with the means that the change names, if anything. Its means stay locked until the commit."""
    if isinstance(change, CancelOrder | ChangeAddress):
        return None
    means = await _list_means(connection, payer)
    if not means or (not change.method and not isinstance(change, ChangePayment)):
        return None
    named = means.get(change.method)
    if named is None:
        return "unknown_method"
    paid = await list_payments(connection, payer.merchant, number=order.number)
    owed = amount.amount
    match change:
        case ChangePayment():
            if paid and (len(paid) > 1 or paid[0].kind != "payment"):
                return "paid_in_parts"
            if change.method == (paid[0].method if paid else order.payment_method):
                return "same_method"
            owed = paid[0].amount if paid else order.total.amount
        case ReturnItems():
            if named.source != GIFT_CARD and change.method != _get_first_method(order, paid):
                return "wrong_method"
        case ChangeItems() | ExchangeItems():
            pass
    return "balance_short" if named.balance is not None and named.balance < owed else None


async def settle(
    connection: AsyncConnection[TupleRow],
    payer: Payer,
    *,
    order: OrderRecord,
    change: Change,
    amount: Money,
    token: str,
) -> None:
    """Enters what the change pays or gives back. Goods on their way back are paid for once they are there."""
    if isinstance(change, ChangeAddress | ReturnItems | ExchangeItems):
        return
    paid = await list_payments(connection, payer.merchant, number=order.number)
    for entry in _list_entries(order, paid, change=change, amount=amount.amount):
        asked = {
            "merchant": payer.merchant,
            "customer": payer.customer_key,
            "token": token,
            "kind": entry.kind,
            "method": entry.method,
            "amount": entry.amount,
        }
        await connection.execute(ENTER, asked)
        drawn = entry.amount if entry.kind == "payment" else -entry.amount
        await connection.execute(DRAW, {**asked, "amount": drawn})


async def list_payments(
    connection: AsyncConnection[TupleRow], merchant: MerchantId, *, number: str
) -> tuple[Entry, ...]:
    """The payments of an order, the first one first."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(PAID, {"merchant": merchant, "number": number})
        return tuple(convert(row, Entry) for row in await cursor.fetchall())


def _list_entries(
    order: OrderRecord, paid: tuple[Entry, ...], *, change: Change, amount: Decimal
) -> list[Entry]:
    match change:
        case CancelOrder():
            return [Entry(kind="refund", method=method, amount=left) for method, left in _list_held(paid)]
        case ChangePayment():
            new = [Entry(kind="payment", method=change.method, amount=left) for _, left in _list_held(paid)]
            return [*new, *_list_entries(order, paid, change=CancelOrder(number=order.number), amount=amount)]
        case ChangeItems():
            method = change.method or _get_first_method(order, paid)
            # An even swap is entered too, as nothing given back: the history then names every change.
            kind: Literal["payment", "refund"] = "payment" if amount > 0 else "refund"
            return [Entry(kind=kind, method=method, amount=abs(amount))] if paid else []
        case ChangeAddress() | ReturnItems() | ExchangeItems():
            return []


def _list_held(paid: tuple[Entry, ...]) -> list[tuple[str, Decimal]]:
    """What the shop still holds, by the means that it came from."""
    held: dict[str, Decimal] = {}
    for entry in paid:
        signed = entry.amount if entry.kind == "payment" else -entry.amount
        held[entry.method] = held.get(entry.method, Decimal(0)) + signed
    return [(method, left) for method, left in held.items() if left > 0]


def _get_first_method(order: OrderRecord, paid: tuple[Entry, ...]) -> str:
    return paid[0].method if paid else order.payment_method


async def _list_means(connection: AsyncConnection[TupleRow], payer: Payer) -> dict[str, Means]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(MEANS, {"merchant": payer.merchant, "customer": payer.customer_key})
        means = [convert(row, Means) for row in await cursor.fetchall()]
    return {each.reference: each for each in means}
