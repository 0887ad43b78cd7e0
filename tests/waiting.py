"""Waiting for a condition with a deadline, so that no test sleeps for a guessed time."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

PAUSE_SECONDS = 0.02
DEADLINE_SECONDS = 30.0
"""Longer than any of it takes on a busy machine: a wait ends when what it waits for is so, and costs no more."""


class NeverHappened(AssertionError):
    """The condition did not come true in time."""


def wait_until(condition: Callable[[], T], *, seconds: float = DEADLINE_SECONDS, what: str = "") -> T:
    """Return the first true answer of `condition`; raise NeverHappened after `seconds`."""
    end = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > end:
            raise NeverHappened(f"{what or condition} did not come true within {seconds} s")
        threading.Event().wait(PAUSE_SECONDS)
    return answer


async def wait_until_async(
    condition: Callable[[], Awaitable[T]], *, seconds: float = DEADLINE_SECONDS, what: str = ""
) -> T:
    """Return the first true answer of the coroutine function `condition`; raise after `seconds`."""
    end = time.monotonic() + seconds
    while not (answer := await condition()):
        if time.monotonic() > end:
            raise NeverHappened(f"{what or condition} did not come true within {seconds} s")
        await asyncio.sleep(PAUSE_SECONDS)
    return answer
