"""The systems of shops that were there before systems were numbered, and those of an installation that went back."""

import subprocess
import sys
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest

from tests.owning import connect_as_owner, get_owner_url
from tests.running import ROOT, get_test_environment

UNNUMBERED, NUMBERED = "0024", "0025"


@pytest.fixture
def empty_database(database: str) -> Iterator[str]:
    """A database without a table; its URL."""
    name = f"tellers_{uuid4().hex[:12]}"
    with connect_as_owner(database) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield f"{get_owner_url(database).rsplit('/', 1)[0]}/{name}"
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def migrate(database: str, to: str) -> None:
    command = [sys.executable, "manage.py", "migrate", "catalog", to, "-v", "0"]
    environment = {**get_test_environment(), "DATABASE_URL": database}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=240)


def make_row(connection: psycopg.Connection, table: str, **given: object) -> None:
    """A row with these values, and with the emptiest of each type in every other column that must have one."""
    empty = {
        "text": "",
        "ARRAY": "{}",
        "bytea": b"",
        "character varying": "",
        "boolean": False,
        "jsonb": "{}",
        "uuid": uuid4(),
        "timestamp with time zone": "2026-11-01T00:00:00Z",
    }
    wanted = connection.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s"
        " AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'",
        [table],
    ).fetchall()
    row = {**{name: empty.get(kind, 0) for name, kind in wanted}, **given}
    places = ", ".join(["%s"] * len(row))
    connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", list(row.values()))


def get_tellers(connection: psycopg.Connection) -> dict[str, int]:
    row = connection.execute("SELECT tellers FROM catalog_merchant").fetchone()
    assert row is not None
    return row[0]


def test_a_system_of_before_has_no_number_and_no_number_is_given_twice(empty_database: str) -> None:
    migrate(empty_database, UNNUMBERED)
    with connect_as_owner(empty_database) as connection:
        shop = uuid4()
        make_row(connection, "catalog_merchant", id=shop, currency="USD")
        make_row(connection, "catalog_connector", merchant_id=shop, kind="inventory", active=True)

    migrate(empty_database, NUMBERED)
    with connect_as_owner(empty_database) as connection:
        assert get_tellers(connection) == {}
        connection.execute("UPDATE catalog_connector SET url = 'https://other.example/{skus}'")
        exchanged = get_tellers(connection)
        assert set(exchanged) == {"inventory"}
        assert exchanged["inventory"] > 0

    migrate(empty_database, UNNUMBERED)
    migrate(empty_database, NUMBERED)
    with connect_as_owner(empty_database) as connection:
        again = get_tellers(connection)
        assert "pricing" in again
        assert min(again.values()) > exchanged["inventory"]
        assert len(set(again.values())) == len(again)
