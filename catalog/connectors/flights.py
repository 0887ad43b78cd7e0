"""The reads of a process that outlive who waits for them, so that they can be ended before what they need is closed."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from commerce_agent.ending import end

Answer = TypeVar("Answer")


class Flights:
    """All that are in the air, of every kind."""

    def __init__(self) -> None:
        self._flying: set[asyncio.Task[Any]] = set()

    def start(self, read: Coroutine[Any, Any, Answer]) -> asyncio.Task[Answer]:
        """Reads in a task of its own, which is held until it is over."""
        task = asyncio.create_task(read)
        self._flying.add(task)
        task.add_done_callback(self._flying.discard)
        return task

    async def close(self) -> None:
        """Ends them, each with its tidying up; who still waits for one hears a cancellation.

        One that went on would open connections anew after its clients were closed, which nobody closes then.
        """
        while self._flying:
            await asyncio.gather(*map(end, tuple(self._flying)))
