"""`python -m tests.catalog.crowd`: one process of a crowd that asks the same thing at the same instant."""

import asyncio
import json
import os
import sys
from datetime import UTC, datetime
from typing import Any

import django
from django.conf import settings
from redis.asyncio import Redis

from catalog.connectors import Choices, StockReading, StoreApi, build_connectors
from catalog.connectors.breaker import Guarded
from catalog.connectors.redis_gate import RedisGate
from catalog.connectors.shared_breaker import BreakerTerms, Change, SharedBreaker
from catalog.connectors.tally import Tally
from commerce_agent.ending import end
from commerce_agent.isolation.acting import acting_for_platform
from commerce_agent.isolation.connections import build_pool


async def gather_at_the_start(redis: Redis, prefix: str) -> None:
    """Waits until whoever runs the crowd says go."""
    await redis.incr(f"{prefix}ready")
    await wait_for(redis, f"{prefix}go")


async def wait_for(redis: Redis, key: str) -> None:
    """Looks until the key is there."""
    while not await redis.exists(key):  # noqa: ASYNC110 - another process sets it
        await asyncio.sleep(0.005)


class Probed:
    """A system whose answer comes when the test says so; who asked it, and how often, stands in Redis."""

    def __init__(self, *, redis: Redis, place: str) -> None:
        self._redis = redis
        self._place = place

    async def read(self, *, merchant: str, keys: tuple[str, ...], now: datetime) -> dict[str, StockReading]:
        """Says that it was asked and waits."""
        await self._redis.set(f"{self._place}prober", os.getpid())
        await self._redis.incr(f"{self._place}calls")
        await wait_for(self._redis, f"{self._place}release")
        return {}


async def probe(asked: dict[str, str]) -> dict[str, int]:
    """In each round so many calls at once through one shared breaker; how they ended stands in Redis."""
    redis: Redis = Redis.from_url(settings.REDIS_URL)
    prefix, gate = asked["prefix"], RedisGate(get_redis=lambda: redis)

    async def note_change(change: Change) -> None:
        await redis.rpush(f"{prefix}changes", change.state)

    await redis.ping()
    for name in asked["rounds"].split():
        place = f"{prefix}{name}:"
        guarded = Guarded(
            inner=Probed(redis=redis, place=place),  # type: ignore[arg-type]
            connector="inventory",
            tally=Tally(gate=gate, prefix=prefix),
            breaker=SharedBreaker(
                gate=gate,
                prefix=prefix,
                connector="inventory",
                terms=BreakerTerms(lease_ms=60_000),
                record_change=note_change,
            ),
        )
        await gather_at_the_start(redis, place)
        calls = [
            asyncio.create_task(
                guarded.read(merchant=asked["merchant"], keys=("A",), now=datetime.now(UTC))  # type: ignore[arg-type]
            )
            for _ in range(50)
        ]
        leaving = asyncio.create_task(leave(redis, f"{place}cancel", calls))
        ended = await asyncio.gather(*calls, return_exceptions=True)
        leaving.cancel()
        for each in ended:
            await redis.rpush(f"{place}ended", "answered" if isinstance(each, dict) else type(each).__name__)
    await redis.aclose()
    return {}


async def leave(redis: Redis, key: str, calls: list[asyncio.Task[dict[Any, StockReading]]]) -> None:
    """Gives the calls up once the key is there, as the turns do that made them."""
    await wait_for(redis, key)
    # Once may not be enough: a client of Redis can take a cancellation for nothing.
    await asyncio.gather(*(end(call) for call in calls))


async def stampede(asked: dict[str, str]) -> dict[str, int]:
    """So many turns that want the same SKU; how many got the answer."""
    redis: Redis = Redis.from_url(settings.REDIS_URL)
    with acting_for_platform("a crowd of the tests"):
        return await _stampede(asked, redis=redis)


async def _stampede(asked: dict[str, str], *, redis: Redis) -> dict[str, int]:
    async with build_pool(settings.DATABASE_URL, most=2, wait=30) as pool:
        connectors = build_connectors(
            pool=pool,
            get_redis=lambda: redis,
            clock=lambda: datetime.now(UTC),
            choices=Choices(
                prefix=asked["prefix"], store=StoreApi(url=asked["url"], key=asked["key"], seconds=20)
            ),
        )
        await gather_at_the_start(redis, asked["prefix"])
        answers = await asyncio.gather(
            *(
                connectors.stock.read(
                    merchant=asked["merchant"],  # type: ignore[arg-type]
                    keys=(asked["sku"],),  # type: ignore[arg-type]
                    now=datetime.now(UTC),
                )
                for _ in range(30)
            )
        )
        await connectors.close()
    await redis.aclose()
    fresh = [one for answer in answers for one in answer.values() if one.quantity == 5 and not one.stale]
    return {"answered": len(fresh)}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commerce_agent.settings.test")
    django.setup()
    told = json.loads(sys.argv[2])
    ran = asyncio.run({"probe": probe, "stampede": stampede}[sys.argv[1]](told))
    sys.stdout.write(json.dumps(ran))
