"""Where goods are asked to be sent: the place is told, and the next one asks the same."""

import pytest

from commerce_agent.agent.phrases import find_book
from commerce_agent.agent.understanding.english.sent_to import ask_of_other_place, find_place_asked
from commerce_agent.agent.wording.places import find_place_unsaid
from conversations.language.glossing import Gloss

TERMS = "Shipping takes 3 days within the lower 48 states. Hawaii takes 8 days."


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("how long would delivery to Alaska take?", "Alaska"),
        ("do you ship to puerto rico?", "puerto rico"),
        ("can you send it to Guam by friday?", "Guam"),
        ("how much is shipping to my house?", ""),
        ("how long does delivery take to arrive?", ""),
        ("can you send it to someone else?", ""),
        ("can you deliver it to another address?", ""),
    ],
)
def test_the_place_is_found(said: str, place: str) -> None:
    assert find_place_asked(said) == place


def test_the_next_place_asks_the_same() -> None:
    read = Gloss(text="and to Hawaii?", said="and to Hawaii?")
    asked = ask_of_other_place(read, before="how long would delivery to Alaska take?")
    assert asked is not None
    assert asked.text == "how long would delivery to Hawaii take?"
    assert ask_of_other_place(read, before="show me lamps") is None


@pytest.mark.parametrize(
    ("place", "unsaid"), [("Alaska", "Alaska"), ("guam", "Guam"), ("Hawaii", ""), ("", "")]
)
def test_what_the_terms_leave_out_is_named(place: str, unsaid: str) -> None:
    assert find_place_unsaid(asked=place, own=place, policy=TERMS, book=find_book("en")) == unsaid
