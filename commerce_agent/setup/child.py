"""One supervised process: started under the leash, stopped by letting go of it."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from commerce_agent.setup import leash
from commerce_agent.setup.environment import ROOT
from commerce_agent.setup.places import Places

GRACE_SECONDS = 8.0
"""How long a process may take to end its work before it is killed."""
LEASH_SECONDS = 3.0
"""How much longer the leash itself may take."""
TAIL_BYTES = 6000


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """What to run, and how it likes to be stopped."""

    name: str
    command: tuple[str, ...]
    environ: dict[str, str]
    stop_signal: str = "SIGTERM"
    death_signal: str = "SIGKILL"
    leave_root: str = ""
    folder: Path = Path()
    grace: float = GRACE_SECONDS


class Child:
    """A program that runs now and cannot outlive this process."""

    def __init__(self, *, program: Program, places: Places) -> None:
        self.program = program
        self.log = places.logs / f"{program.name}.log"
        self._process = subprocess.Popen(
            _compose_command(program=program, places=places, log=self.log),
            cwd=ROOT,
            env=program.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # Out of the terminal's group: Ctrl-C is for the supervisor, which stops its children in order.
            start_new_session=True,
        )

    def find_exit_code(self) -> int | None:
        """Return the exit code of a program that has ended, None while it runs."""
        code = self._process.poll()
        if code is not None:
            self.let_go()
        return code

    def stop(self) -> None:
        """End the program in its own way, by force when its grace time is over, and wait for that."""
        self.let_go()
        try:
            self._process.wait(self.program.grace + LEASH_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def let_go(self) -> None:
        """Tell the program to end, without waiting."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            self._process.stdin.close()

    def read_tail(self, *, lines: int = 15) -> str:
        """Return the last lines of the program's log."""
        return read_tail(self.log, lines=lines)


def read_tail(log: Path, *, lines: int = 15) -> str:
    """Return the last lines of a log file, an empty text where there is none."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(log.stat().st_size - TAIL_BYTES, 0))
        text = file.read().decode(errors="replace")
    return "\n".join(text.splitlines()[-lines:])


def get_environ(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for children: this one's, with Python's output unbuffered."""
    return {**environ, "PYTHONUNBUFFERED": "1"}


def _compose_command(*, program: Program, places: Places, log: Path) -> list[str]:
    command = [
        sys.executable,
        "-I",
        "-S",
        str(Path(leash.__file__)),
        "--lock",
        str(places.run / f"{program.name}.lock"),
    ]
    command += [
        "--log",
        str(log),
        "--stop-signal",
        program.stop_signal,
        "--death-signal",
        program.death_signal,
    ]
    command += [
        "--grace",
        str(program.grace),
        "--leave-root",
        program.leave_root,
        "--folder",
        str(program.folder),
    ]
    return [*command, "--", *program.command]
