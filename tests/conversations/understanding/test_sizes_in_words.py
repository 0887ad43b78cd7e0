"""Sizes that a shop writes as words or as ages, parts of its values that are refused, and kinds within kinds."""

import pytest

from conversations.constraints import Ledger, read_constraints
from conversations.language import Category, Vocabulary

BEDS = Vocabulary(
    categories=(
        Category(name="Duvets", path=("Bedroom",), attributes=("tog",)),
        Category(name="Mattresses", path=("Bedroom",)),
        Category(name="Sleeping bags", path=("Nursery",)),
        Category(name="Brushes", path=("Art",)),
        Category(name="Watercolor", path=("Art", "Paint")),
        Category(name="Oil", path=("Art", "Paint")),
    ),
    colors=("white", "blue"),
    sizes=("Single", "Double", "Full", "Super king", "King", "L", "Large", "0-6 months", "6-18 months", "2"),
    materials=(
        "Goat hair",
        "Stainless steel",
        "Soft wool",
        "Hot pressed paper",
        "Full grain leather",
        "Sable",
        "Duck down",
        "Cotton",
    ),
    measures={"tog": ""},
)


def _read(said: str, *, field: str) -> list[tuple[str, object]]:
    reading = read_constraints(text=said, ledger=Ledger(), vocabulary=BEDS, currency="GBP", turn=1)
    return [(term.op, term.value) for term in reading.stated if term.field == field]


@pytest.mark.parametrize(
    ("said", "size"),
    [
        ("looking for a double duvet", "Double"),
        ("I need a mattress, king size, under 500", "King"),
        ("a mattress in super king", "Super king"),
        ("a duvet, single please", "Single"),
        ("duvets in size double", "Double"),
        ("does it come in full?", "Full"),
        ("I'll take the Cove in king", "King"),
        # As it was written, where the shop has both spellings.
        ("a duvet in L", "L"),
        ("a duvet in large", "Large"),
        ("sleeping bags for a 4 month old", "0-6 months"),
        ("a sleeping bag for my 7-month-old", "6-18 months"),
    ],
)
def test_a_size_is_heard_in_the_shops_own_words(said: str, size: str) -> None:
    assert _read(said, field="size") == [("=", size)]


@pytest.mark.parametrize(("said", "size"), [("a belt in size 95", "95 cm"), ("a bear in large", "Grande")])
def test_a_number_stands_for_its_measure_and_english_for_the_shops_own_word(said: str, size: str) -> None:
    toys = Vocabulary(
        categories=(Category(name="Muñecas"), Category(name="Peluches"), Category(name="Juegos de mesa")),
        sizes=("85 cm", "95 cm", "Pequeño", "Grande"),
    )
    reading = read_constraints(text=said, ledger=Ledger(), vocabulary=toys, currency="EUR", turn=1)

    assert [term.value for term in reading.stated if term.field == "size"] == [size]


@pytest.mark.parametrize(
    "said",
    [
        "I have a single question about delivery",
        "is the price of duvets double what it was?",
        "fit for a king",
        "a duvet for the king of the house",
        "I bought a duvet 4 months ago",
        "the duvet is 2 months old",
        "not a single duvet fits",
        "can I pay in full?",
        "could I pay it in full, please",
        "will I be refunded in full?",
    ],
)
def test_ordinary_words_are_no_sizes(said: str) -> None:
    assert _read(said, field="size") == []


def test_a_refused_word_rules_out_what_is_made_of_it() -> None:
    assert _read("brushes but not goat", field="material") == [("!=", "Goat hair")]
    assert _read("a duvet, no duck", field="material") == [("!=", "Duck down")]
    assert _read("not goat cheese brushes", field="material") == []
    assert _read("do not forget the goat brushes", field="material") == []
    assert _read("a brush that is not goat", field="material") == [("!=", "Goat hair")]


@pytest.mark.parametrize(
    "said", ["is it not stainless?", "my duvet is not soft", "the coffee is not hot", "I'm not full"]
)
def test_what_something_is_not_refuses_nothing(said: str) -> None:
    assert _read(said, field="material") == []


def test_of_a_kind_and_one_above_it_the_narrower_is_sought() -> None:
    assert _read("I'm starting with watercolors, what paints do you have?", field="category") == [
        ("=", "Watercolor")
    ]
