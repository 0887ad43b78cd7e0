"""A journal of before it was split keeps every entry, and can be put back together."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest

from tests.owning import connect_as_owner, get_owner_url
from tests.running import ROOT, get_test_environment

PLACES = (
    "SELECT conversation_id, seq, frame, turn, kind, schema, at, body"
    " FROM conversations_journalentry ORDER BY conversation_id, seq"
)


@pytest.fixture
def empty_database(database: str) -> Iterator[str]:
    """A database without a table; its URL."""
    name = f"split_{uuid4().hex[:12]}"
    with connect_as_owner(database) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield f"{get_owner_url(database).rsplit('/', 1)[0]}/{name}"
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def migrate(database: str, to: str) -> None:
    command = [sys.executable, "manage.py", "migrate", "conversations", to]
    environment = {**get_test_environment(), "DATABASE_URL": database}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=120)


def test_every_entry_keeps_its_place_there_and_back(empty_database: str) -> None:
    migrate(empty_database, "0006")
    names, now = [uuid4() for _ in range(40)], datetime.now(UTC)
    with connect_as_owner(empty_database) as connection:
        for name in names:
            connection.execute(
                "INSERT INTO conversations_conversation (id, merchant_id, version, frames, fence, turns, locale,"
                " opened_at, active_at) VALUES (%s, %s, 2, 1, 0, 0, 'en', %s, %s)",
                [name, uuid4(), now, now],
            )
            for seq, frame in ((1, None), (2, 1)):
                connection.execute(
                    "INSERT INTO conversations_journalentry"
                    " (merchant_id, conversation_id, seq, frame, turn, kind, schema, at, body)"
                    " VALUES (%s, %s, %s, %s, 0, 'of.before', 1, %s, %s)",
                    [uuid4(), name, seq, frame, now, f"body {seq}".encode()],
                )
        before = connection.execute(PLACES).fetchall()

    migrate(empty_database, "0007")

    with connect_as_owner(empty_database) as connection:
        assert connection.execute(PLACES).fetchall() == before
        tables = {
            row[0]
            for row in connection.execute("SELECT tableoid::regclass::text FROM conversations_journalentry")
        }
        # Random ids tell no time; one in a hundred and more falls among the few that could.
        assert "conversations_journal_untimed" in tables
        assert tables <= {"conversations_journal_untimed", "conversations_journal_default"}
        with pytest.raises(psycopg.errors.UniqueViolation, match="journal_one_event_a_seq"):
            connection.execute(
                "INSERT INTO conversations_journalentry"
                " (merchant_id, conversation_id, seq, turn, kind, schema, at, body)"
                " VALUES (%s, %s, 2, 0, 'again', 1, %s, '')",
                [uuid4(), names[0], now],
            )
        with pytest.raises(psycopg.errors.RestrictViolation, match="is never changed"):
            connection.execute("UPDATE conversations_journalentry SET body = ''")

    migrate(empty_database, "0006")

    with connect_as_owner(empty_database) as connection:
        assert connection.execute(PLACES).fetchall() == before
        with pytest.raises(psycopg.errors.RestrictViolation, match="is never changed"):
            connection.execute("UPDATE conversations_journalentry SET body = ''")
