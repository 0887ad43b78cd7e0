"""Wrapper: identical reads in flight become one, in this process and across processes: a stampede makes one call."""

import asyncio
from datetime import datetime
from typing import Generic

from catalog.connectors.asking import Asking, make_token
from catalog.connectors.cache import AnswerCache
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
    ) -> None:
        self._inner: Source[Key, Reading] = inner
        self._cache: AnswerCache[Key, Reading] = cache
        self._connector = connector
        self._asking = asking
        self._seconds = seconds
        self._flights: dict[tuple[MerchantId, Key], asyncio.Task[dict[Key, Reading]]] = {}

    async def read(self, *, merchant: MerchantId, keys: tuple[Key, ...], now: datetime) -> dict[Key, Reading]:
        """The answers, each asked for once however many want it. Raises ConnectorUnavailable."""
        new = tuple(key for key in dict.fromkeys(keys) if (merchant, key) not in self._flights)
        if new:
            flight = asyncio.create_task(self._fetch(merchant, new, now=now))
            self._flights.update(dict.fromkeys(((merchant, key) for key in new), flight))
            flight.add_done_callback(lambda _: self._land(merchant, new))
        flights = {self._flights[merchant, key] for key in keys}
        # A shopper who leaves ends the waiting, not the call that others wait for; that ends within its own time.
        landed = await asyncio.shield(asyncio.gather(*flights, return_exceptions=True))
        answers: dict[Key, Reading] = {}
        for answer in landed:
            if isinstance(answer, BaseException):
                raise answer
            answers.update(answer)
        return {key: answers[key] for key in keys if key in answers}

    def _land(self, merchant: MerchantId, keys: tuple[Key, ...]) -> None:
        for key in keys:
            self._flights.pop((merchant, key), None)

    async def _fetch(
        self, merchant: MerchantId, keys: tuple[Key, ...], *, now: datetime
    ) -> dict[Key, Reading]:
        """Asks for what no other process is asking for, and waits for the rest."""
        token = make_token()
        mine = tuple(keys[at] for at in await self._asking.take(merchant=merchant, keys=keys, token=token))
        answers: dict[Key, Reading] = {}
        failed = True
        try:
            if mine:
                answers = await self._inner.read(merchant=merchant, keys=mine, now=now)
            failed = False
        finally:
            if mine:
                await self._asking.give_back(merchant=merchant, keys=mine, token=token, failed=failed)
        others = tuple(key for key in keys if key not in mine)
        return {**answers, **await self._wait(merchant, others, now=now)} if others else answers

    async def _wait(
        self, merchant: MerchantId, keys: tuple[Key, ...], *, now: datetime
    ) -> dict[Key, Reading]:
        """What another process answers for these. A process that died with them in hand is replaced."""
        end = asyncio.get_running_loop().time() + self._seconds
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            held, failed = await self._asking.look(merchant=merchant, keys=keys)
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
