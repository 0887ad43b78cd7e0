"""Wrapper: when the source is out of reach, its last answers, marked as such; never "none" for "unknown"."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Generic

import msgspec

from catalog.connectors.cache import AnswerCache
from catalog.connectors.fresh import is_fresh
from catalog.connectors.readings import (
    NOBODY,
    TOLD,
    Answered,
    ConnectorUnavailable,
    Key,
    Kind,
    Reading,
    Source,
    StockReading,
)
from catalog.connectors.tally import Tally
from catalog.ids import MerchantId, Sku
from catalog.metrics import FALLBACK_AGE

RESORT_SECONDS = 1.0
"""A last resort that takes longer is no help."""


def make_unknown_stock(sku: Sku, now: datetime) -> StockReading:
    """Says that it is not known how many there are."""
    return StockReading(
        sku=sku, quantity=None, availability="unknown", source=NOBODY, observed_at=now, stale=True
    )


def _is_newer(copied: Answered | None, *, known: Answered) -> bool:
    """Whether the merchant's system told by itself what happened after the last answer; a feed tells of long ago."""
    return copied is not None and copied.source == TOLD and copied.observed_at > known.observed_at


class FallbackToLast(Generic[Key, Reading]):
    """One job: an outage of the source is not an outage of the talk."""

    def __init__(
        self,
        *,
        inner: Source[Key, Reading],
        cache: AnswerCache[Key, Reading],
        connector: Kind,
        max_age: timedelta,
        copy_age: timedelta,
        tally: Tally,
        make_unknown: Callable[[Key, datetime], Reading] | None = None,
        resort: Source[Key, Reading] | None = None,
    ) -> None:
        self._inner: Source[Key, Reading] = inner
        self._cache: AnswerCache[Key, Reading] = cache
        self._connector = connector
        self._max_age, self._copy_age = max_age, copy_age
        self._tally = tally
        self._make_unknown: Callable[[Key, datetime], Reading] | None = make_unknown
        self._resort: Source[Key, Reading] | None = resort

    async def read(self, *, merchant: MerchantId, keys: tuple[Key, ...], now: datetime) -> dict[Key, Reading]:
        """The source's answers; during an outage the last known, `stale` once they have run out.

        What was never known, or too long ago, comes from the last resort or as `make_unknown` says, and so does what
        the merchant's system has told by itself since. Where nothing
        says so, and nothing at all is known, ConnectorUnavailable goes on: that is not the same as an empty answer.
        """
        try:
            return await self._inner.read(merchant=merchant, keys=keys, now=now)
        except ConnectorUnavailable as outage:
            failure = outage
        answers = await self._recall(merchant, keys, now=now)
        await self._tally.count(
            merchant=merchant, connector=self._connector, whats=("fallbacks",), times=max(1, len(answers))
        )
        if not answers and keys:
            raise failure
        age = FALLBACK_AGE.labels(self._connector)
        # What nobody knows is no answer of any age.
        for answer in (each for each in answers.values() if each.source != NOBODY):
            age.observe((now - answer.observed_at).total_seconds())
        return answers

    async def _recall(
        self, merchant: MerchantId, keys: tuple[Key, ...], *, now: datetime
    ) -> dict[Key, Reading]:
        known = {
            key: last
            for key, last in (await self._cache.read(merchant=merchant, keys=keys)).items()
            if now - last.observed_at <= self._max_age
        }
        copied = await self._ask_last_resort(merchant, keys, now=now)
        answers: dict[Key, Reading] = {}
        for key in keys:
            if key in known and not _is_newer(copied.get(key), known=known[key]):
                answers[key] = msgspec.structs.replace(known[key], stale=not is_fresh(known[key], now=now))
            elif key in copied:
                answers[key] = self._sign(copied[key])
            elif self._make_unknown is not None:
                answers[key] = self._sign(self._make_unknown(key, now))
        return answers

    def _sign(self, answer: Reading) -> Reading:
        """What stands in for the system that answers now stands beside its answers."""
        return msgspec.structs.replace(answer, teller=self._cache.teller)

    async def _ask_last_resort(
        self, merchant: MerchantId, keys: tuple[Key, ...], *, now: datetime
    ) -> dict[Key, Reading]:
        if self._resort is None:
            return {}
        try:
            async with asyncio.timeout(RESORT_SECONDS):
                copied = await self._resort.read(merchant=merchant, keys=keys, now=now)
        except (ConnectorUnavailable, TimeoutError):
            return {}
        return {key: copy for key, copy in copied.items() if now - copy.observed_at <= self._copy_age}
