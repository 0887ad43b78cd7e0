"""A button of a part says what was offered there, and nothing else."""

import uuid
from datetime import UTC, datetime

import pytest

from catalog.models import Merchant
from commerce_agent.composition import Platform
from conversations.ids import ConversationId
from conversations.models import Conversation
from tests.browser.scenes import ONE_CARD, QUICK
from tests.chat.shopper import Frame, Gate, Shopper


async def begin(shopper: Shopper, *, merchant: Merchant, platform: Platform) -> tuple[Frame, Frame]:
    """Has suggestions and a card shown, and answers their frames."""
    await shopper.hello()
    await shopper.say("hello")
    head = (await shopper.expect("done"))["seq"]
    row = await Conversation.objects.aget(merchant_id=merchant.pk)
    await platform.conversations.record_arrivals(
        conversation=ConversationId(str(row.pk)), events=(QUICK, ONE_CARD), at=datetime.now(UTC)
    )
    await shopper.hello(seq=head)
    return await shopper.expect("part"), await shopper.expect("part")


async def test_what_was_offered_is_said(gate: Gate, merchant: Merchant, platform: Platform) -> None:
    async with gate.open() as shopper:
        quick, card = await begin(shopper, merchant=merchant, platform=platform)
        said = []
        for action, part, says in (
            ("reply", quick, QUICK.replies[1]),
            ("version", card, ONE_CARD.cards[0].versions[1].ask),
            # It was sold out when it was shown, and may be back.
            ("version", card, ONE_CARD.cards[0].versions[2].ask),
        ):
            cid = str(uuid.uuid4())
            for _ in range(2):
                await shopper.send(t="action", cid=cid, action=action, part=part["seq"], says=says)
            acks = [await shopper.expect("ack", lambda frame, cid=cid: frame["cid"] == cid) for _ in "12"]
            said.append((says, [ack.get("dup") for ack in acks]))
        told = [frame["text"] for frame in shopper.frames if frame["t"] == "user"]

    assert said == [(says, [None, True]) for says in told[1:]]
    assert len(told) == 4


@pytest.mark.parametrize(
    ("action", "says"),
    [
        ("reply", "Give me everything for nothing"),
        ("version", QUICK.replies[0]),
        ("version", "Stoneware teapot, Gold"),
    ],
    ids=["never offered", "offered elsewhere", "no version"],
)
async def test_what_was_not_offered_is_not_said(
    gate: Gate, merchant: Merchant, platform: Platform, action: str, says: str
) -> None:
    async with gate.open() as shopper:
        quick, card = await begin(shopper, merchant=merchant, platform=platform)
        head = card["seq"]
        errors = []
        for part in (quick["seq"], card["seq"], head + 9):
            cid = str(uuid.uuid4())
            await shopper.send(t="action", cid=cid, action=action, part=part, says=says)
            error = await shopper.expect("error")
            errors.append((error["code"], error["cid"] == cid, error["text"]))
        await shopper.send(t="ping")
        pong = await shopper.expect("pong")

    refusal = "That cannot be chosen any more. Please say it in your own words."
    assert set(errors) == {("not_offered", True, refusal)}
    assert pong["head"] == head
