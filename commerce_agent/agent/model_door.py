"""The door to a model's API: shut while the service keeps failing, for all processes together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import structlog

from catalog.connectors import BreakerTerms, Change, RedisGate, SharedBreaker, Wait
from catalog.ids import MerchantId

log = structlog.get_logger(__name__)

Outcome = Literal["ok", "failed", "nothing"]

EVERY_SHOP = MerchantId("every-shop")
"""The key, and with it what the service answers, is the platform's: one breaker for all of its shops."""
TERMS = BreakerTerms(window_ms=60_000, least_calls=3, cooldown_ms=10_000, longest_ms=120_000, lease_ms=40_000)
"""A lease outlives the longest call, so that one probe at a time is under way."""


class DoorShut(Exception):
    """The model is not to be asked now. The built-in planner answers."""

    def __init__(self, *, reason: str) -> None:
        super().__init__(f"The model is not asked: {reason}.")
        self.reason = reason


class ModelCall:
    """One call under way; whoever makes it says how it ended."""

    def __init__(self) -> None:
        self.outcome: Outcome = "nothing"


class ModelDoor:
    """Lets calls through while that is worth it."""

    def __init__(self, *, breaker: SharedBreaker) -> None:
        self._breaker = breaker

    @asynccontextmanager
    async def open(self) -> AsyncIterator[ModelCall]:
        """Room for one call. Raises `DoorShut` while the breaker is open."""
        held = await self._breaker.enter(merchant=EVERY_SHOP)
        if isinstance(held, Wait):
            raise DoorShut(reason="Claude fails at the moment and is left alone")
        call = ModelCall()
        try:
            yield call
        finally:
            await self._breaker.leave(held, merchant=EVERY_SHOP, outcome=call.outcome)


def build_door(*, gate: RedisGate, prefix: str) -> ModelDoor:
    """The door of this process; its breaker is shared through Redis."""
    breaker = SharedBreaker(
        gate=gate, prefix=prefix, connector="claude", terms=TERMS, record_change=_report_change
    )
    return ModelDoor(breaker=breaker)


async def _report_change(change: Change) -> None:
    log.warning("planner.breaker", state=change.state, calls=change.calls, failures=change.failures)
