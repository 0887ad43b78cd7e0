"""What a client may send that nobody expects, and what it gets for it."""

import json
import uuid

import pytest
from asgiref.testing import ApplicationCommunicator
from structlog.testing import capture_logs

from catalog.models import Merchant
from commerce_agent.chat.consumer import ChatConsumer
from commerce_agent.chat.tickets import grant_ticket
from commerce_agent.composition import Platform, read_clock
from commerce_agent.isolation.connections import Pool
from tests.chat.shopper import Gate

OWN = [(b"host", b"localhost"), (b"origin", b"http://localhost")]


async def find_locale(pool: Pool, merchant: Merchant) -> str:
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT locale FROM conversations_conversation WHERE merchant_id = %s", [merchant.pk]
        )
        row = await cursor.fetchone()
    assert row is not None
    return str(row[0])


@pytest.mark.parametrize(
    ("lang", "locale"),
    [("de-AT", "de"), ("FR", "fr"), ("x" * 256, "en"), ("de\x00", "en"), ("tlh", "en"), ("", "en")],
)
async def test_any_language_may_be_asked_for(
    gate: Gate, pool: Pool, merchant: Merchant, lang: str, locale: str
) -> None:
    async with gate.open() as shopper:
        await shopper.hello(lang=lang)
        ack = await shopper.say("hello")

    assert ack["head"] == 1
    assert await find_locale(pool, merchant) == locale


async def test_an_error_of_ours_is_told_without_what_it_says(merchant: Merchant) -> None:
    async def get_broken_platform() -> Platform:
        raise LookupError("Ada Lovelace, 12 St James's Square")

    application = ChatConsumer.as_asgi(get_platform=get_broken_platform, now=read_clock)
    talk = ApplicationCommunicator(application, {"type": "websocket", "path": "/ws/chat/", "headers": OWN})
    hello = json.dumps({"t": "hello", "v": 1, "ticket": grant_ticket(merchant=merchant.key)})
    with capture_logs() as logged:
        await talk.send_input({"type": "websocket.connect"})
        await talk.receive_output()
        await talk.send_input({"type": "websocket.receive", "text": hello})
        bye = json.loads((await talk.receive_output())["text"])
        closed = await talk.receive_output()
        await talk.send_input({"type": "websocket.disconnect", "code": 4012})
        await talk.wait()

    assert (bye["t"], bye["code"], bye["retry"]) == ("bye", 4012, True)
    assert (closed["type"], closed["code"]) == ("websocket.close", 4012)
    [broken] = [entry for entry in logged if entry["event"] == "chat.broken"]
    assert broken["kind"] == "LookupError"
    assert "Lovelace" not in str(logged)


async def test_a_mangled_origin_is_refused(gate: Gate) -> None:
    async with gate.open(origin="http://[") as shopper:
        assert await shopper.expect_close() == 4403


async def test_a_hash_that_is_no_hash_is_refused(gate: Gate) -> None:
    async with gate.open() as shopper:
        await shopper.hello()
        await shopper.say("hello")
        await shopper.send(
            t="confirm", cid=uuid.uuid4().hex, proposal="p", hash="é", token="t", decision="accept"
        )
        assert (await shopper.expect("error"))["code"] == "bad_frame"


async def test_a_press_on_what_is_gone_is_told(gate: Gate) -> None:
    cid = uuid.uuid4().hex
    async with gate.open() as shopper:
        await shopper.hello()
        await shopper.say("hello")
        await shopper.have("done")
        await shopper.send(t="confirm", cid=cid, proposal="gone", hash="0" * 64, token="t", decision="accept")
        error = await shopper.expect("error")

    assert (error["code"], error["cid"]) == ("proposal_gone", cid)
    assert error["text"]
    assert "resolved" not in [frame["t"] for frame in shopper.frames]


async def test_every_frame_counts(gate: Gate) -> None:
    async with gate.open() as shopper:
        await shopper.hello()
        for _ in range(119):
            await shopper.send(t="ping")
        for _ in range(119):
            await shopper.expect("pong")
        await shopper.send(t="ping")
        error = await shopper.expect("error")
        for _ in range(20):
            await shopper.socket.send("no frame at all")
        code = await shopper.expect_close()

    assert error["code"] == "slow_down"
    assert 0 < error["retry_after"] <= 60
    assert code == 4029


async def test_the_whole_talk_is_not_sent_again_for_ever(gate: Gate) -> None:
    async with gate.open() as shopper:
        await shopper.hello()
        await shopper.say("hello")
        await shopper.have("done")
        for _ in range(12):
            await shopper.hello(seq=0)
            await shopper.expect("done")
        await shopper.send(t="hello", v=1, ticket=grant_ticket(merchant=gate.key), seq=0)
        error = await shopper.expect("error")

    assert error["code"] == "slow_down"
