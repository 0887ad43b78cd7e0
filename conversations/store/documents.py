"""What many turns of a merchant worked from, kept once: a turn's basis names it by digest.

A decision keeps its basis. `DecisionMade.basis` says from which version and instant the turn worked, with the
shop's answers as the agent packed them; documents that many turns share are kept once (`store/documents.py`). So a
turn can be run again exactly, though the shop has changed. The state does not carry it.
"""

import zlib
from datetime import datetime
from hashlib import sha256
from typing import Any

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from conversations.ids import MerchantId


class Documents:
    """Keeps documents by what is in them. One that is kept never changes."""

    def __init__(self, *, pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]]) -> None:
        self._pool = pool

    async def keep(self, *, merchant: MerchantId, body: bytes, at: datetime) -> str:
        """Keeps the document unless it is there, and answers its digest."""
        digest = sha256(body).hexdigest()
        async with self._pool.connection() as connection:
            await connection.execute(
                "INSERT INTO conversations_document (merchant_id, digest, body, kept_at)"
                " VALUES (%s, %s, %s, %s) ON CONFLICT (merchant_id, digest) DO NOTHING",
                [merchant, digest, zlib.compress(body), at],
            )
        return digest

    async def find(self, *, merchant: MerchantId, digest: str) -> bytes | None:
        """The merchant's document of this digest."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT body FROM conversations_document WHERE merchant_id = %s AND digest = %s",
                [merchant, digest],
            )
            row = await cursor.fetchone()
        return zlib.decompress(row[0]) if row else None
