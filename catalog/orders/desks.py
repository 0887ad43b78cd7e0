"""Which desk keeps a merchant's orders: its own system where it has one, else the built-in store."""

from catalog.connectors import Connections, Connectors
from catalog.connectors.assembly import MARGIN, build_breaker, build_limit
from catalog.connectors.breaker import Guard
from catalog.connectors.directory import Counter
from catalog.connectors.readings import NeverReached
from catalog.ids import MerchantId
from catalog.orders.desk import OrderDesk, ShownOrdersDesk, StoreDesk
from catalog.orders.remote import RemoteDesk


class Desks:
    """The desks of all merchants."""

    def __init__(self, *, connections: Connections, connectors: Connectors) -> None:
        self._store = StoreDesk(connections=connections, connectors=connectors)
        self._shown_only = ShownOrdersDesk(connections=connections, connectors=connectors)
        self._parts = connectors.parts
        self._remote: dict[Counter, RemoteDesk] = {}

    async def find(self, *, merchant: MerchantId) -> OrderDesk:
        """The desk to go to, by the merchant's settings of this moment. Raises NeverReached while orders are taken down
        on purpose.
        """
        if self._parts.outages.is_down("orders"):
            raise NeverReached(connector="orders", reason="it was taken down")
        await self._parts.directory.renew(merchant=merchant)
        if not await self.takes_orders(merchant=merchant):
            return self._shown_only
        counter = await self._parts.directory.find_counter(merchant=merchant)
        if counter is None:
            return self._store
        if counter not in self._remote:
            self._remote[counter] = self._build(counter)
        return self._remote[counter]

    async def takes_orders(self, *, merchant: MerchantId) -> bool:
        """Whether anything may be ordered; False where the merchant's own system shows orders and takes none."""
        return not await self._parts.directory.is_shown_only(merchant=merchant)

    def _build(self, counter: Counter) -> RemoteDesk:
        parts = self._parts
        lease = int((counter.seconds + MARGIN) * 1000)
        breaker = build_breaker(parts, kind="orders", lease_ms=lease)
        return RemoteDesk(
            counter=counter,
            fetcher=parts.fetcher,
            guard=Guard(connector="orders", breaker=breaker, tally=parts.tally),
            limit=build_limit(parts, kind="orders", per_second=counter.per_second),
        )
