"""Has a worker look into a shop's inbox: one at a time for each burst, however many events it has."""

import structlog
from asgiref.sync import sync_to_async
from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from catalog.ids import MerchantId

APPLY = "commerce_agent.apply_inbox"
"""The task's name; tasks stand above in the layers, so it is sent for, not imported."""
WOKEN_MILLISECONDS = 2_000
"""A worker that was sent for and did not come is sent for again after this."""

log = structlog.get_logger(__name__)


def name_woken(merchant: MerchantId) -> str:
    """Where it is kept that a worker was sent for."""
    return f"{settings.REDIS_PREFIX}:inbox:{merchant}:woken"


async def wake(redis: Redis, *, merchant: MerchantId) -> None:
    """Sends for a worker unless one is on its way. Without a broker the events wait: the clock looks for them."""
    try:
        first = await redis.set(name_woken(merchant), b"1", nx=True, px=WOKEN_MILLISECONDS)
    except (RedisError, OSError):
        first = True
    if first:
        await sync_to_async(_send, thread_sensitive=False)(merchant)


def _send(merchant: MerchantId) -> None:
    try:
        current_app.send_task(APPLY, args=[merchant], retry=False)
    except OperationalError:
        log.warning("inbox.nobody_woken", merchant=merchant)
