"""A script from beginning to end: its shop is made, every step is played, and nothing is left."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec

from commerce_agent.agent.speaking import Spoken
from commerce_agent.agent.warming import build_patterns
from commerce_agent.composition import open_platform
from commerce_agent.scripted.expecting import Mismatch, compare, read_expected
from commerce_agent.scripted.printing import to_json
from commerce_agent.scripted.running import Performance, Played, StoppedClock
from commerce_agent.scripted.script import Script, ScriptRefused, read_script
from commerce_agent.scripted.stage import Stage, set_stage

_HAS_TURNS = re.compile(r"^turns:", re.MULTILINE)


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """A step that was played, and where it differs from what stands beside it."""

    given: dict[str, Any]
    mismatches: tuple[Mismatch, ...]

    @property
    def title(self) -> str:
        """The step as a person finds it in the script."""
        said = self.given["said"]
        return f"step {self.given['step']}: {self.given['kind']}" + (f" “{said}”" if said else "")


async def play(
    script: Script, *, stage: Stage, now: datetime, claude: Spoken | None = None
) -> AsyncIterator[Played]:
    """Plays the steps on a platform of its own, whose keys in Redis are removed at the end."""
    # What a process builds once is none of the first step's time.
    build_patterns()
    clock = StoppedClock(at=now)
    async with open_platform(
        clock=clock, claude=claude, quiet=True, prefix=f"script-{uuid4().hex}:", in_process_store=True
    ) as platform:
        try:
            performance = Performance(platform=platform, clock=clock, stage=stage, script=script)
            async for played in performance.play():
                yield played
        finally:
            platform.door.open()
            await platform.forget_keys()


def check(path: Path, *, now: datetime, stage: Stage | None = None) -> list[Checked]:
    """Plays the script and compares every step; raises `ScriptRefused` for one that cannot be run.

    Without a `stage` the script gets a shop of its own. Scripts over one large feed may share one.
    """
    script = read_script(path)
    expected = [read_expected(step.expect, step=number) for number, step in enumerate(script.turns, start=1)]
    with nullcontext(stage) if stage else set_stage(script, now=now) as shop:
        given = asyncio.run(_play_all(script, stage=shop, now=now))
    return [
        Checked(given=step, mismatches=tuple(compare(wanted, step)))
        for wanted, step in zip(expected, given, strict=True)
    ]


async def _play_all(script: Script, *, stage: Stage, now: datetime) -> list[dict[str, Any]]:
    return [to_json(played) async for played in play(script, stage=stage, now=now)]


def list_scripts(paths: list[Path]) -> list[Path]:
    """The scripts themselves, and those in the folders; raises `ScriptRefused` for a path that is not there."""
    return list(_walk(paths))


def _walk(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            # Policies and promotions of several scripts may lie beside them.
            found = sorted(path.rglob("*.yaml"))
            yield from (each for each in found if _HAS_TURNS.search(each.read_text(encoding="utf-8")))
        elif path.is_file():
            yield path
        else:
            raise ScriptRefused(f"{path}: there is no such file or folder.")


def describe(checked: list[Checked]) -> list[str]:
    """What is not as expected, a few lines for each step that differs."""
    lines: list[str] = []
    for step in checked:
        if not step.mismatches:
            continue
        lines.append(step.title)
        for mismatch in step.mismatches:
            lines += [
                f"  {mismatch.what}",
                f"    - expected {mismatch.expected}",
                f"    + given    {mismatch.given}",
            ]
        lines.append(f"    reply    {step.given['reply']}")
    return lines
