"""The fixtures that every other test stands on."""

import json
import urllib.request

from django.conf import settings
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from redis.asyncio import Redis

from commerce_agent.models import Operator


async def test_pool_sees_the_test_database(pool: AsyncConnectionPool[AsyncConnection]) -> None:
    async with pool.connection() as connection:
        row = await (await connection.execute("SELECT current_database()")).fetchone()
    assert row is not None
    assert row[0].startswith("test_")


async def test_redis_prefix_is_this_runs_own(redis: Redis) -> None:
    await redis.set(f"{settings.REDIS_PREFIX}:probe", "1")
    assert settings.REDIS_PREFIX.startswith("test-")
    assert await redis.get(f"{settings.REDIS_PREFIX}:probe") == b"1"


def test_running_shop_answers_on_the_test_database(running_shop: str) -> None:
    Operator.objects.get_or_create(username="fixture-probe")
    with urllib.request.urlopen(f"{running_shop}/readyz", timeout=30) as answer:
        body = json.loads(answer.read())
    assert body == {
        "ready": True,
        "dependencies": {
            "postgresql": {"ok": True, "detail": "answers"},
            "migrations": {"ok": True, "detail": "applied"},
            "redis": {"ok": True, "detail": "answers"},
            "turns": {"ok": True, "detail": "ready"},
        },
    }
