"""Wrapper: an answer that takes too long is none."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Generic, TypeVar

from catalog.connectors.readings import ConnectorTimedOut, Key, Kind, Reading, Source
from catalog.ids import MerchantId

Answer = TypeVar("Answer")


async def answer_within(seconds: float, call: Callable[[], Awaitable[Answer]], *, connector: Kind) -> Answer:
    """What the call answers, if it does in time. Raises ConnectorTimedOut."""
    try:
        async with asyncio.timeout(seconds):
            return await call()
    except TimeoutError as error:
        raise ConnectorTimedOut(connector=connector, seconds=seconds) from error


class TimeLimited(Generic[Key, Reading]):
    """One job: to end a call after so many seconds, so that a turn ends within its own."""

    def __init__(self, *, inner: Source[Key, Reading], connector: Kind, seconds: float) -> None:
        self._inner: Source[Key, Reading] = inner
        self._connector = connector
        self._seconds = seconds

    async def read(self, *, merchant: MerchantId, keys: tuple[Key, ...], now: datetime) -> dict[Key, Reading]:
        """The inner answers. Raises ConnectorTimedOut."""
        return await answer_within(
            self._seconds,
            lambda: self._inner.read(merchant=merchant, keys=keys, now=now),
            connector=self._connector,
        )
