"""PostgreSQL and Valkey of these tests' own, to be killed, stopped, hung and started again."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from redis import Redis
from redis.exceptions import RedisError

from commerce_agent.setup.child import Child
from commerce_agent.setup.places import Places
from commerce_agent.setup.postgres import start_postgres
from commerce_agent.setup.valkey import start_valkey
from tests.running import ROOT, get_test_environment
from tests.waiting import wait_until

READY_SECONDS = 30.0
OPEN_SHOP = """
import django
django.setup()
from django.core.management import call_command
from catalog.merchants import create_merchant
from commerce_agent.isolation.acting import acting_for_platform
call_command("migrate", verbosity=0)
with acting_for_platform("a shop of the tests"):
    print(create_merchant(key="faults", name="Lamps", currency="EUR").id)
"""


class OwnServers:
    """Both servers, each under the leash that the product starts them with."""

    def __init__(self, *, places: Places) -> None:
        self._places = places
        environ = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
        self.postgres, logins = start_postgres(places=places, environ=environ)
        self.database_url, self.owner_url = logins.run_time, logins.owner
        self.valkey, self.redis_url = start_valkey(places=places, environ=environ)
        self.shop_key = "faults"
        self.shop = self._open_shop()

    def get_environment(self) -> dict[str, str]:
        """What a process of the project needs to work on these servers."""
        return {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url, "BROKER_URL": self.redis_url}

    def signal(self, child: Child, number: signal.Signals) -> None:
        """Sends a signal to a server; its leash wrote its number into its lock."""
        os.kill(int((self._places.run / f"{child.program.name}.lock").read_text()), number)

    def kill(self, child: Child) -> None:
        """Ends a server as a crash of the machine would, and waits until it is gone."""
        self.signal(child, signal.SIGKILL)
        wait_until(lambda: child.find_exit_code() is not None, seconds=READY_SECONDS, what="its end")

    def restart_postgres(self) -> None:
        """Starts PostgreSQL again on its data, at its old address; it recovers by itself."""
        self.postgres.stop()
        self.postgres = Child(program=self.postgres.program, places=self._places)
        wait_until(self._has_postgres, seconds=READY_SECONDS, what="PostgreSQL again")

    def restart_valkey(self, *, empty: bool) -> None:
        """Starts Valkey again at its old address: with what it had written down, or with nothing."""
        self.valkey.stop()
        if empty:
            for file in sorted(self._places.valkey.rglob("*"), reverse=True):
                file.unlink() if file.is_file() else file.rmdir()
        self.valkey = Child(program=self.valkey.program, places=self._places)
        wait_until(self._has_valkey, seconds=READY_SECONDS, what="Valkey again")

    def stop(self) -> None:
        """Ends both."""
        self.valkey.stop()
        self.postgres.stop()

    def _has_postgres(self) -> bool:
        try:
            psycopg.connect(self.database_url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _has_valkey(self) -> bool:
        try:
            with Redis.from_url(self.redis_url, socket_timeout=2) as client:
                return bool(client.ping())
        except (RedisError, OSError):
            return False

    def _open_shop(self) -> str:
        environment = {
            **get_test_environment(),
            **self.get_environment(),
            "DATABASE_OWNER_URL": self.owner_url,
        }
        made = subprocess.run(
            [sys.executable, "-c", OPEN_SHOP],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert made.returncode == 0, made.stderr[-4_000:]
        return made.stdout.split()[-1]


@contextmanager
def running_servers(folder: Path) -> Iterator[OwnServers]:
    """Runs both servers on a folder of their own."""
    places = Places(folder=folder)
    places.make()
    servers = OwnServers(places=places)
    try:
        yield servers
    finally:
        servers.stop()
