"""Asking the source whatever is kept, for whoever was just told that it changed."""

from datetime import datetime
from typing import Generic

import msgspec

from catalog.connectors.building import Connectors, Sources
from catalog.connectors.readings import ConnectorUnavailable, Key, Reading, Source
from catalog.ids import MerchantId


class AskAnew(Generic[Key, Reading]):
    """One job: no kept answer stands in for the source; where that is out of reach, the last answer, marked so.

    Two who are told of two changes of one item at once could else keep and read each other's older answer.
    """

    def __init__(self, *, direct: Source[Key, Reading], otherwise: Source[Key, Reading]) -> None:
        self._direct: Source[Key, Reading] = direct
        self._otherwise: Source[Key, Reading] = otherwise

    async def read(self, *, merchant: MerchantId, keys: tuple[Key, ...], now: datetime) -> dict[Key, Reading]:
        """The source's answers of now."""
        try:
            return await self._direct.read(merchant=merchant, keys=keys, now=now)
        except ConnectorUnavailable:
            return await self._otherwise.read(merchant=merchant, keys=keys, now=now)


def ask_anew(connectors: Connectors) -> Sources:
    """The same systems: stock, prices and terms asked at the source, what changes seldom as a turn would."""
    direct = connectors.direct
    return msgspec.structs.replace(
        direct,
        stock=AskAnew(direct=direct.stock, otherwise=connectors.stock),
        price=AskAnew(direct=direct.price, otherwise=connectors.price),
        policies=AskAnew(direct=direct.policies, otherwise=connectors.policies),
        promotions=AskAnew(direct=direct.promotions, otherwise=connectors.promotions),
        catalogue=connectors.catalogue,
    )
