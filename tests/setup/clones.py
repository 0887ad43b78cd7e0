"""A copy of the committed project, and `up` running in it, as a stranger would have them."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.running import ROOT
from tests.waiting import wait_until

START_SECONDS = 400.0
STOP_SECONDS = 90.0
KEPT_VARIABLES = (
    "HOME",
    "PATH",
    "LANG",
    "TMPDIR",
    "PIP_CERT",
    "PIP_FIND_LINKS",
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
)
"""What a clean environment still has: where the package installer finds its packages is the machine's
business."""


@dataclass(frozen=True, kw_only=True)
class Clone:
    """A checkout without environment and data, or with those that its commands have made."""

    folder: Path
    environ: dict[str, str]

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command of manage.py to its end."""
        return subprocess.run(
            self.compose(*arguments),
            cwd=self.folder,
            env={**self.environ, **variables},
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
        )

    def start(self, *arguments: str, log: Path, **variables: str) -> subprocess.Popen[bytes]:
        """Start a command of manage.py; both its outputs go to `log`."""
        with log.open("wb") as out:
            return subprocess.Popen(
                self.compose(*arguments),
                cwd=self.folder,
                env={**self.environ, **variables},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def compose(self, *arguments: str) -> list[str]:
        """A command of manage.py, by a Python that is not the environment's."""
        return [str(Path(sys.base_prefix) / "bin" / "python3"), "manage.py", *arguments]

    def list_processes(self) -> dict[int, str]:
        """Every running process that has this clone's folder in its command line, by its number."""
        shown = subprocess.run(
            ["ps", "-eww", "-o", "pid=,args="], capture_output=True, text=True, check=True
        ).stdout
        rows = (line.strip().split(" ", 1) for line in shown.splitlines() if str(self.folder) in line)
        return {int(pid): command for pid, command in rows}


@dataclass(frozen=True, kw_only=True)
class RunningUp:
    """An `up` that has shown its page."""

    process: subprocess.Popen[bytes]
    page: str
    address: str
    log: Path

    def read_readiness(self) -> tuple[int, bool]:
        """The status of /readyz and what it says."""
        with urllib.request.urlopen(f"{self.address}/readyz", timeout=30) as answer:
            return answer.status, json.loads(answer.read())["ready"]

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send the signal and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)


def make_clone(folder: Path) -> Clone:
    """Check the last commit out into a folder and clean the environment of everything that is this process's
    own."""
    subprocess.run(
        ["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(folder)], check=True, capture_output=True
    )
    environ = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    return Clone(folder=folder, environ=environ)


@contextmanager
def running_up(clone: Clone, *arguments: str, log: Path, **variables: str) -> Iterator[RunningUp]:
    """Have `up` run in the clone, from its page on; it is stopped at the end if the test has not."""
    process = clone.start("up", *arguments, log=log, **variables)
    try:

        def find_page() -> str:
            text = log.read_text()
            assert process.poll() is None, text
            return text if "Logs:" in text else ""

        page = wait_until(find_page, seconds=START_SECONDS, what="the page of up")
        found = re.search(r"http://localhost:\d+", page)
        assert found is not None
        yield RunningUp(process=process, page=page, address=found.group(), log=log)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(STOP_SECONDS)
