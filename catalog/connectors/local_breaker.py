"""Breakers of this process alone, for Redis and PostgreSQL: what is shared through them cannot guard them."""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Generic

from catalog.connectors.readings import BreakerOpen, ConnectorUnavailable, Key, Kind, Reading, Source
from catalog.ids import MerchantId
from catalog.metrics import BREAKER_REJECTS, BREAKER_STATE, STATES


class LocalBreaker:
    """Opens when most of the last outcomes are failures; one probe at a time tries again."""

    def __init__(self, *, guards: str, last: int = 6, failures: int = 3, seconds: float = 2.0) -> None:
        self._seen = BREAKER_STATE.labels(guards)
        self._rejects = BREAKER_REJECTS.labels(guards)
        self._outcomes: deque[bool] = deque(maxlen=last)
        self._failures = failures
        self._seconds = seconds
        self._until = 0.0
        self._probing = False

    @property
    def is_open(self) -> bool:
        """Whether a call would be turned away now."""
        return self._until > 0 and (self._probing or time.monotonic() < self._until)

    def turns_away(self) -> bool:
        """The same of a call that is about to be made, which is counted."""
        if not self.is_open:
            return False
        self._rejects.inc()
        return True

    def reset(self) -> None:
        """Forgets every outcome."""
        self._outcomes.clear()
        self._until = 0.0
        self._seen.set(STATES["closed"])

    @contextmanager
    def guard(self, *, failures: tuple[type[BaseException], ...]) -> Iterator[None]:
        """The call within counts; these errors are failures, anything else, such as being cancelled, is neither."""
        probe = self._until > 0
        self._probing = self._probing or probe
        try:
            yield
        except failures:
            self._outcomes.append(False)
            if probe or self._outcomes.count(False) >= self._failures:
                self._until = time.monotonic() + self._seconds
                self._seen.set(STATES["open"])
            raise
        else:
            self._outcomes.append(True)
            if probe:
                self.reset()
        finally:
            if probe:
                self._probing = False


class LocallyGuarded(Generic[Key, Reading]):
    """One job: not to queue for a database that does not answer."""

    def __init__(self, *, inner: Source[Key, Reading], connector: Kind, breaker: LocalBreaker) -> None:
        self._inner: Source[Key, Reading] = inner
        self._connector = connector
        self._breaker = breaker

    async def read(self, *, merchant: MerchantId, keys: tuple[Key, ...], now: datetime) -> dict[Key, Reading]:
        """The inner answers. Raises BreakerOpen without asking while the database is left alone."""
        if self._breaker.turns_away():
            raise BreakerOpen(connector=self._connector, reason="the database did not answer lately")
        with self._breaker.guard(failures=(ConnectorUnavailable,)):
            return await self._inner.read(merchant=merchant, keys=keys, now=now)
