"""The inbox's rows as they are read and marked: many at once, in few statements."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from django.db import connection

from catalog.ids import MerchantId
from catalog.models import ShopEventStatus
from commerce_agent.decoding import convert

COLUMNS = "e.id, e.kind, e.subject, e.version, e.at, e.body::text, d.sender"
WAITING = f"""
SELECT {COLUMNS} FROM catalog_shopevent e JOIN catalog_delivery d ON d.id = e.delivery_id
WHERE e.merchant_id = %s AND e.status = 'waiting' ORDER BY e.id LIMIT %s FOR UPDATE OF e
"""
UNTOLD = f"""
SELECT {COLUMNS} FROM catalog_shopevent e JOIN catalog_delivery d ON d.id = e.delivery_id
WHERE e.merchant_id = %s AND e.status = 'applied' AND e.told_at IS NULL AND e.applied_at < %s ORDER BY e.id LIMIT %s
"""
MARK = """
UPDATE catalog_shopevent e SET status = m.status, problem = m.problem, applied_at = %(now)s
FROM unnest(%(ids)s::bigint[], %(statuses)s::text[], %(problems)s::text[]) AS m (id, status, problem)
WHERE e.id = m.id
"""
# In the order in which an order takes its locks: neither waits for the other in a circle.
LOCK = "SELECT FROM catalog_variant WHERE merchant_id = %s AND sku = ANY(%s) ORDER BY id FOR UPDATE"
LATEST = """
SELECT kind, subject, version, at, sender, lead FROM catalog_latestword
WHERE merchant_id = %s AND subject = ANY(%s)
"""
NOTE = """
INSERT INTO catalog_latestword AS known (merchant_id, kind, subject, version, at, sender, lead)
SELECT %(merchant)s, * FROM unnest(%(kinds)s::text[], %(subjects)s::text[], %(versions)s::bigint[],
  %(ats)s::timestamptz[], %(senders)s::text[], %(leads)s::bigint[])
ON CONFLICT (merchant_id, kind, subject) DO UPDATE SET
  version = CASE WHEN known.sender = excluded.sender
      OR (known.sender = ANY(%(standing)s) AND excluded.sender = ANY(%(standing)s))
    THEN coalesce(excluded.version, known.version) ELSE excluded.version END,
  at = excluded.at, sender = excluded.sender, lead = excluded.lead
"""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """An event as it waits."""

    pk: int
    kind: str
    subject: str
    version: int | None
    at: datetime
    body: str = ""
    """JSON, as it was sent."""
    sender: str = ""
    """Which system told it, see `senders`."""
    lead: int = 0
    """Of a policy: by how much our own versions are ahead of its sender's, which took another one's place."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a row."""

    pk: int
    status: ShopEventStatus
    problem: str = ""


def list_waiting(*, merchant: MerchantId, limit: int) -> list[Row]:
    """What waits, in the order in which it came, locked until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [merchant, limit])
        return [_to_row(*found) for found in cursor.fetchall()]


def list_untold(*, merchant: MerchantId, before: datetime, limit: int) -> list[Row]:
    """What was applied before an instant and nobody was told of."""
    with connection.cursor() as cursor:
        cursor.execute(UNTOLD, [merchant, before, limit])
        return [_to_row(*found) for found in cursor.fetchall()]


def lock_items(rows: Sequence[Row], *, merchant: MerchantId) -> None:
    """Locks every item that the rows are about, until the transaction ends."""
    skus = [row.subject for row in rows if row.kind in ("product", "stock", "price")]
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [merchant, skus])


def mark_rows(verdicts: Sequence[Verdict], *, now: datetime) -> None:
    """Writes down what became of rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            MARK,
            {
                "now": now,
                "ids": [each.pk for each in verdicts],
                "statuses": [str(each.status) for each in verdicts],
                "problems": [each.problem[:300] for each in verdicts],
            },
        )


def list_latest(*, merchant: MerchantId, subjects: Iterable[str]) -> dict[tuple[str, str], Row]:
    """How far the events of these subjects have come."""
    with connection.cursor() as cursor:
        cursor.execute(LATEST, [merchant, list(subjects)])
        return {
            (kind, subject): Row(
                pk=0, kind=kind, subject=subject, version=version, at=at, sender=sender, lead=lead
            )
            for kind, subject, version, at, sender, lead in cursor.fetchall()
        }


def note_latest(rows: Sequence[Row], *, merchant: MerchantId, standing: frozenset[str]) -> None:
    """Remembers that the events of these subjects have come so far; a word without a version leaves the known one,
    where that may be of the same system.
    """
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            NOTE,
            {
                "merchant": uuid.UUID(merchant),
                "kinds": [row.kind for row in rows],
                "subjects": [row.subject for row in rows],
                "versions": [row.version for row in rows],
                "ats": [row.at for row in rows],
                "senders": [row.sender for row in rows],
                "leads": [row.lead for row in rows],
                "standing": list(standing),
            },
        )


def _to_row(pk: int, kind: str, subject: str, *rest: object) -> Row:
    names = ("version", "at", "body", "sender")
    return convert({"pk": pk, "kind": kind, "subject": subject, **dict(zip(names, rest, strict=True))}, Row)
