"""What the merchant API is made of."""

from datetime import UTC, datetime

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from redis.asyncio import Redis

from catalog.conf import read_choices
from catalog.connectors import Connectors, build_connectors, build_sources
from catalog.merchant_api.app import MerchantApi
from catalog.merchant_api.drills import Drills
from catalog.orders import StoreDesk
from commerce_agent.isolation.connections import Pool, build_pool

SHORTEST_KEY = 16
MOST_CONNECTIONS = 4
POOL_WAIT = 3.0
REDIS_TIMEOUT = 1.0


def _read_clock() -> datetime:
    return datetime.now(UTC)


def _build_connectors(pool: Pool) -> Connectors:
    """Orders are checked against the systems that a merchant has of its own; the store's tables are read here."""
    redis = Redis.from_url(settings.REDIS_URL, socket_timeout=REDIS_TIMEOUT)
    choices = read_choices(in_process=True)
    return build_connectors(pool=pool, get_redis=lambda: redis, clock=_read_clock, choices=choices)


def build_application() -> MerchantApi:
    """The application with its own pool. Raises ImproperlyConfigured where it has no key to know its callers by."""
    if len(settings.MERCHANT_API_KEY) < SHORTEST_KEY:
        raise ImproperlyConfigured(
            f"MERCHANT_API_KEY is missing or shorter than {SHORTEST_KEY} characters; the merchant API answers nobody"
            " without one. Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(24))'"
        )
    pool = build_pool(
        settings.DATABASE_URL, most=MOST_CONNECTIONS, wait=POOL_WAIT, pooled=settings.DATABASE_POOLED
    )
    return MerchantApi(
        sources=build_sources(pool=pool),
        desk=StoreDesk(connections=pool, connectors=_build_connectors(pool)),
        opened=pool,
        key=settings.MERCHANT_API_KEY,
        clock=_read_clock,
        drills=Drills() if settings.DEMO_SHOP else None,
    )
