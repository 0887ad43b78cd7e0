"""Each merchant's question goes its merchant's way, with the wrappers of that way."""

from datetime import datetime, timedelta
from typing import Generic, Protocol

from catalog.connectors.assembly import Chain, Parts, Plan, build_chain
from catalog.connectors.cache import AnswerCache, Keys
from catalog.connectors.directory import Route
from catalog.connectors.readings import Key, Reading
from catalog.connectors.veil import Veil
from catalog.ids import MerchantId

MOST_CHAINS = 500
MOST_UNHEARD = 10_000


class Routed(Generic[Key, Reading]):
    """One kind of connector, for all merchants."""

    def __init__(self, *, plan: Plan[Key, Reading], parts: Parts) -> None:
        self.kind = plan.kind
        self._plan: Plan[Key, Reading] = plan
        self._parts = parts
        self._chains: dict[tuple[object, ...], Chain[Key, Reading]] = {}
        self._cache: AnswerCache[Key, Reading] = AnswerCache(
            gate=parts.gate,
            keys=Keys(prefix=parts.prefix),
            connector=plan.kept_as,
            shape=plan.reading,
            veil=Veil(keys=parts.keys, connector=plan.kept_as),
            fresh_seconds=plan.held.fresh_seconds[1],
        )
        self._unheard: dict[tuple[MerchantId, Key], None] = {}

    async def read(self, *, merchant: MerchantId, keys: tuple[Key, ...], now: datetime) -> dict[Key, Reading]:
        """For a turn: fresh answers, or the last known, marked. Raises ConnectorUnavailable where nothing is known."""
        missed = tuple(key for key in keys if (merchant, key) in self._unheard)
        if missed:
            # A change was told while Redis was away: what it still holds was answered before that.
            await self.expire(merchant=merchant, keys=missed)
        chain = await self._find_chain(merchant)
        return await chain.kept.read(merchant=merchant, keys=keys, now=now)

    async def read_directly(
        self, *, merchant: MerchantId, keys: tuple[Key, ...], now: datetime
    ) -> dict[Key, Reading]:
        """At the source, whatever is kept. Raises ConnectorUnavailable."""
        chain = await self._find_chain(merchant)
        return await chain.direct.read(merchant=merchant, keys=keys, now=now)

    async def is_elsewhere(self, *, merchant: MerchantId) -> bool:
        """Whether another system than our own tables answers, or ought to."""
        route = await self.find_route(merchant=merchant)
        return route.endpoint is not None or self._parts.outages.is_down(self.kind)

    async def find_route(self, *, merchant: MerchantId) -> Route:
        """Which system answers."""
        directory = self._parts.directory
        return await directory.find_route(merchant=merchant, kind=self.kind, question=self._plan.question)

    async def expire(self, *, merchant: MerchantId, keys: tuple[Key, ...]) -> None:
        """Has the source asked at the next reading, whatever is kept; also where Redis hears of it only later."""
        named = [(merchant, key) for key in keys]
        if await self._cache.expire(merchant=merchant, keys=keys):
            for each in named:
                self._unheard.pop(each, None)
            return
        self._unheard.update(dict.fromkeys(named))
        while len(self._unheard) > MOST_UNHEARD:
            self._unheard.pop(next(iter(self._unheard)))

    async def forget(self, *, merchant: MerchantId, keys: tuple[Key, ...]) -> int:
        """Takes what is kept of these out of Redis and says how many there were. Raises RedisError."""
        return await self._cache.forget(merchant=merchant, keys=keys)

    async def refresh_recent(self, *, merchant: MerchantId, now: datetime, within: timedelta) -> int:
        """Asks anew for what was read lately and runs out `within` this time. Answers how many."""
        chain = await self._find_chain(merchant)
        return await chain.fresh.refresh_recent(merchant=merchant, now=now, within=within)

    async def list_readers(self, *, now: datetime) -> tuple[MerchantId, ...]:
        """Merchants whose systems were asked lately."""
        return await self._cache.list_readers(now=now)

    async def _find_chain(self, merchant: MerchantId) -> Chain[Key, Reading]:
        route = await self.find_route(merchant=merchant)
        chain = self._chains.get(route.name)
        if chain is None:
            if len(self._chains) >= MOST_CHAINS:
                self._chains.clear()
            chain = build_chain(plan=self._plan, route=route, parts=self._parts)
            self._chains[route.name] = chain
        return chain


class AskedDirectly(Protocol[Key, Reading]):
    """What can be asked past whatever is kept."""

    async def read_directly(
        self, *, merchant: MerchantId, keys: tuple[Key, ...], now: datetime
    ) -> dict[Key, Reading]:
        """At the source. Raises ConnectorUnavailable."""
        ...


class Direct(Generic[Key, Reading]):
    """The same connector, always asked at the source."""

    def __init__(self, routed: AskedDirectly[Key, Reading]) -> None:
        self._routed: AskedDirectly[Key, Reading] = routed

    async def read(self, *, merchant: MerchantId, keys: tuple[Key, ...], now: datetime) -> dict[Key, Reading]:
        """At the source, whatever is kept. Raises ConnectorUnavailable."""
        return await self._routed.read_directly(merchant=merchant, keys=keys, now=now)
