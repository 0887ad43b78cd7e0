"""How many after all, codes by themselves, and goods named beside others that are put into the cart."""

import pytest

from commerce_agent.agent.understanding.asking_after import find_asked
from commerce_agent.agent.understanding.finding_moves import find_moves
from commerce_agent.agent.understanding.parts import list_parts
from conversations.language.glossing import Gloss


def _find_counts(said: str) -> list[tuple[str, str]]:
    return [(move.kind, move.topic) for move in find_moves(said) if move.kind == "add_to_cart"]


@pytest.mark.parametrize(
    ("said", "count"),
    [
        ("add the chair. Actually two", "2"),
        ("the big one, 2x. no wait, 3", "3"),
        ("add one lamp, no make it four please", "4"),
        ("the first one. actually two", "2"),
        ("add it. sorry, two of them", "2"),
        ("add 2 lamps. no wait, 3", "3"),
        ("add the PX10. actually two of them", "2"),
        ("add it, two please", "2"),
        ("the Wisp. add it, 2 please", "2"),
        ("put that in, 3 packs", "3"),
    ],
)
def test_the_last_count_holds(said: str, count: str) -> None:
    assert _find_counts(said) == [("add_to_cart", count)]


@pytest.mark.parametrize(
    "said",
    [
        "add the chair. Actually, one more thing",
        "add the chair, no, the second one",
        "the first one. actually two of my friends have it",
        "why did you put one in my cart?",
        "did you put two in the cart?",
        # A size, a content and a price are corrected here.
        "Add the boots in size 8, actually 9",
        "Add it in a 10. Sorry, 11",
        "add the boots, 10 please",
        "Add it in a ten. Sorry, eleven",
        "add the 10 ml bottle, no 30",
        "I'll take the lamp for 30, sorry 35",
        "the boots in 42, no wait 43",
        "the one under 50, actually 60",
    ],
)
def test_what_only_sounds_so_counts_nothing(said: str) -> None:
    assert [count for _, count in _find_counts(said) if count] == []


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("is that the last one?", "stock"),
        ("thanks that's all. total?", "show_cart"),
        ("take everything out except the paint", "empty_cart"),
        ("what do i get off as a club member?", "promotions"),
        ("nice. order please", "check_out"),
        ("hmm no, put it back in", "add_to_cart"),
        ("24 then, in the cart", "add_to_cart"),
        ("ok black it is", "add_to_cart"),
        ("cheers thats it", "part"),
        ("whats all that come to", "show_cart"),
        ("when's it back", "stock"),
        ("ok you can take the lamp out", "take_from_cart"),
        ("you can remove it then", "take_from_cart"),
    ],
)
def test_it_is_heard_in_a_shoppers_words(said: str, kind: str) -> None:
    assert kind in {move.kind for move in find_moves(said)}


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("show me the last one", "stock"),
        ("a waffle maker with plates you can take out", "take_from_cart"),
        ("the total weight of it?", "show_cart"),
        ("can you take everything out of the box?", "check_out"),
        ("how do I get the lid off as it is stuck?", "promotions"),
        ("what size do you have in the cart?", "add_to_cart"),
        ("put it back on the shelf", "add_to_cart"),
    ],
)
def test_the_same_words_elsewhere_ask_for_nothing_of_it(said: str, kind: str) -> None:
    assert kind not in {move.kind for move in find_moves(said)}


@pytest.mark.parametrize(
    ("said", "holds_goods", "code"),
    [
        ("NEWBABY as a code?", False, "NEWBABY"),
        ("STRAP5", True, "STRAP5"),
        ("STRAP5", False, ""),
        ("LP40", True, ""),
        ("Is it as a code of honour?", True, ""),
        ("here is my code: SAVE10", False, "SAVE10"),
        ("this is my code SAVE10", False, "SAVE10"),
        ("HERE IS MY CODE SAVE10", False, "SAVE10"),
        ("save10 is my code", False, "save10"),
        # Goods, a brand and a size written in one word.
        ("PIXEL8", True, ""),
        ("HERO12", True, ""),
        ("LUMIX10", True, ""),
        ("SIZE42", True, ""),
    ],
)
def test_a_code_alone_is_one_where_something_is_in_the_cart(said: str, holds_goods: bool, code: str) -> None:
    asked = find_asked(
        Gloss(text=said, said=said),
        tail=(),
        read_before=lambda before: Gloss(text=before, said=before),
        holds_goods=holds_goods,
        names=("Lumix", "Pixel 8 phone", "Camera Hero12", "Leather strap"),
    )

    assert (asked.code if asked else "") == code


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        ("ok two of them. and the silver minnow", ("ok two of them.", "add the silver minnow")),
        (
            "two of the big one and one lip balm in coral",
            ("two of the big one", "add one lip balm in coral"),
        ),
        (
            "I'll take the Cove in king, with code SLEEP20",
            ("I'll take the Cove in king", "with code SLEEP20"),
        ),
        ("rust then, 4 of them", ("rust then", "4 of them")),
        ("7 ft then. add it", ("7 ft then.", "add it")),
        ("two of them and the red one please", ("two of them", "add the red one")),
        ("Add the lamp. The rug too.", ("Add the lamp.", "add The rug")),
        ("Add the lamp. And the red one.", ("Add the lamp.", "add the red one")),
    ],
)
def test_goods_beside_goods_are_a_request_of_their_own(said: str, parts: tuple[str, ...]) -> None:
    assert list_parts(said, policies=()) == parts


@pytest.mark.parametrize(
    "said",
    [
        "two of them. and the silver one is nicer",
        "add two of them. and the other question is this",
        "now then, what's new",
        # The same goods, named again.
        "Add the lamp. The red one please.",
        "I'll take the jacket. The blue one.",
        "Add it to my cart. The second one.",
        "add the boots; the brown ones please",
    ],
)
def test_what_is_said_of_goods_is_no_request(said: str) -> None:
    assert list_parts(said, policies=()) == ()
