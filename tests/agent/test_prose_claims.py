"""Claims as people say them: a sum in words, "half off", "the last one", "cheaper than that", "ships tomorrow"."""

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from commerce_agent.agent.grounding import Grounds, check_sentence, list_grounds
from commerce_agent.decoding import convert
from commerce_agent.management.judged.claims.claimed_shops import NOW, Promised, make_state
from conversations.events import Recorded
from conversations.events.carts import CartChanged, CartLine
from conversations.events.facts import Amount
from conversations.ids import EntityRef
from conversations.state import apply
from tests.agent.prose_claims import SHOPS, list_claimed, read_shops


class ByHand(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence, the shop it was written for and the item that the talk is on."""

    shop: int
    about: str
    said: str


WRITTEN = convert(
    yaml.safe_load((Path(__file__).parent / "said_by_hand.yaml").read_text(encoding="utf-8")),
    dict[str, list[ByHand]],
)
ANEW = {
    name: yaml.safe_load((Path(__file__).parent / f"{name}.yaml").read_text(encoding="utf-8"))
    for name in ("said_anew", "said_once_more")
}


@cache
def get_grounds(shop: Promised) -> Grounds:
    """What may be claimed of a shop of which everything was read."""
    return list_grounds(state=make_state(shop))


def passes(shop: int, *, about: str, said: str, shops: tuple[Promised, ...] = SHOPS) -> bool:
    """Whether every claim of the sentence stands."""
    return check_sentence(said, grounds=get_grounds(shops[shop]), about=frozenset({about})).passed


def list_passing(rows: Any, *, shops: tuple[Promised, ...]) -> dict[str, bool]:
    """Each sentence, and whether it passes."""
    said = convert(rows, list[ByHand])
    return {each.said: passes(each.shop, about=each.about, said=each.said, shops=shops) for each in said}


@pytest.mark.parametrize("seed", [7, 1126])
def test_what_is_wrong_in_words_is_stopped_and_what_is_right_passes(seed: int) -> None:
    wrong = list_claimed(seed=seed, count=200, true=False)
    right = list_claimed(seed=seed, count=200, true=True)

    missed = [each for each in wrong if passes(each.shop, about=each.about, said=each.sentence)]
    touched = [each for each in right if not passes(each.shop, about=each.about, said=each.sentence)]
    assert len(missed) <= 2, missed
    assert touched == []


def test_what_was_written_by_hand_is_judged_as_it_is_meant() -> None:
    missed = [each.said for each in WRITTEN["wrong"] if passes(each.shop, about=each.about, said=each.said)]
    touched = [
        each.said for each in WRITTEN["right"] if not passes(each.shop, about=each.about, said=each.said)
    ]

    assert missed == []
    assert touched == []


@pytest.mark.parametrize("language", ["en", "de", "es", "fr"])
@pytest.mark.parametrize("name", ANEW)
def test_the_same_goes_for_every_language(name: str, language: str) -> None:
    shops = read_shops(ANEW[name]["shops"])
    wrong = list_passing(ANEW[name]["wrong"][language], shops=shops)
    right = list_passing(ANEW[name]["right"][language], shops=shops)

    assert [said for said, passed in wrong.items() if passed] == []
    assert [said for said, passed in right.items() if not passed] == []
    assert min(len(wrong), len(right)) >= 29


@pytest.mark.parametrize(
    ("said", "true"),
    [
        ("It costs three hundred and twenty dollars.", True),
        ("It costs twenty dollars.", False),
        ("Es kostet dreihundertzwanzig Dollar.", True),
        ("Cuesta trescientos veinte dólares.", True),
        ("Il coûte trois cent vingt dollars.", True),
        ("Il coûte trois cent trente dollars.", False),
    ],
)
def test_hundreds_are_read_whole(said: str, true: bool) -> None:
    assert passes(1, about="WRN-7", said=said) is true


@pytest.mark.parametrize(
    ("said", "true"),
    [
        ("You are fifteen pounds short of free delivery.", True),
        ("You are five pounds short of free delivery.", False),
        ("Delivery is free for you.", False),
    ],
)
def test_what_a_cart_lacks_for_free_delivery_may_be_told(said: str, true: bool) -> None:
    state = make_state(SHOPS[0])
    line = CartLine(
        ref=EntityRef("variant", "PL-1002"),
        title="Fiddle Fig",
        quantity=1,
        unit_price=Amount(amount=Decimal(60), currency="GBP"),
    )
    recorded = Recorded(seq=state.version + 1, frame=None, at=NOW, turn=2, event=CartChanged(lines=(line,)))

    assert check_sentence(said, grounds=list_grounds(state=apply(state, recorded))).passed is true


@pytest.mark.parametrize(
    ("said", "true"),
    [
        ("The Pinhole Kit is the cheapest of these.", True),
        ("The Owl Prime is the cheapest of these.", False),
        ("Of the Owl Prime and the Kestrel Tripod, the cheapest is the Kestrel Tripod.", True),
        ("The Owl Prime is the cheapest with a wide aperture.", True),
        ("The Owl Prime isn't the cheapest.", True),
        ("Is the Owl Prime the cheapest?", True),
        ("The Owl Prime isn't cheaper than the Kestrel Tripod.", True),
        ("The Kestrel Tripod isn't cheaper than the Owl Prime.", False),
        ("The Owl Prime is cheaper than you think.", True),
    ],
)
def test_a_comparison_is_held_against_both_prices(said: str, true: bool) -> None:
    assert passes(1, about="KES-2", said=said) is true
