"""Which messages are taken request by request, and which are one however many sentences they have."""

import pytest

from commerce_agent.agent.understanding.parts import list_parts

POLICIES = (("assembly", "Assembly service"), ("gift", "Gift wrapping"))


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        (
            "Add the Beam. Can someone put the desk together for me?",
            ("Add the Beam.", "Can someone put the desk together for me?"),
        ),
        ("OK add it and use LASH20", ("OK add it", "use LASH20")),
        ("2 packs of those and can you gift wrap them", ("2 packs of those", "can you gift wrap them")),
        ("ok the soprano then. and check out please", ("add the soprano then.", "and check out please")),
        ("ok the soprano. and a tuner", ("ok the soprano.", "and a tuner")),
        (
            "Okay, one of those. Which feed goes with it?",
            ("Okay, one of those.", "Which feed goes with it?"),
        ),
        ("Now hand blenders. Compare them for me", ("Now hand blenders.", "Compare them for me")),
        # Said twice it is done once.
        (
            "I'll take the mug. Great, please add it to my cart and tell me about delivery.",
            ("I'll take the mug. Great, please add it to my cart", "tell me about delivery."),
        ),
        (
            "Add the mug. Two please. What's shipping?",
            ("Add the mug. Two please.", "What's shipping?"),
        ),
        (
            "Not the red mug, add the blue one and check out",
            ("Not the red mug, add the blue one", "check out"),
        ),
        # What requests nothing stays with the request behind it.
        (
            "Great. Take the blender out, he has one. What's the total?",
            ("Great. Take the blender out, he has one.", "What's the total?"),
        ),
        # Goods named beside what is taken or chosen, with or without an article or a count.
        ("put one in, and hay", ("put one in", "and hay")),
        ("add it, and a 4 slice toaster", ("add it", "add a 4 slice toaster")),
        ("first one. and liners, two packs", ("add the first one.", "add two packs of liners")),
        (
            "the red one please and some batteries for it",
            ("the red one please", "and some batteries for it"),
        ),
        # Goods of two kinds are sought one after the other, and what is asked beside them is told.
        ("show me jackets and do you have socks?", ("show me jackets", "do you have socks?")),
        (
            "show me jackets, and what does shipping cost, and do you have socks?",
            ("show me jackets", "what does shipping cost", "do you have socks?"),
        ),
        # Facts of one thing that are told in answers of their own.
        ("how much is the kit and what's in it?", ("how much is the kit", "what's in it?")),
        ("how heavy is it and is it in stock?", ("how heavy is it", "is it in stock?")),
    ],
)
def test_requests_of_their_own_are_taken_one_by_one(said: str, parts: tuple[str, ...]) -> None:
    assert list_parts(said, policies=POLICIES) == parts


@pytest.mark.parametrize(
    "said",
    [
        "add the red one and the blue one",
        "I'll take the leather one. It looks nice",
        "Oak is fine. I'll take the smaller one",
        "take it out and put the blue one in instead",
        "if I add both, what's the total?",
        "no, add the other one. the blue one",
        "is it waterproof? and how heavy is it?",
        "show me jackets and do you have any in red?",
        "I'm looking for socks. Do you have wool socks?",
        "show me tents. what's your return policy?",
        "thanks. bye",
        "add it and done",
        "add that and pay",
        "add it please, and medium",
        "add the lamb and duck",
        "the black one please",
        "Add the mug. No, the bowl. And what's shipping?",
        "add the mug, sorry, the bowl, and what's shipping?",
        "Add the mug. Actually two. And what's shipping?",
        "Add the mug, is that possible?",
        "Add two of them. Could you do that for me?",
        "and add it " * 180,
        "a. " * 600,
        "I like the blue one. My sister has it",
    ],
)
def test_what_hangs_together_stays_together(said: str) -> None:
    assert list_parts(said, policies=POLICIES) == ()
