"""The merchant API as a process of its own: `uvicorn --factory catalog.merchant_api.serving:build_application`."""

from datetime import UTC, datetime

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from psycopg_pool import AsyncConnectionPool

from catalog.connectors import build_sources
from catalog.merchant_api.app import MerchantApi
from catalog.merchant_api.drills import Drills

SHORTEST_KEY = 16
MOST_CONNECTIONS = 4
POOL_WAIT = 3.0


def build_application() -> MerchantApi:
    """The application with its own pool. Raises ImproperlyConfigured where it has no key to know its callers by."""
    django.setup()
    if len(settings.MERCHANT_API_KEY) < SHORTEST_KEY:
        raise ImproperlyConfigured(
            f"MERCHANT_API_KEY is missing or shorter than {SHORTEST_KEY} characters; the merchant API answers nobody"
            " without one. Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(24))'"
        )
    pool = AsyncConnectionPool(
        settings.DATABASE_URL,
        min_size=1,
        max_size=MOST_CONNECTIONS,
        timeout=POOL_WAIT,
        open=False,
        kwargs={"autocommit": True},
    )
    return MerchantApi(
        sources=build_sources(pool=pool),
        opened=pool,
        key=settings.MERCHANT_API_KEY,
        clock=lambda: datetime.now(UTC),
        drills=Drills() if settings.DEMO_SHOP else None,
    )
