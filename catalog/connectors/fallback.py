"""Wrapper: when the source is out of reach, its last answers, marked as such; never "none" for "unknown"."""

from collections.abc import Callable
from datetime import datetime
from typing import Generic

import msgspec

from catalog.connectors.cache import AnswerCache
from catalog.connectors.fresh import is_fresh
from catalog.connectors.readings import ConnectorUnavailable, Reading, Source, StockReading
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


class FallbackToLast(Generic[Reading]):
    """One job: an outage of the source is not an outage of the talk."""

    def __init__(
        self,
        *,
        inner: Source[Reading],
        cache: AnswerCache[Reading],
        make_unknown: Callable[[Sku, datetime], Reading] | None = None,
    ) -> None:
        self._inner: Source[Reading] = inner
        self._cache: AnswerCache[Reading] = cache
        self._make_unknown: Callable[[Sku, datetime], Reading] | None = make_unknown

    async def read(self, *, merchant: MerchantId, skus: tuple[Sku, ...], now: datetime) -> dict[Sku, Reading]:
        """The source's answers; during an outage the last known, `stale` once they have run out.

        What was never known comes as `make_unknown` says, or is absent. Never raises ConnectorUnavailable.
        """
        try:
            return await self._inner.read(merchant=merchant, skus=skus, now=now)
        except ConnectorUnavailable:
            known = await self._cache.read(merchant=merchant, skus=skus)
        answers: dict[Sku, Reading] = {}
        for sku in skus:
            last = known.get(sku)
            if last is not None:
                answers[sku] = msgspec.structs.replace(last, stale=not is_fresh(last, now=now))
            elif self._make_unknown is not None:
                answers[sku] = self._make_unknown(sku, now)
        return answers
