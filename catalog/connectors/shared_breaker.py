"""A breaker that all processes share, in Redis: closed, open, or half open with exactly one probe under way."""

import logging
from collections.abc import Awaitable, Callable
from typing import Literal
from uuid import uuid4

import msgspec
from redis.exceptions import RedisError

from catalog.connectors.breaker_scripts import ADMIT, LOOK, RECORD
from catalog.connectors.redis_gate import RedisGate, report_unreachable
from catalog.ids import MerchantId
from catalog.metrics import BREAKER_CHANGES, BREAKER_REJECTS, BREAKER_STATE, STATES
from commerce_agent.decoding import convert

logger = logging.getLogger(__name__)

Outcome = Literal["ok", "failed", "nothing"]
State = Literal["closed", "open", "half_open"]
OPENED_HALF, HALF_OPEN = 1, 2
"""What `ADMIT` answers of how a breaker stands."""


class BreakerTerms(msgspec.Struct, frozen=True, kw_only=True):
    """When a breaker opens and when it tries again. All by the clock of Redis."""

    window_ms: int = 30_000
    """Outcomes of this time are weighed."""
    least_calls: int = 5
    """Fewer say nothing."""
    ratio: float = 0.5
    """Opens when this part of the calls failed."""
    cooldown_ms: int = 5_000
    """Left alone so long at first; twice as long after each probe that failed."""
    longest_ms: int = 60_000
    lease_ms: int = 5_000
    """A probe that says nothing for so long has died, and another one may go."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A breaker changed its state."""

    merchant: MerchantId
    connector: str
    state: State
    calls: int
    failures: int


RecordChange = Callable[[Change], Awaitable[None]]


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a breaker stands now."""

    state: State
    calls: int
    failures: int
    wait_ms: int
    """Until the next probe may go."""


def name_breaker(*, prefix: str, merchant: MerchantId, connector: str) -> str:
    """Where a breaker is kept."""
    return f"{prefix}c:{merchant}:breaker:{connector}"


class Pass(msgspec.Struct, frozen=True, kw_only=True):
    """A call that may go; `epoch` is None where Redis did not say, and its outcome is not counted."""

    token: str
    epoch: int | None


class Wait(msgspec.Struct, frozen=True, kw_only=True):
    """The system is left alone for so long."""

    seconds: float


class SharedBreaker:
    """One connector's breakers, one a merchant. Without Redis every call may go."""

    def __init__(
        self,
        *,
        gate: RedisGate,
        prefix: str,
        connector: str,
        terms: BreakerTerms,
        record_change: RecordChange,
    ) -> None:
        self._gate = gate
        self._prefix = prefix
        self._connector = connector
        self._terms = terms
        self._record_change = record_change
        self._seen = BREAKER_STATE.labels(connector)
        self._rejects = BREAKER_REJECTS.labels(connector)

    async def enter(self, *, merchant: MerchantId) -> Pass | Wait:
        """Asks whether a call may go now."""
        token, name, lease = uuid4().hex, self._name(merchant), self._terms.lease_ms
        try:
            verdict, number, stands = await self._gate.ask(
                lambda redis: redis.eval(ADMIT, 1, name, token, lease)
            )
        except (RedisError, OSError) as error:
            report_unreachable(error)
            return Pass(token=token, epoch=None)
        if not int(verdict):
            self._rejects.inc()
            self._seen.set(STATES["half_open" if int(stands) == HALF_OPEN else "open"])
            return Wait(seconds=int(number) / 1000)
        if int(stands) == OPENED_HALF:
            await self._tell(merchant, "half_open", calls=0, failures=0)
        else:
            self._seen.set(STATES["half_open" if int(stands) == HALF_OPEN else "closed"])
        return Pass(token=token, epoch=int(number))

    async def leave(self, held: Pass, *, merchant: MerchantId, outcome: Outcome) -> None:
        """Counts how a call ended; `nothing` says nothing of the system and only gives a probe's place free."""
        if held.epoch is None:
            return
        name, terms = self._name(merchant), self._terms
        limits = (terms.window_ms, terms.least_calls, str(terms.ratio), terms.cooldown_ms, terms.longest_ms)
        told = (held.token, held.epoch, outcome)
        try:
            changed, calls, failures = await self._gate.ask(
                lambda redis: redis.eval(RECORD, 1, name, *told, *limits)
            )
        except (RedisError, OSError) as error:
            report_unreachable(error)
            return
        if int(changed):
            state: State = "open" if int(changed) == 1 else "closed"
            await self._tell(merchant, state, calls=int(calls), failures=int(failures))

    def _name(self, merchant: MerchantId) -> str:
        return name_breaker(prefix=self._prefix, merchant=merchant, connector=self._connector)

    async def _tell(self, merchant: MerchantId, state: State, *, calls: int, failures: int) -> None:
        change = Change(
            merchant=merchant, connector=self._connector, state=state, calls=calls, failures=failures
        )
        BREAKER_CHANGES.labels(self._connector, state).inc()
        self._seen.set(STATES[state])
        logger.warning(
            "breaker of %s is now %s",
            self._connector,
            state,
            extra={"action": f"breaker.{state}", "merchant": merchant, "calls": calls, "failures": failures},
        )
        await self._record_change(change)


async def find_standing(
    *, gate: RedisGate, prefix: str, merchant: MerchantId, connector: str, window_ms: int
) -> Standing:
    """How a breaker stands now. Raises RedisError."""
    name = name_breaker(prefix=prefix, merchant=merchant, connector=connector)
    state, calls, failures, wait = await gate.ask(lambda redis: redis.eval(LOOK, 1, name, window_ms))
    return Standing(
        state=convert(state.decode() if isinstance(state, bytes) else state, State),
        calls=int(calls),
        failures=int(failures),
        wait_ms=int(wait),
    )
