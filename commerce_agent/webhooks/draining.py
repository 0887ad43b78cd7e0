"""Empties a shop's inbox: waits until a burst has settled, applies the last word of each subject, has it told."""

import time
from collections.abc import Callable

import structlog
from redis import Redis
from redis.exceptions import RedisError

from catalog.events import CatalogEvent
from catalog.ids import MerchantId
from catalog.inbox import apply_waiting, mark_told
from commerce_agent.composition import read_clock
from commerce_agent.webhooks.waking import name_woken

SETTLE_SECONDS = 0.15
"""What comes within this of the first of a burst is one change: shoppers are told its last value, once."""

Tell = Callable[[tuple[CatalogEvent, ...]], None]
"""Carries what changed into the open conversations, and returns when they have it."""

log = structlog.get_logger(__name__)


def drain_inbox(*, merchant: MerchantId, redis: Redis, tell: Tell) -> int:
    """Applies and tells until nothing waits; answers how many rows it looked at."""
    time.sleep(SETTLE_SECONDS)
    try:
        # Before the look, not after it: what comes from here on sends for the next worker.
        redis.delete(name_woken(merchant))
    except (RedisError, OSError):
        log.warning("inbox.woken_stays", merchant=merchant)
    looked_at = 0
    while True:
        applied = apply_waiting(merchant=merchant, now=read_clock())
        if not applied.done:
            return looked_at
        looked_at += applied.done
        if applied.events:
            tell(applied.events)
        mark_told(rows=applied.rows, now=read_clock())
