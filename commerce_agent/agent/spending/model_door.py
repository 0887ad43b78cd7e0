"""The door to a model's API: shut while the service keeps failing, and for whoever has spent the day's budget."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import structlog
from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from catalog.connectors import BreakerTerms, Change, RedisGate, SharedBreaker, Wait
from catalog.ids import MerchantId
from commerce_agent.agent.spending.caps import CapReached, Payer, Spending
from commerce_agent.agent.spending.payers import AnonymousPayers
from commerce_agent.observing.metrics import MODEL_REFUSED

log = structlog.get_logger(__name__)

Outcome = Literal["ok", "failed", "nothing"]
UNREACHABLE = (OperationalError, PoolTimeout)

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
    """One call under way; whoever makes it says how it ended. What nobody settles costs all that was held for it."""

    def __init__(self, *, reserved: int) -> None:
        self.outcome: Outcome = "nothing"
        self.micros = reserved
        self.tokens = 0


class ModelDoor:
    """Lets calls through while that is worth it and paid for."""

    def __init__(self, *, breaker: SharedBreaker, spending: Spending, anonymous: AnonymousPayers) -> None:
        self._breaker = breaker
        self.anonymous = anonymous
        self._spending = spending

    @asynccontextmanager
    async def open(self, *, payer: Payer, most: int) -> AsyncIterator[ModelCall]:
        """Room for one call that costs `most` at most. Raises `DoorShut`."""
        held = await self._breaker.enter(merchant=EVERY_SHOP)
        if isinstance(held, Wait):
            MODEL_REFUSED.labels("breaker").inc()
            raise DoorShut(reason="Claude fails at the moment and is left alone")
        call = ModelCall(reserved=most)
        try:
            await self._spending.reserve(payer, micros=most)
        except CapReached as reached:
            await self._breaker.leave(held, merchant=EVERY_SHOP, outcome="nothing")
            MODEL_REFUSED.labels("budget").inc()
            raise DoorShut(reason=f"the budget of {reached.whose} is spent for today") from reached
        except UNREACHABLE as error:
            await self._breaker.leave(held, merchant=EVERY_SHOP, outcome="nothing")
            MODEL_REFUSED.labels("no_account").inc()
            raise DoorShut(reason="the budget cannot be looked up") from error
        try:
            yield call
        finally:
            # A turn that is stopped is cancelled here; what the call cost is put down all the same.
            closing = asyncio.gather(
                self._breaker.leave(held, merchant=EVERY_SHOP, outcome=call.outcome),
                self._settle(payer, reserved=most, call=call),
            )
            await asyncio.shield(closing)

    async def _settle(self, payer: Payer, *, reserved: int, call: ModelCall) -> None:
        """An answer that was paid for is not lost because the account is out of reach: the room held stands."""
        try:
            await self._spending.settle(payer, reserved=reserved, micros=call.micros, tokens=call.tokens)
        except UNREACHABLE as error:
            log.warning("spending.unsettled", reserved=reserved, reason=type(error).__name__)


def build_door(*, gate: RedisGate, prefix: str, spending: Spending) -> ModelDoor:
    """The door of this process; its breaker is shared through Redis, its accounts through PostgreSQL."""
    breaker = SharedBreaker(
        gate=gate, prefix=prefix, connector="claude", terms=TERMS, record_change=_report_change
    )
    anonymous = AnonymousPayers(gate=gate, prefix=prefix)
    return ModelDoor(breaker=breaker, spending=spending, anonymous=anonymous)


async def _report_change(change: Change) -> None:
    log.warning("planner.breaker", state=change.state, calls=change.calls, failures=change.failures)
