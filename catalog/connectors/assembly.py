"""The connectors put together: the order of the wrappers stands here and nowhere else."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Generic

import msgspec

from catalog.connectors.asking import Asking
from catalog.connectors.batching import Batched
from catalog.connectors.breaker import Guarded
from catalog.connectors.cache import AnswerCache, Keys
from catalog.connectors.coalescing import Coalesced
from catalog.connectors.directory import Directory, Route
from catalog.connectors.fallback import FallbackToLast
from catalog.connectors.fetching import Fetcher
from catalog.connectors.flights import Flights
from catalog.connectors.fresh import FreshWithin
from catalog.connectors.json_source import Endpoint, JsonSource
from catalog.connectors.kinds import TIERS, Tier
from catalog.connectors.limiting import Limit, RateLimited
from catalog.connectors.local_breaker import LocalBreaker, LocallyGuarded
from catalog.connectors.readings import Key, Kind, Reading, Source
from catalog.connectors.recorded import ListBehind, Recorded
from catalog.connectors.redis_gate import RedisGate
from catalog.connectors.shared_breaker import BreakerTerms, RecordChange, SharedBreaker
from catalog.connectors.switch import Outages, Switched
from catalog.connectors.tally import Tally
from catalog.connectors.timing import TimeLimited
from catalog.connectors.veil import Veil
from catalog.connectors.wire import Shape

MARGIN = 1.0
"""Seconds beyond a call's own timeout after which whoever waits for it takes it for dead."""
PATIENCE = 3.0
"""Seconds that a commitment waits for its turn at least: one call a second is let through every other second."""


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """What the connectors of a process share."""

    gate: RedisGate
    prefix: str
    directory: Directory
    fetcher: Fetcher
    flights: Flights
    outages: Outages
    tally: Tally
    postgres: LocalBreaker
    breaker_terms: BreakerTerms
    record_change: RecordChange
    keys: Mapping[int, bytes] = {}
    """What hides whatever is kept of people."""


class Plan(msgspec.Struct, Generic[Key, Reading], frozen=True, kw_only=True):
    """What one kind of connector is made of."""

    kind: Kind
    reading: type[Reading]
    shape: Shape[Key, Reading]
    store: Source[Key, Reading]
    """The built-in store, read in this process."""
    cached_store: bool = False
    """Whether what the store answers in this process is kept fresh too: asking it costs what a cache does."""
    resort: Source[Key, Reading] | None = None
    make_unknown: Callable[[Key, datetime], Reading] | None = None
    question: str = ""
    """Where a connector is asked for more than one thing: which it is. Breaker, limit and outage are one for all."""
    tier: Tier | None = None
    """How volatile this question's answers are, where that is not as its kind's."""
    list_behind: ListBehind[Reading] | None = None
    """Of a whole whose parts are numbered: which of them went backwards."""

    @property
    def kept_as(self) -> str:
        """What its answers go by in Redis."""
        return f"{self.kind}:{self.question}" if self.question else self.kind

    @property
    def held(self) -> Tier:
        """How volatile its answers are."""
        return self.tier or TIERS[self.kind]


class Chain(msgspec.Struct, Generic[Key, Reading], frozen=True, kw_only=True):
    """One route with its wrappers."""

    kept: Source[Key, Reading]
    """For a turn: fresh answers, or the last known."""
    direct: Source[Key, Reading]
    """At the source, or not at all: what a commitment is checked against."""
    fresh: FreshWithin[Key, Reading]


def build_chain(*, plan: Plan[Key, Reading], route: Route, parts: Parts) -> Chain[Key, Reading]:
    """The wrappers around one route, from the inside out."""
    kind, tier = plan.kind, plan.held
    cache: AnswerCache[Key, Reading] = AnswerCache(
        gate=parts.gate,
        keys=Keys(prefix=parts.prefix),
        connector=plan.kept_as,
        shape=plan.reading,
        veil=Veil(keys=parts.keys, connector=plan.kept_as),
        fresh_seconds=tier.fresh_seconds[1],
        teller=route.teller,
    )
    keeps_fresh = route.endpoint is not None or plan.cached_store
    switched, direct = (
        _record(way, cache=cache, plan=plan, parts=parts, taken_as_fresh=keeps_fresh)
        for way in _list_ways(plan, route, parts)
    )
    inner: Source[Key, Reading] = switched
    if route.endpoint is not None:
        # As long as it may wait for its turn, and then for the answer.
        wait = 2 * route.seconds + MARGIN if route.per_second else route.seconds + MARGIN
        asking = Asking(
            gate=parts.gate,
            prefix=parts.prefix,
            connector=plan.kept_as,
            seconds=wait,
            veil=Veil(keys=parts.keys, connector=plan.kept_as),
        )
        inner = Coalesced(
            inner=switched, cache=cache, connector=kind, asking=asking, seconds=wait, flights=parts.flights
        )
    fresh = FreshWithin(inner=inner, cache=cache)
    kept: Source[Key, Reading] = fresh if keeps_fresh else switched
    return Chain(
        kept=FallbackToLast(
            inner=kept,
            cache=cache,
            connector=kind,
            max_age=tier.max_age,
            copy_age=tier.copy_age or tier.max_age,
            tally=parts.tally,
            make_unknown=plan.make_unknown,
            resort=plan.resort,
        ),
        direct=direct,
        fresh=fresh,
    )


def _record(
    way: Source[Key, Reading],
    *,
    cache: AnswerCache[Key, Reading],
    plan: Plan[Key, Reading],
    parts: Parts,
    taken_as_fresh: bool,
) -> Source[Key, Reading]:
    recorded: Source[Key, Reading] = Recorded(
        inner=way,
        cache=cache,
        connector=plan.kind,
        fresh_seconds=plan.held.fresh_seconds,
        tally=parts.tally,
        taken_as_fresh=taken_as_fresh,
        # What our own tables say of themselves is never behind.
        list_behind=plan.list_behind if taken_as_fresh else None,
    )
    return Switched(inner=recorded, connector=plan.kind, outages=parts.outages)


def build_breaker(parts: Parts, *, kind: Kind, lease_ms: int) -> SharedBreaker:
    """The breaker of a kind of system: one for everything that it is asked."""
    return SharedBreaker(
        gate=parts.gate,
        prefix=parts.prefix,
        connector=kind,
        terms=msgspec.structs.replace(parts.breaker_terms, lease_ms=lease_ms),
        record_change=parts.record_change,
    )


def build_limit(parts: Parts, *, kind: Kind, per_second: int) -> Limit:
    """The limit of a kind of system: one for everything that it is asked."""
    return Limit(
        connector=kind, gate=parts.gate, prefix=parts.prefix, per_second=per_second, tally=parts.tally
    )


def _list_ways(
    plan: Plan[Key, Reading], route: Route, parts: Parts
) -> tuple[Source[Key, Reading], Source[Key, Reading]]:
    """The system for whoever has a kept answer to fall back on, and for whoever has none and needs all of it."""
    if route.endpoint is None:
        store = _guard_store(plan, parts)
        return store, store
    guarded = _guard_endpoint(plan, route, route.endpoint, parts)
    limit = build_limit(parts, kind=plan.kind, per_second=route.per_second)
    most = _count_keys_a_call(plan.kind, route.endpoint)
    return (
        RateLimited(inner=guarded, limit=limit, patience=route.seconds, keys_a_call=most),
        RateLimited(
            inner=guarded,
            limit=limit,
            patience=max(route.seconds, PATIENCE),
            keys_a_call=most,
            whole=True,
        ),
    )


def _count_keys_a_call(kind: Kind, endpoint: Endpoint) -> int:
    return 1 if endpoint.asks_one_by_one else TIERS[kind].most_at_once


def _guard_store(plan: Plan[Key, Reading], parts: Parts) -> Source[Key, Reading]:
    """PostgreSQL is guarded by this process alone: it is what the others would be told through."""
    return LocallyGuarded(inner=plan.store, connector=plan.kind, breaker=parts.postgres)


def _guard_endpoint(
    plan: Plan[Key, Reading], route: Route, endpoint: Endpoint, parts: Parts
) -> Source[Key, Reading]:
    kind = plan.kind
    source: Source[Key, Reading] = JsonSource(
        endpoint=endpoint, shape=plan.shape, fetcher=parts.fetcher, currency=route.currency
    )
    batched: Source[Key, Reading] = Batched(inner=source, most=_count_keys_a_call(kind, endpoint))
    timed: Source[Key, Reading] = TimeLimited(inner=batched, connector=kind, seconds=route.seconds)
    lease = int((route.seconds + MARGIN) * 1000)
    breaker = build_breaker(parts, kind=kind, lease_ms=lease)
    return Guarded(inner=timed, connector=kind, breaker=breaker, tally=parts.tally)
