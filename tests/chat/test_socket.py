"""The chat socket of a running shop: real frames, real stores, a real turn."""

import time
import uuid
from typing import Any

import pytest
from django.core import signing
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from catalog.models import Merchant
from commerce_agent.chat.tickets import grant_ticket
from commerce_agent.isolation.connections import Pool
from tests.chat.shopper import Gate, Shopper


async def count_conversations(pool: Pool, merchant: Merchant) -> int:
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT count(*) FROM conversations_conversation WHERE merchant_id = %s", [merchant.pk]
        )
        row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def test_nothing_is_stored_before_the_first_message(gate: Gate, pool: Pool, merchant: Merchant) -> None:
    async with gate.open() as shopper:
        welcome = await shopper.hello()
        await shopper.send(t="ping", seq=0)
        pong = await shopper.expect("pong")

        assert (welcome["head"], welcome.get("conversation")) == (0, None)
        assert pong == {"t": "pong", "head": 0}
        assert await count_conversations(pool, merchant) == 0

        ack = await shopper.say("hello")
        assert ack["resume"]
        assert await count_conversations(pool, merchant) == 1


async def test_a_message_is_acknowledged_echoed_and_answered(gate: Gate) -> None:
    cid = str(uuid.uuid4())
    async with gate.open() as shopper:
        await shopper.hello()
        ack = await shopper.say("What is your return policy?", cid=cid)
        done = await shopper.expect("done")

    assert (ack["cid"], ack["head"], ack.get("dup")) == (cid, 1, None)
    assert [frame["seq"] for frame in shopper.durable] == list(range(1, len(shopper.durable) + 1))
    assert [frame["t"] for frame in shopper.durable][:2] == ["user", "turn"]
    assert (shopper.durable[0]["cid"], shopper.durable[0]["text"]) == (cid, "What is your return policy?")
    assert (done["turn"], done.get("status", "ok")) == (1, "ok")
    assert done["text"]


async def test_the_same_message_again_is_one_message(gate: Gate) -> None:
    cid = str(uuid.uuid4())
    async with gate.open() as shopper:
        await shopper.hello()
        first = await shopper.say("hello", cid=cid)
        await shopper.expect("done")
        again = await shopper.say("hello", cid=cid)
        await shopper.send(t="ping", seq=0)
        await shopper.expect("pong")

    assert (again["dup"], again["head"]) == (True, first["head"])
    assert [frame["t"] for frame in shopper.durable].count("user") == 1
    assert [frame["t"] for frame in shopper.durable].count("done") == 1


async def test_a_reload_brings_everything_back(gate: Gate) -> None:
    async with gate.open() as before:
        await before.hello()
        resume = (await before.say("hello"))["resume"]
        await before.expect("done")

    async with gate.open() as after:
        welcome = await after.hello(resume=resume, seq=0)
        await after.expect("done")

    assert (welcome["conversation"], welcome.get("reset")) == (True, None)
    assert welcome["head"] == before.durable[-1]["seq"]
    assert after.durable == before.durable


async def test_a_gap_is_filled_on_asking(gate: Gate) -> None:
    async with gate.open() as shopper:
        await shopper.hello()
        await shopper.say("hello")
        await shopper.expect("done")
        whole = shopper.durable
        shopper.frames.clear()

        await shopper.hello(seq=1)
        await shopper.expect("done")

    assert shopper.durable == whole[1:]


async def test_two_tabs_see_the_same(gate: Gate) -> None:
    async with gate.open() as first, gate.open() as second:
        await first.hello()
        resume = (await first.say("hello"))["resume"]
        await second.hello(resume=resume)
        await first.expect("done")
        await second.expect("done", lambda frame: frame["turn"] == 1)

        await second.say("and now something else")
        await second.expect("done")
        await first.expect("done")

    assert first.durable == second.durable
    assert [frame["t"] for frame in first.durable].count("user") == 2


async def test_the_turn_outlives_the_socket(gate: Gate) -> None:
    async with gate.open() as shopper:
        await shopper.hello()
        resume = (await shopper.say("hello"))["resume"]

    async with gate.open() as again:
        await again.hello(resume=resume)
        done = await again.expect("done")

    assert done["turn"] == 1


async def test_a_handle_of_another_shop_opens_nothing(gate: Gate, other_merchant: Merchant) -> None:
    async with gate.open() as shopper:
        await shopper.hello()
        resume = (await shopper.say("my secret"))["resume"]
        await shopper.expect("done")

    async with Gate(base=gate.base, key=other_merchant.key).open() as stranger:
        welcome = await stranger.hello(resume=resume)
        await stranger.send(t="ping", seq=0)
        await stranger.expect("pong")

    assert (welcome.get("conversation"), welcome.get("reset"), welcome["head"]) == (None, None, 0)
    assert stranger.durable == []


async def test_a_client_that_is_ahead_is_told_to_start_over(gate: Gate) -> None:
    async with gate.open() as shopper:
        await shopper.hello()
        resume = (await shopper.say("hello"))["resume"]
        await shopper.expect("done")

    async with gate.open() as again:
        welcome = await again.hello(resume=resume, seq=999)
        await again.expect("done")

    assert (welcome["reset"], welcome["conversation"]) == (True, True)
    assert again.durable == shopper.durable


@pytest.mark.parametrize("origin", ["http://evil.example", "null", None])
async def test_a_socket_from_elsewhere_is_refused(gate: Gate, origin: str | None) -> None:
    async with gate.open(origin=origin) as shopper:
        code = await shopper.expect_close()

    assert code == 4403
    assert shopper.frames == [{"t": "bye", "code": 4403, "retry": False, "text": "Not opened by the widget."}]


async def test_a_forged_ticket_is_refused_for_good(gate: Gate) -> None:
    async with gate.open() as shopper:
        await shopper.send(t="hello", v=1, ticket=signing.dumps({"merchant": gate.key, "nonce": "x"}))
        code = await shopper.expect_close()

    assert code == 4403
    assert shopper.frames[-1]["retry"] is False


async def test_an_old_ticket_asks_for_a_new_one(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        now = time.time()
        patch.setattr(time, "time", lambda: now - 3700)
        old = grant_ticket(merchant=gate.key)

    async with gate.open() as shopper:
        await shopper.send(t="hello", v=1, ticket=old)
        code = await shopper.expect_close()

    assert code == 4401
    assert shopper.frames[-1]["retry"] is True


async def test_a_shop_that_is_off_takes_no_socket(gate: Gate, merchant_off: Merchant) -> None:
    async with gate.open() as shopper:
        await shopper.send(t="hello", v=1, ticket=grant_ticket(merchant=gate.key))
        code = await shopper.expect_close()

    assert code == 4403


async def test_a_silent_socket_is_closed_after_five_seconds(gate: Gate) -> None:
    async with gate.open() as shopper:
        started = time.monotonic()
        code = await shopper.expect_close()
        waited = time.monotonic() - started

    assert code == 4400
    assert 4 < waited < 8


async def test_another_protocol_is_turned_away(gate: Gate) -> None:
    async with gate.open() as shopper:
        await shopper.send(t="hello", v=2, ticket=grant_ticket(merchant=gate.key))
        code = await shopper.expect_close()

    assert (code, shopper.frames[-1]["retry"]) == (4400, False)


async def expect_error(shopper: Shopper, raw: str | bytes, code: str) -> dict[str, Any]:
    await shopper.socket.send(raw)
    error = await shopper.expect("error")
    assert error["code"] == code
    return error


async def test_bad_frames_are_answered_and_the_socket_lives_on(
    gate: Gate, pool: Pool, merchant: Merchant
) -> None:
    async with gate.open() as shopper:
        await expect_error(shopper, '{"t":"msg","cid":"message-1","text":"too early"}', "hello_first")
        await shopper.hello()
        await expect_error(shopper, "no json", "bad_frame")
        await expect_error(shopper, b"\xff", "bad_frame")
        await expect_error(shopper, '{"t":"msg","cid":"message-1","text":"hi","role":"admin"}', "bad_frame")
        await expect_error(shopper, '{"t":"read","seq":0,"x":"%s"}' % ("a" * 20_000), "too_large")
        empty = await expect_error(shopper, '{"t":"msg","cid":"message-1","text":" \\n "}', "text_empty")
        long = await expect_error(
            shopper, '{"t":"msg","cid":"message-2","text":"%s"}' % ("a" * 2_001), "text_too_long"
        )
        await expect_error(shopper, '{"t":"stop","turn":1}', "not_open")
        confirm = (
            '{"t":"confirm","cid":"message-3","proposal":"p","hash":"h","token":"t","decision":"accept"}'
        )
        await expect_error(shopper, confirm, "not_open")

        assert (empty["cid"], long["cid"]) == ("message-1", "message-2")
        assert await count_conversations(pool, merchant) == 0
        assert (await shopper.say("hello"))["head"] == 1


async def test_no_error_shows_how_the_server_is_built(gate: Gate) -> None:
    async with gate.open() as shopper:
        await shopper.hello()
        error = await expect_error(shopper, '{"t":"msg","cid":"message-1"}', "bad_frame")

    assert "Traceback" not in error["text"]
    assert "/" not in error["text"]


async def test_too_many_messages_are_put_off(gate: Gate) -> None:
    async with gate.open() as shopper:
        await shopper.hello(lang="de")
        for number in range(20):
            await shopper.say(f"message {number}")
        cid = str(uuid.uuid4())
        # Nothing is looked up for who is put off.
        await shopper.send(t="msg", cid=cid, text="one more", reply_to={"seq": 999})
        error = await shopper.expect("error")

    assert (error["code"], error["cid"]) == ("slow_down", cid)
    assert error["text"] == "Das war viel auf einmal. Es wird gleich noch einmal gesendet."
    assert 0 < error["retry_after"] <= 60
    assert cid not in [frame.get("cid") for frame in shopper.durable]


async def test_only_the_chat_speaks_websocket(gate: Gate) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        async with connect(gate.base.replace("http", "ws", 1) + "/ws/other/", proxy=None):
            pass

    assert refusal.value.response.status_code == 403
