"""The web server and the worker that a measurement brings along: on the loopback, on keys of their own."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2
import msgspec
from django.conf import settings

from commerce_agent.setup import leash
from commerce_agent.setup.ports import LOOPBACK, find_next_free

START_SECONDS = 90.0
STOP_SECONDS = 20.0
FIRST_PORT = 8100
LOG_TAIL = 3_000


class NotServing(Exception):
    """A process of the measurement did not start; its log says why."""

    def __init__(self, *, name: str, log: str) -> None:
        super().__init__(f"The {name} did not start: {log[-LOG_TAIL:]}")
        self.name = name
        self.log = log


class Serving(msgspec.Struct, frozen=True, kw_only=True):
    """Where the web server answers."""

    base: str


@contextmanager
def serve(*, prefix: str) -> Iterator[Serving]:
    """A web server and a worker on this installation's database, until the block ends."""
    port = find_next_free(FIRST_PORT)
    base = f"http://{LOOPBACK}:{port}"
    web = ["uvicorn", "commerce_agent.asgi:application", "--host", LOOPBACK, "--port", str(port)]
    web += ["--ws", "websockets-sansio", "--log-level", "warning", "--timeout-graceful-shutdown", "2"]
    worker = ["celery", "-A", "commerce_agent", "worker", "-P", "threads", "--concurrency", "4"]
    worker += ["--loglevel", "INFO", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    with TemporaryDirectory() as folder:
        logs = Path(folder)
        with (
            _running(web, log=logs / "web.log", prefix=prefix) as web_child,
            _running(worker, log=logs / "worker.log", prefix=prefix) as worker_child,
        ):
            _wait(web_child, name="web server", log=logs / "web.log", ready=lambda: _answers(base))
            ready = "ready."
            worker_log = logs / "worker.log"
            _wait(worker_child, name="worker", log=worker_log, ready=lambda: ready in worker_log.read_text())
            yield Serving(base=base)


@contextmanager
def _running(command: list[str], *, log: Path, prefix: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that never outlives this one."""
    log.touch()
    held = [sys.executable, "-I", "-S", leash.__file__, "--lock", f"{log}.lock", "--log", str(log), "--"]
    environ = {
        **os.environ,
        "DATABASE_URL": settings.DATABASE_URL,
        "REDIS_URL": settings.REDIS_URL,
        "REDIS_PREFIX": prefix,
        "PYTHONPATH": str(settings.BASE_DIR),
    }
    child = subprocess.Popen(  # noqa: S603 - our own programs
        [*held, sys.executable, "-m", *command],
        cwd=settings.BASE_DIR,
        env=environ,
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield child
    finally:
        if child.stdin is not None:
            child.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(STOP_SECONDS)


def _answers(base: str) -> bool:
    try:
        return httpx2.get(f"{base}/healthz", timeout=2).status_code == httpx2.codes.OK
    except httpx2.HTTPError:
        return False


def _wait(child: subprocess.Popen[bytes], *, name: str, log: Path, ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        if child.poll() is not None or time.monotonic() > deadline:
            raise NotServing(name=name, log=log.read_text(errors="replace"))
        time.sleep(0.1)
