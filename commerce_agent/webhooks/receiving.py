"""One request of a merchant's system: who sent it, is it whole, and then it is durable.

Durable first, applied by sets. A request costs one statement; a worker applies of each subject the last word (where
that is refused, the one before it), and marks rows in one more. A `product` that names no `quantity` leaves the
counted number as it is, unless it is `out_of_stock`; what it does say of stock and price holds anew, also where the
item is written as before.
"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from catalog.ids import MerchantId
from catalog.inbox import (
    TAKEN,
    BodyUnreadable,
    Receipt,
    Reply,
    read_items,
    record_delivery,
    record_refusal,
)
from commerce_agent.webhooks.keys import WEBHOOK_KEYS
from commerce_agent.webhooks.signing import SignatureRefused, require_signature

MOST_BYTES = 256 * 1024
USE_NOTED = timedelta(minutes=1)
"""The last use is written down at most this often."""
NOTHING = Reply(status=422, problem="None of its events can be taken as it is written.")

_KEY = """
SELECT k.id, k.merchant_id, k.sealed_secret, k.last_used_at FROM catalog_webhookkey k
JOIN catalog_merchant m ON m.id = k.merchant_id
WHERE k.key_id = %(key)s AND m.key = %(shop)s AND (k.ends_at IS NULL OR k.ends_at > %(now)s)
"""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it came."""

    shop: str
    """The shop's public key, from the address."""
    key: str
    timestamp: str
    signature: str
    body: bytes


class FoundKey(msgspec.Struct, frozen=True, kw_only=True):
    """The key that a request names, and whose it is."""

    pk: UUID
    merchant: MerchantId
    sealed: bytes
    used_at: datetime | None


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """Whose it was and what became of it."""

    merchant: MerchantId
    receipt: Receipt


class NothingTaken(Exception):
    """Not one event of the body could be taken; the reasons stand beside each."""

    def __init__(self, *, receipt: Receipt) -> None:
        super().__init__("None of the events can be taken as it is written; nothing will be applied.")
        self.receipt = receipt


async def get_key(connection: AsyncConnection[TupleRow], *, sent: Sent, now: datetime) -> FoundKey:
    """The shop's good key that a request names. Raises `SignatureRefused`."""
    cursor = await connection.execute(_KEY, {"key": sent.key, "shop": sent.shop, "now": now})
    row = await cursor.fetchone()
    if row is None:
        raise SignatureRefused(
            name="unknown-key", text="There is no such key for this shop, or it has ended."
        )
    pk, owner, sealed, used_at = row
    return FoundKey(pk=pk, merchant=MerchantId(str(owner)), sealed=bytes(sealed), used_at=used_at)


async def receive(
    connection: AsyncConnection[TupleRow], *, sent: Sent, key: FoundKey, now: datetime
) -> Received:
    """Takes the events in; once this returns they are durable.

    Raises `SignatureRefused`, `BodyUnreadable`, `NothingTaken`; each is in the log.
    """
    merchant, size = key.merchant, len(sent.body)
    try:
        require_signature(
            secret=WEBHOOK_KEYS.open_secret(key.sealed, merchant=merchant, key_id=sent.key).encode(),
            timestamp=sent.timestamp,
            signature=sent.signature,
            body=sent.body,
            now=now,
        )
    except SignatureRefused as refused:
        await record_refusal(
            connection, merchant=merchant, via=sent.key, size=size, at=now, status=401, problem=refused.text
        )
        raise
    if key.used_at is None or key.used_at <= now - USE_NOTED:
        await connection.execute(
            "UPDATE catalog_webhookkey SET last_used_at = %s WHERE id = %s", [now, key.pk]
        )
    try:
        items = read_items(sent.body)
    except BodyUnreadable as refused:
        await record_refusal(
            connection, merchant=merchant, via=sent.key, size=size, at=now, status=422, problem=str(refused)
        )
        raise
    nothing = bool(items.refused) and not items.taken
    receipt = await record_delivery(
        connection,
        merchant=merchant,
        via=sent.key,
        items=items,
        size=size,
        at=now,
        reply=NOTHING if nothing else TAKEN,
        sender=sent.key,
    )
    if nothing:
        raise NothingTaken(receipt=receipt)
    return Received(merchant=merchant, receipt=receipt)
