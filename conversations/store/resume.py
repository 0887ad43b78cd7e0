"""Handles by which a browser comes back to its conversation."""

import hashlib
import re
from datetime import datetime, timedelta
from typing import Any

import structlog
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from conversations.ids import ConversationId, MerchantId

RESUME_DAYS = 30
GRACE = timedelta(hours=1)
"""So long does a handle lead on that was followed by another: other tabs may still hold it."""
_STRONG = re.compile(r"[0-9A-Za-z_-]{32,256}")
_DIFFERENT = 12
"""A random handle of 32 characters has 25 different ones; one that somebody thought up has few."""


log = structlog.get_logger(__name__)


class HandleRefused(Exception):
    """No conversation is opened under this handle; make another from 32 random bytes."""


class HandleWeak(HandleRefused):
    """The handle could be guessed; make one from 32 random bytes, in base64url."""


class HandleTaken(HandleRefused):
    """The handle leads elsewhere already; find what it leads to, or make another."""


async def claim_resume(
    connection: AsyncConnection[tuple[Any, ...]],
    *,
    handle: str,
    conversation: ConversationId,
    merchant: MerchantId,
    at: datetime,
) -> None:
    """Has the handle lead to this conversation for 30 days, within the caller's transaction.

    Two who bring the same handle are put in order by its unique digest, and the second gets `HandleTaken`. One
    that has expired may be used again by the merchant's own browser. Raises `HandleWeak`.
    """
    if not _STRONG.fullmatch(handle) or len(set(handle)) < _DIFFERENT:
        raise HandleWeak("The handle could be guessed; make one from 32 random bytes, in base64url.")
    cursor = await connection.execute(
        "INSERT INTO conversations_resumehandle AS kept (digest, merchant_id, conversation_id, expires_at)"
        " VALUES (%s, %s, %s, %s) ON CONFLICT (digest) DO UPDATE"
        " SET conversation_id = excluded.conversation_id, expires_at = excluded.expires_at"
        " WHERE kept.merchant_id = excluded.merchant_id AND kept.expires_at <= %s RETURNING 1",
        [_digest(handle), merchant, conversation, at + timedelta(days=RESUME_DAYS), at],
    )
    if await cursor.fetchone() is None:
        raise HandleTaken("The handle leads elsewhere already; find what it leads to, or make another.")


class ResumeHandles:
    """Honours handles. A handle is random; only its SHA-256 is stored."""

    def __init__(self, *, pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]]) -> None:
        self._pool = pool

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

    async def follow(
        self, *, handle: str, by: str, conversation: ConversationId, merchant: MerchantId, at: datetime
    ) -> bool:
        """Has another handle lead where this one leads; False where the other cannot be taken, and nothing changed.

        `handle` holds until `by` was brought in turn: who never heard that it was taken still has the old one. What
        came before `handle` was given up by whoever brought it, and leads on for `GRACE` only.
        """
        async with self._pool.connection() as connection:
            try:
                async with connection.transaction():
                    await claim_resume(
                        connection, handle=by, conversation=conversation, merchant=merchant, at=at
                    )
            except HandleRefused as refused:
                log.info("resume.not_followed", kind=type(refused).__name__)
                # Who asks again may not have heard that it was taken.
                return await self.find_conversation(handle=by, merchant=merchant, at=at) == conversation
            await connection.execute(
                "UPDATE conversations_resumehandle SET expires_at = %(end)s"
                " WHERE conversation_id = %(conversation)s AND expires_at > %(end)s AND expires_at <"
                " (SELECT expires_at FROM conversations_resumehandle WHERE digest = %(brought)s)",
                {"end": at + GRACE, "conversation": conversation, "brought": _digest(handle)},
            )
        return True

    async def extend(
        self, *, handle: str, conversation: ConversationId, merchant: MerchantId, at: datetime
    ) -> None:
        """Has a handle of this conversation lead there for 30 days more, also where it has expired meanwhile. Who asks
        has made sure whose the conversation is: a handle alone is given no more time.
        """
        async with self._pool.connection() as connection:
            await connection.execute(
                "UPDATE conversations_resumehandle SET expires_at = greatest(expires_at, %s)"
                " WHERE digest = %s AND merchant_id = %s AND conversation_id = %s",
                [at + timedelta(days=RESUME_DAYS), _digest(handle), merchant, conversation],
            )


def _digest(handle: str) -> str:
    return hashlib.sha256(handle.encode()).hexdigest()
