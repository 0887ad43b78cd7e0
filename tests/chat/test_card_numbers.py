"""A card number typed into the chat is nowhere: in no journal, Redis, frame of any tab, or log."""

import re

import pytest
from psycopg import AsyncConnection
from redis.asyncio import Redis

from catalog.models import Merchant
from commerce_agent.composition import Platform, open_platform
from commerce_agent.isolation.connections import Pool
from conversations.ids import ConversationId
from tests.chat.shopper import Gate
from tests.chat.test_memory import ask, come, teach

SAID = "take 4111 1111 1111 1111 exp 12/29 cvv 737 and show me lamps"
WRITTEN = re.compile(r"4111\D{0,6}1111|12/29|737 and")


def hides(text: str) -> bool:
    """Whether nothing of the card is in the text: four digits alone stand in times, ports and ids by chance."""
    return WRITTEN.search(text) is None


def shows(row: str) -> bool:
    """Whether a row, whose bytes stand there in hex, has the number: four digits alone may come by chance."""
    return "4111 1111" in row or b"4111 1111".hex() in row


async def test_a_card_number_reaches_no_tab_no_store_and_no_log(
    gate: Gate,
    merchant: Merchant,
    pool: Pool,
    redis: Redis,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    async with gate.open() as one, gate.open() as other:
        await one.hello()
        resume = (await one.say("hello"))["resume"]
        await other.hello(resume=resume)
        await one.expect("done")
        await one.say(SAID)
        mine = await one.expect("user", lambda frame: "take" in frame["text"])
        theirs = await other.expect("user", lambda frame: "take" in frame["text"])
        done = await one.expect("done", lambda frame: frame["turn"] == 2)
        await other.expect("done", lambda frame: frame["turn"] == 2)

    assert mine["redacted"] == ["card", "expiry", "security_code"]
    assert mine["text"] == theirs["text"]
    assert "removed" in done["text"]
    assert "4111" not in mine["text"] + done["text"]
    assert all(hides(str(frame)) for frame in (*one.frames, *other.frames))
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT id FROM conversations_conversation WHERE merchant_id = %s", (merchant.id,)
        )
        ((conversation,),) = await cursor.fetchall()
        for table in await list_tables(connection):
            cursor = await connection.execute(
                f"SELECT t::text FROM {table} t WHERE merchant_id = %s", (merchant.id,)
            )
            assert not any(shows(row) for (row,) in await cursor.fetchall()), table
    async with open_platform(quiet=True) as platform:
        opened = ConversationId(str(conversation))
        events = await platform.conversations.list_events(conversation=opened)
        state = await platform.conversations.load(conversation=opened)
        assert any("[card number removed]" in str(each.event) for each in events)
        assert hides(f"{events} {state}")
    async for key in redis.scan_iter(match=f"*{str(conversation)[:8]}*", count=1000):
        assert b"4111 1111" not in (await redis.dump(key) or b"")
    logs = list(tmp_path_factory.getbasetemp().glob("web*/web.log"))
    assert logs
    assert [line for log in logs for line in log.read_text().splitlines() if not hides(line)] == []


async def test_the_second_half_of_a_card_number_is_taken_out_where_the_first_was_sent_before(
    gate: Gate,
) -> None:
    async with gate.open() as shopper:
        await shopper.hello()
        await shopper.say("my card is 4242 4242")
        await shopper.expect("done")
        await shopper.say("4242 4242")
        second = await shopper.expect("user", lambda frame: "my card" not in frame["text"])
        done = await shopper.expect("done", lambda frame: frame["turn"] == 2)

    assert (second["text"], second["redacted"]) == ("[card number removed]", ["card"])
    assert "removed" in done["text"]


async def test_a_card_number_put_in_place_of_what_is_remembered_is_taken_out(
    gate: Gate, merchant: Merchant, platform: Platform
) -> None:
    async with gate.open() as person:
        await come(person, merchant)
        await teach(platform, merchant)
        answered = await ask(person, correct={"id": "m1", "value": "42, card 4111 1111 1111 1111 cvv 737"})
        shown = await ask(person)

    assert shown["kept"] == answered["kept"]
    (kept,) = [each["value"] for each in shown["kept"] if each["id"] == "m1"]
    assert kept == "42, card [card number removed] cvv [security code removed]"
    assert hides(str(person.frames))


async def list_tables(connection: AsyncConnection) -> list[str]:
    """Every table with a merchant's rows."""
    cursor = await connection.execute(
        "SELECT DISTINCT table_name FROM information_schema.columns"
        " WHERE table_schema = current_schema() AND column_name = 'merchant_id'"
    )
    return [name for (name,) in await cursor.fetchall()]
