"""Bounds on what a shop tells as a size."""

import pytest

from conversations.constraints import Ledger, read_constraints
from conversations.language import Category, Vocabulary

TANKS = Vocabulary(
    categories=(
        Category(name="Tanks", path=(), attributes=("length",)),
        Category(name="Water Care", path=(), attributes=("treats",)),
        Category(name="Bowls", path=(), attributes=("treats",)),
    ),
    sizes=("17 l", "54 l", "240 l", "large", "50 W"),
    measures={"treats": "l", "length": "cm", "price": "", "rating": ""},
)


@pytest.mark.parametrize(
    ("said", "field", "op", "value"),
    [
        ("a tank around 50 litres", "size", "=", "54 l"),
        ("a tank of at least 40 litres", "size", "in", ("54 l", "240 l")),
        ("a tank between 10 and 60 litres", "size", "in", ("17 l", "54 l")),
        ("a bowl under 50 litres", "treats", "<=", 50.0),
        ("a tank under 50 cm", "length", "<=", 50.0),
    ],
)
def test_a_bound_is_on_the_size_where_nothing_else_tells(
    said: str, field: str, op: str, value: object
) -> None:
    reading = read_constraints(text=said, ledger=Ledger(), vocabulary=TANKS, currency="GBP", turn=1)

    assert [(term.op, term.value) for term in reading.stated if term.field == field] == [(op, value)]


HATS = Vocabulary(
    categories=(Category(name="Hats"), Category(name="Socks")),
    sizes=("52-56 cm", "56-60 cm", "39-42", "43-46", "3-5 years", "6-8 years", "M"),
)


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("socks, size 44", "44"),
        ("socks in 44", "44"),
        ("a hat, my head is 57 cm", "56-60 cm"),
        ("a hat in size 54", "52-56 cm"),
        ("a hat for my son, he is 7", "6-8 years"),
        ("a hat for a 4 year old", "3-5 years"),
    ],
)
def test_a_size_that_reaches_over_the_number_is_meant(said: str, value: str) -> None:
    reading = read_constraints(text=said, ledger=Ledger(), vocabulary=HATS, currency="GBP", turn=1)

    assert [(term.op, term.value) for term in reading.stated if term.field == "size"] == [("=", value)]
