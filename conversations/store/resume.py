"""Handles by which a browser comes back to its conversation."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from conversations.ids import ConversationId, MerchantId

RESUME_DAYS = 30


class ResumeHandles:
    """Grants and honours handles. A handle is random; only its SHA-256 is stored."""

    def __init__(self, *, pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]]) -> None:
        self._pool = pool

    async def grant(self, *, conversation: ConversationId, merchant: MerchantId, at: datetime) -> str:
        """A new handle, good for 30 days."""
        handle = secrets.token_urlsafe(32)
        async with self._pool.connection() as connection:
            await connection.execute(
                "INSERT INTO conversations_resumehandle (digest, merchant_id, conversation_id, expires_at)"
                " VALUES (%s, %s, %s, %s)",
                [_digest(handle), merchant, conversation, at + timedelta(days=RESUME_DAYS)],
            )
        return handle

    async def find_conversation(
        self, *, handle: str, merchant: MerchantId, at: datetime
    ) -> ConversationId | None:
        """The conversation, or None for a handle that is unknown, expired or another merchant's."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT conversation_id FROM conversations_resumehandle"
                " WHERE digest = %s AND merchant_id = %s AND expires_at > %s",
                [_digest(handle), merchant, at],
            )
            row = await cursor.fetchone()
        return ConversationId(str(row[0])) if row else None


def _digest(handle: str) -> str:
    return hashlib.sha256(handle.encode()).hexdigest()
