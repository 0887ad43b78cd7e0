"""Words that stand in an ordinary sentence and ask for nothing: what they would do is not done."""

import pytest

from commerce_agent.agent.understanding.finding_moves import find_moves

POLICIES = (
    ("shipping", "Shipping"),
    ("classes", "Classes"),
    ("repairs", "Repairs"),
    ("assembly", "Assembly"),
    ("care", "Care"),
)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("jackets under 49.99 please", "add_to_cart"),
        ("size 8.5, please", "add_to_cart"),
        ("42 please", "add_to_cart"),
        ("the blue one in my cart", "add_to_cart"),
        ("Please don't forget my order", "empty_cart"),
        ("please don't forget the basket", "empty_cart"),
        ("did you forget my order?", "empty_cart"),
        ("of course, show me bags", "policy"),
        ("a classic briefcase", "policy"),
        ("mountain bikes", "policy"),
        ("a fixed blade", "policy"),
        ("skincare sets", "policy"),
        ("can I have something off-white?", "promotions"),
        ("have you anything off-road?", "promotions"),
        ("tell me if it's waterproof", "stock"),
        ("show me what you have in blue", "show_cart"),
        ("What are the shipping costs for the tent?", "price"),
        ("how much is delivery?", "price"),
        ("what can I get as a present for my mum?", "promotions"),
        ("what can I get?", "promotions"),
        ("show me everything I can wear at 5 degrees", "show_cart"),
        ("take everything and check out please", "empty_cart"),
        ("take everything and check out please", "take_from_cart"),
        ("great, take them all, check out", "empty_cart"),
        ("can I take all of it out of the packaging?", "empty_cart"),
        ("do not take it all out", "empty_cart"),
        ("did you take everything out?", "empty_cart"),
        ("I will take it all out hiking", "empty_cart"),
        ("is the zoom 10x?", "add_to_cart"),
        ("do you have binoculars with 10x?", "add_to_cart"),
        ("camera, optical zoom 8x", "add_to_cart"),
        ("what do i have, in my cart?", "add_to_cart"),
        ("how many are there, in my cart", "add_to_cart"),
        ("Is the charger included, in the bag?", "add_to_cart"),
        ("how do I put it back in the case?", "add_to_cart"),
        ("the boots in 42, no wait 43", "add_to_cart"),
        ("the one under 50, actually 60", "add_to_cart"),
    ],
)
def test_what_is_said_in_passing_asks_for_nothing(said: str, kind: str) -> None:
    assert kind not in {move.kind for move in find_moves(said, policies=POLICIES)}


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("the blue one. 3 please", "add_to_cart"),
        ("two please", "add_to_cart"),
        ("the bigger one then, in the basket", "add_to_cart"),
        ("forget the basket", "empty_cart"),
        ("do you do a course?", "policy"),
        ("can it be repaired?", "policy"),
        ("tell me when it is back", "stock"),
        ("can I get something off?", "promotions"),
        ("how much would I save as a member?", "promotions"),
        ("show me what I have", "show_cart"),
        ("what does the tent cost, and when is it delivered?", "price"),
        ("how much is the tent with shipping?", "price"),
        ("ok list everything I've got so far", "show_cart"),
        ("take everything out", "empty_cart"),
        ("take it all out of my cart please", "empty_cart"),
        ("can you take everything back out?", "empty_cart"),
        ("take everything out and add the lamp", "empty_cart"),
        ("take the lamp out and check out", "take_from_cart"),
        ("the big one, 2x", "add_to_cart"),
        ("3x please", "add_to_cart"),
        ("I'll take 2x. thanks", "add_to_cart"),
        ("put it back in my basket please", "add_to_cart"),
    ],
)
def test_what_is_asked_for_is_heard(said: str, kind: str) -> None:
    assert kind in {move.kind for move in find_moves(said, policies=POLICIES)}
