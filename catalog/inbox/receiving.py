"""Makes what was sent durable: once this returns, it may be acknowledged."""

from datetime import datetime

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from catalog.ids import MerchantId
from catalog.inbox.items import Items, Refusal, Told

MOST_REFUSALS_KEPT = 50

RECORD = """
WITH delivery AS (
  INSERT INTO catalog_delivery
    (merchant_id, via, sender, received_at, status, problem, size, accepted, known, refused, refusals)
  VALUES (%(merchant)s, %(via)s, %(sender)s, %(at)s, %(status)s, %(problem)s, %(size)s, %(count)s, 0, %(refused)s,
    %(refusals)s)
  RETURNING id),
taken AS (
  INSERT INTO catalog_shopevent (merchant_id, delivery_id, event_id, kind, subject, version, at, body, status, problem)
  SELECT %(merchant)s, delivery.id, event_id, kind, subject, version, at, body, 'waiting', ''
  FROM delivery, unnest(%(ids)s::text[], %(kinds)s::text[], %(subjects)s::text[], %(versions)s::bigint[],
    %(ats)s::timestamptz[], %(bodies)s::jsonb[]) WITH ORDINALITY
    AS told (event_id, kind, subject, version, at, body, place)
  ORDER BY place
  ON CONFLICT (merchant_id, event_id) DO NOTHING RETURNING 1)
SELECT delivery.id, (SELECT count(*) FROM taken) FROM delivery
"""
RECOUNT = "UPDATE catalog_delivery SET accepted = %s, known = %s WHERE id = %s"


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a body."""

    delivery: int
    accepted: int
    """Events that are durable now and will be applied."""
    known: int
    """Events that had come before: nothing happens again."""
    refused: tuple[Refusal, ...] = ()


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What a body is answered with."""

    status: int
    problem: str = ""


TAKEN = Reply(status=202)


async def record_delivery(
    connection: AsyncConnection[TupleRow],
    *,
    merchant: MerchantId,
    via: str,
    items: Items,
    size: int,
    at: datetime,
    reply: Reply = TAKEN,
    sender: str = "",
) -> Receipt:
    """Keeps the events that were not known, and the delivery in the log, in one statement. `via` is what the log shows,
    `sender` which system it is: see `senders`.
    """
    taken = items.taken
    cursor = await connection.execute(
        RECORD,
        {
            "merchant": merchant,
            "via": via[:120],
            "sender": sender,
            "at": at,
            "status": reply.status,
            "problem": reply.problem[:300],
            "size": size,
            "count": len(taken),
            "refused": len(items.refused),
            "refusals": Jsonb(msgspec.to_builtins(items.refused[:MOST_REFUSALS_KEPT])),
            "ids": [told.id for told in taken],
            "kinds": [_get_kind(told) for told in taken],
            "subjects": [told.subject for told in taken],
            "versions": [told.version for told in taken],
            # What has not happened yet would hold back everything that comes until then.
            "ats": [min(told.at, at) if told.at else at for told in taken],
            "bodies": [msgspec.json.encode(told).decode() for told in taken],
        },
    )
    row = await cursor.fetchone()
    delivery, accepted = (row[0], row[1]) if row else (0, 0)
    if accepted != len(taken):
        await connection.execute(RECOUNT, [accepted, len(taken) - accepted, delivery])
    return Receipt(delivery=delivery, accepted=accepted, known=len(taken) - accepted, refused=items.refused)


async def record_refusal(
    connection: AsyncConnection[TupleRow],
    *,
    merchant: MerchantId,
    via: str,
    size: int,
    at: datetime,
    status: int,
    problem: str,
) -> None:
    """Puts a request that was turned away as a whole into the log."""
    nothing = Items(taken=(), refused=())
    await record_delivery(
        connection,
        merchant=merchant,
        via=via,
        items=nothing,
        size=size,
        at=at,
        reply=Reply(status=status, problem=problem),
    )


def _get_kind(told: Told) -> str:
    return str(told.__struct_config__.tag)
