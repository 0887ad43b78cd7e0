"""What was asked of a desk and not answered for yet: written before the call, struck out once its shopper was told.

Whoever dies in between, or never hears what came of it, leaves a row; the worker asks the desk by the same token.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import TupleRow, dict_row

from catalog.ids import MerchantId
from commerce_agent.decoding import convert

RECORD = """
INSERT INTO catalog_orderattempt (merchant_id, token, origin, at) VALUES (%(merchant)s, %(token)s, %(origin)s, %(now)s)
ON CONFLICT (merchant_id, token) DO UPDATE SET at = excluded.at
RETURNING xmax = 0
"""
"""A row that was there before has been locked by this statement, which `xmax` tells."""
OPEN = """
SELECT merchant_id::text AS merchant, token, origin, at FROM catalog_orderattempt
WHERE at < %(before)s ORDER BY at LIMIT %(limit)s
"""
WAITING = "SELECT FROM catalog_orderattempt WHERE merchant_id = %(merchant)s AND origin = %(origin)s LIMIT 1"
END = "DELETE FROM catalog_orderattempt WHERE merchant_id = %(merchant)s AND token = %(token)s"


class OfferGone(Exception):
    """What was pressed is offered no more, as when its cart left for another talk: nothing was asked of the desk."""

    def __init__(self) -> None:
        super().__init__("The offer does not stand any more, so nothing was ordered.")


class Pressed(msgspec.Struct, frozen=True, kw_only=True):
    """A button that was pressed."""

    token: str
    origin: str
    """Whoever is owed the answer."""
    stands: Callable[[], Awaitable[bool]]
    """Asks whether the offer still stands, once the press is on record."""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """A press of a button that nobody has answered yet."""

    merchant: MerchantId
    token: str
    origin: str
    """Whoever asked, and is owed the answer."""
    at: datetime


async def record_attempt(
    connection: AsyncConnection[TupleRow], *, merchant: MerchantId, token: str, origin: str, now: datetime
) -> bool:
    """The desk is about to be asked. False where it was before by the same token, and nobody answered for that yet:
    the record is of that press too, which may be at the desk this moment, and whoever made that ends it.
    """
    asked = {"merchant": merchant, "token": token, "origin": origin, "now": now}
    row = await (await connection.execute(RECORD, asked)).fetchone()
    return row is not None and bool(row[0])


async def list_attempts(
    connection: AsyncConnection[TupleRow], *, before: datetime, limit: int = 100
) -> tuple[Attempt, ...]:
    """What was asked before an instant and not answered for, oldest first."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(OPEN, {"before": before, "limit": limit})
        return tuple(convert(row, Attempt) for row in await cursor.fetchall())


async def is_waiting(connection: AsyncConnection[TupleRow], *, merchant: MerchantId, origin: str) -> bool:
    """Whether something was asked by it of which nobody has told it yet what came."""
    cursor = await connection.execute(WAITING, {"merchant": merchant, "origin": origin})
    return await cursor.fetchone() is not None


async def end_attempt(connection: AsyncConnection[TupleRow], *, merchant: MerchantId, token: str) -> None:
    """Whoever asked has been answered."""
    await connection.execute(END, {"merchant": merchant, "token": token})
