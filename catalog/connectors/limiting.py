"""Wrapper: a merchant's system is asked no more often than it allows, by all processes together."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Generic, TypeVar

from redis.exceptions import RedisError

from catalog.connectors.readings import CallLimited, Key, Kind, Reading, Source
from catalog.connectors.redis_gate import RedisGate, report_unreachable
from catalog.connectors.tally import Tally
from catalog.ids import MerchantId

Answer = TypeVar("Answer")

WINDOW_MS = 1000
LONGEST_HOLD = 300.0
"""A system that says to come back much later is asked again after five minutes all the same."""
# Two windows of a second are weighed, by the clock of Redis: clocks of processes differ. ARGV[1] 0: no limit.
ADMIT = """
local held = redis.call('PTTL', KEYS[1])
if held > 0 then return held end
local most = tonumber(ARGV[1])
if most == 0 then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local window = tonumber(ARGV[2])
local place = math.floor(now / window)
local seen = redis.call('HMGET', KEYS[2], place, place - 1)
local passed = (now % window) / window
local used = tonumber(seen[1] or 0) + tonumber(seen[2] or 0) * (1 - passed)
if used + 1 > most then return math.max(1, math.ceil(window * (1 - passed))) end
redis.call('HINCRBY', KEYS[2], place, 1)
redis.call('HDEL', KEYS[2], place - 2, place - 3)
redis.call('PEXPIRE', KEYS[2], 3 * window)
return 0
"""


class Limit:
    """What stands before every call of one connector, whatever it asks or orders: the merchant's limit, and its
    "come back in so many seconds". Neither is a fault of the system.
    """

    def __init__(
        self, *, connector: Kind, gate: RedisGate, prefix: str, per_second: int, tally: Tally
    ) -> None:
        self._connector = connector
        self._gate = gate
        self._prefix = prefix
        self._per_second = per_second
        self._tally = tally

    async def run(
        self, call: Callable[[], Awaitable[Answer]], *, merchant: MerchantId, patience: float = 0.0
    ) -> Answer:
        """What the call answers; it waits its turn for so many seconds. Raises CallLimited without calling where its
        turn comes later.
        """
        held, used = self._list_names(merchant)
        while wait := await self._find_wait(held=held, used=used):
            patience -= wait
            if patience < 0:
                await self._tally.count(merchant=merchant, connector=self._connector, whats=("limited",))
                raise CallLimited(connector=self._connector, retry_after=wait)
            await asyncio.sleep(wait)
        try:
            return await call()
        except CallLimited as limited:
            await self._hold(held, seconds=limited.retry_after or 1.0)
            await self._tally.count(merchant=merchant, connector=self._connector, whats=("limited",))
            raise

    async def _find_wait(self, *, held: str, used: str) -> float:
        """How many seconds until the next call may go; where it may go now, it is counted. 0 without Redis."""
        try:
            wait = await self._gate.ask(
                lambda redis: redis.eval(ADMIT, 2, held, used, self._per_second, WINDOW_MS)
            )
        except (RedisError, OSError) as error:
            report_unreachable(error)
            return 0.0
        return int(wait) / 1000

    def _list_names(self, merchant: MerchantId) -> tuple[str, str]:
        base = f"{self._prefix}c:{merchant}"
        return f"{base}:held:{self._connector}", f"{base}:used:{self._connector}"

    async def _hold(self, name: str, *, seconds: float) -> None:
        try:
            milliseconds = max(1, int(min(seconds, LONGEST_HOLD) * 1000))
            await self._gate.ask(lambda redis: redis.set(name, 1, px=milliseconds))
        except (RedisError, OSError) as error:
            report_unreachable(error)


class RateLimited(Generic[Key, Reading]):
    """One job: to keep to a limit, waiting its turn for so many seconds."""

    def __init__(self, *, inner: Source[Key, Reading], limit: Limit, patience: float = 0.0) -> None:
        self._inner: Source[Key, Reading] = inner
        self._limit = limit
        self._patience = patience

    async def read(self, *, merchant: MerchantId, keys: tuple[Key, ...], now: datetime) -> dict[Key, Reading]:
        """The inner answers. Raises CallLimited without asking while the limit or a wish to wait stands for longer."""
        return await self._limit.run(
            lambda: self._inner.read(merchant=merchant, keys=keys, now=now),
            merchant=merchant,
            patience=self._patience,
        )
