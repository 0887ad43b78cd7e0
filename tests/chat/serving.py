"""A web server of a test's own: one that can be stopped, started again, or kept from Redis."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from tests.running import START_SECONDS, find_status, get_test_environment, running
from tests.waiting import wait_until

WARM_SECONDS = 120.0


def is_warm(base: str) -> bool:
    """Whether /readyz says that turns are ready, whatever else is not."""
    answer = httpx2.get(f"{base}/readyz", timeout=20)
    return bool(answer.json()["dependencies"]["turns"]["ok"])


@contextmanager
def serving(*, port: int, log: Path, **environment: str) -> Iterator[str]:
    """Runs the real web server on this port; yields its base URL once it answers and is as warm as it will be."""
    command = [sys.executable, "-m", "uvicorn", "commerce_agent.asgi:application", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--ws", "websockets-sansio", "--timeout-graceful-shutdown", "1"]
    with running(command=command, log=log, environment={**get_test_environment(), **environment}) as child:
        base = f"http://127.0.0.1:{port}"

        def answers() -> bool:
            assert child.poll() is None, log.read_text()[-4000:]
            return find_status(f"{base}/healthz") == 200

        wait_until(answers, seconds=START_SECONDS, what="the web server's /healthz")
        wait_until(lambda: is_warm(base), seconds=WARM_SECONDS, what="the web server's patterns")
        yield base
