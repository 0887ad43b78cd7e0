"""Long work in small steps, each of them kept, with a bar that says how far it is."""

from collections.abc import Awaitable, Callable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


async def run_steps(*, title: str, total: int, step: Callable[[], Awaitable[int]]) -> int:
    """Repeats a step until it finds nothing to do; returns how many it did.

    Stopped in between, the same command goes on where it was.
    """
    done = 0
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        shown = progress.add_task(title, total=total)
        while made := await step():
            done += made
            progress.update(shown, completed=done)
    return done
