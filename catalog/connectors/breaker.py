"""Wrapper: a system that keeps failing is left alone, and tried again by exactly one call of all processes."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Generic, TypeVar

from catalog.connectors.readings import (
    AnswerRefused,
    BreakerOpen,
    CallLimited,
    CallRefused,
    ConnectorUnavailable,
    Key,
    Kind,
    Reading,
    Source,
)
from catalog.connectors.shared_breaker import Pass, SharedBreaker, Wait
from catalog.connectors.tally import Tally
from catalog.ids import MerchantId

Answer = TypeVar("Answer")


class Guard:
    """What stands before every call of one connector, whatever it asks or orders."""

    def __init__(self, *, connector: Kind, breaker: SharedBreaker, tally: Tally) -> None:
        self._connector = connector
        self._breaker = breaker
        self._tally = tally

    async def run(self, call: Callable[[], Awaitable[Answer]], *, merchant: MerchantId) -> Answer:
        """What the call answers. Raises BreakerOpen without calling while the breaker is open."""
        held = await self._breaker.enter(merchant=merchant)
        if isinstance(held, Wait):
            await self._tally.count(merchant=merchant, connector=self._connector, whats=("turned_away",))
            raise BreakerOpen(
                connector=self._connector, retry_after=held.seconds, reason="its breaker is open"
            )
        try:
            answer = await call()
        except (CallLimited, CallRefused):
            # It is there and says so: no failure, and it ends a time of being down.
            await self._succeed(held, merchant=merchant)
            raise
        except ConnectorUnavailable as failure:
            await self._breaker.leave(held, merchant=merchant, outcome="failed")
            refused = ("refused",) if isinstance(failure, AnswerRefused) else ()
            await self._tally.count(
                merchant=merchant, connector=self._connector, whats=("calls", "failures", *refused)
            )
            raise
        except BaseException:
            # Cancelled, or a fault of ours: says nothing of the system. The place of a probe becomes free.
            await self._breaker.leave(held, merchant=merchant, outcome="nothing")
            raise
        await self._succeed(held, merchant=merchant)
        return answer

    async def _succeed(self, held: Pass, *, merchant: MerchantId) -> None:
        await self._breaker.leave(held, merchant=merchant, outcome="ok")
        await self._tally.count(merchant=merchant, connector=self._connector, whats=("calls",))


class Guarded(Generic[Key, Reading]):
    """One job: to spare a system that is down, and the turns that would wait for it."""

    def __init__(
        self, *, inner: Source[Key, Reading], connector: Kind, breaker: SharedBreaker, tally: Tally
    ) -> None:
        self._inner: Source[Key, Reading] = inner
        self._guard = Guard(connector=connector, breaker=breaker, tally=tally)

    async def read(self, *, merchant: MerchantId, keys: tuple[Key, ...], now: datetime) -> dict[Key, Reading]:
        """The inner answers. Raises BreakerOpen without asking while the breaker is open."""
        return await self._guard.run(
            lambda: self._inner.read(merchant=merchant, keys=keys, now=now), merchant=merchant
        )
