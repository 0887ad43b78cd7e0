"""The shoppers' profiles: sealed in PostgreSQL at their version, with a sealed copy in Redis for a few minutes.

Whoever reads or writes says who they are and why; that is on record before the answer is theirs.
"""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from redis.exceptions import RedisError

from commerce_agent.decoding import decode_json
from conversations.accesses import Access, record_access_through, record_accesses_through
from conversations.ids import MerchantId, ShopperId
from conversations.metrics import LOCK_WAIT, SHOPPER, STATE_READS
from conversations.shoppers import EMPTY, Profile, drop_expired
from conversations.store.boxes import Boxes
from conversations.store.codec import UnreadableEvent
from conversations.store.projection import RedisDoor
from conversations.store.sealing import Box

COPY_SECONDS = 300
"""So long a copy serves; a change puts the newer in its place at once."""

_WRITE_NEWER = """
local kept = redis.call('HGET', KEYS[1], 'version')
if not kept or tonumber(kept) < tonumber(ARGV[1]) then
  redis.call('HSET', KEYS[1], 'version', ARGV[1], 'sealed', ARGV[2])
  redis.call('EXPIRE', KEYS[1], ARGV[3])
end
"""
_FIND = "SELECT version, sealed FROM conversations_shopperprofile WHERE merchant_id = %s AND shopper_id = %s::uuid"
_WRITE = """
INSERT INTO conversations_shopperprofile (shopper_id, merchant_id, version, sealed, changed_at)
VALUES (%(shopper)s, %(merchant)s, %(version)s, %(sealed)s, %(at)s)
ON CONFLICT (shopper_id) DO UPDATE SET version = excluded.version, sealed = excluded.sealed,
  changed_at = excluded.changed_at WHERE conversations_shopperprofile.version = excluded.version - 1
"""
_LOCK = """
SELECT 1 FROM conversations_shopper WHERE merchant_id = %s AND id = %s::uuid AND sealed <> '' FOR UPDATE
"""

Change = Callable[[Profile], Profile]


class Whose(msgspec.Struct, frozen=True, kw_only=True):
    """The shopper whose profile is meant."""

    merchant: MerchantId
    shopper: ShopperId


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """Who reads or writes, and why."""

    actor: str
    """`agent`, `shopper`, `key:ca_1a2b3c4d`, `operator:7`, `job:purge`."""
    purpose: str
    """Such as `turn 3 of <conversation>`, or the reason that a person gave."""


class Profiles:
    """Reads and changes profiles. A shopper who was forgotten has none, and gets none."""

    def __init__(
        self,
        *,
        pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]],
        door: RedisDoor,
        prefix: str,
        boxes: Boxes,
    ) -> None:
        self._pool = pool
        self._door = door
        self._prefix = prefix
        self._boxes = boxes

    async def read(self, whose: Whose, *, reader: Reader, fields: tuple[str, ...], at: datetime) -> Profile:
        """The profile, an empty one where nothing is remembered; that it was read, and what of it, is recorded."""
        # Side by side: neither answers before both are done, and where nothing was recorded nothing is answered.
        _, profile = await asyncio.gather(
            self.record(whose, "profile.read", reader=reader, fields=fields, at=at), self.find(whose)
        )
        return profile

    async def find(self, whose: Whose) -> Profile:
        """The profile as the platform itself looks at it; nothing of it may be shown or said without `read`."""
        box = await self._boxes.find_shopper_box(merchant=whose.merchant, shopper=whose.shopper)
        if box is None:
            return EMPTY
        kept = await self._find_copy(whose, box=box)
        STATE_READS.labels(SHOPPER, "postgresql" if kept is None else "redis", "false").inc()
        if kept is not None:
            return kept
        async with self._pool.connection() as connection:
            profile = await _load(connection, whose, box=box)
        if profile.version:
            await self._write_copy(whose, profile, box=box)
        return profile

    async def change(
        self, whose: Whose, change: Change, *, reader: Reader, fields: tuple[str, ...], at: datetime
    ) -> Profile:
        """Applies the change to the newest profile under its lock, at the next version, and answers what then holds.

        Writers wait for each other; what one of them says against another is settled by the profile's own rules.
        A change that leaves the profile as it is stores nothing.
        """
        await self.record(whose, "profile.written", reader=reader, fields=fields, at=at)
        async with self._pool.connection() as connection, connection.transaction():
            with LOCK_WAIT.labels("profile").time():
                cursor = await connection.execute(_LOCK, [whose.merchant, whose.shopper])
            if await cursor.fetchone() is None:
                return EMPTY
            box = await self._boxes.make_shopper_box(
                connection, merchant=whose.merchant, shopper=whose.shopper
            )
            before = await _load(connection, whose, box=box)
            changed = change(drop_expired(before, now=at))
            if changed == before:
                return before
            after = msgspec.structs.replace(changed, version=before.version + 1)
            asked = {"shopper": whose.shopper, "merchant": whose.merchant, "version": after.version, "at": at}
            sealed = box.seal(msgspec.json.encode(after), layer="profile", place=after.version)
            await connection.execute(_WRITE, {**asked, "sealed": sealed})
        await self._write_copy(whose, after, box=box)
        return after

    async def record(
        self, whose: Whose, action: str, *, reader: Reader, fields: tuple[str, ...], at: datetime
    ) -> None:
        """Puts on record that something of the shopper is read or written, be it kept here or as orders are."""
        access = _make_access(whose.merchant, action, reader=reader, fields=fields)
        named = msgspec.structs.replace(access, subject=f"shopper:{whose.shopper}")
        await record_access_through(self._pool, named, at=at)

    async def record_many(
        self,
        shoppers: Iterable[ShopperId],
        action: str,
        *,
        merchant: MerchantId,
        reader: Reader,
        fields: tuple[str, ...],
        at: datetime,
    ) -> None:
        """The same of several of a merchant's shoppers, in one commit."""
        access = _make_access(merchant, action, reader=reader, fields=fields)
        await record_accesses_through(
            self._pool, access, subjects=tuple(f"shopper:{shopper}" for shopper in shoppers), at=at
        )

    async def drop_copy(self, whose: Whose) -> None:
        """Takes the copy out of Redis; where Redis is out of reach it runs out by itself."""
        try:
            await self._door.client.delete(self.get_key(whose))
        except RedisError:
            self._door.rest()

    def get_key(self, whose: Whose) -> str:
        """The key of the copy. Ids only."""
        return f"{self._prefix}{{{whose.merchant}:{whose.shopper}}}:profile"

    async def _find_copy(self, whose: Whose, *, box: Box) -> Profile | None:
        """The copy, if it opens for this shopper; whatever does not is counted by the box, and missing."""
        try:
            version, sealed = await self._door.client.hmget(self.get_key(whose), ["version", "sealed"])
        except RedisError:
            self._door.rest()
            return None
        if version is None or not isinstance(sealed, bytes):
            return None
        try:
            body = box.open(sealed, layer="profile copy", place=int(version))
            return decode_json(body, Profile)
        except (UnreadableEvent, msgspec.MsgspecError, ValueError):
            return None

    async def _write_copy(self, whose: Whose, profile: Profile, *, box: Box) -> None:
        sealed = box.seal(msgspec.json.encode(profile), layer="profile copy", place=profile.version)
        try:
            await self._door.client.eval(
                _WRITE_NEWER, 1, self.get_key(whose), str(profile.version), sealed, str(COPY_SECONDS)
            )
        except RedisError:
            self._door.rest()


def _make_access(merchant: MerchantId, action: str, *, reader: Reader, fields: tuple[str, ...]) -> Access:
    return Access(
        merchant=merchant,
        actor=reader.actor,
        action=action,
        purpose=reader.purpose,
        detail=(("fields", ",".join(fields)),),
    )


async def _load(connection: AsyncConnection[tuple[Any, ...]], whose: Whose, *, box: Box) -> Profile:
    """The stored profile. Raises `UnreadableEvent` where it was sealed for another, or is of another version."""
    cursor = await connection.execute(_FIND, [whose.merchant, whose.shopper])
    row = await cursor.fetchone()
    if row is None:
        return EMPTY
    version, sealed = row
    return decode_json(box.open(bytes(sealed), layer="profile", place=version), Profile)
