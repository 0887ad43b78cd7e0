"""Wrapper: a merchant's system is asked no more often than it allows, by all processes together.

The script is our own. `limits` 5.8 keeps a limit as exactly, by the clock of Redis in its sliding counter.
But a merchant's "come back in so many seconds" must hold the calls of all processes as well, and be looked up
before each: here both are one round trip, p50 140-190 µs, with the library two, 230-350 µs (1,500 calls each, three
rounds, busy two cores).

Orders go behind the same limit, breaker and timeout (`Limit`, `Guard`, `answer_within`: what `RateLimited`,
`Guarded` and `TimeLimited` wrap around a read) and share their state with reads of orders; never through a cache or
a coalescing, and they are never tried again. A call of an order waits its turn for as long as it may take, because
placing one is several calls in a row; where its turn comes later, nothing was done and who confirms is told to
press again.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Generic, TypeVar

from redis.exceptions import RedisError

from catalog.connectors.batching import SIDE_BY_SIDE
from catalog.connectors.readings import CallLimited, Key, Kind, Reading, Source
from catalog.connectors.redis_gate import RedisGate, report_unreachable
from catalog.connectors.tally import Tally
from catalog.ids import MerchantId

Answer = TypeVar("Answer")

Pause = Callable[[float], Awaitable[None]]
"""Lets so many seconds go by."""

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
local calls = tonumber(ARGV[3])
local now_used, before = tonumber(seen[1] or 0), tonumber(seen[2] or 0)
if now_used + before * (1 - passed) + calls > most then
  if now_used + calls > most then return math.max(1, math.ceil(window * (1 - passed))) end
  local from = 1 - (most - calls - now_used) / before
  return math.max(1, math.ceil(window * (from - passed)))
end
redis.call('HINCRBY', KEYS[2], place, calls)
redis.call('HDEL', KEYS[2], place - 2, place - 3)
redis.call('PEXPIRE', KEYS[2], 3 * window)
return 0
"""


class Limit:
    """What stands before every call of one connector, whatever it asks or orders: the merchant's limit, and its
    "come back in so many seconds". Neither is a fault of the system.
    """

    def __init__(
        self,
        *,
        connector: Kind,
        gate: RedisGate,
        prefix: str,
        per_second: int,
        tally: Tally,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._connector = connector
        self._gate = gate
        self._prefix = prefix
        self.per_second = per_second
        self._tally = tally
        self._pause = pause

    async def run(
        self,
        call: Callable[[], Awaitable[Answer]],
        *,
        merchant: MerchantId,
        patience: float = 0.0,
        calls: int = 1,
    ) -> Answer:
        """What the call answers; it waits its turn for so many seconds. Raises CallLimited without calling where its
        turn comes later. `calls`: how many of the merchant's it will be, no more than its limit a second.
        """
        held, used = self._list_names(merchant)
        while wait := await self._find_wait(held=held, used=used, calls=calls):
            patience -= wait
            if patience < 0:
                await self._tally.count(merchant=merchant, connector=self._connector, whats=("limited",))
                raise CallLimited(connector=self._connector, retry_after=wait)
            await self._pause(wait)
        try:
            return await call()
        except CallLimited as limited:
            await self._hold(held, seconds=limited.retry_after or 1.0)
            await self._tally.count(merchant=merchant, connector=self._connector, whats=("limited",))
            raise

    def give_up(self, answered: Mapping[Any, Any]) -> CallLimited:
        """The end of a long question whose time is over, with what was answered of it."""
        limited = CallLimited(connector=self._connector, retry_after=1.0)
        limited.answered = dict(answered)
        return limited

    async def _find_wait(self, *, held: str, used: str, calls: int) -> float:
        """How many seconds until the next call may go; where it may go now, it is counted. 0 without Redis."""
        try:
            wait = await self._gate.ask(
                lambda redis: redis.eval(ADMIT, 2, held, used, self.per_second, WINDOW_MS, calls)
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
    """One job: to keep to a limit, waiting its turn for so many seconds.

    A question that the merchant is asked in several calls takes a turn for each few of them.
    """

    def __init__(
        self,
        *,
        inner: Source[Key, Reading],
        limit: Limit,
        patience: float = 0.0,
        keys_a_call: int = 1,
        whole: bool = False,
    ) -> None:
        """`whole`: all of it is needed, so each part waits as long; else all of them together."""
        self._inner: Source[Key, Reading] = inner
        self._limit = limit
        self._patience = patience
        self._keys_a_call = keys_a_call
        self._whole = whole

    async def read(self, *, merchant: MerchantId, keys: tuple[Key, ...], now: datetime) -> dict[Key, Reading]:
        """The inner answers. Raises CallLimited, with what was answered until then, while the limit or a wish to wait
        stands for longer.
        """
        answers: dict[Key, Reading] = {}
        loop = asyncio.get_running_loop()
        end = loop.time() + self._patience
        for part in self._split(tuple(dict.fromkeys(keys))):
            left = self._patience if self._whole or not answers else max(0.0, end - loop.time())
            if answers and self._patience and not left:
                # Its turn may have come, but each part takes its own time to be answered.
                raise self._limit.give_up(answers)
            try:
                answered = await self._limit.run(
                    partial(self._inner.read, merchant=merchant, keys=part, now=now),
                    merchant=merchant,
                    patience=left,
                    calls=math.ceil(len(part) / self._keys_a_call) or 1,
                )
            except CallLimited as limited:
                limited.answered = answers
                raise
            answers.update(answered)
        return answers

    def _split(self, keys: tuple[Key, ...]) -> list[tuple[Key, ...]]:
        """The parts that take a turn each: as many calls as are made side by side, where there is a limit."""
        if not self._limit.per_second or not keys:
            return [keys]
        most = min(SIDE_BY_SIDE, self._limit.per_second) * self._keys_a_call
        return [keys[at : at + most] for at in range(0, len(keys), most)]
