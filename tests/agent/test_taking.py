"""How goods are taken, whoever takes them, and what is asked about prices and the cart in passing."""

import pytest

from commerce_agent.agent.finding_moves import find_moves

POLICIES = (("grinding", "Grinding service"), ("warranty", "Missing pieces"))


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("he'll have the squall", "add_to_cart"),
        ("my son will take the blue one", "add_to_cart"),
        ("right I'll do the chamomile then", "add_to_cart"),
        ("ok let's go with the second", "add_to_cart"),
        ("the small one it is", "add_to_cart"),
        ("stick one in my basket", "add_to_cart"),
        ("ok both please", "add_to_cart"),
        ("typical. take it out and put the other in instead", "add_to_cart"),
        ("so what's in there now", "show_cart"),
        ("good, order", "check_out"),
        ("why is it cheaper than 29?", "price"),
        ("how come the price went up?", "price"),
        ("great. what's it all come to now", "show_cart"),
        ("if water gets in is that covered", "policy"),
        ("if a piece is missing what do you do", "policy"),
        ("can you grind them for me?", "policy"),
    ],
)
def test_what_is_wanted_is_heard(said: str, kind: str) -> None:
    assert kind in {move.kind for move in find_moves(said, policies=POLICIES)}


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("will they have the blue one by friday?", "add_to_cart"),
        ("they'll have the parcel by tuesday", "add_to_cart"),
        ("shall I go with the second?", "add_to_cart"),
        ("let's do the maths, what's the difference?", "add_to_cart"),
        ("give me the details", "add_to_cart"),
        ("both are nice", "add_to_cart"),
        ("is it covered in wool?", "policy"),
        ("the straps go back over the shoulder", "policy"),
        ("is there a grinder built in?", "policy"),
        ("it's a two piece set", "policy"),
        ("why did you suggest the cheaper one?", "price"),
        ("why is shipping so expensive?", "price"),
    ],
)
def test_what_is_said_in_passing_is_not(said: str, kind: str) -> None:
    assert kind not in {move.kind for move in find_moves(said, policies=POLICIES)}
