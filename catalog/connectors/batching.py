"""Wrapper: a long question is asked in parts, side by side, each as long as the merchant's system takes."""

import asyncio
from datetime import datetime
from typing import Generic

from catalog.connectors.readings import Key, Reading, Source
from catalog.ids import MerchantId

SIDE_BY_SIDE = 4
"""So many parts are asked for at once."""


class Batched(Generic[Key, Reading]):
    """One job: never to ask for more than `most` keys in one call; a key that is named twice is asked for once."""

    def __init__(self, *, inner: Source[Key, Reading], most: int, side_by_side: int = SIDE_BY_SIDE) -> None:
        self._inner: Source[Key, Reading] = inner
        self._most = most
        self._gate = asyncio.Semaphore(side_by_side)

    async def read(self, *, merchant: MerchantId, keys: tuple[Key, ...], now: datetime) -> dict[Key, Reading]:
        """The answers to all parts. Raises what the first part that fails raises; the others are then ended."""
        wanted = tuple(dict.fromkeys(keys))
        parts = [wanted[at : at + self._most] for at in range(0, len(wanted), self._most)]
        if len(parts) == 1:
            return await self._inner.read(merchant=merchant, keys=parts[0], now=now)

        async def ask(part: tuple[Key, ...]) -> dict[Key, Reading]:
            async with self._gate:
                return await self._inner.read(merchant=merchant, keys=part, now=now)

        asking = [asyncio.create_task(ask(part)) for part in parts]
        try:
            answers = await asyncio.gather(*asking)
        finally:
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
        return {key: reading for answer in answers for key, reading in answer.items()}
