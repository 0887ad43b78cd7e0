"""Wrapper: an answer that takes too long is none."""

import asyncio
from datetime import datetime
from typing import Generic

from catalog.connectors.readings import ConnectorTimedOut, Key, Kind, Reading, Source
from catalog.ids import MerchantId


class TimeLimited(Generic[Key, Reading]):
    """One job: to end a call after so many seconds, so that a turn ends within its own."""

    def __init__(self, *, inner: Source[Key, Reading], connector: Kind, seconds: float) -> None:
        self._inner: Source[Key, Reading] = inner
        self._connector = connector
        self._seconds = seconds

    async def read(self, *, merchant: MerchantId, keys: tuple[Key, ...], now: datetime) -> dict[Key, Reading]:
        """The inner answers. Raises ConnectorTimedOut."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._inner.read(merchant=merchant, keys=keys, now=now)
        except TimeoutError as error:
            raise ConnectorTimedOut(connector=self._connector, seconds=self._seconds) from error
