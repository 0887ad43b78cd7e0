"""The last answers of the connectors, in Redis: each with when it was read and until when it may be taken as fresh."""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Generic, Protocol
from uuid import uuid4

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from catalog.connectors.cache_scripts import EXPIRE, WRITE
from catalog.connectors.codec import read_special, write_special
from catalog.connectors.readings import Key, Reading
from catalog.connectors.redis_gate import RedisGate, report_unreachable
from catalog.connectors.veil import Veil
from catalog.ids import MerchantId
from commerce_agent.decoding import build_json_decoder

KEPT_SECONDS = 7 * 24 * 3600
"""How long a last answer is kept for the time its source is down; freshness is judged by its own dates."""
LONGEST_FRESH = 900.0
MARGIN_SECONDS = 60
RECENT_SECONDS = 600
"""An answer that nobody asked for in this time is not kept fresh."""
FORM = 6
"""Raised whenever the form of an entry changes, or what its versions count."""
UNKNOWN = "unknown"
"""The mark of a reading of which nobody knows what was told before it began: it is kept, and never taken as fresh."""


class Written(msgspec.Struct, Generic[Key], frozen=True, kw_only=True):
    """What became of answers that were to be kept."""

    behind: tuple[Key, ...] = ()
    """Older versions than what is kept: not taken."""
    crossed: tuple[Key, ...] = ()
    """A change was told after the reading of these began: kept as the last ones known, fresh no more."""


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """Names of what is kept in Redis, all under one prefix."""

    prefix: str = ""

    def name_answer(self, *, merchant: MerchantId, connector: str, key: str) -> str:
        """Where the last answer for a key is kept, by the form of its entry: other code reads what it can read."""
        return f"{self.prefix}c:{merchant}:answer:{FORM}:{connector}:{key}"

    def name_mark(self, *, merchant: MerchantId, connector: str, key: str) -> str:
        """Where the latest change that was told of a key is named."""
        return f"{self.prefix}c:{merchant}:mark:{connector}:{key}"

    def name_recent(self, *, merchant: MerchantId, connector: str) -> str:
        """Where it is kept which keys were read lately."""
        return f"{self.prefix}c:{merchant}:recent:{connector}"

    @property
    def readers(self) -> str:
        """Where it is kept which merchants were read lately."""
        return f"{self.prefix}c:readers"


class Name(Protocol):
    """Names one of the places that a key has."""

    def __call__(self, *, merchant: MerchantId, connector: str, key: str) -> str:
        """The name in Redis."""
        ...


def run_out(reading: Reading) -> Reading:
    """The reading, to be taken as fresh no more."""
    return msgspec.structs.replace(reading, valid_until=reading.observed_at)


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
        fresh_seconds: float = LONGEST_FRESH,
        teller: int = 0,
    ) -> None:
        """`fresh_seconds`: for how long an answer is fresh at most. `teller`: whose answers are read and kept here;
        those of another are not found, and no version of theirs counts.
        """
        # A reading that took longer than its answer is fresh has run out by its own dates: no mark is needed for it.
        self.marked_seconds = math.ceil(fresh_seconds) + MARGIN_SECONDS
        self._veil = veil or Veil(keys={}, connector=connector)
        self._gate = gate
        self._keys = keys
        self._connector = connector
        self.teller = teller
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
        return self._name_each(self._keys.name_answer, merchant, keys)

    def _list_marks(self, merchant: MerchantId, keys: Iterable[Key]) -> list[str]:
        return self._name_each(self._keys.name_mark, merchant, keys)

    def _name_each(self, name: Name, merchant: MerchantId, keys: Iterable[Key]) -> list[str]:
        return [
            name(merchant=merchant, connector=self._connector, key=self._veil.name(key, merchant=merchant))
            for key in keys
        ]

    def _decode(
        self, keys: tuple[Key, ...], kept: list[bytes | str | None], *, merchant: MerchantId
    ) -> dict[Key, Reading]:
        found: dict[Key, Reading] = {}
        for key, entry in zip(keys, kept, strict=True):
            if entry is None:
                continue
            written = entry if isinstance(entry, bytes) else entry.encode()
            version, _, teller, body = written.split(b" ", 3)
            if teller.decode() != str(self.teller):
                continue
            opened = self._veil.open(body, key=key, merchant=merchant)
            if opened is not None:
                reading = self._decoder.decode(opened)
                found[key] = run_out(reading) if version.endswith(b"!") else reading
        return found

    async def begin(self, *, merchant: MerchantId, keys: tuple[Key, ...]) -> dict[Key, str]:
        """The mark of each key, for whoever is about to read the source; `record` asks for it with the answers."""
        if not keys:
            return {}
        try:
            marks = await self._gate.ask(lambda redis: redis.mget(self._list_marks(merchant, keys)))
        except (RedisError, OSError) as error:
            report_unreachable(error)
            return dict.fromkeys(keys, UNKNOWN)
        return {key: _to_text(mark or "") for key, mark in zip(keys, marks, strict=True)}

    async def record(
        self, *, merchant: MerchantId, readings: dict[Key, Reading], begun: Mapping[Key, str]
    ) -> Written[Key]:
        """Keeps answers; an older version never takes the place of a newer one.

        `begun` are the marks from before they were read: what was told since makes an answer run out at once.
        """
        if not readings:
            return Written()
        names = [*self._list_names(merchant, readings), *self._list_marks(merchant, readings)]
        values: list[str | bytes | int | float] = [KEPT_SECONDS, self.teller]
        for key, reading in readings.items():
            body = self._veil.seal(self._encoder.encode(reading), key=key, merchant=merchant)
            mark = begun.get(key, UNKNOWN)
            values += [reading.version, reading.observed_at.timestamp(), mark, body]
        try:
            behind, crossed = await self._gate.ask(
                lambda redis: redis.eval(WRITE, len(names), *names, *values)
            )
        except (RedisError, OSError) as error:
            report_unreachable(error)
            return Written()
        asked = tuple(readings)
        return Written(
            behind=tuple(asked[int(place) - 1] for place in behind),
            crossed=tuple(asked[int(place) - 1] for place in crossed),
        )

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

    async def expire(self, *, merchant: MerchantId, keys: tuple[Key, ...]) -> bool:
        """Takes the last answers as fresh no more, after a change; they stay the last ones known. False where Redis
        did not hear it.

        So it goes with what is being read this moment, by any process: it may have been answered before the change.
        """
        if not keys:
            return True
        names = [*self._list_names(merchant, keys), *self._list_marks(merchant, keys)]
        try:
            await self._gate.ask(
                lambda redis: redis.eval(EXPIRE, len(names), *names, uuid4().hex, self.marked_seconds)
            )
        except (RedisError, OSError) as error:
            report_unreachable(error)
            return False
        return True
