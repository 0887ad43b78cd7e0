"""How goods are taken, whoever takes them, and what is asked about prices and the cart in passing."""

import pytest

from commerce_agent.agent.understanding.finding_moves import find_moves

POLICIES = (("grinding", "Grinding service"), ("warranty", "Missing pieces"))


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("my son will take the blue one", "add_to_cart"),
        ("she'll have that one in size 38 please", "add_to_cart"),
        ("let's do the small one", "add_to_cart"),
        ("ok let's go with the second", "add_to_cart"),
        ("nice, we'll take the tent", "add_to_cart"),
        ("we'll have two please", "add_to_cart"),
        ("I'll go with the Owlet", "add_to_cart"),
        ("I'll go with the kids tent", "add_to_cart"),
        ("I'm going with the bigger one", "add_to_cart"),
        ("the chamomile it is then", "add_to_cart"),
        ("give me the second one", "add_to_cart"),
        ("can you drop the lamp into my cart", "add_to_cart"),
        ("can I get that?", "add_to_cart"),
        ("I'll have 3 of the dark chocolate", "add_to_cart"),
        ("the small one it is", "add_to_cart"),
        ("stick one in my basket", "add_to_cart"),
        ("ok both please", "add_to_cart"),
        ("keep the lumen. one in the cart", "add_to_cart"),
        ("typical. take it out and put the other in instead", "add_to_cart"),
        ("so what's in there now", "show_cart"),
        ("good, order", "check_out"),
        ("why is it cheaper than 29?", "price"),
        ("how come the price went up?", "price"),
        ("great. what's it all come to now", "show_cart"),
        ("if water gets in is that covered", "policy"),
        ("if a piece is missing what do you do", "policy"),
        ("can you grind them for me?", "policy"),
        ("will the tent arrive by friday?", "policy"),
        ("I need it to arrive before saturday", "policy"),
        ("can they go back once worn?", "policy"),
        ("what if the lamp arrives broken", "policy"),
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


@pytest.mark.parametrize(
    "said",
    [
        "We have two kids.",
        "We have two dogs.",
        "I have two cats, what food do you have?",
        "We have those already",
        "I have those already",
        "I'll take those another time",
        "I'll take it tomorrow",
        "I'll have two guests",
        "Can I take it back?",
        "let's take the train please",
        "so we have the old one and it leaks",
        "but we have this at home",
        "We get the keys in May",
        "I'll do that later",
        "I'll do it myself",
        "We'll do that later",
        "We'll take it later",
        "let's do the maths",
        "let's have the price",
        "We'll go with the kids to Norway",
        "We'll go with the kids",
        "I'll go with them",
        "If it fits, we'll take it",
        "I take it you ship to Norway",
        "Where can I get the blue one?",
        "Can I have the dimensions?",
        "He'll take it to school",
        "My son will take it to school every day",
        "She will get it wet",
        "we'll have it outdoors",
        "my dog will get it dirty",
        "No, they'll have it in the other shop",
        "They will take it back if broken?",
        "They will take it?",
        "If it doesn't fit, my wife will take it back",
        "If it fits, my wife will take it",
        "no, my wife will have that already",
        "my shoes will go with the blue one",
    ],
)
def test_what_somebody_has_or_does_is_no_order(said: str) -> None:
    assert "add_to_cart" not in {move.kind for move in find_moves(said)}


@pytest.mark.parametrize(
    "said",
    [
        "I don't want it in my cart",
        "One of the mugs arrived broken",
        "Great, two of the three are waterproof",
        "good, one of those has a lid",
        "can you drop the lamp in my cart",
        "I want to drop the lamp in my cart",
        "I want the lamp in my cart removed",
        "I want the one in my cart in blue",
        "do I get the bag in the basket free",
        "yes, two in the cart",
        "can I put AA batteries in instead?",
        "Give me the reviews",
        "Give me the rating",
        "Give me the dimensions",
        "Give me the ingredients",
        "Give me the colours",
        "Give me the reason",
        "Give me the shipping cost",
        "Give me the warranty terms",
        "Give me the opening hours",
        "Give me the weight of the first",
        "Give me those in blue",
        "get me the manager",
        "the price it is",
        "the size it is",
        "the price it is then",
        "Going for the weekend",
        "I'm going for the first time",
        "going with the train, what suitcase",
        "I'm going with the train",
    ],
)
def test_what_is_told_or_asked_of_goods_is_no_order(said: str) -> None:
    assert "add_to_cart" not in {move.kind for move in find_moves(said)}


@pytest.mark.parametrize(
    "said",
    [
        "We arrive on Saturday and need a tent",
        "my parents arrive on friday, i need a guest bed",
        "if you go back, what was the first one",
        "comes cracked black pepper",
    ],
)
def test_people_who_arrive_or_go_back_ask_for_no_terms(said: str) -> None:
    assert "policy" not in {move.kind for move in find_moves(said)}


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("How can I pay?", "check_out"),
        ("What can I order?", "check_out"),
        ("I don't want to check out yet", "check_out"),
        ("I'm running low on coffee, show me some beans", "stock"),
        ("we're about to run out of cat food", "stock"),
        ("is it in it?", "show_cart"),
        ("good, three of these arrived late", "set_quantity"),
        ("one of those is broken", "set_quantity"),
    ],
)
def test_what_is_told_of_home_or_asked_of_the_shop_does_nothing(said: str, kind: str) -> None:
    assert kind not in {move.kind for move in find_moves(said)}


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("can I pay now?", "check_out"),
        ("I want to check out", "check_out"),
        ("is it running low?", "stock"),
        ("are you running out of stock?", "stock"),
        ("am I still within budget?", "show_cart"),
        ("two of the ones that are red", "add_to_cart"),
        ("great, two of those", "add_to_cart"),
        ("I'd like two of those", "set_quantity"),
    ],
)
def test_what_is_asked_of_the_goods_or_of_the_cart_is_heard(said: str, kind: str) -> None:
    assert kind in {move.kind for move in find_moves(said)}


_TERMS = (("gift_wrap", "Gift wrapping"), ("assembly", "Assembly service"))


@pytest.mark.parametrize(
    ("said", "topics"),
    [
        ("could you wrap those two?", {"gift_wrap"}),
        ("can I get it wrapped?", {"gift_wrap"}),
        ("can someone put the desk together for me?", {"assembly"}),
        ("do you have wrap dresses?", set()),
        ("chicken wraps please", set()),
        ("put the two mugs together in my cart", set()),
    ],
)
def test_a_wrap_dress_is_not_wrapped(said: str, topics: set[str]) -> None:
    assert {move.topic for move in find_moves(said, policies=_TERMS) if move.kind == "policy"} == topics
