"""Legal holds: what must be kept is neither erased nor dropped, whoever asks, until the hold is lifted."""

from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from conversations.accesses import Access, record_access_within
from conversations.ids import MerchantId
from conversations.store.boxes import KeyFault

Connection = AsyncConnection[tuple[Any, ...]]

HELD = (
    "EXISTS (SELECT FROM conversations_legalhold hold WHERE hold.lifted_at IS NULL"
    " AND hold.merchant_id = {talk}.merchant_id AND hold.owner_id IN ({talk}.id, {talk}.shopper_id))"
)
"""Whether a conversation is held, itself or with its shopper; `talk` is its alias."""


class OnHold(KeyFault):
    """A legal hold keeps this. Whoever placed the hold must lift it first; until then nothing is erased."""

    def __init__(self, *, owner: str) -> None:
        super().__init__(
            f"{owner} is under a legal hold: lift it with `manage.py shopper release KEY`, then ask again."
        )
        self.owner = owner


class Holds:
    """Places and lifts them, and says where one stands."""

    def __init__(self, *, pool: AsyncConnectionPool[Connection]) -> None:
        self._pool = pool

    async def place(
        self,
        *,
        merchant: MerchantId,
        owner: str,
        reason: str,
        by: str,
        at: datetime,
        access: Access | None = None,
    ) -> bool:
        """Holds what is of this shopper, or of this anonymous conversation; False where it is held already.

        With an `access` it is on record, or neither is.
        """
        async with self._pool.connection() as connection, connection.transaction():
            placed = await connection.execute(
                "INSERT INTO conversations_legalhold (merchant_id, owner_id, reason, placed_by, placed_at, lifted_by)"
                " VALUES (%s, %s, %s, %s, %s, '') ON CONFLICT (merchant_id, owner_id) WHERE lifted_at IS NULL"
                " DO NOTHING",
                [merchant, owner, reason, by, at],
            )
            return await _tell(connection, access, changed=placed.rowcount == 1, at=at)

    async def lift(
        self, *, merchant: MerchantId, owner: str, by: str, at: datetime, access: Access | None = None
    ) -> bool:
        """Ends the hold; False where there is none. With an `access` it is on record, or neither is."""
        async with self._pool.connection() as connection, connection.transaction():
            lifted = await connection.execute(
                "UPDATE conversations_legalhold SET lifted_at = %s, lifted_by = %s"
                " WHERE merchant_id = %s AND owner_id = %s AND lifted_at IS NULL",
                [at, by, merchant, owner],
            )
            return await _tell(connection, access, changed=lifted.rowcount == 1, at=at)

    async def require_free(self, *, merchant: MerchantId, owner: str) -> None:
        """Raises `OnHold` where this shopper or conversation, or one that goes with it, is held."""
        async with self._pool.connection() as connection:
            await require_free(connection, merchant=merchant, owners=[owner])


async def _tell(connection: Connection, access: Access | None, *, changed: bool, at: datetime) -> bool:
    """Puts on record what was asked for, and where nothing came of it that it did not; answers whether it did."""
    if access is not None:
        detail = access.detail if changed else (*access.detail, ("changed", "nothing"))
        await record_access_within(connection, msgspec.structs.replace(access, detail=detail), at=at)
    return changed


async def require_free(connection: Connection, *, merchant: MerchantId, owners: list[str]) -> None:
    """Raises `OnHold` where any of the owners, or a conversation of theirs, is held."""
    cursor = await connection.execute(
        "SELECT hold.owner_id FROM conversations_legalhold hold WHERE hold.merchant_id = %s"
        " AND hold.lifted_at IS NULL AND (hold.owner_id = ANY(%s::uuid[]) OR hold.owner_id IN"
        "  (SELECT id FROM conversations_conversation WHERE merchant_id = %s AND shopper_id = ANY(%s::uuid[]))"
        " OR hold.owner_id IN"
        "  (SELECT shopper_id FROM conversations_conversation WHERE merchant_id = %s AND id = ANY(%s::uuid[])))"
        " LIMIT 1",
        [merchant, owners, merchant, owners, merchant, owners],
    )
    row = await cursor.fetchone()
    if row is not None:
        raise OnHold(owner=str(row[0]))
