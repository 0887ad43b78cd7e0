"""An offer that is too dear goes; words that only speak of a price leave it where it is."""

import pytest

from commerce_agent.agent.understanding.english.negated import refuses_price
from commerce_agent.composition import Platform
from tests.agent.talking import list_cards, open_talk, say


@pytest.mark.parametrize(
    "said",
    [
        "No, too expensive",
        "too expensive for me",
        "hm, that's a bit too much",
        "no it's way too pricey, anything cheaper?",
        "nah too dear. show me something less expensive please",
    ],
)
def test_the_price_is_refused(said: str) -> None:
    assert refuses_price(said)


@pytest.mark.parametrize(
    "said",
    [
        "no, it's not too expensive",
        "is that too expensive?",
        "too much packaging",
        "no, delivery is too expensive, can I collect it?",
        "too expensive, take the chair out",
        "the other one was too expensive",
        "it's too much light for my room",
    ],
)
def test_the_price_is_not_all_that_is_said(said: str) -> None:
    assert not refuses_price(said)


async def test_the_offer_of_one_thing_goes_and_a_cheaper_one_is_sought(
    platform: Platform, lamp_shop: str
) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    for message in ("add the green meadow lamp", "check out"):
        await say(platform, conversation, message)

    told = await say(platform, conversation, "No, too expensive")

    state = await platform.conversations.load(conversation=conversation)
    assert state.cart.proposal is None
    assert [line.ref.key for line in state.cart.lines] == ["MEADOW-G"]
    assert list_cards(told) == ["BRIM-Y"]


async def test_the_offer_stands_where_its_price_is_only_spoken_of(platform: Platform, lamp_shop: str) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    for message in ("add the green meadow lamp", "check out", "is that too expensive?"):
        await say(platform, conversation, message)

    state = await platform.conversations.load(conversation=conversation)
    assert state.cart.proposal is not None
