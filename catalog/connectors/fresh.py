"""Wrapper: answers from the cache while they are fresh, asks the source for the rest."""

import random
from datetime import datetime, timedelta
from typing import Generic

import msgspec

from catalog.connectors.cache import AnswerCache
from catalog.connectors.readings import Reading, Source
from catalog.ids import MerchantId, Sku

SHORTEST, LONGEST = 30.0, 60.0
"""Stock and prices are fresh for so many seconds; spread, so that a page of them does not run out at once."""


def is_fresh(reading: Reading, *, now: datetime) -> bool:
    """Whether an answer may stand without asking again. One that was read after `now` belongs to another clock."""
    return reading.observed_at <= now and reading.valid_until is not None and now < reading.valid_until


class FreshWithin(Generic[Reading]):
    """One job: not to ask again what was asked a moment ago."""

    def __init__(
        self,
        *,
        inner: Source[Reading],
        cache: AnswerCache[Reading],
        shortest: float = SHORTEST,
        longest: float = LONGEST,
    ) -> None:
        self._inner = inner
        self._cache = cache
        self._shortest = shortest
        self._longest = longest

    async def read(self, *, merchant: MerchantId, skus: tuple[Sku, ...], now: datetime) -> dict[Sku, Reading]:
        """Fresh answers; raises what the source raises when one has to be asked for."""
        known = await self._cache.read(merchant=merchant, skus=skus)
        fresh = {sku: reading for sku, reading in known.items() if is_fresh(reading, now=now)}
        wanted = tuple(sku for sku in skus if sku not in fresh)
        if wanted:
            fresh.update(await self.refresh(merchant=merchant, skus=wanted, now=now))
            await self._cache.record_reading(merchant=merchant, skus=skus, now=now)
        return {sku: fresh[sku] for sku in skus if sku in fresh}

    async def refresh(
        self, *, merchant: MerchantId, skus: tuple[Sku, ...], now: datetime
    ) -> dict[Sku, Reading]:
        """Asks the source, whatever is known, and keeps its answers."""
        asked = await self._inner.read(merchant=merchant, skus=skus, now=now)
        dated = {sku: self._date(reading, now=now) for sku, reading in asked.items()}
        await self._cache.record(merchant=merchant, readings=dated)
        return dated

    async def forget(self, *, merchant: MerchantId, skus: tuple[Sku, ...]) -> None:
        """Drops what is kept, so that the source is asked at the next reading."""
        await self._cache.forget(merchant=merchant, skus=skus)

    def _date(self, reading: Reading, *, now: datetime) -> Reading:
        until = now + timedelta(seconds=random.uniform(self._shortest, self._longest))
        if reading.valid_until is not None:
            until = min(until, reading.valid_until)
        return msgspec.structs.replace(reading, valid_until=until)
