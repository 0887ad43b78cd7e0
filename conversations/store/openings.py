"""Idempotency keys of conversations that a merchant's system opened."""

from typing import Any

import msgspec
from psycopg import AsyncConnection

from conversations.ids import ConversationId, MerchantId


class OpeningDiffers(Exception):
    """The idempotency key has opened a conversation on other terms. Use a new key for another one."""

    def __init__(self, *, key: str) -> None:
        super().__init__(f"The idempotency key {key!r} was used with another body: use a new one.")
        self.key = key


class OpeningKey(msgspec.Struct, frozen=True, kw_only=True):
    """An idempotency key and the digest of what was asked for under it."""

    key: str
    digest: str


async def find_opened(
    connection: AsyncConnection[tuple[Any, ...]],
    *,
    merchant: MerchantId,
    conversation: ConversationId,
    opening: OpeningKey,
) -> ConversationId | None:
    """Claims the key for `conversation`, or answers the conversation that it has opened before.

    Must run in the transaction that creates the conversation: a rival waits until it is decided. Raises
    `OpeningDiffers`.
    """
    claimed = await connection.execute(
        "INSERT INTO conversations_opening (merchant_id, key, digest, conversation_id)"
        " VALUES (%s, %s, %s, %s) ON CONFLICT (merchant_id, key) DO NOTHING",
        [merchant, opening.key, opening.digest, conversation],
    )
    if claimed.rowcount:
        return None
    cursor = await connection.execute(
        "SELECT conversation_id, digest FROM conversations_opening WHERE merchant_id = %s AND key = %s",
        [merchant, opening.key],
    )
    row = await cursor.fetchone()
    if row is None or row[1] != opening.digest:
        raise OpeningDiffers(key=opening.key)
    return ConversationId(str(row[0]))
