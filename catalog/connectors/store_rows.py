"""The built-in store's tables, read in this process: what every source of the store does alike."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import LiteralString, Protocol

from psycopg import AsyncConnection, OperationalError
from psycopg.rows import TupleRow, dict_row
from psycopg_pool import PoolTimeout

from catalog.connectors.readings import ConnectorUnavailable, Kind


class Connections(Protocol):
    """Where connections are borrowed: a psycopg pool, or one connection lent for a transaction."""

    def connection(self) -> AbstractAsyncContextManager[AsyncConnection[TupleRow]]:
        """A connection for the length of a `with`."""
        ...


async def read_rows(
    connections: Connections, query: LiteralString, asked: Mapping[str, object], *, connector: Kind
) -> list[dict[str, object]]:
    """The rows, by the names of their columns. Raises ConnectorUnavailable when the database is out of reach."""
    async with _borrow(connections, connector=connector) as connection:
        cursor = await connection.cursor(row_factory=dict_row).execute(query, asked)
        return await cursor.fetchall()


async def read_plain_rows(
    connections: Connections, query: LiteralString, asked: Mapping[str, object], *, connector: Kind
) -> list[TupleRow]:
    """The rows, as their columns follow each other. Raises ConnectorUnavailable too."""
    async with _borrow(connections, connector=connector) as connection:
        cursor = await connection.execute(query, asked)
        return await cursor.fetchall()


@asynccontextmanager
async def _borrow(connections: Connections, *, connector: Kind) -> AsyncIterator[AsyncConnection[TupleRow]]:
    try:
        async with connections.connection() as connection:
            yield connection
    except (OperationalError, PoolTimeout) as error:
        raise ConnectorUnavailable(connector=connector) from error
