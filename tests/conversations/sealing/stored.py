"""What lies in the stores, as someone who got hold of them would see it."""

from uuid import uuid4

from django.conf import settings
from redis.asyncio import Redis

from commerce_agent.decoding import decode_json
from commerce_agent.isolation.connections import Pool
from conversations.ids import ConversationId, MerchantId
from tests.conversations.state.recordings import RECORDED, Line
from tests.conversations.state.talking import NOON


async def dump_tables(pool: Pool) -> bytes:
    """Every row of the state service's tables, as text and, for binary columns, as bytes too."""
    dump = bytearray()
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT tablename FROM pg_tables WHERE tablename LIKE 'conversations%%'", []
        )
        for (table,) in await cursor.fetchall():
            rows = await connection.execute(f"SELECT * FROM {table}")
            async for row in rows:
                for value in row:
                    dump += (value if isinstance(value, bytes) else str(value).encode()) + b"\n"
    return bytes(dump)


async def dump_redis(redis: Redis) -> bytes:
    """Every key of this run and what it holds."""
    dump = bytearray()
    async for key in redis.scan_iter(match=f"{settings.REDIS_PREFIX}*", count=500):
        dump += key + b"\n" + (await redis.dump(key) or b"") + b"\n"
        if await redis.type(key) == b"hash":
            dump += b"\n".join((await redis.hgetall(key)).values())
    return bytes(dump)


async def write_old_conversation(pool: Pool, *, merchant: MerchantId) -> ConversationId:
    """The recorded conversation of schema 1, stored as it was before there was sealing."""
    name = ConversationId(str(uuid4()))
    lines = [decode_json(line, Line) for line in (RECORDED / "v1.jsonl").read_bytes().splitlines()]
    frames = max(line.frame or 0 for line in lines)
    async with pool.connection() as connection, connection.transaction():
        await connection.execute(
            "INSERT INTO conversations_conversation (id, merchant_id, version, frames, fence, turns, locale,"
            " opened_at, active_at) VALUES (%s, %s, %s, %s, 0, %s, 'en', %s, %s)",
            [name, merchant, lines[-1].seq, frames, max(line.turn for line in lines), NOON, NOON],
        )
        await connection.cursor().executemany(
            "INSERT INTO conversations_journalentry"
            " (merchant_id, conversation_id, seq, frame, turn, kind, schema, at, body)"
            " VALUES (%s, %s, %s, %s, %s, 'of.before', %s, %s, %s)",
            [
                (merchant, name, line.seq, line.frame, line.turn, line.schema, line.at, bytes(line.body))
                for line in lines
            ],
        )
    return name
