"""Runs a scripted conversation through the real turn pipeline and prints each step."""

import asyncio
import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from typing_extensions import override

from commerce_agent.composition import build_claude
from commerce_agent.scripted.playing import play
from commerce_agent.scripted.printing import print_step, to_json
from commerce_agent.scripted.script import Script, ScriptRefused, read_script
from commerce_agent.scripted.stage import Stage, set_stage


class Command(BaseCommand):
    """`converse SCRIPT.yaml [--planner builtin|claude] [--json]`."""

    help = (
        "Runs a scripted conversation (YAML: turns of say, event, advance, confirm) in a merchant of its own and "
        "prints each step. The exit code is 0 when every step ran."
    )

    @override
    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declares what the command takes."""
        parser.add_argument("script", type=Path, help="the script")
        parser.add_argument("--planner", choices=("builtin", "claude"), default="builtin")
        parser.add_argument("--json", action="store_true", help="one JSON object a step, one a line")

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        """Runs the command."""
        now = datetime.now(UTC).replace(microsecond=0)
        progress = Console(file=sys.stderr)
        try:
            script = read_script(options["script"])
            with (
                progress.status(f"Setting the stage for “{script.name}”"),
                set_stage(script, now=now) as stage,
            ):
                if stage.refused_rows:
                    progress.print(f"{stage.refused_rows} rows of the feed were refused.")
                asyncio.run(
                    _play(script, stage=stage, planner=options["planner"], as_json=options["json"], now=now)
                )
        except ScriptRefused as refusal:
            raise CommandError(str(refusal)) from refusal


async def _play(script: Script, *, stage: Stage, planner: str, as_json: bool, now: datetime) -> None:
    claude = build_claude() if planner == "claude" else None
    if planner == "claude" and claude is None:
        raise CommandError("The planner claude needs a key: set ANTHROPIC_API_KEY.")
    console = Console(highlight=False)
    async for played in play(script, stage=stage, now=now, claude=claude):
        if as_json:
            sys.stdout.write(msgspec.json.encode(to_json(played)).decode() + "\n")
            sys.stdout.flush()
        else:
            print_step(played, console=console)
