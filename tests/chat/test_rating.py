"""What a shopper thinks of a reply is kept, and a conversation that a shopper wants destroyed is gone."""

import uuid

import pytest
from asgiref.sync import sync_to_async

from catalog.models import Merchant
from conversations.models import Conversation
from tests.chat.shopper import Gate, Shopper


async def rate(shopper: Shopper, **fields: object) -> str:
    cid = str(uuid.uuid4())
    await shopper.send(t="feedback", cid=cid, **fields)
    return cid


async def have_answered(shopper: Shopper, **fields: object) -> None:
    await shopper.hello(**fields)
    await shopper.say("What is your return policy?")
    await shopper.expect("done")


async def test_a_rating_is_kept_and_reaches_every_tab(gate: Gate) -> None:
    secret = f"{uuid.uuid4()}{uuid.uuid4()}"
    async with gate.open() as first, gate.open() as second:
        await have_answered(first, resume=secret)
        await second.hello(resume=secret)
        cid = await rate(first, turn=1, score="bad", reason="wrong")
        told = await second.expect("feedback")
        ack = await first.expect("ack", lambda frame: frame["cid"] == cid)

    assert (told["turn"], told["score"], told["reason"]) == (1, "bad", "wrong")
    assert ack["head"] == told["seq"]
    async with gate.open() as later:
        assert (await later.hello(resume=secret))["head"] == told["seq"]
        assert await later.expect("feedback") == told


async def test_the_same_rating_again_changes_nothing_and_another_replaces_it(gate: Gate) -> None:
    async with gate.open() as shopper:
        await have_answered(shopper)
        heads = []
        for score in ("good", "good", "bad"):
            cid = await rate(shopper, turn=1, score=score)
            heads.append((await shopper.expect("ack", lambda frame, cid=cid: frame["cid"] == cid))["head"])
        told = [frame["score"] for frame in shopper.frames if frame["t"] == "feedback"]

    assert heads == [heads[0], heads[0], heads[0] + 1]
    assert told == ["good", "bad"]


@pytest.mark.parametrize("turn", [2, 900])
async def test_a_reply_that_was_not_given_cannot_be_rated(gate: Gate, turn: int) -> None:
    async with gate.open() as shopper:
        await have_answered(shopper)
        head = shopper.durable[-1]["seq"]
        cid = await rate(shopper, turn=turn, score="good")
        error = await shopper.expect("error")
        await shopper.send(t="ping", seq=head)
        pong = await shopper.expect("pong")

    assert (error["code"], error["cid"]) == ("no_such_reply", cid)
    assert pong["head"] == head


async def test_what_was_erased_opens_to_nobody(gate: Gate, merchant: Merchant) -> None:
    secret = f"{uuid.uuid4()}{uuid.uuid4()}"
    cid = str(uuid.uuid4())
    async with gate.open() as shopper:
        await have_answered(shopper, resume=secret)
        await shopper.send(t="erase", cid=cid)
        await shopper.expect("ack", lambda frame: frame["cid"] == cid)
        assert await shopper.expect_close() == 4012

    async with gate.open() as later:
        welcome = await later.hello(resume=secret)
    assert (welcome["head"], welcome.get("conversation")) == (0, None)
    erased = await sync_to_async(Conversation.objects.get)(merchant_id=merchant.pk)
    assert erased.erased_at is not None


async def test_nothing_is_erased_before_there_is_a_conversation(gate: Gate) -> None:
    async with gate.open() as shopper:
        await shopper.hello()
        await shopper.send(t="erase", cid=str(uuid.uuid4()))
        error = await shopper.expect("error")

    assert error["code"] == "not_open"
