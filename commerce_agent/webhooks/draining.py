"""Empties a shop's inbox: waits until a burst has settled, applies the last word of each subject, has it told.

A burst is told once. The worker waits 150 ms before it looks, and one worker at a time is at a shop's inbox: what
comes while it tells is applied together afterwards. So under load more changes become one notice, always with the
last value.

Marked as told only when it was. A worker that dies between applying and telling leaves rows that the next one tells
of; telling twice says nothing twice.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from django.db import connection
from redis import Redis
from redis.exceptions import RedisError

from catalog.events import CatalogEvent
from catalog.ids import MerchantId
from catalog.inbox import apply_waiting, has_waiting, mark_told
from commerce_agent.composition import read_clock
from commerce_agent.observing import metrics
from commerce_agent.webhooks.waking import name_woken

SETTLE_SECONDS = 0.15
"""What comes within this of the first of a burst is one change: shoppers are told its last value, once."""

Tell = Callable[[tuple[CatalogEvent, ...]], None]
"""Carries what changed into the open conversations, and returns when they have it."""

log = structlog.get_logger(__name__)


def drain_inbox(*, merchant: MerchantId, redis: Redis, tell: Tell) -> int:
    """Applies and tells until nothing waits; answers how many rows it looked at.

    One worker at a time is at a shop's inbox: what comes while it tells is applied together afterwards, so the
    more comes in, the more of it is told as one.
    """
    time.sleep(SETTLE_SECONDS)
    try:
        # Before the look, not after it: what comes from here on sends for the next worker.
        redis.delete(name_woken(merchant))
    except (RedisError, OSError):
        log.warning("inbox.woken_stays", merchant=merchant)
    looked_at = 0
    while True:
        with _alone(merchant) as alone:
            if not alone:
                # Whoever is at it looks once more after it has let go.
                return looked_at
            while done := _drain_once(merchant=merchant, tell=tell):
                looked_at += done
        if not has_waiting(merchant=merchant):
            return looked_at


def _drain_once(*, merchant: MerchantId, tell: Tell) -> int:
    applied = apply_waiting(merchant=merchant, now=read_clock())
    if applied.events:
        tell(applied.events)
        now = read_clock()
        for event in applied.events:
            metrics.NEWS_SECONDS.observe(max(0.0, (now - event.at).total_seconds()))
    if applied.rows:
        mark_told(rows=applied.rows, now=read_clock())
    return applied.done


@contextmanager
def _alone(merchant: MerchantId) -> Iterator[bool]:
    """Whether this worker has the shop's inbox to itself; a worker that dies lets go with its connection."""
    key = "hashtextextended(%s, 4)"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_lock({key})", [merchant])
        (alone,) = cursor.fetchone()
        try:
            yield bool(alone)
        finally:
            if alone:
                cursor.execute(f"SELECT pg_advisory_unlock({key})", [merchant])
