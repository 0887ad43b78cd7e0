"""The proof of an erasure: words that were the shopper's are looked for in every table, in Redis and in files."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable
from pathlib import Path
from typing import Any

import msgspec
import structlog
from psycopg import AsyncConnection, sql
from psycopg_pool import AsyncConnectionPool
from redis.asyncio import Redis

from commerce_agent.composition import Platform
from commerce_agent.shoppers.retention import TABLES
from conversations.events.messages import ShopperSpoke
from conversations.ids import ConversationId, MerchantId
from conversations.service import ShopperCard, UnreadableEvent

SHORTEST = 8
"""Shorter words would be found by chance."""
MOST_SAID = 100
CHUNK = 1 << 20
IN_REDIS = "redis "

log = structlog.get_logger(__name__)


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A canary that is still there. It is named by its number: what it says must not get into a log."""

    canary: int
    place: str
    """The table, the key in Redis, or the file."""

    @property
    def sort(self) -> str:
        """The place without a key's name, which may say whose it is."""
        return "Redis" if self.place.startswith(IN_REDIS) else self.place


class Before(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be looked for once it is erased, read before: afterwards nobody can say it any more."""

    canaries: tuple[str, ...] = ()
    in_goods: frozenset[tuple[int, str]] = frozenset()
    """Which of them stand in the shop's goods as well, and where: there they are nobody's."""

    @property
    def shared(self) -> int:
        """How many of them the shop's goods say, too."""
        return len({canary for canary, _ in self.in_goods})


async def look_before(
    platform: Platform,
    *,
    merchant: MerchantId,
    card: ShopperCard | None,
    talks: tuple[ConversationId, ...] = (),
) -> Before:
    """Reads the words of a shopper, or of `talks` that are nobody's, and where the shop's goods say the same."""
    canaries = (
        await list_canaries(platform, merchant=merchant, card=card)
        if card
        else tuple(dict.fromkeys(await _list_said(platform, talks)))
    )
    goods = [table for table, kind in TABLES.items() if kind == "goods"]
    found = [
        each async for each in _search_tables(platform.pool, [_list_forms(c) for c in canaries], only=goods)
    ]
    return Before(canaries=canaries, in_goods=frozenset((each.canary, each.place) for each in found))


async def find_left(
    platform: Platform, before: Before, *, files: Iterable[Path] = (), names: tuple[str, ...] = ()
) -> tuple[Found, ...]:
    """Where any of it still is, as `find_canaries` says it; but not where the shop's goods said it all along."""
    found = await find_canaries(platform, before.canaries, files=files, names=names)
    return tuple(each for each in found if (each.canary, each.place) not in before.in_goods)


async def list_canaries(platform: Platform, *, merchant: MerchantId, card: ShopperCard) -> tuple[str, ...]:
    """Words of the shopper's own, to be looked for once they are erased: name, address, what was said."""
    talks = await platform.conversations.owners.list_conversations(merchant=merchant, shopper=card.id)
    named = [word for word in (card.key, card.name, card.contact.email) if len(word) >= SHORTEST]
    return tuple(dict.fromkeys((*named, *await _list_said(platform, talks))))


async def _list_said(platform: Platform, talks: tuple[ConversationId, ...]) -> list[str]:
    words: list[str] = []
    said = 0
    for conversation in talks:
        try:
            spoken = await platform.conversations.list_events(conversation=conversation, kind="shopper.spoke")
        except UnreadableEvent as damage:
            # What nobody can read any more is no reason to keep the rest.
            log.warning("canaries.unreadable", conversation=conversation, reason=str(damage))
            continue
        for recorded in spoken:
            if isinstance(recorded.event, ShopperSpoke) and said < MOST_SAID:
                words.append(recorded.event.text)
                said += len(recorded.event.text) >= 2 * SHORTEST
    return [word for word in words if len(word) >= SHORTEST]


async def find_canaries(
    platform: Platform, canaries: tuple[str, ...], *, files: Iterable[Path] = (), names: tuple[str, ...] = ()
) -> tuple[Found, ...]:
    """Where any of the canaries still is: in a dump of every table, in Redis, in the files and folders named.

    `names`: in Redis only keys that name one of these, such as a merchant, are read; without any, all are.
    Raises `RedisError` where Redis does not answer.
    """
    needles = [_list_forms(canary) for canary in canaries]
    found = [each async for each in _search_tables(platform.pool, needles)]
    found += [each async for each in _search_redis(platform, needles, names=names)]
    for path in files:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                found += _search_file(file, needles)
    return tuple(found)


def _list_forms(canary: str) -> tuple[bytes, ...]:
    """The canary as it may be written: plain, escaped in JSON or by COPY, and as the hex of a binary column."""
    plain = canary.encode()
    escaped = json.dumps(canary)[1:-1].encode()
    copied = plain.replace(b"\\", b"\\\\").replace(b"\n", b"\\n").replace(b"\t", b"\\t")
    forms = (plain, escaped, copied, plain.hex().encode(), escaped.hex().encode())
    return tuple(dict.fromkeys(forms))


async def _search_tables(
    pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]],
    needles: list[tuple[bytes, ...]],
    *,
    only: Collection[str] | None = None,
) -> AsyncIterator[Found]:
    async with pool.connection() as connection:
        tables = await connection.execute(
            "SELECT c.oid::regclass::text, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind = 'r' AND n.nspname = 'public' ORDER BY c.relname"
        )
        names = [row[1] async for row in tables]
        for name in names if only is None else [name for name in names if name in only]:
            copying = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(name))
            async with connection.cursor().copy(copying) as rows:
                hits: set[int] = set()
                async for row in rows:
                    hits |= _list_hits(bytes(row), needles)
            for number in sorted(hits):
                yield Found(canary=number, place=name)


async def _search_redis(
    platform: Platform, needles: list[tuple[bytes, ...]], *, names: tuple[str, ...]
) -> AsyncIterator[Found]:
    redis, named = platform.redis, [each.encode() for each in names]
    async for key in redis.scan_iter(match=f"{platform.prefix}*", count=500):
        name = key if isinstance(key, bytes) else key.encode()
        if named and not any(each in name for each in named):
            continue
        for number in sorted(_list_hits(name + b"\n" + await _read_value(redis, name), needles)):
            yield Found(canary=number, place=f"{IN_REDIS}{name.decode(errors='replace')[:80]}")


async def _read_value(redis: Redis, key: bytes) -> bytes:
    """What lies under a key, of whatever type, as it was written."""
    readers: dict[bytes, Callable[[], Awaitable[object]]] = {
        b"string": lambda: redis.get(key),
        b"hash": lambda: redis.hgetall(key),
        b"zset": lambda: redis.zrange(key, 0, -1),
        b"set": lambda: redis.smembers(key),
        b"list": lambda: redis.lrange(key, 0, -1),
        b"stream": lambda: redis.xrange(key),
    }
    kind = _flatten(await redis.type(key))
    return _flatten(await readers[kind]() if kind in readers else await redis.dump(key))


def _flatten(value: object) -> bytes:
    match value:
        case bytes():
            return value
        case dict():
            return b"\n".join(_flatten(part) for pair in value.items() for part in pair)
        case list() | tuple() | set():
            return b"\n".join(_flatten(part) for part in value)
        case _:
            return b"" if value is None else str(value).encode()


def _search_file(file: Path, needles: list[tuple[bytes, ...]]) -> list[Found]:
    longest = max((len(form) for forms in needles for form in forms), default=0)
    hits: set[int] = set()
    with file.open("rb") as opened:
        kept = b""
        while read := opened.read(CHUNK):
            hits |= _list_hits(kept + read, needles)
            kept = read[-longest:] if longest else b""
    return [Found(canary=number, place=str(file)) for number in sorted(hits)]


def _list_hits(text: bytes, needles: list[tuple[bytes, ...]]) -> set[int]:
    return {number for number, forms in enumerate(needles) if any(form in text for form in forms)}
