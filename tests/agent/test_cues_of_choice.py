"""Cues that take back a choice, seek by likeness or fit, or tell a need: heard where meant, and nowhere else."""

import re

import pytest

from commerce_agent.agent.understanding.english.cues import CORRECTS, FITS, INSTEAD, SIMILAR, TELLS_NEED
from commerce_agent.agent.understanding.finding_moves import find_moves

HEARD = [
    (CORRECTS, "no, the black one"),
    (CORRECTS, "actually the blue one"),
    (CORRECTS, "sorry, I meant the large one"),
    (INSTEAD, "take the blue instead"),
    (INSTEAD, "I'd rather have the red one"),
    (SIMILAR, "what's similar but in stock?"),
    (SIMILAR, "something like this in red"),
    (SIMILAR, "any alternatives to the kettle?"),
    (FITS, "what ink fits it?"),
    (FITS, "a case that goes with the camera"),
    (TELLS_NEED, "it's for a wedding in June"),
    (TELLS_NEED, "we're going camping with kids"),
]
UNHEARD = [
    (CORRECTS, "no thanks"),
    (CORRECTS, "no, I don't need anything"),
    (CORRECTS, "the black one, no?"),
    (CORRECTS, "is the black one any good"),
    (INSTEAD, "a torch instead of a lamp"),
    (INSTEAD, "I would rather not"),
    (SIMILAR, "what is it like?"),
    (SIMILAR, "do you like the red one?"),
    (SIMILAR, "something nice"),
    (SIMILAR, "I like this one"),
    (FITS, "a fitted sheet"),
    (FITS, "an outfit for summer"),
    (TELLS_NEED, "it's for sale?"),
    (TELLS_NEED, "is it for a man?"),
    (TELLS_NEED, "I'm looking for a tent"),
    (TELLS_NEED, "we're buying a lamp by Zorbex"),
]


@pytest.mark.parametrize(("cue", "said"), HEARD, ids=[said for _, said in HEARD])
def test_the_cue_is_heard(cue: re.Pattern[str], said: str) -> None:
    assert cue.search(said)


@pytest.mark.parametrize(("cue", "said"), UNHEARD, ids=[said for _, said in UNHEARD])
def test_the_cue_is_not_heard(cue: re.Pattern[str], said: str) -> None:
    assert not cue.search(said)


@pytest.mark.parametrize("said", ["show me the bag", "show me the Dale Bag", "can I see the handbag"])
def test_goods_that_are_bags_are_no_cart(said: str) -> None:
    assert "show_cart" not in {move.kind for move in find_moves(said)}


@pytest.mark.parametrize("said", ["show me my bag", "what's in my cart?", "view basket"])
def test_the_cart_is_asked_for(said: str) -> None:
    assert "show_cart" in {move.kind for move in find_moves(said)}
