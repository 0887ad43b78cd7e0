"""Connections of psycopg that tell each transaction for whom it acts, without a round trip of its own.

The setting is local to the transaction, so that it never outlives it: neither in this pool, nor behind a pooler that
lends one server connection to many clients.
"""

import asyncio
import select
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Self

from psycopg import AsyncConnection, AsyncCopy, AsyncCursor, AsyncTransaction, OperationalError
from psycopg.abc import Params, Query, QueryNoTemplate
from psycopg.copy import AsyncWriter
from psycopg.pq.abc import PGconn
from psycopg.rows import AsyncRowFactory, tuple_row
from psycopg_pool import AsyncConnectionPool
from typing_extensions import override

from commerce_agent.isolation.acting import NOBODY, SETTING, get_told

TELL = f"SELECT set_config('{SETTING}', %s, true)"

Row = tuple[Any, ...]
Pool = AsyncConnectionPool[AsyncConnection[Row]]


class TellingConnection(AsyncConnection[Row]):
    """A connection whose statements act for whoever the running code acts for."""

    def __init__(self, pgconn: PGconn, row_factory: AsyncRowFactory[Row] = tuple_row) -> None:
        super().__init__(pgconn, row_factory)
        self.cursor_factory = TellingCursor
        self._depth = 0
        self._told: str | None = NOBODY
        """What the running transaction was told; None where a savepoint may have taken that back."""
        self._line = select.poll()
        self._line.register(pgconn.socket, select.POLLIN)

    def is_dropped(self) -> bool:
        """Whether the server has closed the line while nothing was asked: it says so on the line, which is looked at
        without a round trip. What else came unasked is a notice, and is read.
        """
        try:
            while self._line.poll(0):
                self.pgconn.consume_input()
        except OperationalError:
            return True
        return False

    @override
    @asynccontextmanager
    async def transaction(
        self, savepoint_name: str | None = None, force_rollback: bool = False
    ) -> AsyncIterator[AsyncTransaction]:
        """As psycopg's. A rollback takes back what was told within it, so afterwards it is told again."""
        if not self._depth:
            self._told = NOBODY
        self._depth += 1
        try:
            async with super().transaction(savepoint_name, force_rollback) as begun:
                yield begun
        finally:
            self._depth -= 1
            self._told = None

    def find_untold(self) -> str | None:
        """What is still to be told before a statement, nobody included; None where the transaction knows."""
        told = get_told()
        known = self._told if self._depth else NOBODY
        return None if told == known else told

    async def tell(self, told: str) -> None:
        """Tells it to the transaction, or to the statement that follows in the same pipeline."""
        await AsyncCursor(self).execute(TELL, [told])
        self._told = told


class TellingCursor(AsyncCursor[Any]):
    """A cursor of such a connection.

    Where a statement is cancelled on its way its connection is closed, and the pool opens another: what the server
    has prepared by then, and what this side believes that it has, may differ.
    """

    @override
    async def execute(  # type: ignore[override]  # strings that are no templates do here
        self,
        query: QueryNoTemplate,
        params: Params | None = None,
        *,
        prepare: bool | None = None,
        binary: bool | None = None,
    ) -> Self:
        """As psycopg's, behind what is still to be told."""
        connection = self._get_telling()
        try:
            if connection is None or (told := connection.find_untold()) is None:
                return await super().execute(query, params, prepare=prepare, binary=binary)
            async with connection.pipeline():
                await connection.tell(told)
                return await super().execute(query, params, prepare=prepare, binary=binary)
        except asyncio.CancelledError:
            await self.connection.close()
            raise

    @override
    async def executemany(
        self, query: Query, params_seq: Iterable[Params], *, returning: bool = False
    ) -> None:
        """As psycopg's, behind what is still to be told."""
        connection = self._get_telling()
        try:
            if connection is None or (told := connection.find_untold()) is None:
                await super().executemany(query, params_seq, returning=returning)
                return
            async with connection.pipeline():
                await connection.tell(told)
                await super().executemany(query, params_seq, returning=returning)
        except asyncio.CancelledError:
            await self.connection.close()
            raise

    @override
    @asynccontextmanager
    async def copy(
        self, statement: Query, params: Params | None = None, *, writer: AsyncWriter | None = None
    ) -> AsyncIterator[AsyncCopy]:
        """As psycopg's, in a transaction, which has been told."""
        connection = self._get_telling()
        if connection is None or (told := connection.find_untold()) is None:
            async with super().copy(statement, params, writer=writer) as copying:
                yield copying
            return
        async with connection.transaction():
            await connection.tell(told)
            async with super().copy(statement, params, writer=writer) as copying:
                yield copying

    def _get_telling(self) -> TellingConnection | None:
        return self.connection if isinstance(self.connection, TellingConnection) else None


async def execute_telling(
    connection: AsyncConnection[Row], call: QueryNoTemplate, values: Mapping[str, object]
) -> AsyncCursor[Row]:
    """Calls a function of the database that tells for whom it acts, by its argument `acting`, before it does anything
    else: one prepared statement, where any other goes behind one that tells.

    tests/isolation/test_tables.py holds every function that takes `acting` to that.
    """
    cursor: AsyncCursor[Row] = AsyncCursor(connection)
    try:
        return await cursor.execute(call, {**values, "acting": get_told()}, prepare=True)
    except asyncio.CancelledError:
        await connection.close()
        raise


class HealingPool(Pool):
    """A pool that hands out no connection which its server has closed: once PostgreSQL is back after a crash, nobody
    is refused because of the connections that there were before.
    """

    @override
    async def getconn(self, timeout: float | None = None) -> AsyncConnection[Row]:
        """As psycopg's. One that was dropped is given back, for the pool to put another in its place."""
        while True:
            connection = await super().getconn(timeout)
            if not isinstance(connection, TellingConnection) or not connection.is_dropped():
                return connection
            await self.putconn(connection)

    @override
    @asynccontextmanager
    async def connection(self, timeout: float | None = None) -> AsyncIterator[AsyncConnection[Row]]:
        """As psycopg's, but for its commit at the end: each statement, or the transaction that was begun for several,
        has its own. What is left open is rolled back as the connection is taken back.
        """
        connection = await self.getconn(timeout)
        try:
            yield connection
        finally:
            await self.putconn(connection)


def build_pool(url: str, *, least: int = 1, most: int, wait: float, pooled: bool = False) -> Pool:
    """A pool of such connections, not open yet; each statement is a transaction unless one is begun.

    `pooled`: the URL leads to a pooler that lends a server connection for one transaction, so none may hold
    statements that were prepared in another.
    """
    kwargs: dict[str, object] = {"autocommit": True, **({"prepare_threshold": None} if pooled else {})}
    return HealingPool(
        url,
        connection_class=TellingConnection,
        min_size=least,
        max_size=most,
        timeout=wait,
        open=False,
        kwargs=kwargs,
    )
