"""How long a call of a tool may take, and whether that is what ended it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

TOO_SLOW = "too slow"
STOPPED = "stopped"
"""How a call ended that was under way when its turn was stopped, or out of time."""

_limit: ContextVar[asyncio.Timeout | None] = ContextVar("limit", default=None)


@asynccontextmanager
async def within(seconds: float) -> AsyncIterator[None]:
    """Raises `TimeoutError` after so long; calls that this ends are on record as too slow, other ones as stopped."""
    async with asyncio.timeout(seconds) as limit:
        token = _limit.set(limit)
        try:
            yield
        finally:
            _limit.reset(token)


def say_cancelled() -> str:
    """What to call the end of a tool that is being cancelled."""
    limit = _limit.get()
    return TOO_SLOW if limit is not None and limit.expired() else STOPPED
