"""`manage.py verify`: every check of the project, on servers of its own."""

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from commerce_agent.setup.environment import ROOT
from commerce_agent.setup.places import Places, get_places
from commerce_agent.setup.servers import own_servers, require_answers

PYTHON_PATHS = ("manage.py", "commerce_agent", "conversations", "catalog", "tests")


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One command that has to succeed."""

    name: str
    command: tuple[str, ...]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a check ended, and after how long."""

    name: str
    passed: bool
    seconds: float


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
        Check(name="tests", command=(python, "-m", "pytest", "--durations", "10")),
    )


def run(argv: list[str]) -> int:
    """Run the checks and return 0 if every one passed."""
    checks = _choose(argv)
    outer = get_places(os.environ)
    places = Places(folder=outer.folder / "verify" / str(os.getpid()))
    places.make()
    owned = own_servers(places)
    console = Console(highlight=False, soft_wrap=True)
    try:
        console.print("Starting PostgreSQL and Valkey for the checks")
        urls = owned.start(environ=os.environ)
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


def _choose(argv: list[str]) -> tuple[Check, ...]:
    checks = list_checks()
    parser = argparse.ArgumentParser(prog="manage.py verify", description="Run every check of the project.")
    parser.add_argument(
        "--only", action="append", choices=[check.name for check in checks], help="run this one only"
    )
    only = parser.parse_args(argv).only
    return tuple(check for check in checks if not only or check.name in only)


def _run(check: Check, *, environ: dict[str, str], console: Console) -> Outcome:
    console.rule(f"[bold]{check.name}[/bold]", align="left")
    began = time.monotonic()
    code = subprocess.run(check.command, cwd=ROOT, env=environ, check=False).returncode
    outcome = Outcome(name=check.name, passed=code == 0, seconds=time.monotonic() - began)
    console.print(f"{_verdict(outcome)} in {outcome.seconds:.1f} s")
    return outcome


def _verdict(outcome: Outcome) -> str:
    return "[green]passed[/green]" if outcome.passed else "[red]FAILED[/red]"


def _print_table(outcomes: list[Outcome], *, console: Console) -> None:
    table = Table(title="verify", title_justify="left")
    table.add_column("check")
    table.add_column("verdict")
    table.add_column("seconds", justify="right")
    for outcome in outcomes:
        table.add_row(outcome.name, _verdict(outcome), f"{outcome.seconds:.1f}")
    console.print(table)
