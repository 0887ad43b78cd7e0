"""What is said of goods is held against their own data: what that denies is stopped, and what it does not say."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from commerce_agent.agent.grounding import Grounds, check_sentence, list_grounds
from conversations.events import Recorded
from conversations.events.entities import EntitiesShown, Entity
from conversations.events.facts import Fact, FactsObserved
from conversations.ids import EntityRef
from conversations.state import ConversationState, apply
from tests.agent.conftest import NOW

SETS = {
    name: yaml.safe_load((Path(__file__).parent / f"{name}.yaml").read_text(encoding="utf-8"))
    for name in ("said_of_properties", "said_of_properties_anew")
}


def make_state(items: dict[str, dict[str, Any]]) -> ConversationState:
    """A talk to which these items were shown, and each of which was looked at."""
    shown = EntitiesShown(
        entities=tuple(
            Entity(
                ref=EntityRef("variant", sku),
                name=item["name"],
                attributes={name: (str(value),) for name, value in item["attributes"].items()},
            )
            for sku, item in items.items()
        )
    )
    read = FactsObserved(
        facts=tuple(
            Fact(
                id=f"{sku}:description",
                subject=EntityRef("variant", sku),
                name="description",
                value=item["description"],
                source="catalogue",
                observed_at=NOW,
            )
            for sku, item in items.items()
        )
    )
    state = ConversationState()
    for event in (shown, read):
        state = apply(state, Recorded(seq=state.version + 1, frame=None, at=NOW, turn=1, event=event))
    return state


@cache
def get_grounds(name: str) -> Grounds:
    """What may be claimed of the goods of the file."""
    return list_grounds(state=make_state(SETS[name]["items"]))


def passes(said: str, *, about: str, name: str = "said_of_properties") -> bool:
    """Whether every claim of the sentence stands."""
    return check_sentence(said, grounds=get_grounds(name), about=frozenset({about})).passed


@pytest.mark.parametrize(("name", "least"), [("said_of_properties", 60), ("said_of_properties_anew", 39)])
def test_what_the_data_does_not_say_is_not_told_and_what_it_says_is(name: str, least: int) -> None:
    wrong, right = SETS[name]["wrong"], SETS[name]["right"]

    missed = [each["said"] for each in wrong if passes(each["said"], about=each["about"], name=name)]
    touched = [each["said"] for each in right if not passes(each["said"], about=each["about"], name=name)]

    assert (missed, touched) == ([], [])
    assert min(len(wrong), len(right)) >= least


@pytest.mark.parametrize(
    "said",
    [
        "If you want it waterproof, take the other one.",
        "I'd look for a vegan one.",
        "A waterproof jacket keeps you dry, whatever it weighs.",
        "Would you like one that is dishwasher-safe?",
        "You said it should be breathable.",
        "Let me know whether you need it machine washable.",
        "I searched for waterproof jackets, as you asked.",
        "No record says that it's windproof.",
        "Leather care is a topic of its own.",
        "It goes well with leather boots and a wool scarf.",
        "It's as light as a feather and fun to wear.",
        "Orders ship with a 12-inch card inside if you like.",
        "You can wash your hands of worries: it's easy to return.",
        "It's hassle-free, I promise you good advice.",
        "Feel free to ask about anything that matters to you.",
        "For 13-inch laptops there is a sleeve elsewhere.",
        "That is as of 5 minutes ago.",
        "Die Angabe ist 5 Minuten alt.",
        "Es de hace 5 minutos.",
        "Il y a 5 minutes, la boutique a répondu.",
        "Falls Sie etwas Wasserdichtes suchen, sehe ich gern nach.",
        "Ob es vegan ist, sagt der Laden nicht.",
        "Si necesita algo impermeable, dígamelo.",
        "La tienda no dice si es apto para lavavajillas.",
        "Si vous cherchez quelque chose d'imperméable, dites-le-moi.",
        "Je ne sais pas si elle passe au lave-vaisselle.",
    ],
)
def test_who_only_speaks_of_a_property_claims_none(said: str) -> None:
    assert passes(said, about="BAG-1")


@pytest.mark.parametrize(
    ("said", "about", "true"),
    [
        ("It isn't waterproof, so I'd rather take the Fjord Shell.", ("JKT-2",), True),
        ("It's waterproof, unlike the Loch Windbreaker.", ("JKT-1",), True),
        ("Both are waterproof.", ("JKT-1", "JKT-2"), False),
        ("All of them have a hood.", ("JKT-1", "JKT-2"), False),
        ("It weighs 420 g.", ("JKT-1",), True),
        ("It weighs at least 400 g.", ("JKT-1",), True),
        ("It weighs at least 500 g.", ("JKT-1",), False),
        ("It weighs up to 500 g.", ("JKT-1",), True),
        ("It weighs about 400 g.", ("JKT-1",), True),
        ("It's 28 cm wide.", ("BAG-1",), False),
        ("It's 28 cm high.", ("BAG-1",), True),
        ("It ships within 10 hours.", ("SPK-1",), False),
        ("Delivery takes 10 hours.", ("SPK-1",), False),
        ("You have 3 hours to return it.", ("SPK-1",), False),
        ("It runs for 10 hours.", ("SPK-1",), True),
        ("It runs for 20 hours.", ("SPK-1",), False),
    ],
)
def test_a_number_is_held_against_what_it_is_the_number_of(
    said: str, about: tuple[str, ...], true: bool
) -> None:
    checked = check_sentence(said, grounds=get_grounds("said_of_properties"), about=frozenset(about))

    assert checked.passed is true
