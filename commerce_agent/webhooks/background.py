"""One event loop with one platform for all the tasks of a worker process, so that none pays for building its own."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import TypeVar

from commerce_agent.composition import Platform, build_platform, settle_collector

Answer = TypeVar("Answer")

LONGEST_SECONDS = 300.0
"""What takes longer is given up, and its rows are told of again."""


class Background:
    """Runs coroutines for threads that have no loop; begins with the first."""

    def __init__(self) -> None:
        self._begun = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._platform: Platform | None = None

    def run(self, act: Callable[[Platform], Awaitable[Answer]]) -> Answer:
        """What `act` answers; raises what it raises."""
        loop = self._get_loop()
        return asyncio.run_coroutine_threadsafe(self._act(act), loop).result(LONGEST_SECONDS)

    def _get_loop(self) -> asyncio.AbstractEventLoop:
        with self._begun:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="background", daemon=True).start()
            return self._loop

    async def _act(self, act: Callable[[Platform], Awaitable[Answer]]) -> Answer:
        if self._platform is not None:
            return await act(self._platform)
        self._platform = build_platform()
        await self._platform.pool.open()
        try:
            return await act(self._platform)
        finally:
            # What the first task has loaded stays, as in a web server.
            settle_collector()

    def close(self) -> None:
        """Ends the loop and what the platform holds."""
        if self._loop is None:
            return
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(LONGEST_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._loop = None

    async def _close(self) -> None:
        if self._platform is not None:
            await self._platform.pool.close()
            await self._platform.door.close()
            self._platform = None
