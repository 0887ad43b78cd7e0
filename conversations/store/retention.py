"""Lets go of conversations that have been quiet for long: whole partitions, and what stands outside of them.

A conversation goes whole, so what is left has no gaps. Its row stays and says that it was erased: nothing is
appended to it any more, and a client message id that it once took takes no effect a second time.

Retention drops months, and leaves no gap. `drop_quiet` takes the months that ended before the cutoff: their quiet
conversations are marked erased under their row locks, the partition is detached and dropped, and those that are
still in use go on in the default partition. Every conversation is there whole or not at all, so `seq` has no gaps
to explain. What is under a legal hold (`holding`) stays, itself or with its shopper. Erasing is one transaction and
letting the partition go a second one, since whoever appends holds a row and then wants the journal. What stays of a
dropped one is its row (`erased_at`: every door answers `KeyDestroyed`) and its client message ids. Decisions, shown
items, handles and keys that open nothing else go with it. A named shopper's key stays, because it seals who that
is: it goes when the shopper is forgotten.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from commerce_agent.isolation.acting import PLATFORM, get_told
from conversations.store.holding import HELD
from conversations.store.partitions import REST, WHOLE, Month, get_month, list_months, make_ahead

Connection = AsyncConnection[tuple[Any, ...]]

BATCH = 500
"""So many conversations outside of the months go in one transaction."""

_ERASE = (
    "UPDATE conversations_conversation SET erased_at = now(), waiting_since = NULL, fence = fence + 1"
    f" WHERE active_at < %(before)s AND erased_at IS NULL AND NOT {HELD.format(talk='conversations_conversation')}"
    " AND "
)
_IN_MONTH = "id >= conversations_first_id(%(starts)s) AND id < conversations_first_id(%(ends)s)"
_STANDS_OUTSIDE = " OR ".join(
    f"EXISTS (SELECT FROM {table} entry WHERE entry.conversation_id = talk.id)" for table in REST
)


class Dropped(msgspec.Struct, frozen=True, kw_only=True):
    """What went, or would go."""

    before: datetime
    """Whatever was in use since then is kept."""
    months: tuple[Month, ...]
    conversations: int
    events: int
    kept: int
    """Conversations that were opened in those months and are still in use: they were moved, not dropped."""


class MonthsAreShared(Exception):
    """A month of the journal holds every shop's events, and code that does not act for all sees none of the others'.

    Whoever drops months lets itself in with `acting_for_platform`.
    """

    def __init__(self, *, told: str) -> None:
        super().__init__(f"Months of the journal are all shops'; this code acts for {told or 'nobody'}.")
        self.told = told


class Retention:
    """Has partitions ready before they are needed, and lets go of old ones."""

    def __init__(self, *, pool: AsyncConnectionPool[Connection]) -> None:
        self._pool = pool

    async def make_ahead(self, *, now: datetime) -> tuple[Month, ...]:
        """Makes the partitions of this month and the next ones that are missing, and names them."""
        return await make_ahead(self._pool, now=now)

    async def drop_handles(self, *, now: datetime) -> int:
        """Forgets the handles of browsers that nobody may come back by any more; answers how many."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "DELETE FROM conversations_resumehandle WHERE expires_at <= %s", [now]
            )
        return cursor.rowcount

    async def drop_quiet(self, *, now: datetime, months: int, dry_run: bool = False) -> Dropped:
        """Drops what was quiet for so many whole months; what is in use stays, whenever it was opened.

        Each month by itself, so that one that fails keeps no other. With `dry_run` everything is done and taken back.
        Raises `MonthsAreShared` for whoever acts for some shops only: what is not seen would be dropped as not there.
        """
        if (told := get_told()) != PLATFORM:
            raise MonthsAreShared(told=told)
        before = get_month(now).after(-months).start
        async with self._pool.connection() as connection:
            return await _drop_quiet(connection, before=before, dry_run=dry_run)


async def _drop_quiet(connection: Connection, *, before: datetime, dry_run: bool) -> Dropped:
    total = Dropped(before=before, months=(), conversations=0, events=0, kept=0)
    for month in await list_months(connection):
        if month.after(1).start > before:
            continue
        total = _added(total, await _drop_month(connection, month=month, before=before, dry_run=dry_run))
    more = True
    while more:
        async with connection.transaction(force_rollback=dry_run):
            outside = await _drop_outside(connection, before=before)
        total = _added(total, outside)
        more = outside.conversations == BATCH and not dry_run
    return total


def _added(one: Dropped, other: Dropped) -> Dropped:
    return Dropped(
        before=one.before,
        months=one.months + other.months,
        conversations=one.conversations + other.conversations,
        events=one.events + other.events,
        kept=one.kept + other.kept,
    )


async def _drop_month(connection: Connection, *, month: Month, before: datetime, dry_run: bool) -> Dropped:
    """First the conversations are erased, then their partition goes.

    In two transactions: whoever appends holds a row and wants the journal, so nobody may hold the journal and want
    a row. What was erased when the second could not be done goes the next time, and cannot be read until then.
    """
    bounds = {"before": before, "starts": month.start, "ends": month.after(1).start}
    async with connection.transaction(force_rollback=dry_run):
        erased = await connection.execute(f"{_ERASE}{_IN_MONTH}", bounds)
        await drop_around(
            connection,
            f"SELECT id FROM conversations_conversation WHERE erased_at IS NOT NULL AND {_IN_MONTH}",
            bounds,
        )
        if dry_run:
            return await _drop_partition(connection, month=month, bounds=bounds, erased=erased.rowcount)
    async with connection.transaction():
        return await _drop_partition(connection, month=month, bounds=bounds, erased=erased.rowcount)


async def _drop_partition(
    connection: Connection, *, month: Month, bounds: Mapping[str, datetime], erased: int
) -> Dropped:
    await connection.execute("SET LOCAL lock_timeout = '10s'")
    dropped = await connection.execute(
        "SELECT held - moved FROM conversations_drop_month(%s)", [month.partition]
    )
    row = await dropped.fetchone()
    kept = await _count(
        connection,
        f"SELECT count(*) FROM conversations_conversation WHERE erased_at IS NULL AND {_IN_MONTH}",
        bounds,
    )
    return Dropped(
        before=bounds["before"],
        months=(month,),
        conversations=erased,
        events=int(row[0]) if row else 0,
        kept=kept,
    )


async def _drop_outside(connection: Connection, *, before: datetime) -> Dropped:
    """The same, row by row, for a batch of conversations that stand in no month."""
    # What was erased with its key goes too: nothing opens it, and no partition of it is ever dropped.
    cursor = await connection.execute(
        "UPDATE conversations_conversation SET erased_at = coalesce(erased_at, now()), waiting_since = NULL,"
        " fence = fence + 1 WHERE active_at < %(before)s AND"
        " id IN (SELECT talk.id FROM conversations_conversation talk WHERE talk.active_at < %(before)s"
        f" AND ({_STANDS_OUTSIDE}) AND NOT {HELD.format(talk='talk')} LIMIT %(limit)s) RETURNING id",
        {"before": before, "limit": BATCH},
    )
    gone = {"gone": [row[0] async for row in cursor]}
    events = await connection.execute(
        f"DELETE FROM {WHOLE} WHERE conversation_id = ANY(%(gone)s::uuid[])", gone
    )
    await drop_around(connection, "SELECT unnest(%(gone)s::uuid[])", gone)
    return Dropped(before=before, months=(), conversations=len(gone["gone"]), events=events.rowcount, kept=0)


async def drop_around(connection: Connection, erased: str, values: Mapping[str, object]) -> None:
    """What else says something of the erased conversations, and the keys that open nothing else."""
    for table in ("decisionrecord", "shownentity", "resumehandle", "handover"):
        await connection.execute(
            f"DELETE FROM conversations_{table} WHERE conversation_id IN ({erased})", values
        )
    await connection.execute(
        "UPDATE conversations_datakey key SET wrapped = '', destroyed_at = now() WHERE destroyed_at IS NULL"
        f" AND id IN (SELECT data_key_id FROM conversations_conversation WHERE id IN ({erased}))"
        " AND NOT EXISTS (SELECT FROM conversations_conversation living"
        "  WHERE living.data_key_id = key.id AND living.erased_at IS NULL)"
        # It seals who a named shopper is, too: that goes when the shopper is forgotten, not when a talk is.
        " AND NOT EXISTS (SELECT FROM conversations_shopper named WHERE named.id = key.owner_id)",
        values,
    )


async def _count(connection: Connection, statement: str, values: Mapping[str, object] | None = None) -> int:
    row = await (await connection.execute(statement, values)).fetchone()
    return int(row[0]) if row else 0
