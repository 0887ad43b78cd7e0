"""`python -m tests.catalog.crowd`: one process of a crowd that asks the same thing at the same instant."""

import asyncio
import json
import os
import sys
from datetime import UTC, datetime

import django
from django.conf import settings
from redis.asyncio import Redis

from catalog.connectors import Choices, StockReading, StoreApi, build_connectors
from catalog.connectors.breaker import Guarded
from catalog.connectors.readings import BreakerOpen
from catalog.connectors.redis_gate import RedisGate
from catalog.connectors.shared_breaker import BreakerTerms, SharedBreaker
from catalog.connectors.tally import Tally
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


async def probe(asked: dict[str, str]) -> dict[str, int]:
    """So many calls through one shared breaker; how many were made, and how many were turned away."""
    redis: Redis = Redis.from_url(settings.REDIS_URL)
    prefix, gate = asked["prefix"], RedisGate(get_redis=lambda: redis)

    class Counted:
        async def read(
            self, *, merchant: str, keys: tuple[str, ...], now: datetime
        ) -> dict[str, StockReading]:
            running = await redis.incr(f"{prefix}running")
            await redis.incr(f"{prefix}calls")
            await wait_for(redis, f"{prefix}release")
            await redis.decr(f"{prefix}running")
            return {"at once": running}  # type: ignore[dict-item]

    async def tell_nobody(change: object) -> None:
        return None

    guarded = Guarded(
        inner=Counted(),  # type: ignore[arg-type]
        connector="inventory",
        tally=Tally(gate=gate, prefix=prefix),
        breaker=SharedBreaker(
            gate=gate,
            prefix=prefix,
            connector="inventory",
            terms=BreakerTerms(lease_ms=60_000),
            record_change=tell_nobody,
        ),
    )
    await redis.ping()
    await gather_at_the_start(redis, prefix)
    results = await asyncio.gather(
        *(guarded.read(merchant=asked["merchant"], keys=("A",), now=datetime.now(UTC)) for _ in range(50)),  # type: ignore[arg-type]
        return_exceptions=True,
    )
    await redis.aclose()
    turned_away = sum(isinstance(each, BreakerOpen) for each in results)
    return {"made": len(results) - turned_away, "turned_away": turned_away}


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
