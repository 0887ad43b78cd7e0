"""The built-in store's tables, read in this process: what every source of the store does alike."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
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
    try:
        async with (
            connections.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(query, asked)
            return await cursor.fetchall()
    except (OperationalError, PoolTimeout) as error:
        raise ConnectorUnavailable(connector=connector) from error
