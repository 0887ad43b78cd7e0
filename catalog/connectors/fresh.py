"""Wrapper: answers from the cache while they are fresh, asks the source for the rest."""

from datetime import datetime, timedelta
from typing import Generic, cast

from catalog.connectors.cache import AnswerCache
from catalog.connectors.readings import Key, Reading, Source
from catalog.ids import MerchantId

MOST_AT_ONCE = 500
SIDE_BY_SIDE = timedelta(seconds=5)
"""Turns that run side by side began at slightly different instants, and each may use what the other has read."""


def is_fresh(reading: Reading, *, now: datetime) -> bool:
    """Whether an answer may stand without asking again. One read long after `now` belongs to another clock."""
    return (
        reading.observed_at <= now + SIDE_BY_SIDE
        and reading.valid_until is not None
        and now < reading.valid_until
    )


class FreshWithin(Generic[Key, Reading]):
    """One job: not to ask again what was asked a moment ago."""

    def __init__(self, *, inner: Source[Key, Reading], cache: AnswerCache[Key, Reading]) -> None:
        self._inner: Source[Key, Reading] = inner
        self._cache: AnswerCache[Key, Reading] = cache

    async def read(self, *, merchant: MerchantId, keys: tuple[Key, ...], now: datetime) -> dict[Key, Reading]:
        """Fresh answers; raises what the source raises when one has to be asked for."""
        known = await self._cache.take(merchant=merchant, keys=keys, now=now)
        fresh = {key: reading for key, reading in known.items() if is_fresh(reading, now=now)}
        wanted = tuple(key for key in keys if key not in fresh)
        if wanted:
            fresh.update(await self._inner.read(merchant=merchant, keys=wanted, now=now))
        return {key: fresh[key] for key in keys if key in fresh}

    async def refresh_recent(self, *, merchant: MerchantId, now: datetime, within: timedelta) -> int:
        """Asks anew for what was read lately and runs out `within` this time. Answers how many."""
        recent = await self._cache.list_recent(merchant=merchant, now=now, limit=MOST_AT_ONCE)
        keys = tuple(cast("Key", key) for key in recent)
        known = await self._cache.read(merchant=merchant, keys=keys)
        ending = tuple(key for key, reading in known.items() if not is_fresh(reading, now=now + within))
        if not ending:
            return 0
        return len(await self._inner.read(merchant=merchant, keys=ending, now=now))
