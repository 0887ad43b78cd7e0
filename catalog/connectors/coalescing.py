"""Wrapper: identical reads in flight become one, in this process and across processes: a stampede makes one call.

A failure holds for a quarter second. Whoever waited for the call hears of it so, and a turn that asks for the same
once more does not wait out a hanging system again; the breaker would stop it only after five. The price is that a
system which is back is asked a quarter second later: until then its last answers stand, with their age.
"""

import asyncio
from datetime import datetime
from typing import Generic

from catalog.connectors.asking import Asking, make_token
from catalog.connectors.cache import AnswerCache
from catalog.connectors.flights import Flights
from catalog.connectors.fresh import is_fresh
from catalog.connectors.readings import ConnectorUnavailable, Key, Kind, Reading, Source
from catalog.ids import MerchantId

LOOK_SECONDS = 0.02
"""How often a process that waits for another one's answer looks for it."""


class Coalesced(Generic[Key, Reading]):
    """One job: while a key is asked for, whoever else wants it waits for that answer; the inner source keeps it."""

    def __init__(
        self,
        *,
        inner: Source[Key, Reading],
        cache: AnswerCache[Key, Reading],
        connector: Kind,
        asking: Asking,
        seconds: float,
        flights: Flights,
    ) -> None:
        self._inner: Source[Key, Reading] = inner
        self._cache: AnswerCache[Key, Reading] = cache
        self._connector = connector
        self._asking = asking
        self._seconds = seconds
        self._all = flights
        self._flights: dict[tuple[MerchantId, Key, str], asyncio.Task[dict[Key, Reading]]] = {}

    async def read(self, *, merchant: MerchantId, keys: tuple[Key, ...], now: datetime) -> dict[Key, Reading]:
        """The answers, each asked for once however many want it. Raises ConnectorUnavailable.

        Nobody joins a call that began before a change which was told since: its answer may be from before it.
        """
        marks = await self._cache.begin(merchant=merchant, keys=tuple(dict.fromkeys(keys)))
        new = {key: mark for key, mark in marks.items() if (merchant, key, mark) not in self._flights}
        if new:
            flight = self._all.start(self._fetch(merchant, new, now=now))
            places = [(merchant, key, mark) for key, mark in new.items()]
            self._flights.update(dict.fromkeys(places, flight))
            flight.add_done_callback(lambda _: self._land(places))
        flights = {self._flights[merchant, key, mark] for key, mark in marks.items()}
        # A shopper who leaves ends the waiting, not the call that others wait for; that ends within its own time.
        landed = await asyncio.shield(asyncio.gather(*flights, return_exceptions=True))
        answers: dict[Key, Reading] = {}
        for answer in landed:
            if isinstance(answer, BaseException):
                raise answer
            answers.update(answer)
        return {key: answers[key] for key in keys if key in answers}

    def _land(self, places: list[tuple[MerchantId, Key, str]]) -> None:
        for place in places:
            self._flights.pop(place, None)

    async def _fetch(
        self, merchant: MerchantId, marks: dict[Key, str], *, now: datetime
    ) -> dict[Key, Reading]:
        """Asks for what no other process is asking for since the same change, and waits for the rest."""
        token, keys = make_token(), tuple(marks)
        calls = tuple(f"{key}@{mark}" for key, mark in marks.items())
        taken = await self._asking.take(merchant=merchant, keys=calls, token=token)
        mine = tuple(keys[at] for at in taken)
        answers: dict[Key, Reading] = {}
        failed = True
        try:
            if mine:
                answers = await self._inner.read(merchant=merchant, keys=mine, now=now)
            failed = False
        finally:
            if mine:
                held = tuple(calls[at] for at in taken)
                await self._asking.give_back(merchant=merchant, keys=held, token=token, failed=failed)
        others = {key: call for key, call in zip(keys, calls, strict=True) if key not in mine}
        return {**answers, **await self._wait(merchant, others, now=now)} if others else answers

    async def _wait(
        self, merchant: MerchantId, calls: dict[Key, str], *, now: datetime
    ) -> dict[Key, Reading]:
        """What another process answers for these. A process that died with them in hand is replaced."""
        end, keys = asyncio.get_running_loop().time() + self._seconds, tuple(calls)
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            held, failed = await self._asking.look(merchant=merchant, keys=tuple(calls.values()))
            if failed or (held and asyncio.get_running_loop().time() >= end):
                raise ConnectorUnavailable(connector=self._connector, reason="another call failed just now")
            if not held:
                known = await self._cache.read(merchant=merchant, keys=keys)
                fresh = {key: known[key] for key in known if is_fresh(known[key], now=now)}
                # What the other one was not told of either is asked for once more, now by this process.
                left = tuple(key for key in keys if key not in fresh)
                if left:
                    fresh.update(await self._inner.read(merchant=merchant, keys=left, now=now))
                return fresh
