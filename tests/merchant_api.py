"""The shipped merchant API as a real process, and the knobs that make it misbehave."""

import json
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.running import find_free_port, find_status, get_test_environment, running
from tests.waiting import wait_until

KEY = "key-of-the-merchant-api-in-tests"
APPLICATION = "catalog.merchant_api.serving:build_application"
START_SECONDS = 60.0


class RunningApi:
    """Where it is, and what it is told to do."""

    def __init__(self, *, url: str) -> None:
        self.url = url

    def misbehave(
        self, mode: str, *, kind: str = "all", seconds: float = 2.0, times: int = 0, status: int = 500
    ) -> None:
        """From now on, until `behave`."""
        told = {"mode": mode, "kind": kind, "seconds": seconds, "times": times, "status": status}
        self._ask("PUT", told)

    def behave(self) -> None:
        """As it should; its counts begin anew."""
        self._ask("DELETE")

    def count_calls(self, kind: str) -> int:
        """How often this was asked since the last `behave`."""
        return int(self._ask("GET")["calls"].get(kind, 0))

    def count_held(self, kind: str) -> int:
        """How many answers of this kind were read and held back since the last `behave`."""
        return self.count_calls(f"held {kind}")

    def _ask(self, method: str, body: dict[str, object] | None = None) -> dict[str, dict[str, int]]:
        asked = urllib.request.Request(
            f"{self.url}/drills",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {KEY}"},
        )
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return dict(json.load(answer))


@contextmanager
def running_merchant_api(*, log: Path, port: int | None = None) -> Iterator[RunningApi]:
    """Runs it on the test database; yields once it answers."""
    chosen = port or find_free_port()
    command = [sys.executable, "-m", "uvicorn", "--factory", APPLICATION, "--host", "127.0.0.1"]
    command += ["--port", str(chosen), "--no-access-log", "--timeout-graceful-shutdown", "1"]
    environment = {**get_test_environment(), "MERCHANT_API_KEY": KEY}
    with running(command=command, log=log, environment=environment) as child:
        url = f"http://127.0.0.1:{chosen}"

        def answers() -> bool:
            assert child.poll() is None, log.read_text()[-4000:]
            return find_status(f"{url}/healthz") == 200

        wait_until(answers, seconds=START_SECONDS, what="the merchant API's /healthz")
        yield RunningApi(url=url)
