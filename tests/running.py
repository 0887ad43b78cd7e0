"""Processes of the project that tests start: the web server and the worker, against the test database."""

import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from commerce_agent.setup import leash
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 120.0
STOP_SECONDS = 60.0


def find_free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def get_test_environment() -> dict[str, str]:
    """The environment for a process that works on this run's database, Redis and key prefix."""
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_OWNER_URL"}
    return {
        **inherited,
        "DJANGO_SETTINGS_MODULE": "commerce_agent.settings.test",
        "DATABASE_URL": settings.DATABASE_URL,
        "REDIS_URL": settings.REDIS_URL,
        "REDIS_PREFIX": settings.REDIS_PREFIX,
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "default",
    }


def find_status(url: str) -> int | None:
    """Return the HTTP status that `url` answers with, None where nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return None


@contextmanager
def running(
    *, command: list[str], log: Path, environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process of the project under the leash: it ends with the block, and with the test run at the latest."""
    log.touch()
    child = subprocess.Popen(
        [
            sys.executable,
            "-I",
            "-S",
            leash.__file__,
            "--lock",
            f"{log}.lock",
            "--log",
            str(log),
            "--",
            *command,
        ],
        cwd=ROOT,
        env=environment or get_test_environment(),
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    assert child.stdin is not None
    try:
        yield child
    finally:
        child.stdin.close()
        child.wait(STOP_SECONDS)


@contextmanager
def running_web(*, log: Path) -> Iterator[str]:
    """Run the real web server; yield its base URL once it answers."""
    port = find_free_port()
    command = [sys.executable, "-m", "uvicorn", "commerce_agent.asgi:application", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--ws", "websockets-sansio", "--timeout-graceful-shutdown", "2"]
    with running(command=command, log=log) as child:
        base = f"http://127.0.0.1:{port}"

        def answers() -> bool:
            assert child.poll() is None, log.read_text()[-4000:]
            return find_status(f"{base}/healthz") == 200

        wait_until(answers, seconds=START_SECONDS, what="the web server's /healthz")
        yield base
