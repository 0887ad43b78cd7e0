"""Idempotency keys of conversations that a merchant's system opened."""

import hashlib
import hmac
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
    index_key: bytes,
) -> ConversationId | None:
    """Claims the key for `conversation`, or answers the conversation that it has opened before.

    Must run in the transaction that creates the conversation: a rival waits until it is decided. Raises
    `OpeningDiffers`. `index_key` is the merchant's: the key itself may name somebody, and is not kept.
    """
    mark, *before = _list_marks(opening.key, merchant=merchant, index_key=index_key)
    claimed = await connection.execute(
        "INSERT INTO conversations_opening (merchant_id, key, digest, conversation_id)"
        " SELECT %(merchant)s, %(mark)s, %(digest)s, %(conversation)s WHERE NOT EXISTS"
        " (SELECT FROM conversations_opening WHERE merchant_id = %(merchant)s AND key = ANY(%(before)s))"
        " ON CONFLICT (merchant_id, key) DO NOTHING",
        {
            "merchant": merchant,
            "mark": mark,
            "digest": opening.digest,
            "conversation": conversation,
            "before": before,
        },
    )
    if claimed.rowcount:
        return None
    cursor = await connection.execute(
        "SELECT conversation_id, digest FROM conversations_opening WHERE merchant_id = %s AND key = ANY(%s)"
        " ORDER BY id LIMIT 1",
        [merchant, [mark, *before]],
    )
    row = await cursor.fetchone()
    if row is None or row[1] != opening.digest:
        raise OpeningDiffers(key=opening.key)
    return ConversationId(str(row[0]))


def _list_marks(key: str, *, merchant: MerchantId, index_key: bytes) -> tuple[str, ...]:
    """What the key is kept as: today's mark, and that of keys from before there were marks. The database takes nothing
    else, so that a process from before cannot open a second conversation under a key.
    """
    mark = hmac.new(index_key, b"opening\x00" + key.encode(), hashlib.sha256).hexdigest()
    before = hashlib.sha256(f"{merchant}/{key}".encode()).hexdigest()
    return f"mark:{mark}", f"before:{before}"
