"""PostgreSQL and Redis for a command: the operator's, those of a running command, or started for this one.

Two locks in the data folder make commands at the same time safe. `owner.lock` is held by the one process
that runs the servers; `users.lock` is shared by those that use them, and the owner takes it alone before it
stops them.
"""

import fcntl
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec
import psycopg
from redis import Redis
from redis.exceptions import RedisError, ResponseError

from commerce_agent.decoding import decode_json
from commerce_agent.redis_versions import say_refused_greeting, say_too_old
from commerce_agent.setup.child import Child
from commerce_agent.setup.environment import SetupError
from commerce_agent.setup.places import Places, write_private
from commerce_agent.setup.postgres import start_postgres
from commerce_agent.setup.valkey import start_valkey

START_SECONDS = 150.0
"""How long another command may take to start the servers (a first start makes the cluster)."""
PAUSE_SECONDS = 0.1


class ServerUrls(msgspec.Struct, frozen=True, kw_only=True):
    """Where PostgreSQL and Redis are, and which of them are the project's own."""

    database_url: str
    database_owner_url: str = ""
    """Who owns the tables; empty where that is said in the environment, or they are one."""
    redis_url: str
    embedded_postgres: bool
    embedded_valkey: bool

    def as_environ(self) -> dict[str, str]:
        """Return the variables that settings and child processes read."""
        owner = {"DATABASE_OWNER_URL": self.database_owner_url} if self.database_owner_url else {}
        return {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url, **owner}


class Announcement(msgspec.Struct, frozen=True, kw_only=True):
    """What the owner of the servers tells other commands, in a file that only this account can read."""

    command: str
    pid: int
    urls: ServerUrls
    address: str = ""


class AlreadyRunning(SetupError):
    """Another process owns this data folder's servers."""

    def __init__(self, announcement: Announcement | None) -> None:
        self.announcement = announcement
        if announcement is None:
            said = "Another command is starting in this data folder. Wait for it, then try again."
        elif announcement.address:
            said = (
                f"Commerce Agent already runs at {announcement.address} (process {announcement.pid}).\n"
                f"Stop that one first (Ctrl-C there, or: kill {announcement.pid}), or give this one a data "
                "folder and "
                "a port of its own: COMMERCE_AGENT_DATA=/another/folder python3 manage.py up --port 8001"
            )
        else:
            said = (
                f"`manage.py {announcement.command}` (process {announcement.pid}) is using this data "
                "folder's servers. "
                "Wait until it has ended, then try again."
            )
        super().__init__(said)


class OwnedServers:
    """The servers that this process started; it stops them when nobody uses them any more."""

    def __init__(self, *, places: Places, owner_lock: IO[str]) -> None:
        self._places = places
        self._owner_lock = owner_lock
        self.children: list[Child] = []

    def start(self, *, environ: Mapping[str, str], lasting: bool = True) -> ServerUrls:
        """Start those that the environment does not name; return where all of them are.

        `lasting`: whether what they hold has to outlive the machine.
        """
        database_url, redis_url = environ.get("DATABASE_URL", ""), environ.get("REDIS_URL", "")
        embedded_postgres, embedded_valkey, owner_url = not database_url, not redis_url, ""
        if embedded_postgres:
            child, logins = start_postgres(places=self._places, environ=environ, lasting=lasting)
            database_url, owner_url = logins.run_time, logins.owner
            self.children.append(child)
        if embedded_valkey:
            child, redis_url = start_valkey(places=self._places, environ=environ)
            self.children.append(child)
        return ServerUrls(
            database_url=database_url,
            database_owner_url=owner_url,
            redis_url=redis_url,
            embedded_postgres=embedded_postgres,
            embedded_valkey=embedded_valkey,
        )

    def announce(self, *, command: str, urls: ServerUrls, address: str = "") -> None:
        """Let other commands use the servers from now on."""
        told = Announcement(command=command, pid=os.getpid(), urls=urls, address=address)
        write_private(_announcement_file(self._places), text=msgspec.json.encode(told).decode())

    def has_users(self) -> bool:
        """Say whether other commands use the servers now."""
        with _open_lock(self._places.run / "users.lock") as users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False

    def withdraw(self) -> None:
        """Let no further command use the servers; those that do already are seen by `has_users`."""
        _announcement_file(self._places).unlink(missing_ok=True)

    def stop(self) -> None:
        """Stop the servers, Valkey before PostgreSQL, and give the data folder free."""
        self.withdraw()
        for child in reversed(self.children):
            child.stop()
        self._owner_lock.close()


def require_answers(urls: ServerUrls) -> None:
    """Raise SetupError, with the variable to look at, where PostgreSQL or Redis does not answer."""
    try:
        psycopg.connect(urls.database_url, connect_timeout=5).close()
    except psycopg.Error as error:
        raise SetupError(
            f"PostgreSQL does not answer: {error}\nDATABASE_URL names it, as "
            "postgres://user:password@host:5432/name. "
            "Without that variable an embedded one is started."
        ) from error
    try:
        with Redis.from_url(urls.redis_url, socket_connect_timeout=5, socket_timeout=5) as client:
            problem = _find_problem(client)
    except (RedisError, OSError, ValueError) as error:
        raise SetupError(
            f"Redis does not answer: {error}\nREDIS_URL names it, as redis://:password@host:6379/0. "
            "Without that variable an embedded Valkey is started."
        ) from error
    if problem:
        raise SetupError(f"Redis {problem}. Name a newer one, or a Valkey, in REDIS_URL.")


def _find_problem(client: Redis) -> str:
    try:
        client.ping()
    except ResponseError as refused:
        if problem := say_refused_greeting(refused):
            return problem
        raise
    try:
        return say_too_old(client.info("server"))
    except ResponseError:
        # Some servers let nobody ask.
        return ""


def own_servers(places: Places) -> OwnedServers:
    """Become the owner of this data folder's servers; raises AlreadyRunning where another process is."""
    owned = _find_ownership(places)
    if owned is None:
        raise AlreadyRunning(_find_announcement(places))
    return owned


@contextmanager
def using_servers(*, command: str, places: Places, environ: Mapping[str, str]) -> Iterator[ServerUrls]:
    """Have PostgreSQL and Redis for the length of a command.

    Named by the environment, they are used as they are. Otherwise those of a running command are shared, and
    where there is none they are started now, and stopped at the end when nobody else uses them.
    """
    database_url, redis_url = environ.get("DATABASE_URL", ""), environ.get("REDIS_URL", "")
    if database_url and redis_url:
        yield ServerUrls(
            database_url=database_url, redis_url=redis_url, embedded_postgres=False, embedded_valkey=False
        )
        return
    places.make()
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        owned = _find_ownership(places)
        if owned is not None:
            with _owning(owned, command=command, environ=environ) as urls:
                yield urls
            return
        with _open_lock(places.run / "users.lock") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            announcement = _find_announcement(places)
            if announcement is not None and _is_alive(announcement.pid):
                yield _choose(announcement.urls, environ=environ)
                return
        time.sleep(PAUSE_SECONDS)
    raise AlreadyRunning(_find_announcement(places))


@contextmanager
def _owning(owned: OwnedServers, *, command: str, environ: Mapping[str, str]) -> Iterator[ServerUrls]:
    try:
        urls = owned.start(environ=environ)
        owned.announce(command=command, urls=urls)
        try:
            yield urls
        finally:
            _wait_for_users(owned)
    finally:
        owned.stop()


def _wait_for_users(owned: OwnedServers) -> None:
    owned.withdraw()
    if owned.has_users():
        print("Waiting for another command that uses these servers (Ctrl-C stops them now).", file=sys.stderr)
    while owned.has_users():
        time.sleep(PAUSE_SECONDS)


def _choose(urls: ServerUrls, *, environ: Mapping[str, str]) -> ServerUrls:
    """Prefer what the environment names to what the owner of the servers offers."""
    database_url, redis_url = environ.get("DATABASE_URL", ""), environ.get("REDIS_URL", "")
    if not (database_url or urls.embedded_postgres) or not (redis_url or urls.embedded_valkey):
        raise SetupError(
            "The running command uses servers of its own choice. Set DATABASE_URL and REDIS_URL as it was "
            "given them."
        )
    return ServerUrls(
        database_url=database_url or urls.database_url,
        database_owner_url="" if database_url else urls.database_owner_url,
        redis_url=redis_url or urls.redis_url,
        embedded_postgres=not database_url,
        embedded_valkey=not redis_url,
    )


def _find_ownership(places: Places) -> OwnedServers | None:
    lock = _open_lock(places.run / "owner.lock")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    # One that a killed owner left behind.
    _announcement_file(places).unlink(missing_ok=True)
    return OwnedServers(places=places, owner_lock=lock)


def _find_announcement(places: Places) -> Announcement | None:
    try:
        return decode_json(_announcement_file(places).read_bytes(), Announcement)
    except (OSError, msgspec.DecodeError):
        return None


def _announcement_file(places: Places) -> Path:
    return places.run / "servers.json"


def _open_lock(path: Path) -> IO[str]:
    return path.open("a")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
