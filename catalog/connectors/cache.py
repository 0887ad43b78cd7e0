"""The last answers of the connectors, in Redis: each with when it was read and until when it may be taken as fresh."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Generic, Protocol

import msgspec
from moneyed import Money
from redis.asyncio import Redis
from redis.exceptions import RedisError

from catalog.connectors.readings import AvailabilityWord, PriceReading, Reading, StockReading
from catalog.ids import MerchantId, Sku

logger = logging.getLogger(__name__)

KEPT_SECONDS = 7 * 24 * 3600
"""How long a last answer is kept for the time its source is down; freshness is judged by its own dates."""
RECENT_SECONDS = 600
"""An offer that nobody asked for in this time is not kept fresh."""
WRITE = """
for place = 1, #KEYS do
  local stored = redis.call('GET', KEYS[place])
  local version, observed = ARGV[3 * place], ARGV[3 * place + 1]
  local older = false
  if stored then
    local known = cjson.decode(stored)
    older = known.version > tonumber(version)
      or (known.version == tonumber(version) and known.observed > tonumber(observed))
  end
  if not older then redis.call('SET', KEYS[place], ARGV[3 * place + 2], 'EX', ARGV[1]) end
end
return #KEYS
"""


GetRedis = Callable[[], Redis]
"""Answers the client to use now: it is asked at every use, since a drill may have cut it off."""


class CachedStock(msgspec.Struct, frozen=True, kw_only=True):
    """A stock reading as it is kept."""

    version: int
    observed: float
    observed_at: datetime
    valid_until: datetime | None
    source: str
    quantity: int | None
    availability: AvailabilityWord

    @classmethod
    def of(cls, reading: StockReading) -> "CachedStock":
        """The shape that is kept."""
        return cls(
            version=reading.version,
            observed=reading.observed_at.timestamp(),
            observed_at=reading.observed_at,
            valid_until=reading.valid_until,
            source=reading.source,
            quantity=reading.quantity,
            availability=reading.availability,
        )

    def to_reading(self, sku: Sku) -> StockReading:
        """The reading it was."""
        return StockReading(
            sku=sku,
            quantity=self.quantity,
            availability=self.availability,
            source=self.source,
            observed_at=self.observed_at,
            valid_until=self.valid_until,
            version=self.version,
        )


class CachedPrice(msgspec.Struct, frozen=True, kw_only=True):
    """A price reading as it is kept."""

    version: int
    observed: float
    observed_at: datetime
    valid_until: datetime | None
    source: str
    list_price: Decimal
    price: Decimal
    currency: str

    @classmethod
    def of(cls, reading: PriceReading) -> "CachedPrice":
        """The shape that is kept."""
        return cls(
            version=reading.version,
            observed=reading.observed_at.timestamp(),
            observed_at=reading.observed_at,
            valid_until=reading.valid_until,
            source=reading.source,
            list_price=reading.list_price.amount,
            price=reading.price.amount,
            currency=str(reading.price.currency),
        )

    def to_reading(self, sku: Sku) -> PriceReading:
        """The reading it was."""
        return PriceReading(
            sku=sku,
            list_price=Money(self.list_price, self.currency),
            price=Money(self.price, self.currency),
            source=self.source,
            observed_at=self.observed_at,
            valid_until=self.valid_until,
            version=self.version,
        )


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """Names of what is kept in Redis, all under one prefix."""

    prefix: str = ""

    def name_answer(self, *, merchant: MerchantId, connector: str, sku: Sku) -> str:
        """Where the last answer for a SKU is kept."""
        return f"{self.prefix}c:{merchant}:offer:{connector}:{sku}"

    def name_recent(self, *, merchant: MerchantId, connector: str) -> str:
        """Where it is kept which SKUs were read lately."""
        return f"{self.prefix}c:{merchant}:recent:{connector}"

    @property
    def readers(self) -> str:
        """Where it is kept which merchants were read lately."""
        return f"{self.prefix}c:readers"


class Shape(Protocol[Reading]):
    """How one kind of reading is kept."""

    def encode(self, reading: Reading) -> bytes:
        """As JSON with `version` and `observed`."""
        ...

    def decode(self, kept: bytes, sku: Sku) -> Reading:
        """The reading it was."""
        ...


class StockShape:
    """Stock readings."""

    def encode(self, reading: StockReading) -> bytes:
        """As JSON with `version` and `observed`."""
        return msgspec.json.encode(CachedStock.of(reading))

    def decode(self, kept: bytes, sku: Sku) -> StockReading:
        """The reading it was."""
        return msgspec.json.decode(kept, type=CachedStock).to_reading(sku)


class PriceShape:
    """Price readings."""

    def encode(self, reading: PriceReading) -> bytes:
        """As JSON with `version` and `observed`."""
        return msgspec.json.encode(CachedPrice.of(reading))

    def decode(self, kept: bytes, sku: Sku) -> PriceReading:
        """The reading it was."""
        return msgspec.json.decode(kept, type=CachedPrice).to_reading(sku)


def _report(error: Exception) -> None:
    logger.warning("offer cache out of reach", extra={"action": "cache.unreachable", "error": str(error)})


def _to_text(member: object) -> str:
    return member.decode() if isinstance(member, bytes) else str(member)


class AnswerCache(Generic[Reading]):
    """The last answers of one connector. Redis out of reach reads as nothing known, and is logged."""

    def __init__(self, *, get_redis: GetRedis, keys: Keys, connector: str, shape: Shape[Reading]) -> None:
        self._get_redis = get_redis
        self._keys = keys
        self._connector = connector
        self._shape: Shape[Reading] = shape

    async def read(self, *, merchant: MerchantId, skus: tuple[Sku, ...]) -> dict[Sku, Reading]:
        """The last answers known, of any age."""
        if not skus:
            return {}
        try:
            kept = await self._get_redis().mget(self._list_keys(merchant, skus))
        except (RedisError, OSError) as error:
            _report(error)
            return {}
        return self._decode(skus, kept)

    async def take(self, *, merchant: MerchantId, skus: tuple[Sku, ...], now: datetime) -> dict[Sku, Reading]:
        """The same for a shopper's question: notes that these were asked for, so that they are kept fresh."""
        if not skus:
            return {}
        recent = self._keys.name_recent(merchant=merchant, connector=self._connector)
        at = now.timestamp()
        try:
            async with self._get_redis().pipeline(transaction=False) as pipe:
                pipe.mget(self._list_keys(merchant, skus))
                pipe.zadd(recent, dict.fromkeys(skus, at))
                pipe.expire(recent, RECENT_SECONDS)
                pipe.zadd(self._keys.readers, {merchant: at})
                kept, *_ = await pipe.execute()
        except (RedisError, OSError) as error:
            _report(error)
            return {}
        return self._decode(skus, kept)

    def _list_keys(self, merchant: MerchantId, skus: Iterable[Sku]) -> list[str]:
        return [self._keys.name_answer(merchant=merchant, connector=self._connector, sku=sku) for sku in skus]

    def _decode(self, skus: tuple[Sku, ...], kept: list[bytes | str | None]) -> dict[Sku, Reading]:
        return {
            sku: self._shape.decode(entry if isinstance(entry, bytes) else entry.encode(), sku)
            for sku, entry in zip(skus, kept, strict=True)
            if entry is not None
        }

    async def record(self, *, merchant: MerchantId, readings: dict[Sku, Reading]) -> None:
        """Keeps answers; an older version never takes the place of a newer one."""
        if not readings:
            return
        keys = self._list_keys(merchant, readings)
        values: list[str | bytes | int | float] = [KEPT_SECONDS, 0]
        for reading in readings.values():
            values += [reading.version, reading.observed_at.timestamp(), self._shape.encode(reading)]
        try:
            await self._get_redis().eval(WRITE, len(keys), *keys, *values)
        except (RedisError, OSError) as error:
            _report(error)

    async def list_recent(self, *, merchant: MerchantId, now: datetime, limit: int) -> tuple[Sku, ...]:
        """What was asked for lately, the latest first. Raises RedisError."""
        recent = self._keys.name_recent(merchant=merchant, connector=self._connector)
        redis = self._get_redis()
        await redis.zremrangebyscore(recent, "-inf", now.timestamp() - RECENT_SECONDS)
        return tuple(Sku(_to_text(member)) for member in await redis.zrange(recent, 0, limit - 1, desc=True))

    async def list_readers(self, *, now: datetime) -> tuple[MerchantId, ...]:
        """Merchants whose offers were asked for lately. Raises RedisError."""
        redis = self._get_redis()
        await redis.zremrangebyscore(self._keys.readers, "-inf", now.timestamp() - RECENT_SECONDS)
        return tuple(MerchantId(_to_text(member)) for member in await redis.zrange(self._keys.readers, 0, -1))

    async def expire(self, *, merchant: MerchantId, skus: tuple[Sku, ...]) -> None:
        """Takes the last answers as fresh no more, after a change; they stay the last ones known."""
        known = await self.read(merchant=merchant, skus=skus)
        await self.record(
            merchant=merchant,
            readings={
                sku: msgspec.structs.replace(reading, valid_until=reading.observed_at)
                for sku, reading in known.items()
            },
        )
