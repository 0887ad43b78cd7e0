"""PostgreSQL is killed in the middle of an erasure and started again: the erasure is finished, and proves itself."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from commerce_agent.isolation.acting import PLATFORM, SETTING
from tests.faults.servers import OwnServers, running_servers
from tests.running import ROOT, get_test_environment
from tests.waiting import wait_until

LONGEST_SECONDS = 58.0
KEYS = ("canary-of-the-first-shopper", "canary-of-the-second-shopper")


class Eraser:
    """The process, line by line."""

    def __init__(self, process: subprocess.Popen[str], *, log: Path) -> None:
        self._process = process
        self._log = log

    def tell(self, word: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, self._log.read_text()[-4_000:]
        told: dict[str, Any] = json.loads(line)
        return told


@pytest.fixture
def servers(django_test_environment: None, tmp_path: Path) -> Iterator[OwnServers]:
    """Servers that nobody else works on: who waits for a dead one backs off, and other tests would wait with them."""
    with running_servers(tmp_path / "servers") as running:
        yield running


@pytest.fixture
def eraser(servers: OwnServers, tmp_path: Path) -> Iterator[Eraser]:
    log = tmp_path / "eraser.log"
    environment = {**get_test_environment(), **servers.get_environment()}
    with (
        log.open("w") as written,
        subprocess.Popen(
            [sys.executable, "-m", "tests.faults.erasing", servers.shop, *KEYS],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=written,
            text=True,
        ) as process,
    ):
        # Whoever waits for its next line waits no longer than this.
        overdue = threading.Timer(LONGEST_SECONDS, process.kill)
        overdue.start()
        try:
            yield Eraser(process, log=log)
        finally:
            overdue.cancel()
            process.kill()


def kill_while_it_waits_for(servers: OwnServers, table: str, *, eraser: Eraser) -> None:
    """Holds a table until the erasure is in the middle of writing to it, and kills the server at that moment."""
    options = f"-c {SETTING}={PLATFORM}"
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass"
    # Neither outlives the server, and a dead connection is not to be committed.
    with (
        closing(psycopg.connect(servers.owner_url, options=options)) as holder,
        closing(psycopg.connect(servers.owner_url, autocommit=True)) as looking,
    ):
        holder.execute(f"LOCK TABLE {table} IN SHARE MODE")  # type: ignore[arg-type]  # one of two names

        def is_waited_for() -> bool:
            row = looking.execute(waiting, [table]).fetchone()
            return row is not None and row[0] > 0

        eraser.tell("erase")
        wait_until(is_waited_for, seconds=30, what=f"an erasure that writes to {table}")
        servers.kill(servers.postgres)


def test_postgresql_is_killed_within_an_erasure_which_is_finished_and_proves_itself(
    servers: OwnServers, eraser: Eraser
) -> None:
    """Once before the key is destroyed, so that all can still be read; and once after, while the rows go."""
    for table in ("conversations_datakey", "conversations_journalentry"):
        assert eraser.hear()["ready"] > 0
        kill_while_it_waits_for(servers, table, eraser=eraser)
        interrupted = eraser.hear()["interrupted"]
        servers.restart_postgres()
        eraser.tell("it is back")

        told = eraser.hear()

        assert interrupted
        assert (told["finished"], told["is_whole"]) == (1, True)
        assert (told["found"], told["rows"], told["keys"]) == ([], 0, 0)
