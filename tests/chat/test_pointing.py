"""A message may reply to a card that was shown: then "this" means that, in every tab and in the answer."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from catalog.models import Merchant
from commerce_agent.demo.seeding import seed_shop
from tests.chat.shopper import Frame, Gate, Shopper

COLD_SECONDS = 45.0
"""The first talk of a shop has its words read and its indexes built."""


@pytest.fixture(scope="module")
def demo(database: str) -> Merchant:
    """The demo shop's goods, under a key of this module's own."""
    key = f"point-{uuid.uuid4().hex[:8]}"
    seed_shop(clock=lambda: datetime.now(UTC), key=key)
    # Its pictures are the shop's own, wherever the chat is.
    Merchant.objects.filter(key=key).update(shop_url="https://shop.example/")
    return Merchant.objects.get(key=key)


@pytest.fixture
def shop(running_shop: str, demo: Merchant) -> Gate:
    return Gate(base=running_shop, key=demo.key)


async def see_lamps(shopper: Shopper) -> Frame:
    """The frame of several cards, after which the talk has gone on to something else."""
    await shopper.hello(resume=f"{uuid.uuid4()}{uuid.uuid4()}")
    await shopper.say("Show me headlamps")
    cards = await shopper.expect("part", lambda frame: frame["kind"] == "cards", seconds=COLD_SECONDS)
    await shopper.expect("done")
    await shopper.say("Show me tents")
    await shopper.expect("done")
    return cards


async def reply(shopper: Shopper, text: str, **to: Any) -> tuple[Frame, Frame]:
    """Says it, and answers how it stands in every tab and what was answered."""
    cid = str(uuid.uuid4())
    await shopper.send(t="msg", cid=cid, text=text, reply_to=to)
    user = await shopper.expect("user", lambda frame: frame["cid"] == cid)
    return user, await shopper.expect("done")


async def test_what_a_message_replies_to_is_what_this_means(shop: Gate) -> None:
    async with shop.open() as shopper:
        part = await see_lamps(shopper)
        lamp = part["cards"][1]
        user, done = await reply(shopper, "How much is this?", seq=part["seq"], sku=lamp["ref"]["key"])

    assert user["about"] == lamp["title"]
    assert lamp["title"] in done["text"]


async def test_without_an_item_all_of_the_part_are_meant(shop: Gate) -> None:
    async with shop.open() as shopper:
        part = await see_lamps(shopper)
        user, done = await reply(shopper, "Is it in stock?", seq=part["seq"])

    assert "about" not in user
    # Of several nobody can say which: the answer names lamps, and no tent.
    assert any(card["title"] in done["text"] for card in part["cards"])


@pytest.mark.parametrize(
    "to", [{"seq": 1}, {"seq": 999}, {"sku": "NO-SUCH"}], ids=["words", "nothing", "no card"]
)
async def test_what_was_not_shown_cannot_be_replied_to(shop: Gate, to: dict[str, Any]) -> None:
    async with shop.open() as shopper:
        part = await see_lamps(shopper)
        cid = str(uuid.uuid4())
        await shopper.send(t="msg", cid=cid, text="this?", reply_to={"seq": part["seq"], **to})
        error = await shopper.expect("error")
        head = (await shopper.hello(seq=shopper.durable[-1]["seq"]))["head"]

    assert (error["code"], error["cid"]) == ("not_shown", cid)
    assert error["text"] == "That is not shown any more. Please say which one you mean."
    assert head == shopper.durable[-1]["seq"]


async def test_a_first_message_replies_to_nothing_and_opens_nothing(shop: Gate) -> None:
    async with shop.open() as shopper:
        await shopper.hello()
        await shopper.send(t="msg", cid=str(uuid.uuid4()), text="this?", reply_to={"seq": 1})
        error = await shopper.expect("error")
        welcome = await shopper.hello()

    assert (error["code"], welcome.get("conversation")) == ("not_shown", None)


async def test_a_message_that_comes_twice_points_once(shop: Gate) -> None:
    async with shop.open() as shopper:
        part = await see_lamps(shopper)
        said = {"t": "msg", "cid": str(uuid.uuid4()), "text": "How much is this?"}
        said |= {"reply_to": {"seq": part["seq"], "sku": part["cards"][1]["ref"]["key"]}}
        await shopper.send(**said)
        await shopper.expect("done")
        await shopper.say("Show me the Hearth 2")
        tent = (await shopper.expect("done"))["text"]
        await shopper.send(**said)
        await shopper.expect("ack", lambda frame: bool(frame.get("dup")))
        await shopper.say("Is it in stock?")
        done = await shopper.expect("done")

    assert "Hearth 2" in tent
    assert "Hearth 2" in done["text"]


async def test_a_welcome_says_what_may_be_asked_for(gate: Gate) -> None:
    secret = f"{uuid.uuid4()}{uuid.uuid4()}"
    async with gate.open() as shopper:
        welcome = await shopper.hello(resume=secret)
        await shopper.say("hello")
    following = f"{uuid.uuid4()}{uuid.uuid4()}"
    async with gate.open() as again:
        rotated = await again.hello(resume=secret, next=following)

    assert welcome["caps"] == ["context", "export", "feedback", "reply_to", "why"]
    # Under the protocol's name and, for widgets that were loaded before, under the older one.
    assert (rotated["token"], rotated["resume"]) == (following, following)


async def test_a_card_says_where_each_thing_on_it_is_from_and_of_when(shop: Gate) -> None:
    async with shop.open() as shopper:
        part = await see_lamps(shopper)
    facts = {fact["name"]: fact for fact in part["cards"][0]["facts"]}

    assert {name: fact["source"] for name, fact in facts.items()} == {
        "price": "store",
        "stock": "store",
        "item": "catalogue",
    }
    for fact in facts.values():
        assert datetime.fromisoformat(fact["at"]) <= datetime.now(UTC)


async def test_what_an_item_looks_like_is_shown_large(shop: Gate) -> None:
    async with shop.open() as shopper:
        await shopper.hello()
        await shopper.say("Show me headlamps")
        lamps = (await shopper.expect("part", lambda frame: frame["kind"] == "cards", seconds=COLD_SECONDS))[
            "cards"
        ]
        await shopper.expect("done")
        await shopper.say("What does the second one look like?")
        part = await shopper.expect("part", lambda frame: frame["kind"] == "image")
        done = await shopper.expect("done")
    (shown,) = part["cards"]

    assert (shown["ref"], shown["image"]) == (lamps[1]["ref"], lamps[1]["image"])
    assert shown["image"]
    assert "item" in [fact["name"] for fact in shown["facts"]]
    assert lamps[1]["title"] in done["text"]
