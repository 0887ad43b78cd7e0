"""The last answers of the connectors, in Redis: each with when it was read and until when it may be taken as fresh."""

from collections.abc import Iterable
from datetime import datetime
from typing import Generic

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from catalog.connectors.codec import read_special, write_special
from catalog.connectors.readings import Key, Reading
from catalog.connectors.redis_gate import RedisGate, report_unreachable
from catalog.connectors.veil import Veil
from catalog.ids import MerchantId
from commerce_agent.decoding import build_json_decoder

KEPT_SECONDS = 7 * 24 * 3600
"""How long a last answer is kept for the time its source is down; freshness is judged by its own dates."""
RECENT_SECONDS = 600
"""An answer that nobody asked for in this time is not kept fresh."""
# An entry is "version observed reading": the script judges by the first two and leaves the rest alone.
WRITE = """
local behind = {}
for place = 1, #KEYS do
  local stored = redis.call('GET', KEYS[place])
  local version, observed = ARGV[3 * place - 1], ARGV[3 * place]
  local older = false
  if stored then
    local known, seen = string.match(stored, '^(%d+) (%S+) ')
    local backwards = tonumber(known) > tonumber(version)
    if backwards then table.insert(behind, place) end
    older = backwards or (tonumber(known) == tonumber(version) and tonumber(seen) > tonumber(observed))
  end
  if not older then
    redis.call('SET', KEYS[place], version .. ' ' .. observed .. ' ' .. ARGV[3 * place + 1], 'EX', ARGV[1])
  end
end
return behind
"""


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """Names of what is kept in Redis, all under one prefix."""

    prefix: str = ""

    def name_answer(self, *, merchant: MerchantId, connector: str, key: str) -> str:
        """Where the last answer for a key is kept."""
        return f"{self.prefix}c:{merchant}:answer:{connector}:{key}"

    def name_recent(self, *, merchant: MerchantId, connector: str) -> str:
        """Where it is kept which keys were read lately."""
        return f"{self.prefix}c:{merchant}:recent:{connector}"

    @property
    def readers(self) -> str:
        """Where it is kept which merchants were read lately."""
        return f"{self.prefix}c:readers"


def _to_text(member: object) -> str:
    return member.decode() if isinstance(member, bytes) else str(member)


class AnswerCache(Generic[Key, Reading]):
    """The last answers of one connector. Redis out of reach reads as nothing known, and is logged."""

    def __init__(
        self,
        *,
        gate: RedisGate,
        keys: Keys,
        connector: str,
        shape: type[Reading],
        veil: Veil | None = None,
    ) -> None:
        self._veil = veil or Veil(keys={}, connector=connector)
        self._gate = gate
        self._keys = keys
        self._connector = connector
        self._decoder = build_json_decoder(shape, dec_hook=read_special)
        self._encoder = msgspec.json.Encoder(enc_hook=write_special)

    async def read(self, *, merchant: MerchantId, keys: tuple[Key, ...]) -> dict[Key, Reading]:
        """The last answers known, of any age."""
        if not keys:
            return {}
        try:
            kept = await self._gate.ask(lambda redis: redis.mget(self._list_names(merchant, keys)))
        except (RedisError, OSError) as error:
            report_unreachable(error)
            return {}
        return self._decode(keys, kept, merchant=merchant)

    async def take(self, *, merchant: MerchantId, keys: tuple[Key, ...], now: datetime) -> dict[Key, Reading]:
        """The same for a shopper's question: notes that these were asked for, so that they are kept fresh."""
        if not keys:
            return {}
        recent = self._keys.name_recent(merchant=merchant, connector=self._connector)
        at = now.timestamp()

        async def question(redis: Redis) -> list[bytes | str | None]:
            async with redis.pipeline(transaction=False) as pipe:
                pipe.mget(self._list_names(merchant, keys))
                if not self._veil.is_drawn:
                    # Of people no list is kept: nobody is asked about before they come.
                    pipe.zadd(recent, dict.fromkeys(keys, at))
                    pipe.expire(recent, RECENT_SECONDS)
                pipe.zadd(self._keys.readers, {merchant: at})
                kept, *_ = await pipe.execute()
            return list(kept)

        try:
            return self._decode(keys, await self._gate.ask(question), merchant=merchant)
        except (RedisError, OSError) as error:
            report_unreachable(error)
            return {}

    def _list_names(self, merchant: MerchantId, keys: Iterable[Key]) -> list[str]:
        return [
            self._keys.name_answer(
                merchant=merchant,
                connector=self._connector,
                key=self._veil.name(key, merchant=merchant),
            )
            for key in keys
        ]

    def _decode(
        self, keys: tuple[Key, ...], kept: list[bytes | str | None], *, merchant: MerchantId
    ) -> dict[Key, Reading]:
        found: dict[Key, Reading] = {}
        for key, entry in zip(keys, kept, strict=True):
            if entry is None:
                continue
            body = (entry if isinstance(entry, bytes) else entry.encode()).split(b" ", 2)[2]
            opened = self._veil.open(body, key=key, merchant=merchant)
            if opened is not None:
                found[key] = self._decoder.decode(opened)
        return found

    async def record(self, *, merchant: MerchantId, readings: dict[Key, Reading]) -> tuple[Key, ...]:
        """Keeps answers; an older version never takes the place of a newer one. Answers the keys of those."""
        if not readings:
            return ()
        names = self._list_names(merchant, readings)
        values: list[str | bytes | int | float] = [KEPT_SECONDS]
        for key, reading in readings.items():
            body = self._veil.seal(self._encoder.encode(reading), key=key, merchant=merchant)
            values += [reading.version, reading.observed_at.timestamp(), body]
        try:
            places = await self._gate.ask(lambda redis: redis.eval(WRITE, len(names), *names, *values))
        except (RedisError, OSError) as error:
            report_unreachable(error)
            return ()
        asked = tuple(readings)
        return tuple(asked[int(place) - 1] for place in places)

    async def list_recent(self, *, merchant: MerchantId, now: datetime, limit: int) -> tuple[str, ...]:
        """What was asked for lately, the latest first. Raises RedisError."""
        recent = self._keys.name_recent(merchant=merchant, connector=self._connector)
        since = now.timestamp() - RECENT_SECONDS
        await self._gate.ask(lambda redis: redis.zremrangebyscore(recent, "-inf", since))
        members = await self._gate.ask(lambda redis: redis.zrange(recent, 0, limit - 1, desc=True))
        return tuple(_to_text(member) for member in members)

    async def list_readers(self, *, now: datetime) -> tuple[MerchantId, ...]:
        """Merchants whose systems were asked lately. Raises RedisError."""
        readers, since = self._keys.readers, now.timestamp() - RECENT_SECONDS
        await self._gate.ask(lambda redis: redis.zremrangebyscore(readers, "-inf", since))
        members = await self._gate.ask(lambda redis: redis.zrange(readers, 0, -1))
        return tuple(MerchantId(_to_text(member)) for member in members)

    async def forget(self, *, merchant: MerchantId, keys: tuple[Key, ...]) -> int:
        """Takes the answers out for good and says how many there were. Raises RedisError."""
        names = self._list_names(merchant, keys)
        return int(await self._gate.ask(lambda redis: redis.delete(*names))) if names else 0

    async def expire(self, *, merchant: MerchantId, keys: tuple[Key, ...]) -> None:
        """Takes the last answers as fresh no more, after a change; they stay the last ones known."""
        known = await self.read(merchant=merchant, keys=keys)
        await self.record(
            merchant=merchant,
            readings={
                key: msgspec.structs.replace(reading, valid_until=reading.observed_at)
                for key, reading in known.items()
            },
        )
