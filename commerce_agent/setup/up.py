"""`manage.py up`: the whole shop on this machine, until Ctrl-C."""

import argparse
import http.client
import os
import sys
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import msgspec
from django.conf import settings
from django.db import connections
from rich.console import Console

from commerce_agent.setup.child import Child, Program, get_environ
from commerce_agent.setup.collected import collect_if_changed
from commerce_agent.setup.environment import SetupError
from commerce_agent.setup.page import Opening, print_page
from commerce_agent.setup.places import Places, get_places
from commerce_agent.setup.ports import LOOPBACK, find_next_free, get_any_free, is_free
from commerce_agent.setup.postgres import get_postgres_binaries
from commerce_agent.setup.servers import OwnedServers, ServerUrls, own_servers, require_answers
from commerce_agent.setup.shop import make_admin_if_none, migrate_if_behind, set_up_django, stock_if_empty
from commerce_agent.setup.supervision import StopRequest, Supervised, supervise
from commerce_agent.setup.valkey import get_valkey_binary, read_version

DEFAULT_PORT = 8000
MERCHANT_API = "merchant-api"
WEB_SECONDS = 60.0
PAUSE_SECONDS = 0.05
USERS_SECONDS = 30.0
"""How long a stop waits for other commands that use the servers."""


class PortTaken(SetupError):
    """The port that was asked for belongs to another program."""

    def __init__(self, port: int) -> None:
        self.port = port
        super().__init__(
            f"Port {port} is taken by another program. Stop that program (lsof -i :{port} names it), choose "
            "another "
            "port with --port, or leave --port out: then the next free one after 8000 is used."
        )


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """What has been started so far; the lists grow while the shop opens."""

    owned: OwnedServers
    servers: list[Supervised]
    processes: list[Supervised]


def run(argv: list[str]) -> int:
    """Start everything, show where it is, and stay until a stop is asked for. Return the exit code."""
    options = _parse(argv)
    places = get_places(os.environ)
    places.make()
    stop = StopRequest()
    owned = own_servers(places)
    running = Running(owned=owned, servers=[], processes=[])
    try:
        wanted, port = _choose_port(options.port)
        _open_shop(places=places, running=running, ports=(wanted, port), stop=stop)
        supervise(processes=[*running.servers, *running.processes], stop=stop)
    finally:
        _close_shop(running)
    return 0


def _parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="manage.py up", description="Run the whole shop on this machine.")
    parser.add_argument(
        "--port", type=int, help=f"port of the web server (otherwise PORT, or {DEFAULT_PORT})"
    )
    return parser.parse_args(argv)


def _choose_port(asked: int | None) -> tuple[int, int]:
    """Return the wanted port and the one to use; raises PortTaken where exactly this one was asked for."""
    named = os.environ.get("PORT", "")
    wanted = asked or (int(named) if named.isdigit() else DEFAULT_PORT)
    if is_free(wanted):
        return wanted, wanted
    port = None if asked else find_next_free(wanted)
    if port is None:
        raise PortTaken(wanted)
    return wanted, port


def _open_shop(*, places: Places, running: Running, ports: tuple[int, int], stop: StopRequest) -> None:
    """Start the servers, prepare the database, start the processes; between steps look whether to go on."""
    began, (wanted, port) = time.monotonic(), ports
    console = Console(stderr=True, highlight=False)
    address, owned = f"http://localhost:{port}", running.owned
    with console.status("Starting PostgreSQL and Valkey") as status:
        urls = owned.start(environ=os.environ)
        running.servers.extend(Supervised(child=child, places=places) for child in owned.children)
        require_answers(urls)
        os.environ.update(urls.as_environ())
        os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(places.make_metrics_folder()))
        os.environ.setdefault("STATIC_COLLECTED", "1")
        api_port = _choose_merchant_api(places)
        set_up_django(places=places)
        password = _prepare(places=places, say=status.update)
        owned.announce(command="up", urls=urls, address=address)
        if stop.is_asked():
            return
        status.update("Starting web, worker and clock")
        programs = _list_programs(places=places, port=port, api_port=api_port)
        children = [Child(program=one, places=places) for one in programs]
        running.processes.extend(Supervised(child=child, places=places) for child in children)
        _wait_for(children[0], port=port, path="/readyz", stop=stop)
        if api_port is not None:
            _wait_for(children[-1], port=api_port, path="/healthz", stop=stop)
    if not stop.is_asked():
        opening = _describe(urls=urls, address=address, wanted=wanted, password=password, began=began)
        print_page(opening=opening, places=places)


def _prepare(*, places: Places, say: Callable[[str], None]) -> str | None:
    """Static files, and meanwhile the database; answers the admin's password where it has just been made."""
    with ThreadPoolExecutor(max_workers=1) as beside:
        collected = beside.submit(collect_if_changed, places=places)
        say("Preparing the database")
        migrate_if_behind()
        say("Stocking the demo shop")
        stock_if_empty()
        password = make_admin_if_none()
        connections.close_all()
        say("Collecting static files")
        collected.result()
    return password


def _choose_merchant_api(places: Places) -> int | None:
    """The port of a merchant API of our own; None where the environment names another one."""
    if os.environ.get("MERCHANT_API_URL"):
        return None
    port = get_any_free()
    os.environ["MERCHANT_API_URL"] = f"http://{LOOPBACK}:{port}"
    os.environ["MERCHANT_API_KEY"] = places.get_merchant_api_key()
    return port


def _list_programs(*, places: Places, port: int, api_port: int | None) -> tuple[Program, ...]:
    web = ["uvicorn", "commerce_agent.asgi:application", "--host", LOOPBACK, "--port", str(port)]
    web += ["--ws", "websockets-sansio", "--no-access-log", "--timeout-graceful-shutdown", "3"]
    celery = ["celery", "-A", "commerce_agent"]
    worker = [*celery, "worker", "-P", "threads", "--concurrency", "4"]
    worker += ["--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    beat = [*celery, "beat", "--pidfile", "", "--schedule", str(places.run / "beat-schedule")]
    beat += ["--loglevel", "INFO"]
    programs = [("web", web), ("worker", worker), ("beat", beat)]
    if api_port is not None:
        api = ["uvicorn", "--factory", "catalog.merchant_api.serving:build_application", "--host", LOOPBACK]
        api += ["--port", str(api_port), "--no-access-log"]
        programs.append((MERCHANT_API, [*api, "--timeout-graceful-shutdown", "1"]))
    environ = get_environ(os.environ)
    # Nothing that runs may do what only the tables' owner may.
    environ.pop("DATABASE_OWNER_URL", None)
    return tuple(
        Program(name=name, command=(sys.executable, "-m", *command), environ=environ)
        for name, command in programs
    )


def _wait_for(child: Child, *, port: int, path: str, stop: StopRequest) -> None:
    """Return when a server says there that it is well; raises SetupError with its last lines when it ends instead."""
    end = time.monotonic() + WEB_SECONDS
    while not stop.wait(PAUSE_SECONDS):
        if child.find_exit_code() is not None or time.monotonic() > end:
            raise SetupError(
                f"The {child.program.name} server did not start. Its last lines, from {child.log}:\n"
                f"{child.read_tail()}"
            )
        try:
            with urllib.request.urlopen(f"http://{LOOPBACK}:{port}{path}", timeout=2):
                return
        except (OSError, http.client.HTTPException):
            # Before anything listens, a call may reach the very port that it leaves from, and hears itself.
            continue


def _describe(*, urls: ServerUrls, address: str, wanted: int, password: str | None, began: float) -> Opening:
    postgres, valkey = "yours, named by DATABASE_URL", "yours, named by REDIS_URL"
    if urls.embedded_postgres:
        binaries = get_postgres_binaries()
        postgres = f"embedded, {binaries.version} ({binaries.origin})"
    if urls.embedded_valkey:
        binary = get_valkey_binary()
        valkey = f"embedded, Valkey {read_version(binary)} ({binary.origin})"
    return Opening(
        address=address,
        wanted_port=wanted,
        password=password,
        merchant_api=settings.MERCHANT_API_URL,
        postgres=postgres,
        valkey=valkey,
        claude_model=settings.CLAUDE_MODEL if settings.ANTHROPIC_API_KEY else None,
        demo=settings.DEMO_SHOP,
        seconds=time.monotonic() - began,
    )


def _close_shop(running: Running) -> None:
    """Stop web, worker and beat, then the servers, which wait a little for other commands that use them."""
    print("\nStopping.", file=sys.stderr, flush=True)
    owned = running.owned
    owned.withdraw()
    for process in running.processes:
        process.child.stop()
    end = time.monotonic() + USERS_SECONDS
    if owned.has_users():
        print(
            "Waiting for another command that uses these servers; Ctrl-C stops them now.",
            file=sys.stderr,
            flush=True,
        )
    while owned.has_users() and time.monotonic() < end:
        time.sleep(PAUSE_SECONDS)
    for server in reversed(running.servers):
        server.child.stop()
    owned.stop()
    print("Stopped. The data is kept.", file=sys.stderr, flush=True)
