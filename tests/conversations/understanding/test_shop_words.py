"""Codes, packs, departments and kinds of one name: how a shop's own words are read in any shop."""

import pytest

from conversations.constraints import Ledger, read_constraints
from conversations.entities import Entities
from conversations.language import Category, Vocabulary
from conversations.language.glossing import detect_language
from conversations.references import Resolution, resolve_references
from tests.conversations.understanding.shops import SOFA, focused, item, shown, terms, told

PETS = Vocabulary(
    categories=(
        Category(name="Dog Food", path=("Dog",), attributes=("life_stage", "flavour")),
        Category(name="Dog Toys", path=("Dog",)),
        Category(name="Dog Beds", path=("Dog",)),
        Category(name="Cat Food", path=("Cat",), attributes=("life_stage", "flavour")),
        Category(name="Cat Toys", path=("Cat",)),
        Category(name="Cat Beds", path=("Cat",)),
    ),
    brands=("Barkwell", "Tugger"),
    attributes={"life_stage": ("puppy", "adult"), "flavour": ("tuna", "beef")},
    measures={"weight": "g"},
)
STATIONERY = Vocabulary(
    categories=(
        Category(name="Notebooks", path=("Paper",), attributes=("ruling",)),
        Category(name="Fountain Pens", path=("Pens",)),
        Category(name="Gel Pens", path=("Pens",)),
        Category(name="Ink"),
        Category(name="Bulbs", attributes=("socket",)),
        Category(name="Wine Alternatives"),
        Category(name="Science", path=("Books",)),
        Category(name="Travel", path=("Books",)),
    ),
    brands=("Marlow", "Hori"),
    colors=("blue", "black", "red"),
    sizes=("A4", "A5"),
    attributes={"ruling": ("dotted", "lined"), "socket": ("H4", "H7"), "age": ("1-3 years", "3-6 years")},
    measures={"capacity": "mAh", "weight": "g"},
)


@pytest.mark.parametrize(
    ("text", "vocabulary", "expected"),
    [
        ("a bed for my dog", PETS, [("category", "=", "Dog Beds")]),
        ("toys for cats", PETS, [("category", "=", "Cat Toys")]),
        ("anything for a puppy?", PETS, [("life_stage", "=", "puppy")]),
        ("forget that. Cats, please", PETS, [("category", "=", "Cat")]),
        ("H7 bulbs", STATIONERY, [("socket", "=", "H7"), ("category", "=", "Bulbs")]),
        ("an A5 notebook", STATIONERY, [("size", "=", "A5"), ("category", "=", "Notebooks")]),
        ("a 5 year diary", STATIONERY, []),
        ("nothing bigger than A5", STATIONERY, [("size", "=", "A5")]),
        ("for my dad, he loves to notebook", STATIONERY, []),
        (
            "a red wine alternative",
            STATIONERY,
            [("color", "=", "red"), ("category", "=", "Wine Alternatives")],
        ),
        ("science books", STATIONERY, [("category", "=", "Science")]),
        ("what about 20000 mAh", STATIONERY, [("capacity", "=", 20000.0)]),
        (
            "about 20000 mAh",
            STATIONERY,
            [("capacity", ">=", 17000.0), ("capacity", "<=", 23000.0)],
        ),
        ("nothing too expensive", STATIONERY, []),
    ],
)
def test_a_term_is_what_the_words_of_the_shop_say(
    text: str, vocabulary: Vocabulary, expected: list[tuple[str, str, object]]
) -> None:
    assert terms(told(text, vocabulary=vocabulary)) == expected


@pytest.mark.parametrize(
    ("texts", "vocabulary", "expected"),
    [
        (("cat food", "what about toys?"), PETS, [("category", "=", "Cat Toys")]),
        (("toys", "beds for cats"), PETS, [("category", "=", "Cat Beds")]),
        (("notebooks", "A5, dotted"), STATIONERY, [
            ("category", "=", "Notebooks"), ("size", "=", "A5"), ("ruling", "=", "dotted"),
        ]),
        (("show me pens", "I'd rather have gel ones"), STATIONERY, [("category", "=", "Gel Pens")]),
        (("bulbs, H7", "show me all bulbs"), STATIONERY, [("category", "=", "Bulbs")]),
        (("notebooks under 20", "show me all notebooks"), STATIONERY, [
            ("category", "=", "Notebooks"), ("price", "<=", 20.0),
        ]),
        (("dotted notebooks", "anything else from Hori?"), STATIONERY, [("brand", "=", "Hori")]),
        (("dotted notebooks", "anything by Hori?"), STATIONERY, [
            ("ruling", "=", "dotted"), ("category", "=", "Notebooks"), ("brand", "=", "Hori"),
        ]),
        (("notebooks", "something for a 4 year old"), STATIONERY, [("age", "=", "3-6 years")]),
    ],
)  # fmt: skip
def test_what_was_sought_before_says_which_kind_is_meant(
    texts: tuple[str, ...], vocabulary: Vocabulary, expected: list[tuple[str, str, object]]
) -> None:
    assert terms(told(*texts, vocabulary=vocabulary)) == expected


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("a bottle of ink for school", "school"),
        ("my grandmother is rather old and I'm looking for ink", ""),
    ],
)
def test_packs_and_what_leads_up_to_the_wish_are_not_searched_for(text: str, rest: str) -> None:
    reading = read_constraints(text=text, ledger=Ledger(), vocabulary=STATIONERY, currency="USD", turn=1)

    assert reading.rest == rest


FOOD = item("F1", "Barkwell turkey dry food", category="Dog Food", size="6 kg")
BULB = item("B1", "Lumo LED headlight bulb H7", category="Bulbs", socket="H7")
PEN = item("P1", "Marlow fountain pen", category="Fountain Pens", color="blue", measures={"price": 32.0})
PEN_BLACK = item(
    "P2", "Marlow fountain pen", category="Fountain Pens", color="black", measures={"price": 30.0}
)
STARS = item("K1", "Stars Beyond Number", category="Science")
BRIDGES = item("K2", "How Bridges Stand", category="Science")


def resolve(text: str, entities: Entities, vocabulary: Vocabulary = STATIONERY) -> Resolution:
    return resolve_references(text=text, entities=entities, vocabulary=vocabulary)


@pytest.mark.parametrize(
    ("text", "entities", "meant"),
    [
        ("how bright is the h7?", shown((BULB,)), ["B1"]),
        ("the one about stars", shown((STARS, BRIDGES)), ["K1"]),
        ("cheapest?", shown((PEN, PEN_BLACK)), ["P2"]),
        ("and the cheapest?", shown((PEN, PEN_BLACK)), ["P2"]),
        ("which is cheaper, the blue or the black?", shown((PEN, PEN_BLACK)), ["P1", "P2"]),
        ("which is cheaper?", shown((PEN, PEN_BLACK)), ["P2"]),
    ],
)
def test_what_few_words_point_at(text: str, entities: Entities, meant: list[str]) -> None:
    found = resolve(text, entities).references

    assert [ref.key for reference in found for ref in reference.refs] == meant


@pytest.mark.parametrize(
    "text",
    [
        "dry food, grain free if possible",
        "dog beds, four of them",
        "toys, the ones for puppies",
        "show me all dog food",
    ],
)
def test_goods_that_are_only_described_point_at_nothing_known(text: str) -> None:
    assert resolve(text, focused(shown((FOOD,)), FOOD), PETS).references == ()


def test_a_name_in_small_letters_is_known_by_its_own_words() -> None:
    found = resolve("tell me about halden nest", shown((SOFA,))).references

    assert [ref.key for reference in found for ref in reference.refs] == ["S1"]


@pytest.mark.parametrize("said", ["total", "a laptop under 2 kg", "hotel pillows"])
def test_words_that_english_has_too_tell_no_other_language(said: str) -> None:
    assert detect_language(said, default="en") == "en"
