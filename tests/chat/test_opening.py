"""The first message: taken once, into one conversation, whatever becomes of its acknowledgement."""

import asyncio
import secrets
import uuid
from collections.abc import Mapping
from typing import Any

import msgspec
import psycopg
import pytest

from catalog.models import Merchant
from commerce_agent.chat import protocol
from commerce_agent.chat.limits import Rates
from commerce_agent.chat.line import Line
from commerce_agent.chat.merchants import Shop
from commerce_agent.chat.session import ChatSession
from commerce_agent.composition import open_platform, read_clock
from commerce_agent.isolation.connections import Pool
from conversations.ids import ClientMessageId, ConversationId, MerchantId
from conversations.service import Arrival, Conversations
from tests.chat.shopper import Gate
from tests.waiting import wait_until_async


async def count(pool: Pool, merchant: Merchant, table: str) -> int:
    async with pool.connection() as connection:
        cursor = await connection.execute(
            f"SELECT count(*) FROM conversations_{table} WHERE merchant_id = %s",
            [merchant.pk],
        )
        row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def test_a_lost_first_ack_does_the_message_once(gate: Gate, pool: Pool, merchant: Merchant) -> None:
    secret, cid = secrets.token_urlsafe(32), str(uuid.uuid4())
    async with gate.open() as lost:
        welcome = await lost.hello(resume=secret)
        await lost.send(t="msg", cid=cid, text="hello")

        async def is_taken() -> bool:
            return await count(pool, merchant, "message") == 1

        await wait_until_async(is_taken)

    async with gate.open() as again:
        found = await again.hello(resume=secret)
        ack = await again.say("hello", cid=cid)
        await again.have("done")

    assert (welcome.get("conversation"), welcome.get("reset")) == (None, None)
    assert (found["conversation"], ack["dup"], ack["head"]) == (True, True, 1)
    assert [frame["t"] for frame in again.durable].count("user") == 1
    assert [frame["t"] for frame in again.durable].count("done") == 1
    assert await count(pool, merchant, "conversation") == 1
    assert await count(pool, merchant, "message") == 1


async def test_two_sockets_with_one_secret_open_one_conversation(
    gate: Gate, pool: Pool, merchant: Merchant
) -> None:
    secret, cid = secrets.token_urlsafe(32), str(uuid.uuid4())
    async with gate.open() as first, gate.open() as second:
        await first.hello(resume=secret)
        await second.hello(resume=secret)
        acks = await asyncio.gather(first.say("hello", cid=cid), second.say("hello", cid=cid))
        await first.have("done")
        await second.have("done")

    assert [ack["head"] for ack in acks] == [1, 1]
    assert sorted(ack.get("dup", False) for ack in acks) == [False, True]
    assert first.durable == second.durable
    assert await count(pool, merchant, "conversation") == 1
    assert await count(pool, merchant, "message") == 1


async def test_a_handle_of_the_clients_own_is_not_sent_back(gate: Gate) -> None:
    async with gate.open() as shopper:
        await shopper.hello(resume=secrets.token_urlsafe(32))
        ack = await shopper.say("hello")

    assert "resume" not in ack


@pytest.mark.parametrize("weak", ["short", "a" * 43, "x\u0000" * 30, "é" * 43])
async def test_a_handle_that_could_be_guessed_is_replaced(gate: Gate, weak: str) -> None:
    async with gate.open() as shopper:
        await shopper.hello(resume=weak)
        ack = await shopper.say("hello")

    async with gate.open() as guesser:
        guessed = await guesser.hello(resume=weak)
    async with gate.open() as again:
        found = await again.hello(resume=ack["resume"])

    assert guessed.get("conversation") is None
    assert found["conversation"] is True


async def test_a_handle_that_another_shop_knows_is_replaced(
    gate: Gate, other_merchant: Merchant, pool: Pool
) -> None:
    secret = secrets.token_urlsafe(32)
    async with gate.open() as shopper:
        await shopper.hello(resume=secret)
        await shopper.say("hello")
    async with Gate(base=gate.base, key=other_merchant.key).open() as elsewhere:
        await elsewhere.hello(resume=secret)
        ack = await elsewhere.say("hello elsewhere")

    assert ack["head"] == 1
    assert ack["resume"] != secret
    assert await count(pool, other_merchant, "conversation") == 1


class FailsOnce(Conversations):
    """The state service whose first message finds PostgreSQL busy."""

    def __init__(self, *, inner: Conversations) -> None:
        self.__dict__.update(inner.__dict__)
        self.has_failed = False

    async def record_message(
        self, *, conversation: ConversationId, cid: ClientMessageId, **rest: Any
    ) -> Arrival:
        if not self.has_failed:
            self.has_failed = True
            raise psycopg.OperationalError("couldn't get a connection after 5.00 sec")
        return await super().record_message(conversation=conversation, cid=cid, **rest)


async def test_the_handle_comes_with_the_first_ack_that_there_is(database: str, merchant: Merchant) -> None:
    sent: list[protocol.Outbound] = []

    async def send(frame: protocol.Outbound) -> None:
        sent.append(frame)

    async def unsubscribe() -> None:
        raise AssertionError

    async def tell(conversation: ConversationId, hint: Mapping[str, object]) -> bool:
        raise AssertionError

    shop = Shop(
        id=MerchantId(str(merchant.pk)),
        key=merchant.key,
        name=merchant.name,
        currency="USD",
        locale="en-US",
        shop_url="",
        origins=(),
    )
    line = Line(
        send=send,
        subscribe=lambda conversation: None,
        unsubscribe=unsubscribe,
        tell=tell,
        now=read_clock,
        monotonic=asyncio.get_running_loop().time,
    )
    async with open_platform(quiet=True, prefix=f"test-{uuid.uuid4().hex}:") as platform:
        failing = msgspec.structs.replace(platform, conversations=FailsOnce(inner=platform.conversations))
        session = ChatSession(platform=failing, shop=shop, line=line, rates=Rates())
        message = protocol.Msg(cid="message-1", text="hello")
        with pytest.raises(psycopg.OperationalError):
            await session.take(message)
        await session.take(message)
        await session.take(protocol.Msg(cid="message-2", text="hello again"))
        first, second = [frame for frame in sent if isinstance(frame, protocol.Ack)]
        assert first.resume is not None
        found = await platform.conversations.find_resumed(
            handle=first.resume, merchant=shop.id, at=read_clock()
        )
        await platform.forget_keys()

    assert found is not None
    assert second.resume is None
