"""Work in the background: what follows an import, and keeping offers fresh before they run out."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from celery import shared_task
from django.conf import settings
from django.db import transaction
from redis.asyncio import Redis

from catalog.conf import read_choices
from catalog.connectors import Connectors, build_connectors
from catalog.connectors.history import keep_counts
from catalog.ids import MerchantId
from catalog.orders import sweep_reservations as sweep_reservations_of
from catalog.products import index_products as index_products_of
from commerce_agent.isolation.acting import acting_for, acting_for_platform
from commerce_agent.isolation.connections import Pool, build_pool

logger = logging.getLogger(__name__)

AHEAD = timedelta(seconds=20)
"""What runs out in this time is read anew: two looks of the beat and a little more."""
REDIS_TIMEOUT = 5.0
POOL_WAIT = 30.0


@shared_task(name="catalog.index_products")
def index_products(*, merchant: str, **_: object) -> None:
    """Counts the shop's words and renews the statistics after an import. May run twice."""
    with acting_for(merchant):
        vocabulary = index_products_of(merchant=MerchantId(merchant), now=datetime.now(UTC))
    logger.info(
        "products indexed",
        extra={"action": "products.indexed", "merchant": merchant, "words": len(vocabulary.words)},
    )


def index_after_commit(*, merchant: MerchantId) -> None:
    """Enqueues the indexing once what was imported is committed."""
    transaction.on_commit(lambda: index_products.delay(merchant=merchant))


@shared_task(name="catalog.refresh_offers")
@acting_for_platform("offers that run out, of all shops")
def refresh_offers(**_: object) -> int:
    """Reads anew what shoppers looked at lately and what is about to run out. Answers how many offers."""
    return asyncio.run(_refresh_offers(now=datetime.now(UTC)))


@shared_task(name="catalog.sweep_reservations")
@acting_for_platform("reservations that ran out, of all shops")
def sweep_reservations(**_: object) -> int:
    """Lets go of pieces that were set aside for orders that never came. Answers how many."""
    return sweep_reservations_of(now=datetime.now(UTC))


async def _refresh_offers(*, now: datetime) -> int:
    async with _opened_connectors() as (connectors, _):
        return await connectors.refresh_recent(now=now, within=AHEAD)


@shared_task(name="catalog.keep_counts")
@acting_for_platform("what was counted of all shops' connectors")
def keep_connector_counts(**_: object) -> int:
    """Keeps what was counted of the connectors. Answers of how many."""
    return asyncio.run(_keep_counts(now=datetime.now(UTC)))


async def _keep_counts(*, now: datetime) -> int:
    async with _opened_connectors() as (connectors, pool):
        counts = await connectors.parts.tally.take()
        await keep_counts(pool, counts=counts, day=now.date())
        return len(counts)


@asynccontextmanager
async def _opened_connectors() -> AsyncIterator[tuple[Connectors, Pool]]:
    redis = Redis.from_url(settings.REDIS_URL, socket_timeout=REDIS_TIMEOUT)
    pool = build_pool(settings.DATABASE_URL, least=0, most=2, wait=POOL_WAIT, pooled=settings.DATABASE_POOLED)
    connectors = build_connectors(
        pool=pool, get_redis=lambda: redis, clock=lambda: datetime.now(UTC), choices=read_choices()
    )
    try:
        async with pool:
            yield connectors, pool
    finally:
        await connectors.close()
        await redis.aclose()
