"""Writing down an order and what happened to it. The caller's transaction decides whether it stands."""

from datetime import datetime
from decimal import Decimal

import msgspec
from moneyed import Money
from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from catalog.ids import MerchantId
from catalog.orders.addresses import Keys, find_customer_address, get_seal, name_owner, name_place
from catalog.orders.records import OrderedLine, Place
from catalog.pricing import Charges
from commerce_agent.decoding import convert

NUMBER = "SELECT nextval(pg_get_serial_sequence('catalog_order', 'id'))"
ORDER = """
INSERT INTO catalog_order (id, merchant_id, number, token, customer_key, placed_at, status, total, total_currency,
  discount, shipping, tax, sealed_address, payment_method)
VALUES (%(id)s, %(merchant)s, %(number)s, %(token)s, %(customer)s, %(now)s, 'pending', %(total)s, %(currency)s,
  %(discount)s, %(shipping)s, %(tax)s, %(address)s, %(payment)s)
"""
LINE = """
INSERT INTO catalog_orderline (merchant_id, order_id, sku, title, quantity, unit_price, unit_price_currency, charged)
VALUES (%(merchant)s, %(order)s, %(sku)s, %(title)s, %(quantity)s, %(amount)s, %(currency)s, %(charged)s)
"""
CHANGE = """
INSERT INTO catalog_orderchange (merchant_id, order_id, kind, token, at, amount, policy, detail)
VALUES (%(merchant)s, %(order)s, %(kind)s, %(token)s, %(now)s, %(amount)s, %(policy)s, %(detail)s)
"""
FIRST_NUMBER = 10_000


class NewOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order that is about to stand."""

    lines: tuple[OrderedLine, ...]
    charges: Charges
    discount: Money
    place: Place
    token: str


class NewChange(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to an order."""

    kind: str
    token: str | None
    amount: Decimal = Decimal(0)
    policy: str = ""
    detail: dict[str, object] = {}


async def record_order(
    connection: AsyncConnection[TupleRow],
    *,
    merchant: MerchantId,
    order: NewOrder,
    keys: Keys,
    now: datetime,
) -> str:
    """Writes the order with its lines and its first change, and answers its number. Raises NoSealingKey."""
    cursor = await connection.execute(NUMBER)
    (row,) = convert(await cursor.fetchone(), tuple[int])
    number, charges = str(FIRST_NUMBER + row), order.charges
    await connection.execute(
        ORDER,
        {
            "id": row,
            "merchant": merchant,
            "number": number,
            "token": order.token,
            "customer": order.place.customer_key,
            "now": now,
            "total": charges.total.amount,
            "currency": str(charges.total.currency),
            "discount": order.discount.amount,
            "shipping": charges.shipping.amount if charges.shipping is not None else 0,
            "tax": charges.tax.amount if charges.tax is not None else 0,
            "address": await _seal_address(
                connection, merchant=merchant, place=order.place, number=number, keys=keys
            ),
            "payment": await _seal_payment(
                connection, merchant=merchant, place=order.place, number=number, keys=keys
            ),
        },
    )
    await record_lines(connection, merchant=merchant, order=row, lines=order.lines)
    placed = NewChange(kind="placed", token=order.token, amount=charges.total.amount)
    await record_change(connection, merchant=merchant, order=row, change=placed, now=now)
    return number


async def record_lines(
    connection: AsyncConnection[TupleRow], *, merchant: MerchantId, order: int, lines: tuple[OrderedLine, ...]
) -> None:
    """Writes lines of an order."""
    for line in lines:
        await connection.execute(
            LINE,
            {
                "merchant": merchant,
                "order": order,
                "sku": line.sku,
                "title": line.title,
                "quantity": line.quantity,
                "amount": line.unit_price.amount,
                "currency": str(line.unit_price.currency),
                "charged": line.charged.amount if line.charged is not None else None,
            },
        )


async def record_change(
    connection: AsyncConnection[TupleRow],
    *,
    merchant: MerchantId,
    order: int,
    change: NewChange,
    now: datetime,
) -> None:
    """Writes what happened."""
    await connection.execute(
        CHANGE,
        {
            "merchant": merchant,
            "order": order,
            "kind": change.kind,
            "token": change.token,
            "now": now,
            "amount": change.amount,
            "policy": change.policy,
            "detail": Jsonb(change.detail),
        },
    )


async def _seal_address(
    connection: AsyncConnection[TupleRow], *, merchant: MerchantId, place: Place, number: str, keys: Keys
) -> bytes:
    """Where the order goes, for it alone: the place named, else the customer's own."""
    address, customer = place.address, place.customer_key
    if not address and customer is not None:
        address = await find_customer_address(connection, merchant=merchant, customer_key=customer, keys=keys)
    if not address:
        return b""
    owner = name_owner(customer_key=customer, number=number)
    seal = await get_seal(connection, merchant=merchant, owner=owner, keys=keys)
    return seal.seal(address, place=name_place(number))


async def _seal_payment(
    connection: AsyncConnection[TupleRow], *, merchant: MerchantId, place: Place, number: str, keys: Keys
) -> str:
    """The checkout's reference that pays, for whoever the order is of."""
    if not place.payment_method:
        return ""
    owner = name_owner(customer_key=place.customer_key, number=number)
    seal = await get_seal(connection, merchant=merchant, owner=owner, keys=keys)
    return seal.seal_reference(place.payment_method)
