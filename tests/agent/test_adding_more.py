"""What goes where something has just gone: "and a sill chair" behind an order, and what only looks like it."""

import pytest

from commerce_agent.composition import Platform
from tests.agent.talking import find_reply, open_talk, say

GREEN, CHAIR, BRIM = "MEADOW-G", "CHAIR-O", "BRIM-Y"


async def _list_cart(platform: Platform, shop: str, *messages: str) -> dict[str, int]:
    conversation = await open_talk(platform, merchant=shop)
    for message in messages:
        await say(platform, conversation, message)
    state = await platform.conversations.load(conversation=conversation)
    return {line.ref.key: line.quantity for line in state.cart.lines}


@pytest.mark.parametrize(
    ("said", "held"),
    [
        ("and a sill chair", {GREEN: 1, CHAIR: 1}),
        ("also two sill chairs please", {GREEN: 1, CHAIR: 2}),
        ("plus one brim lamp", {GREEN: 1, BRIM: 1}),
        ("and the sill chair too", {GREEN: 1, CHAIR: 1}),
    ],
)
async def test_what_follows_an_order_is_ordered(
    platform: Platform, lamp_shop: str, said: str, held: dict[str, int]
) -> None:
    assert await _list_cart(platform, lamp_shop, "add the green meadow lamp", said) == held


@pytest.mark.parametrize(
    "said",
    [
        "and a question about the sill chair",
        "and a sill chair?",
        "and the price of the sill chair too",
        "and a cheaper chair",
        "and a friend of mine wants a sill chair",
        "and a table",
        "and a picture of the sill chair",
        "also a reason why it costs so much",
    ],
)
async def test_what_only_sounds_like_it_is_not(platform: Platform, lamp_shop: str, said: str) -> None:
    assert await _list_cart(platform, lamp_shop, "add the green meadow lamp", said) == {GREEN: 1}


async def test_goods_that_follow_no_order_are_shown(platform: Platform, lamp_shop: str) -> None:
    assert await _list_cart(platform, lamp_shop, "show me the brim lamp", "and a sill chair") == {}


async def test_it_stays_what_it_was_though_others_are_named_beside_it(
    platform: Platform, lamp_shop: str
) -> None:
    held = await _list_cart(
        platform, lamp_shop, "show me the sill chair", "does it fit under the tall lamp?", "add it"
    )

    assert held == {CHAIR: 1}


async def test_an_order_of_this_talk_is_known_though_nobody_is_signed_in(
    platform: Platform, lamp_shop: str
) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    for message in ("add the sill chair", "check out"):
        await say(platform, conversation, message)

    reply = find_reply(await say(platform, conversation, "where is my order?"))

    assert "sign" in reply.text
