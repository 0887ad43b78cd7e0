"""Wrapper: a connector that can be taken down on purpose, by a scripted conversation or a drill.

Scripted conversations read the store in their process. Their clock stands still and the API's does not. The
contract tests hold both to the same answers.
"""

from datetime import datetime
from typing import Generic

from catalog.connectors.readings import KINDS, ConnectorUnavailable, Key, Kind, Reading, Source
from catalog.ids import MerchantId

SPELLINGS = {"catalog": "catalogue"}


class Outages:
    """Which connectors are down on purpose, in this process."""

    names: tuple[str, ...] = (*KINDS, "catalog")
    """The connectors there are; `catalog` is another spelling of `catalogue`."""

    def __init__(self) -> None:
        self._down: set[str] = set()

    def take_down(self, connector: str) -> None:
        """From now on this connector is out of reach."""
        self._down.add(SPELLINGS.get(connector, connector))

    def bring_up(self, connector: str) -> None:
        """It answers again."""
        self._down.discard(SPELLINGS.get(connector, connector))

    def list_down(self) -> tuple[str, ...]:
        """Those that are down."""
        return tuple(sorted(self._down))

    def is_down(self, connector: Kind) -> bool:
        """Whether it was taken down."""
        return connector in self._down


class Switched(Generic[Key, Reading]):
    """One job: to be out of reach while its connector is taken down."""

    def __init__(self, *, inner: Source[Key, Reading], connector: Kind, outages: Outages) -> None:
        self._inner: Source[Key, Reading] = inner
        self._connector = connector
        self._outages = outages

    async def read(self, *, merchant: MerchantId, keys: tuple[Key, ...], now: datetime) -> dict[Key, Reading]:
        """The inner answers. Raises ConnectorUnavailable while it is taken down."""
        if self._outages.is_down(self._connector):
            raise ConnectorUnavailable(connector=self._connector)
        return await self._inner.read(merchant=merchant, keys=keys, now=now)
