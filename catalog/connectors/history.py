"""What became of the connectors, kept in PostgreSQL: changes of the breakers, and counts by the day.

Breaker changes are rows, counts wait in Redis and are added to the day's row once a minute (`history.py`). A Redis
that is emptied loses a minute of counts.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import date, datetime

from psycopg import DatabaseError
from psycopg_pool import PoolTimeout

from catalog.connectors.shared_breaker import Change, RecordChange
from catalog.connectors.store_rows import Connections
from catalog.connectors.tally import COUNTED
from catalog.ids import MerchantId

logger = logging.getLogger(__name__)

CHANGE = """
INSERT INTO catalog_breakerchange (merchant_id, kind, state, calls, failures, at)
SELECT id, %(kind)s, %(state)s, %(calls)s, %(failures)s, %(at)s FROM catalog_merchant WHERE id = %(merchant)s
"""
COUNT = f"""
INSERT INTO catalog_connectorcount (merchant_id, kind, day, {", ".join(COUNTED)})
SELECT id, %(kind)s, %(day)s, {", ".join(f"%({what})s" for what in COUNTED)}
FROM catalog_merchant WHERE id = %(merchant)s
ON CONFLICT (merchant_id, kind, day) DO UPDATE
SET {", ".join(f"{what} = catalog_connectorcount.{what} + EXCLUDED.{what}" for what in COUNTED)}
"""


def record_changes_in(connections: Connections, *, clock: Callable[[], datetime]) -> RecordChange:
    """Keeps the changes of the breakers. One that cannot be kept is logged, and costs no answer."""

    async def record_change(change: Change) -> None:
        told = {
            "merchant": change.merchant,
            "kind": change.connector,
            "state": change.state,
            "calls": change.calls,
            "failures": change.failures,
            "at": clock(),
        }
        try:
            async with connections.connection() as connection:
                await connection.execute(CHANGE, told)
        except (DatabaseError, PoolTimeout):
            logger.exception("breaker change not kept", extra={"action": "breaker.change_lost"})

    return record_change


async def keep_counts(
    connections: Connections, *, counts: Mapping[tuple[MerchantId, str], Mapping[str, int]], day: date
) -> None:
    """Adds what was counted to the day's row of each connector."""
    async with connections.connection() as connection:
        for (merchant, kind), counted in counts.items():
            told: dict[str, object] = {what: counted.get(what, 0) for what in COUNTED}
            await connection.execute(COUNT, {"merchant": merchant, "kind": kind, "day": day, **told})
