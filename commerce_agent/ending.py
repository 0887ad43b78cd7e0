"""Ends a task for sure: what a task waits for may take a cancellation for nothing.

`asyncio.wait_for` of Python 3.11 answers with the outcome, as though nobody had cancelled, where what it waited for was
done in that very moment; a client of Redis waits so for each thing that it sends. A task that goes round and round
would then do so for ever, and whoever waits for its end with it.
"""

import asyncio
from typing import Any

AGAIN_SECONDS = 5.0
"""A task that goes on after it was cancelled is cancelled once more after so long: until then it may be tidying up."""


def is_ending() -> bool:
    """Whether the running task was cancelled, also where it did not hear of it: what goes round and round looks."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def end(task: asyncio.Task[Any]) -> None:
    """Cancels the task until it is over; what it raised is not raised here."""
    while not task.done():
        task.cancel()
        await asyncio.wait((task,), timeout=AGAIN_SECONDS)
    if not task.cancelled():
        # Looked at, so that the loop does not complain that nobody did.
        task.exception()
