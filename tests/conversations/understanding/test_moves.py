"""What messages want done: repairs, talk beside the matter, and several requests at once."""

import msgspec
import pytest

from commerce_agent.agent.understanding.understand import understand
from commerce_agent.agent.understanding.understood import ShopWords, Understanding
from conversations.state import ConversationState
from tests.conversations.understanding.shops import FURNITURE, LAMP, LAMP_DESK, focused, shown
from tests.conversations.understanding.test_ledger import OUTDOORS

WORDS = ShopWords(vocabulary=OUTDOORS, policies=(("returns", "Returns"), ("shipping", "Shipping")))


def read(said: str) -> Understanding:
    return understand(said=said, state=ConversationState(), words=WORDS)


def kinds(said: str) -> list[str]:
    return [move.kind for move in read(said).moves]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("hello", ["greet"]),
        ("thanks a lot", ["thank"]),
        ("never mind", ["never_mind"]),
        ("scratch that", ["never_mind"]),
        ("forget it", ["never_mind"]),
        ("neither", ["decline"]),
        ("none of them", ["decline"]),
        ("start over", ["start_over"]),
        ("what did I ask for?", ["recap"]),
        ("what do you know about what I want?", ["recap"]),
        ("where were we?", ["recap"]),
        ("can I talk to a human?", ["call_person"]),
        ("thanks, and can I talk to a person?", ["call_person"]),
        ("are you a robot?", ["identity"]),
        ("bye", ["part"]),
    ],
)
def test_repairs_and_talk_beside_the_matter(said: str, expected: list[str]) -> None:
    assert kinds(said) == expected


@pytest.mark.parametrize(
    ("said", "topic"),
    [
        ("show me tents and what's your return policy?", "Tents"),
        ("what's your return policy, and do you have boots?", "Boots"),
        ("Do you ship to Canada? Also show me boots.", "Boots"),
    ],
)
def test_a_policy_and_a_search_in_one_message_are_both_answered(said: str, topic: str) -> None:
    understanding = read(said)
    assert [move.kind for move in understanding.moves] == ["policy", "search"]
    assert [term.value for term in understanding.reading.stated] == [topic]
    assert understanding.reading.rest == ""


def test_goods_that_only_say_which_policy_are_not_sought() -> None:
    assert kinds("can I return boots and get a refund?") == ["policy"]


@pytest.mark.parametrize(
    "said", ["scratch that, boots", "none of them, I need boots", "never mind that, show me boots"]
)
def test_what_was_said_gives_way_to_a_new_search(said: str) -> None:
    understanding = read(said)
    assert [move.kind for move in understanding.moves] == ["search"]
    assert [term.value for term in understanding.reading.stated] == ["Boots"]
    assert (understanding.references, understanding.reading.rest) == ((), "")


def test_the_basket_is_asked_for_and_no_item_of_it() -> None:
    state = msgspec.structs.replace(ConversationState(), entities=focused(shown((LAMP, LAMP_DESK)), LAMP))
    understanding = understand(
        said="what's in my basket?", state=state, words=ShopWords(vocabulary=FURNITURE)
    )
    assert ([move.kind for move in understanding.moves], understanding.references) == (["show_cart"], ())


@pytest.mark.parametrize(
    ("said", "limits"),
    [
        ("Why is it so expensive? Do you have anything under 50?", [("price", "<=", 50.0)]),
        ("Why is it cheaper than 29?", []),
    ],
)
def test_a_limit_beside_the_question_why_is_kept(said: str, limits: list[tuple[str, str, float]]) -> None:
    stated = read(said).reading.stated

    assert [(term.field, term.op, term.value) for term in stated] == limits
