"""A reply that was meant for somebody else, as after a command that was cancelled on its way, opens for nobody.

tests/conversations/sealing/test_at_rest.py holds the same for values under the wrong key. Here the connections
themselves are wrong: first the real ones are cancelled at every step, then one is made to answer out of turn.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Self

import pytest
from django.conf import settings
from psycopg.pq import TransactionStatus
from psycopg_pool import AsyncConnectionPool
from redis.asyncio import Redis
from typing_extensions import override

from commerce_agent.isolation.acting import acting_for
from commerce_agent.isolation.connections import Pool, TellingConnection, TellingCursor, build_pool
from conversations.ids import ConversationId
from conversations.service import Conversations
from conversations.store.projection import _FIND, RedisDoor
from conversations.store.sealing import WrongIdentity
from tests.boxes import make_boxes
from tests.conversations.state.talking import Ear
from tests.isolation.conftest import Shop, make_service

STEPS = 40
"""More steps of the event loop than a load takes: a task is cancelled before each of them once."""


async def cancel_at(step: int, act: Callable[[], Awaitable[object]]) -> None:
    """Starts it and cancels it after so many steps of the event loop; it may have ended by then."""
    started = asyncio.ensure_future(act())
    for _ in range(step):
        await asyncio.sleep(0)
    started.cancel()
    await asyncio.gather(started, return_exceptions=True)


async def read_words(service: Conversations, conversation: ConversationId) -> list[str]:
    state = await service.load(conversation=conversation)
    return [message.text for message in state.transcript.waiting]


async def list_words(service: Conversations, conversation: ConversationId) -> list[str]:
    events = await service.list_events(conversation=conversation, kind="shopper.spoke")
    return [getattr(recorded.event, "text", "") for recorded in events]


async def test_a_command_that_is_cancelled_leaves_no_answer_for_the_next(
    database: str, ours: Shop, theirs: Shop
) -> None:
    door = RedisDoor(client=Redis.from_url(settings.REDIS_URL, max_connections=1, socket_timeout=5))
    async with build_pool(database, most=1, wait=10) as pool:
        service = make_service(pool, door)
        for step in range(STEPS):
            for read in (read_words, list_words):
                await cancel_at(step, lambda read=read: read(service, ours.conversation))  # type: ignore[misc]
                assert await read(service, theirs.conversation) == ["I want boots"], step
        assert sum(service._projection._boxes.refused.values()) == 0
    await door.close()


async def test_a_merchant_is_not_acted_for_after_a_statement_that_was_cancelled(
    database: str, ours: Shop, theirs: Shop
) -> None:
    async def look() -> list[str]:
        async with pool.connection() as lent:
            return [row[0] async for row in await lent.execute("SELECT title FROM catalog_product")]

    async with build_pool(database, most=1, wait=10) as pool:
        for step in range(STEPS):
            with acting_for(ours.merchant):
                await cancel_at(step, look)
            with acting_for(theirs.merchant):
                assert await look() == ["boots"], step


async def test_a_connection_whose_statement_was_cancelled_is_lent_to_nobody_again(
    database: str, ours: Shop
) -> None:
    async with build_pool(database, most=1, wait=10) as pool:
        with acting_for(ours.merchant):
            async with pool.connection() as lent:
                before = lent.info.backend_pid

            async def wait() -> None:
                async with pool.connection() as lent:
                    waiting.set_result(lent)
                    await lent.execute("SELECT pg_sleep(30)")

            waiting: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            running = asyncio.ensure_future(wait())
            asked = await waiting
            for _ in range(STEPS):
                await asyncio.sleep(0)
            assert asked.pgconn.transaction_status == TransactionStatus.ACTIVE
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

            assert asked.closed
            async with pool.connection() as lent:
                assert lent.info.backend_pid != before


async def test_a_reply_of_redis_that_was_anothers_is_missing_and_counted(
    pool: Pool, ours: Shop, theirs: Shop
) -> None:
    """Planted: what clients did whose cancelled command left its reply unread. Every answer from then on is the one
    before it.
    """
    client = Redis.from_url(settings.REDIS_URL, single_connection_client=True, socket_timeout=5)
    door = RedisDoor(client=client)
    service = make_service(pool, door)
    for shop in (ours, theirs):
        await service._projection.write(
            conversation=shop.conversation, state=await service.load(conversation=shop.conversation)
        )
    keys = service._projection._list_keys(ours.conversation)
    assert client.connection is not None
    await client.connection.send_command("EVAL", _FIND, len(keys), *keys)

    assert await service._projection.find_state(conversation=theirs.conversation) is None

    assert service._projection._boxes.refused == {"projection": 1}
    assert await list_words(service, theirs.conversation) == ["I want boots"]
    await client.connection.disconnect()
    assert await read_words(service, theirs.conversation) == ["I want boots"]
    await door.close()


async def test_rows_of_postgresql_that_were_anothers_do_not_open(
    database: str, pool: Pool, door: RedisDoor, ours: Shop, theirs: Shop
) -> None:
    """Planted, and with the policies out of the way, since who acts here acts for both shops: each question about one
    conversation is answered with the other's rows.
    """

    class WrongCursor(TellingCursor):
        @override
        async def execute(self, query: Any, params: Any = None, **how: Any) -> Self:  # type: ignore[override]
            values = [ours.conversation if value == theirs.conversation else value for value in params or ()]
            return await super().execute(query, values, **how)

    class WrongConnection(TellingConnection):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            self.cursor_factory = WrongCursor

    async with AsyncConnectionPool(
        database, connection_class=WrongConnection, min_size=1, open=False, kwargs={"autocommit": True}
    ) as wrong:
        boxes = make_boxes(pool)
        service = Conversations(
            pool=wrong, door=door, prefix=settings.REDIS_PREFIX, announce=Ear().hear, boxes=boxes
        )
        with pytest.raises(WrongIdentity, match="belongs elsewhere"):
            await service.list_events(conversation=theirs.conversation)

    assert boxes.refused == {"journal": 1}
    assert await list_words(make_service(pool, door), theirs.conversation) == ["I want boots"]
