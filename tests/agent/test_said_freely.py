"""Claims in wordings of nobody's list: each sentence by hand, of a shop that no rule was made from."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from commerce_agent.agent.grounding import check_sentence, list_grounds
from commerce_agent.decoding import convert
from commerce_agent.management.judged.claims.claimed_shops import Promised, make_state
from tests.agent.prose_claims import read_shops

SITTINGS = yaml.safe_load((Path(__file__).parent / "said_freely.yaml").read_text(encoding="utf-8"))


class Freely(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence, the shop it was written for, the item that the talk is on, and what the shopper had said."""

    shop: int
    about: str
    said: str
    asked: str = ""


def list_passing(rows: Any, *, shops: tuple[Promised, ...]) -> dict[str, bool]:
    """Each sentence, and whether every claim of it stands."""
    passing = {}
    for each in (each for said in rows.values() for each in convert(said, list[Freely])):
        grounds = list_grounds(state=make_state(shops[each.shop]), said=each.asked)
        passing[each.said] = check_sentence(
            each.said, grounds=grounds, about=frozenset({each.about} - {""})
        ).passed
    return passing


@pytest.mark.parametrize("sitting", SITTINGS)
def test_what_is_wrong_is_stopped_and_what_is_right_passes(sitting: str) -> None:
    shops = read_shops(SITTINGS[sitting]["shops"])
    wrong = list_passing(SITTINGS[sitting]["wrong"], shops=shops)
    right = list_passing(SITTINGS[sitting]["right"], shops=shops)

    assert [said for said, passed in wrong.items() if passed] == []
    assert [said for said, passed in right.items() if not passed] == []
    assert min(len(wrong), len(right)) >= 38


@pytest.mark.parametrize(
    "said",
    [
        "The ukulele has four strings, and I'd play it every two weeks.",
        "Use it with a strap if you like.",
        "With CLASSIC tuning it sounds warm.",
        "It is in tune again after a few minutes.",
        "I can tell you more about the Tern Capo once it is back.",
        "If the Tern Capo is back in June I can't say.",
        "I'd rather get you another capo instead of the Tern Capo.",
        "Both of you can play it.",
        "Would it suit a child of seven?",
        "Not today, but soon you will play your first song.",
        "A two-week course is enough to begin.",
        "Today we look at strings, tomorrow at tuners.",
        "Would something under £50 suit you?",
        "Es passt gut zu einer zweiwöchigen Reise.",
        "Heute spielt man es wieder gern.",
        "Hoy se toca mucho.",
        "Aujourd'hui beaucoup en jouent.",
        "Ask me again in 2027.",
        "If you want something below £50, ask me.",
        "The Tern Capo is a favourite if you like jazz.",
        "No strings remain in tune for ever.",
        "Gull Strings SPF 50, as we joke, are hard to break.",
        "Just one set of Gull Strings costs £18.",
        "With only one set of Gull Strings you pay £18.",
        "Nur eine Packung Gull Strings kostet 18 £.",
        "Una sola unidad de Gull Strings cuesta 18 £.",
        "Un seul paquet de Gull Strings coûte 18 £.",
    ],
)
def test_the_same_words_claim_nothing_elsewhere(said: str) -> None:
    (shop, *_) = read_shops(SITTINGS["first"]["shops"])
    grounds = list_grounds(state=make_state(shop))

    checked = check_sentence(said, grounds=grounds, about=frozenset({"UKE-11"}))

    assert [verdict for verdict in checked.verdicts if not verdict.passed] == []


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ("CAP-3", "Your order will arrive soon."),
        ("CAP-3", "You can send it back within 45 days."),
        ("CAP-3", "You can return it and get your money back."),
        ("CAP-3", "You can have the same one in blue."),
        ("CAP-3", "Du kannst ihn aber in Blau bekommen."),
        ("UKE-11", "Heute geht es um deine Saiten."),
        ("UKE-11", "The case can hold 12."),
        ("UKE-11", "Use it with the HDMI2 cable."),
        ("UKE-11", "The number of your order is 10042."),
        ("UKE-11", "Der Rabatt gilt bis 31.12."),
    ],
)
def test_what_is_said_of_an_order_of_another_version_or_in_the_shops_own_words_stands(
    about: str, said: str
) -> None:
    (shop, *_) = read_shops(SITTINGS["first"]["shops"])
    grounds = list_grounds(state=make_state(shop), texts=["Its pickup has an HDMI2 output."])
    grounds.orders.add("10042")
    grounds.dates[12, 31] = "promotion"

    checked = check_sentence(said, grounds=grounds, about=frozenset({about}))

    assert [verdict for verdict in checked.verdicts if not verdict.passed] == []


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ("CAP-3", "You can have it soon."),
        ("CAP-3", "I can add it to your order."),
        ("CAP-3", "You can order it today and return it within 30 days."),
        ("CAP-3", "You can in fact still order it."),
        ("CAP-3", "Er ist zurück und kann bestellt werden."),
        ("CAP-3", "Elle est de retour, vous pouvez la commander."),
        ("CAP-3", "Du kannst ihn in Kürze bekommen."),
        ("UKE-11", "Der Ukulele geht heute noch in die Post."),
        ("UKE-11", "Use it with STRUM20."),
        ("UKE-11", "There's just one set of Gull Strings."),
        ("UKE-11", "Wir haben nur eine Packung Gull Strings."),
        ("UKE-11", "Hay una sola unidad de Gull Strings."),
        ("UKE-11", "Il y a un seul paquet de Gull Strings."),
        ("UKE-11", "Der Rabatt gilt bis 30.12."),
    ],
)
def test_what_only_looks_like_that_is_stopped(about: str, said: str) -> None:
    (shop, *_) = read_shops(SITTINGS["first"]["shops"])
    grounds = list_grounds(state=make_state(shop), texts=["Its pickup has an HDMI2 output."])
    grounds.dates[12, 31] = "promotion"

    assert not check_sentence(said, grounds=grounds, about=frozenset({about})).passed
