"""Answers that were read before: a connection is not held while a merchant's system is asked."""

from datetime import datetime
from typing import Generic

from catalog.connectors.readings import ConnectorUnavailable, Key, Reading, Source
from catalog.ids import MerchantId


class Given(Generic[Key, Reading]):
    """A source that has been asked already: it answers what came of it, the outage too."""

    def __init__(self, *, readings: dict[Key, Reading], outage: ConnectorUnavailable | None = None) -> None:
        self._readings = readings
        self._outage = outage

    async def read(self, *, merchant: MerchantId, keys: tuple[Key, ...], now: datetime) -> dict[Key, Reading]:
        """What was read. Raises ConnectorUnavailable where nothing could be."""
        del merchant, now
        if self._outage is not None:
            raise self._outage
        return {key: self._readings[key] for key in keys if key in self._readings}


async def ask_before(
    source: Source[Key, Reading], *, merchant: MerchantId, keys: tuple[Key, ...], now: datetime
) -> Given[Key, Reading]:
    """Asks now for what is needed later."""
    try:
        return Given(readings=await source.read(merchant=merchant, keys=keys, now=now))
    except ConnectorUnavailable as outage:
        return Given(readings={}, outage=outage)
