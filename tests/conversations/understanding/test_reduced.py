"""Goods that are to cost less than usual, terms that are said again, and bare lengths."""

import pytest

from conversations.constraints import Ledger, read_constraints
from conversations.events.constraints import Constraint
from conversations.language.vocabulary import Category, Vocabulary

SHOP = Vocabulary(
    categories=(
        Category(name="Tents", path=("Camping",), attributes=("length", "weight")),
        Category(name="Mats", path=("Camping",), attributes=("thickness",)),
        Category(name="Jam", path=("Food",), attributes=("weight",)),
    ),
    colors=("red",),
    measures={"length": "cm", "weight": "g", "thickness": "cm"},
)


def read(text: str, *held: Constraint) -> list[tuple[str, str, object]]:
    reading = read_constraints(
        text=text, ledger=Ledger(active=held), vocabulary=SHOP, currency="USD", turn=2, pointing=False
    )
    return [(term.field, term.op, term.value) for term in reading.stated]


@pytest.mark.parametrize(
    "text",
    [
        "discounted tents",
        "tents on sale",
        "any reduced tents?",
        "marked down red tents",
        "I was looking for tents on sale",
    ],
)
def test_reduced_goods_are_sought(text: str) -> None:
    assert ("on_sale", "=", "yes") in read(text)


@pytest.mark.parametrize(
    "text",
    [
        "anything on sale?",
        "jam with reduced sugar",
        "reduced sugar jam",
        "tents for sale",
        "is it reduced?",
        "a sale of tents",
        "tents, they don't have to be on sale",
        "not just the discounted tents",
        "show me tents, not only the reduced ones",
        "I saw a tent on offer elsewhere",
        "I bought a tent on sale last year",
        "when do tents go on sale?",
        "the tent was on sale yesterday, why not now?",
    ],
)
def test_words_that_seek_no_reduced_goods(text: str) -> None:
    assert "on_sale" not in {field for field, _, _ in read(text)}


def test_what_is_said_again_of_other_goods_does_not_end_with_the_old_ones() -> None:
    kind = Constraint(id="c1", field="category", op="=", value="Tents", scope="search", text="tents", turn=1)
    weight = Constraint(id="c2", field="weight", op="<=", value=500.0, scope="search", text="500 g", turn=1)
    reading = read_constraints(
        text="jam up to 500 g", ledger=Ledger(active=(kind, weight)), vocabulary=SHOP, currency="USD", turn=2
    )

    assert [term.id for term in reading.again] == ["c2"]
    assert "c2" not in {end.id for end in reading.withdrawn}


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("tents at least 2.20 long", ("length", ">=", 220.0)),
        ("mats at least 3 thick", ("thickness", ">=", 3.0)),
        ("mats at least 2.5 thick", ("thickness", ">=", 2.5)),
        ("tents at least 220 long", ("length", ">=", 220.0)),
        ("tents at least 2.2 m long", ("length", ">=", 220.0)),
        ("tents under 90", ("price", "<=", 90.0)),
        ("tents under 90 for long trips", ("price", "<=", 90.0)),
    ],
)
def test_a_bare_number_beside_an_adjective_is_a_length(text: str, stated: tuple[str, str, object]) -> None:
    assert stated in read(text)
    assert len(read(text)) == 2
