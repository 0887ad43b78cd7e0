"""What was shown is picked by its place, and asked for in another version."""

import pytest

from commerce_agent.composition import Platform
from conversations.events.entities import ReferenceResolved
from tests.agent.talking import list_cards, open_talk, say


@pytest.mark.parametrize(
    "words",
    [
        "do you have the first one in black?",
        "have you got the first one in black?",
        "the first one in black please",
    ],
)
async def test_a_colour_that_nothing_shown_has_is_asked_of_what_stands_at_the_place(
    platform: Platform, lamp_shop: str, words: str
) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    shown = list_cards(await say(platform, conversation, "a green lamp"))
    assert shown == ["MEADOW-G"]

    events = await say(platform, conversation, words)

    (meant,) = [event.reference for event in events if isinstance(event, ReferenceResolved)]
    assert (meant.outcome, [ref.key for ref in meant.refs]) == ("resolved", ["MEADOW-G"])
