"""The journal's partitions: one holds the conversations that were opened in one month.

A conversation's id begins with the instant of its opening (UUID version 7), and the journal is partitioned by
it. So a conversation is in one partition whole, whatever the instants of its events are: (conversation, seq)
is unique in the database, one conversation is read from one partition, and what retention drops leaves no gap.

The journal is partitioned by conversation id, whose first bits are its opening's instant (UUID 7). Partitioned by
the event's instant, (conversation, seq) could not be unique in the database and reading one talk would open every
month. So a talk is in one partition whole; one that goes on for a year stays in the month in which it was opened.
Ids of before tell no time and stand in `conversations_journal_untimed`; what finds no month goes to
`conversations_journal_default`, so no append waits for a partition. The clock (`commerce_agent.keep_journal`) has
this month and three more ready, and moves into a new one what came before it.
"""

import re
import secrets
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from conversations.ids import ConversationId

Connection = AsyncConnection[tuple[Any, ...]]

AHEAD = 3
"""Months that have a partition before their first conversation is opened."""
WHOLE = "conversations_journalentry"
REST = ("conversations_journal_default", "conversations_journal_untimed")
"""Where conversations stand whose month has no partition, and those whose id tells no time."""
_MONTH = re.compile(r"conversations_journal_(\d{4})_(\d{2})")


def mint_conversation(at: datetime) -> ConversationId:
    """A new id of a conversation that is opened at this instant."""
    version, variant = 0x7, 0b10
    milliseconds = int(at.timestamp() * 1000) & (2**48 - 1)
    ordered = milliseconds << 16 | version << 12 | secrets.randbits(12)
    return ConversationId(str(UUID(int=ordered << 64 | variant << 62 | secrets.randbits(62))))


class Month(msgspec.Struct, frozen=True, order=True):
    """A calendar month in UTC."""

    year: int
    month: int

    @property
    def partition(self) -> str:
        """The name of the table that holds it."""
        return f"conversations_journal_{self.year:04}_{self.month:02}"

    @property
    def start(self) -> datetime:
        """Its first instant."""
        return datetime(self.year, self.month, 1, tzinfo=UTC)

    def after(self, months: int) -> "Month":
        """The month so many later; earlier for a negative number."""
        years, month = divmod(self.month - 1 + months, 12)
        return Month(self.year + years, month + 1)


def get_month(at: datetime) -> Month:
    """The month of an instant."""
    here = at.astimezone(UTC)
    return Month(here.year, here.month)


async def list_months(connection: Connection) -> tuple[Month, ...]:
    """The months that have a partition, oldest first."""
    cursor = await connection.execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", [WHOLE]
    )
    found = [_MONTH.fullmatch(row[0]) async for row in cursor]
    return tuple(sorted(Month(int(match[1]), int(match[2])) for match in found if match))


async def make_ahead(pool: AsyncConnectionPool[Connection], *, now: datetime) -> tuple[Month, ...]:
    """Makes the partitions of this month and the next ones that are missing, and names them.

    What was written to a month before it had a partition moves there. An append never waits for this: it
    goes to the rest where its month has none.
    """
    this = get_month(now)
    made: list[Month] = []
    async with pool.connection() as connection:
        known = await list_months(connection)
        for month in (this.after(ahead) for ahead in range(AHEAD + 1)):
            if month in known:
                continue
            async with connection.transaction():
                await connection.execute("SET LOCAL lock_timeout = '5s'")
                await connection.execute(
                    "SELECT conversations_add_month(%s, conversations_first_id(%s), conversations_first_id(%s))",
                    [month.partition, month.start, month.after(1).start],
                )
            made.append(month)
    return tuple(made)
