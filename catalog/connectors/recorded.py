"""Wrapper: keeps every answer for the next one who asks, and refuses one that is older than what is kept."""

import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

import msgspec

from catalog.connectors.cache import AnswerCache, run_out
from catalog.connectors.readings import (
    AnswerRefused,
    CallLimited,
    Key,
    Kind,
    OrdersReading,
    PoliciesReading,
    PolicyRecord,
    PromotionsReading,
    PromotionTerms,
    Reading,
    Source,
)
from catalog.connectors.tally import Tally
from catalog.ids import MerchantId

Said = TypeVar("Said", contravariant=True)


class ListBehind(Protocol[Said]):
    """Names the parts of an answer that are older than those of the one that is known."""

    def __call__(self, said: Said, *, known: Said) -> Sequence[str]:
        """None where it is no step back."""
        ...


def list_older_orders(said: OrdersReading, *, known: OrdersReading) -> tuple[str, ...]:
    """Orders that are told as they stood before what is known of them. One that is not told any more is no older."""
    before = {order.number: order.version for order in known.orders}
    return tuple(order.number for order in said.orders if 0 < order.version < before.get(order.number, 0))


def list_older_promotions(said: PromotionsReading, *, known: PromotionsReading) -> tuple[str, ...]:
    """Promotions told as they stood before what is known of them. One that is not told any more is no older.

    Several may bear one title, and a system need not number its rows: of those that nothing tells apart the latest that
    is told counts, against the earliest that is known.
    """
    before, told = _sort_versions(known.promotions), _sort_versions(said.promotions)
    return tuple(
        name
        for (number, name), versions in told.items()
        if 0 < versions[-1] < before.get((number, name), [0])[0]
    )


def _sort_versions(promotions: Iterable[PromotionTerms]) -> dict[tuple[int, str], list[int]]:
    versions: dict[tuple[int, str], list[int]] = {}
    for promotion in sorted(promotions, key=lambda each: each.version):
        name = promotion.code.lower() if promotion.code else promotion.title
        versions.setdefault((promotion.id, name), []).append(promotion.version)
    return versions


def list_older_policies(said: PoliciesReading, *, known: PoliciesReading) -> tuple[str, ...]:
    """Policies of which a later version was in force before and would be now. One that is not there any more is no
    older, and a version that was never in force, or is over, may be withdrawn.
    """
    latest = _list_latest(said.policies)
    before = _list_latest(
        policy
        for policy in known.policies
        if _is_in_force(policy, at=known.observed_at) and _is_in_force(policy, at=said.observed_at)
    )
    return tuple(name for name, version in latest.items() if version < before.get(name, 0))


def _is_in_force(policy: PolicyRecord, *, at: datetime) -> bool:
    begun = policy.valid_from is None or policy.valid_from <= at
    return begun and (policy.valid_until is None or policy.valid_until > at)


def _list_latest(policies: Iterable[PolicyRecord]) -> dict[str, int]:
    latest: dict[str, int] = {}
    for policy in policies:
        scope = policy.ref.rpartition("@")[0]
        latest[scope] = max(policy.version, latest.get(scope, 0))
    return latest


class Recorded(Generic[Key, Reading]):
    """One job: what was answered is known from now on, dated until when it is fresh."""

    def __init__(
        self,
        *,
        inner: Source[Key, Reading],
        cache: AnswerCache[Key, Reading],
        connector: Kind,
        fresh_seconds: tuple[float, float],
        tally: Tally,
        taken_as_fresh: bool = True,
        list_behind: ListBehind[Reading] | None = None,
    ) -> None:
        """`taken_as_fresh`: whether anybody takes a kept answer for one of now; else it serves outages alone.

        `list_behind`: of a whole whose parts are numbered, which of them are older than those that are known.
        """
        self._inner: Source[Key, Reading] = inner
        self._cache: AnswerCache[Key, Reading] = cache
        self._connector = connector
        self._shortest, self._longest = fresh_seconds
        self._tally = tally
        self._taken_as_fresh = taken_as_fresh
        self._list_behind: ListBehind[Reading] | None = list_behind

    async def read(self, *, merchant: MerchantId, keys: tuple[Key, ...], now: datetime) -> dict[Key, Reading]:
        """The inner answers, dated and kept. Raises AnswerRefused where a version goes backwards.

        Where a change was told since they were asked for they have run out: they may be from before it.
        """
        wanted = tuple(dict.fromkeys(keys))
        begun = await self._cache.begin(merchant=merchant, keys=wanted) if self._taken_as_fresh else {}
        try:
            asked = await self._inner.read(merchant=merchant, keys=keys, now=now)
        except CallLimited as limited:
            # What had its turn is known; the rest is for whoever has last answers.
            await self._keep(limited.answered, merchant=merchant, begun=begun, now=now)
            raise
        return await self._keep(asked, merchant=merchant, begun=begun, now=now)

    async def _keep(
        self, asked: dict[Key, Reading], *, merchant: MerchantId, begun: dict[Key, str], now: datetime
    ) -> dict[Key, Reading]:
        dated = {key: self._date(reading, now=now) for key, reading in asked.items()}
        if self._list_behind is not None:
            known = await self._cache.read(merchant=merchant, keys=tuple(dated))
            behind = [name for key in known for name in self._list_behind(dated[key], known=known[key])]
            await self._require_none(behind, merchant=merchant)
        written = await self._cache.record(merchant=merchant, readings=dated, begun=begun)
        await self._require_none(written.behind, merchant=merchant)
        return dated | {key: run_out(dated[key]) for key in written.crossed if self._taken_as_fresh}

    async def _require_none(self, behind: Sequence[str], *, merchant: MerchantId) -> None:
        if behind:
            await self._tally.count(merchant=merchant, connector=self._connector, whats=("refused",))
            raise AnswerRefused(
                connector=self._connector, reason=f"the version of {', '.join(behind)} went backwards"
            )

    def _date(self, reading: Reading, *, now: datetime) -> Reading:
        """Fresh for a while that differs from answer to answer, so that a page of them does not run out at once."""
        until = now + timedelta(seconds=random.uniform(self._shortest, self._longest))
        if reading.valid_until is not None:
            until = min(until, reading.valid_until)
        return msgspec.structs.replace(reading, valid_until=until, teller=self._cache.teller)
