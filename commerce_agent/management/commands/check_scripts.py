"""Runs scripts and holds every step to the expectations that stand beside it."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from typing_extensions import override

from commerce_agent.scripted.annotating import annotate_file
from commerce_agent.scripted.playing import check, describe, list_scripts
from commerce_agent.scripted.script import ScriptRefused


class Command(BaseCommand):
    """`check_scripts PATH... [--write | --rewrite]`."""

    help = (
        "Runs converse scripts, or all in a folder, and compares each step with its `expect`. The exit code is 0 "
        "when all is as expected. With --write, steps that expect nothing get what was observed."
    )

    @override
    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declares what the command takes."""
        parser.add_argument("paths", nargs="+", type=Path, help="scripts, or folders of them")
        writing = parser.add_mutually_exclusive_group()
        writing.add_argument("--write", action="store_true", help="fill in steps that expect nothing")
        writing.add_argument("--rewrite", action="store_true", help="write all but the words of replies anew")

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        """Runs the command."""
        try:
            scripts = list_scripts(options["paths"])
        except ScriptRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        differing = [path for path in scripts if not self._check(path, **options)]
        self.stdout.write(f"{len(scripts) - len(differing)} of {len(scripts)} scripts are as expected.")
        if differing:
            raise CommandError(f"{len(differing)} differ: {', '.join(map(str, differing))}")

    def _check(self, path: Path, **options: Any) -> bool:
        try:
            checked = check(path, now=datetime.now(UTC).replace(microsecond=0))
        except ScriptRefused as refusal:
            self.stdout.write(f"{path}: {refusal}")
            return False
        if options["write"] or options["rewrite"]:
            annotate_file(path, [step.given for step in checked], again=options["rewrite"])
            return True
        lines = describe(checked)
        if lines:
            self.stdout.write("\n".join([str(path), *(f"  {line}" for line in lines)]))
        return not lines
