"""The one way of the connectors to Redis: a Redis that does not answer is left alone for a moment."""

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from redis.asyncio import Redis
from redis.exceptions import RedisError
from typing_extensions import override

from catalog.connectors.local_breaker import LocalBreaker

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")
GetRedis = Callable[[], Redis]
"""Answers the client to use now: it is asked at every use, since a drill may have cut it off."""


class RedisLeftAlone(RedisError):
    """Redis did not answer lately, so it was not asked; go on without."""

    def __init__(self) -> None:
        super().__init__("Redis did not answer lately and is left alone for a moment.")


class RedisUnused(RedisError):
    """Whoever asks wants nothing kept and nothing counted."""

    def __init__(self) -> None:
        super().__init__("Redis is not used here.")


class RedisGate:
    """Asks Redis through a breaker of this process: each question to a Redis that hangs would wait for a second."""

    def __init__(self, *, get_redis: GetRedis, breaker: LocalBreaker | None = None) -> None:
        self._get_redis = get_redis
        self._breaker = breaker or LocalBreaker(guards="redis")
        self._asked: Redis | None = None

    async def ask(self, question: Callable[[Redis], Awaitable[Answer]]) -> Answer:
        """What Redis answers. Raises RedisError or OSError."""
        redis = self._get_redis()
        if redis is not self._asked:
            # Another client leads elsewhere: what the former one did says nothing of it.
            self._breaker.reset()
            self._asked = redis
        if self._breaker.turns_away():
            raise RedisLeftAlone
        with self._breaker.guard(failures=(RedisError, OSError)):
            return await question(redis)


class ClosedGate(RedisGate):
    """Asks nothing: for looking at a merchant's systems without leaving a trace in what is kept of them."""

    def __init__(self) -> None:
        super().__init__(get_redis=_use_none)

    @override
    async def ask(self, question: Callable[[Redis], Awaitable[Answer]]) -> Answer:
        """Nothing. Raises RedisUnused, after which everybody goes on as without Redis."""
        raise RedisUnused


def _use_none() -> Redis:
    raise RedisUnused


def report_unreachable(error: Exception) -> None:
    """Logs that Redis did not answer; whoever calls this goes on without."""
    if isinstance(error, RedisUnused):
        return
    logger.warning("answer cache out of reach", extra={"action": "cache.unreachable", "error": str(error)})
