"""`manage.py verify`: every check of the project, on servers of its own."""

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

import msgspec
from rich.console import Console

from commerce_agent.setup.environment import ROOT
from commerce_agent.setup.places import Places, get_places
from commerce_agent.setup.servers import AlreadyRunning, own_servers, require_answers

WORKERS = 2
"""Test files run side by side; each worker has a database and a key prefix of its own."""
PYTHON_PATHS = ("manage.py", "commerce_agent", "conversations", "catalog", "tests")


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One command that has to succeed."""

    name: str
    command: tuple[str, ...]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a check ended, after how long, and the last line that it said."""

    name: str
    passed: bool
    seconds: float
    said: str


def list_checks() -> tuple[Check, ...]:
    """Return the checks in the order they run: the quick ones first."""
    python, programs = sys.executable, Path(sys.executable).parent
    ruff = str(programs / "ruff")
    return (
        Check(name="lint", command=(ruff, "check", *PYTHON_PATHS)),
        Check(name="format", command=(ruff, "format", "--check", *PYTHON_PATHS)),
        Check(name="imports", command=(str(programs / "lint-imports"),)),
        Check(name="types", command=(python, "-m", "mypy")),
        Check(name="migrations", command=(python, "-m", "django", "makemigrations", "--check", "--dry-run")),
        Check(
            name="tests",
            command=(
                *(python, "-m", "pytest", "-n", str(WORKERS), "--dist", "loadfile", "--no-loadscope-reorder"),
                *("--durations", "10"),
            ),
        ),
    )


def run(argv: list[str]) -> int:
    """Run the checks and return 0 if every one passed."""
    checks = _choose(argv)
    signal.signal(signal.SIGTERM, _interrupt)
    places = _make_places(get_places(os.environ))
    owned = own_servers(places)
    console = Console(highlight=False, soft_wrap=True)
    try:
        console.print("Starting PostgreSQL and Valkey for the checks")
        urls = owned.start(environ=os.environ, lasting=False)
        require_answers(urls)
        environ = {
            **os.environ,
            **urls.as_environ(),
            "DJANGO_SETTINGS_MODULE": "commerce_agent.settings.test",
            "COMMERCE_AGENT_DATA": str(places.folder),
        }
        outcomes = [_run(check, environ=environ, console=console) for check in checks]
    finally:
        owned.stop()
        shutil.rmtree(places.folder, ignore_errors=True)
    _print_table(outcomes, console=console)
    return 0 if all(outcome.passed for outcome in outcomes) else 1


def _interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    raise KeyboardInterrupt


def _choose(argv: list[str]) -> tuple[Check, ...]:
    checks = list_checks()
    parser = argparse.ArgumentParser(prog="manage.py verify", description="Run every check of the project.")
    parser.add_argument(
        "--only", action="append", choices=[check.name for check in checks], help="run this one only"
    )
    only = parser.parse_args(argv).only
    return tuple(check for check in checks if not only or check.name in only)


def _make_places(outer: Places) -> Places:
    """Return a data folder for this run alone; those that killed runs have left are removed."""
    folder = outer.folder / "verify"
    for left in folder.glob("*"):
        with contextlib.suppress(AlreadyRunning, OSError):
            own_servers(Places(folder=left)).stop()
            shutil.rmtree(left)
    places = Places(folder=folder / str(os.getpid()))
    places.make()
    return places


def _run(check: Check, *, environ: dict[str, str], console: Console) -> Outcome:
    """Run one check, pass its output on as it comes, and keep the last line of it."""
    console.rule(f"[bold]{check.name}[/bold]", align="left")
    began, said = time.monotonic(), ""
    with subprocess.Popen(
        check.command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            for line in process.stdout or ():
                sys.stdout.write(line)
                sys.stdout.flush()
                said = line.strip() or said
        except KeyboardInterrupt:
            process.terminate()
            raise
    outcome = Outcome(
        name=check.name, passed=process.returncode == 0, seconds=time.monotonic() - began, said=said
    )
    console.print(f"{_verdict(outcome)} in {outcome.seconds:.1f} s")
    return outcome


def _verdict(outcome: Outcome) -> str:
    return "[green]passed[/green]" if outcome.passed else "[red]FAILED[/red]"


def _print_table(outcomes: list[Outcome], *, console: Console) -> None:
    """Print the verdicts, and as the very last line what the last check (the tests) closed with."""
    console.rule("[bold]verify[/bold]", align="left")
    for outcome in outcomes:
        console.print(f"{outcome.name:<12}{_verdict(outcome)}{outcome.seconds:>9.1f} s")
    if outcomes:
        console.print(outcomes[-1].said, markup=False)
