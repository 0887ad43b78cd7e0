"""The same grammar over goods of very different kinds, with and without names."""

import msgspec
import pytest

from conversations.entities import Entities
from conversations.events.entities import Entity
from conversations.language import Category, Vocabulary
from conversations.references import Resolution, resolve_references
from tests.conversations.understanding.shops import focused, item, shown

INSTRUMENTS = Vocabulary(
    categories=(
        Category(name="Acoustic Guitars", path=("Guitars",)),
        Category(name="Electric Guitars", path=("Guitars",)),
        Category(name="Digital Pianos", path=("Keyboards",)),
    ),
    brands=("Corwen", "Aldgate", "North & Sons"),
    colors=("sunburst", "black", "natural", "cherry"),
    materials=("spruce", "mahogany", "cedar"),
    attributes={"left_handed": ("yes", "no")},
    measures={"weight": "kg"},
)
GUITAR = item(
    "G1",
    "Corwen Dale guitar",
    category="Acoustic Guitars",
    brand="Corwen",
    color="natural",
    material="spruce",
    measures={"price": 320, "rating": 4.4, "weight": 2},
)
GUITAR_CEDAR = item(
    "G2",
    "Aldgate Fern guitar",
    category="Acoustic Guitars",
    brand="Aldgate",
    color="black",
    material="cedar",
    left_handed="yes",
    measures={"price": 280, "rating": 4.7, "weight": 2.3},
)
PIANO = item(
    "P1",
    "Corwen Tide piano",
    category="Digital Pianos",
    brand="Corwen",
    color="black",
    measures={"price": 640, "rating": 4.1, "weight": 12},
)
COSMETICS = Vocabulary(
    categories=(
        Category(name="Lipsticks", path=("Make-up",)),
        Category(name="Face Creams", path=("Skin Care",)),
    ),
    brands=("Maison Lys", "Petal"),
    colors=("coral", "plum", "nude", "red"),
    attributes={"vegan": ("yes", "no"), "finish": ("matte", "glossy"), "skin_type": ("dry", "oily")},
    measures={"volume": "ml"},
)
LIP_CORAL = item(
    "C1", "Dawn lipstick", category="Lipsticks", brand="Petal", color="coral", finish="matte", vegan="yes"
)
LIP_PLUM = item(
    "C2", "Dusk lipstick", category="Lipsticks", brand="Maison Lys", color="plum", finish="glossy", vegan="no"
)
CREAM = item(
    "C3", "Calm cream", category="Face Creams", brand="Petal", skin_type="dry", measures={"price": 24}
)
STAGE = shown((PIANO,), (GUITAR, GUITAR_CEDAR))
SHELF = shown((LIP_CORAL, LIP_PLUM, CREAM))


def nameless(*items: Entity) -> tuple[Entity, ...]:
    return tuple(msgspec.structs.replace(one, name="") for one in items)


def resolve(text: str, entities: Entities, vocabulary: Vocabulary) -> Resolution:
    return resolve_references(text=text, entities=entities, vocabulary=vocabulary)


def meant(resolution: Resolution) -> list[str]:
    return [ref.key for reference in resolution.references for ref in reference.refs]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("the cedar one", ["G2"]),
        ("is the left-handed one in stock?", ["G2"]),
        ("the Corwen guitar", ["G1"]),
        ("how much is the Dale?", ["G1"]),
        ("the Aldgatte Fern", ["G2"]),
        ("the guitar with better reviews", ["G2"]),
        ("the lighter guitar", ["G1"]),
        ("the second one, please", ["G2"]),
        ("back to the piano", ["P1"]),
        ("the piano you showed me before", ["P1"]),
        ("what's the difference between the Dale and the Tide?", ["G1", "P1"]),
        ("both guitars", ["G1", "G2"]),
        ("add the piano and the cedar guitar to my basket", ["P1", "G2"]),
    ],
)
def test_instruments(text: str, keys: list[str]) -> None:
    assert meant(resolve(text, STAGE, INSTRUMENTS)) == keys


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("the plum one", ["C2"]),
        ("the matte lipstick", ["C1"]),
        ("the vegan one", ["C1"]),
        ("the one from Maison Lys", ["C2"]),
        ("is the cream good for dry skin?", ["C3"]),
        ("the last one", ["C3"]),
        ("the two lipsticks", ["C1", "C2"]),
        ("I'll take the coral one instead of the plum one", ["C1"]),
    ],
)
def test_cosmetics(text: str, keys: list[str]) -> None:
    assert meant(resolve(text, SHELF, COSMETICS)) == keys


def test_the_color_named_first_is_the_main_one() -> None:
    white = item("R1", "Rug", category="Rugs", color="white/black")
    black = item("R2", "Rug", category="Rugs", color="black/white")
    entities = shown((white, black))
    assert meant(resolve("the black and white rug", entities, INSTRUMENTS)) == ["R2"]
    assert meant(resolve("the black and white rugs", entities, INSTRUMENTS)) == ["R1", "R2"]


def test_a_kind_named_before_the_ones_that_are_meant_adds_nothing() -> None:
    text = "I'll stay with the lipsticks. Put the plum one in my bag."
    assert meant(resolve(text, SHELF, COSMETICS)) == ["C2"]


def test_a_maker_may_be_wanted_of_what_is_sought_instead_of_what_is_pointed_at() -> None:
    resolution = resolve("something like the black piano from Aldgate", STAGE, INSTRUMENTS)
    assert meant(resolution) == ["P1"]


@pytest.mark.parametrize(
    "text", ["how much is the cedar guitar?", "who makes it?", "what's the rating of that one?"]
)
def test_a_fact_about_goods_with_a_name_is_told_at_once(text: str) -> None:
    entities = focused(STAGE, GUITAR_CEDAR)
    assert meant(resolve(text, entities, INSTRUMENTS)) == ["G2"]


@pytest.mark.parametrize(
    "text", ["how much is the cedar guitar?", "who makes it?", "what's the rating of that one?"]
)
def test_a_fact_about_goods_without_a_name_is_asked_back_for(text: str) -> None:
    plain = nameless(GUITAR, GUITAR_CEDAR)
    entities = focused(shown(plain), plain[1])
    (reference,) = resolve(text, entities, INSTRUMENTS).references
    assert (reference.outcome, reference.rules[-1]) == ("ambiguous", "unnamed")
    assert [ref.key for ref in reference.candidates] == ["G2", "G1"]


@pytest.mark.parametrize(
    "text", ["add the cedar guitar to my cart", "compare it with the spruce one", "anything similar to it?"]
)
def test_what_is_no_question_for_a_fact_is_not_asked_back_for(text: str) -> None:
    plain = nameless(GUITAR, GUITAR_CEDAR)
    entities = focused(shown(plain), plain[1])
    assert "G2" in meant(resolve(text, entities, INSTRUMENTS))


def test_the_only_thing_there_is_needs_no_question() -> None:
    assert meant(resolve("how much is it?", shown(nameless(GUITAR)), INSTRUMENTS)) == ["G1"]
