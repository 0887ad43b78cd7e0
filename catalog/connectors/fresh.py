"""Wrapper: answers from the cache while they are fresh, asks the source for the rest."""

import random
from datetime import datetime, timedelta
from typing import Generic, cast

import msgspec

from catalog.connectors.cache import AnswerCache
from catalog.connectors.readings import Key, Reading, Source
from catalog.ids import MerchantId

MOST_AT_ONCE = 500
SHORTEST, LONGEST = 30.0, 60.0
"""Stock and prices are fresh for so many seconds; spread, so that a page of them does not run out at once."""


def is_fresh(reading: Reading, *, now: datetime) -> bool:
    """Whether an answer may stand without asking again. One that was read after `now` belongs to another clock."""
    return reading.observed_at <= now and reading.valid_until is not None and now < reading.valid_until


class FreshWithin(Generic[Key, Reading]):
    """One job: not to ask again what was asked a moment ago."""

    def __init__(
        self,
        *,
        inner: Source[Key, Reading],
        cache: AnswerCache[Key, Reading],
        shortest: float = SHORTEST,
        longest: float = LONGEST,
    ) -> None:
        self._inner: Source[Key, Reading] = inner
        self._cache: AnswerCache[Key, Reading] = cache
        self._shortest = shortest
        self._longest = longest

    async def read(self, *, merchant: MerchantId, keys: tuple[Key, ...], now: datetime) -> dict[Key, Reading]:
        """Fresh answers; raises what the source raises when one has to be asked for."""
        known = await self._cache.take(merchant=merchant, keys=keys, now=now)
        fresh = {key: reading for key, reading in known.items() if is_fresh(reading, now=now)}
        wanted = tuple(key for key in keys if key not in fresh)
        if wanted:
            fresh.update(await self.refresh(merchant=merchant, keys=wanted, now=now))
        return {key: fresh[key] for key in keys if key in fresh}

    async def refresh(
        self, *, merchant: MerchantId, keys: tuple[Key, ...], now: datetime
    ) -> dict[Key, Reading]:
        """Asks the source, whatever is known, and keeps its answers."""
        asked = await self._inner.read(merchant=merchant, keys=keys, now=now)
        dated = {key: self._date(reading, now=now) for key, reading in asked.items()}
        await self._cache.record(merchant=merchant, readings=dated)
        return dated

    async def expire(self, *, merchant: MerchantId, keys: tuple[Key, ...]) -> None:
        """Has the source asked at the next reading, whatever is kept."""
        await self._cache.expire(merchant=merchant, keys=keys)

    async def refresh_recent(self, *, merchant: MerchantId, now: datetime, within: timedelta) -> int:
        """Asks anew for what was read lately and runs out `within` this time. Answers how many."""
        recent = await self._cache.list_recent(merchant=merchant, now=now, limit=MOST_AT_ONCE)
        keys: tuple[Key, ...] = tuple(cast("Key", key) for key in recent)
        known = await self._cache.read(merchant=merchant, keys=keys)
        ending = tuple(key for key, reading in known.items() if not is_fresh(reading, now=now + within))
        if not ending:
            return 0
        return len(await self.refresh(merchant=merchant, keys=ending, now=now))

    async def list_readers(self, *, now: datetime) -> tuple[MerchantId, ...]:
        """Merchants whose answers were read lately."""
        return await self._cache.list_readers(now=now)

    def _date(self, reading: Reading, *, now: datetime) -> Reading:
        until = now + timedelta(seconds=random.uniform(self._shortest, self._longest))
        if reading.valid_until is not None:
            until = min(until, reading.valid_until)
        return msgspec.structs.replace(reading, valid_until=until)
