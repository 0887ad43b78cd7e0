"""Dropping what is kept of a merchant's system: after it was found to have answered wrongly."""

from redis.asyncio import Redis

from catalog.connectors.cache import Keys
from catalog.connectors.readings import Kind
from catalog.ids import MerchantId

AT_ONCE = 500


async def forget_answers(redis: Redis, *, prefix: str, merchant: MerchantId, kind: Kind) -> int:
    """Drops every kept answer of this kind; the source is asked next, and an outage has none to fall back on.

    Answers how many. Raises RedisError.
    """
    pattern = Keys(prefix=prefix).name_answer(merchant=merchant, connector=kind, key="*")
    forgotten, names = 0, [name async for name in redis.scan_iter(match=pattern, count=AT_ONCE)]
    for start in range(0, len(names), AT_ONCE):
        forgotten += int(await redis.delete(*names[start : start + AT_ONCE]))
    return forgotten
