"""Django looks for its class under this name. Reads outside of a transaction tell in the same round trip."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Self
from weakref import WeakKeyDictionary

import psycopg
from django.db.backends.postgresql import base
from psycopg import ClientCursor, Copy
from psycopg.abc import Params, Query, QueryNoTemplate
from psycopg.copy import Writer
from psycopg.pq import TransactionStatus
from typing_extensions import override

from commerce_agent.isolation.acting import NOBODY, get_told
from commerce_agent.isolation.connections import TELL

ALONE = re.compile(
    r"\s*(?:(?:CREATE|ALTER|DROP) DATABASE|VACUUM|SET TRANSACTION|(?:CREATE|DROP)\s.*\sCONCURRENTLY)\b",
    re.IGNORECASE,
)
"""What PostgreSQL runs outside of transactions only, and for nobody in particular."""

_told: WeakKeyDictionary[psycopg.Connection[Any], str | None] = WeakKeyDictionary()
"""What the running transaction of a connection was told last; None where a savepoint may have taken that back."""


class TellingCursor(ClientCursor[tuple[Any, ...]]):
    """A cursor whose statements act for whoever the running code acts for."""

    @override
    def execute(  # type: ignore[override]  # Django writes strings, not templates
        self,
        query: QueryNoTemplate,
        params: Params | None = None,
        *,
        prepare: bool | None = None,
        binary: bool | None = None,
    ) -> Self:
        """As psycopg's, behind what is still to be told."""
        told = self._find_untold()
        if isinstance(query, str) and ALONE.match(query):
            return super().execute(query, params, prepare=prepare, binary=binary)
        if told is not None and self.connection.autocommit and self._is_idle():
            with self.connection.pipeline():
                self._tell(told)
                return super().execute(query, params, prepare=prepare, binary=binary)
        if told is not None:
            self._tell(told)
        super().execute(query, params, prepare=prepare, binary=binary)
        if isinstance(query, str) and query.startswith("ROLLBACK TO"):
            # What was told after the savepoint is taken back with it.
            _told[self.connection] = None
        return self

    @override
    def executemany(self, query: Query, params_seq: Iterable[Params], *, returning: bool = False) -> None:
        """As psycopg's, behind what is still to be told."""
        if (told := self._find_untold()) is not None:
            with self.connection.pipeline():
                self._tell(told)
                super().executemany(query, params_seq, returning=returning)
        else:
            super().executemany(query, params_seq, returning=returning)

    @override
    @contextmanager
    def copy(
        self, statement: Query, params: Params | None = None, *, writer: Writer | None = None
    ) -> Iterator[Copy]:
        """As psycopg's, within a transaction, behind what is still to be told."""
        if (told := self._find_untold()) is not None:
            self._tell(told)
        with super().copy(statement, params, writer=writer) as copying:
            yield copying

    def _is_idle(self) -> bool:
        return TransactionStatus(self.connection.pgconn.transaction_status) == TransactionStatus.IDLE

    def _find_untold(self) -> str | None:
        """What is still to be told, nobody included; None where the transaction knows, or can hear nothing."""
        if self.connection.pgconn.transaction_status == TransactionStatus.INERROR:
            return None
        if self._is_idle():
            _told[self.connection] = NOBODY
        told = get_told()
        return None if told == _told.get(self.connection, NOBODY) else told

    def _tell(self, told: str) -> None:
        ClientCursor(self.connection).execute(TELL, [told])
        _told[self.connection] = told


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, with such cursors."""

    @override
    def get_connection_params(self) -> dict[str, object]:
        """As Django's."""
        return {**super().get_connection_params(), "cursor_factory": TellingCursor}
