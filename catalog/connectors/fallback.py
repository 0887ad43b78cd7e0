"""Wrapper: when the source is out of reach, its last answers, marked as such; never "none" for "unknown"."""

from collections.abc import Callable
from datetime import datetime
from typing import Generic

import msgspec

from catalog.connectors.cache import AnswerCache
from catalog.connectors.fresh import is_fresh
from catalog.connectors.readings import ConnectorUnavailable, Key, Reading, Source, StockReading
from catalog.ids import MerchantId, Sku

NOBODY = "none"
"""The source of an answer that nobody gave."""


def make_unknown_stock(sku: Sku, now: datetime) -> StockReading:
    """Says that it is not known how many there are."""
    return StockReading(
        sku=sku,
        quantity=None,
        availability="unknown",
        source=NOBODY,
        observed_at=now,
        valid_until=None,
        version=0,
        stale=True,
    )


class FallbackToLast(Generic[Key, Reading]):
    """One job: an outage of the source is not an outage of the talk."""

    def __init__(
        self,
        *,
        inner: Source[Key, Reading],
        cache: AnswerCache[Key, Reading],
        make_unknown: Callable[[Key, datetime], Reading] | None = None,
    ) -> None:
        self._inner: Source[Key, Reading] = inner
        self._cache: AnswerCache[Key, Reading] = cache
        self._make_unknown: Callable[[Key, datetime], Reading] | None = make_unknown

    async def read(self, *, merchant: MerchantId, keys: tuple[Key, ...], now: datetime) -> dict[Key, Reading]:
        """The source's answers; during an outage the last known, `stale` once they have run out.

        What was never known comes as `make_unknown` says, or is absent. Never raises ConnectorUnavailable.
        """
        try:
            return await self._inner.read(merchant=merchant, keys=keys, now=now)
        except ConnectorUnavailable:
            known = await self._cache.read(merchant=merchant, keys=keys)
        answers: dict[Key, Reading] = {}
        for key in keys:
            last = known.get(key)
            if last is not None:
                answers[key] = msgspec.structs.replace(last, stale=not is_fresh(last, now=now))
            elif self._make_unknown is not None:
                answers[key] = self._make_unknown(key, now)
        return answers
