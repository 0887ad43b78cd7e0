"""Shops that write measures without units, goods that do not say whom they are for, and bags that are no carts."""

import pytest

from conversations.constraints import Ledger
from conversations.constraints.read import read_constraints
from conversations.constraints.reading import ConstraintReading
from conversations.constraints.slice import apply_constraints
from conversations.events.constraints import ConstraintStated
from conversations.language import Category, Vocabulary

SHOP = Vocabulary(
    categories=(
        Category(name="Notebooks", attributes=("internal memory", "display diagonal", "ssd capacity")),
        Category(name="Trolleys", attributes=("load",)),
        Category(name="Puzzles", attributes=("recommended gender",)),
        Category(name="Cables", attributes=("usb version", "length")),
    ),
    attributes={"recommended gender": ("Girl", "Unisex")},
    measures={
        "price": "",
        "usb version": "",
        "internal memory": "",
        "display diagonal": "",
        "ssd capacity": "",
        "load": "",
        "length": "cm",
    },
)


def read(text: str) -> ConstraintReading:
    return read_constraints(text=text, ledger=Ledger(), vocabulary=SHOP, currency="USD", turn=1)


@pytest.mark.parametrize(
    ("text", "terms", "rest"),
    [
        ("a notebook with 8 gb of ram at least", ["internal memory >= 8.0"], ""),
        ("notebooks with 16 GB memory or more", ["internal memory >= 16.0"], ""),
        ("a notebook with at least a 1 tb ssd", ["ssd capacity >= 1000.0"], ""),
        ("a notebook, ssd between 256 and 512 gb", ["ssd capacity >= 256.0", "ssd capacity <= 512.0"], ""),
        ("a notebook with a screen of 15 inches", ["display diagonal = 15.0"], ""),
    ],
)
def test_a_number_is_kept_in_the_unit_that_was_said(text: str, terms: list[str], rest: str) -> None:
    reading = read(text)
    assert [f"{c.field} {c.op} {c.value}" for c in reading.stated if c.field != "category"] == terms
    assert reading.rest == rest


@pytest.mark.parametrize("text", ["a usb stick with 64 gb", "a cable for a 15 inch tablet"])
def test_a_number_is_no_term_of_what_measures_something_else(text: str) -> None:
    assert not any(c.field in ("usb version", "display diagonal") for c in read(text).stated)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("a notebook for my daughter", ["category"]),
        ("a puzzle for my daughter", ["category", "recommended gender"]),
        ("something for my daughter", ["recommended gender"]),
    ],
)
def test_whom_it_is_for_is_a_term_where_the_goods_say_so(text: str, terms: list[str]) -> None:
    assert [c.field for c in read(text).stated] == terms


@pytest.mark.parametrize("text", ["put the cheaper one in my trolley", "into my trolley, please"])
def test_what_goods_are_put_into_is_not_sought(text: str) -> None:
    reading = read(text)
    assert not reading.stated
    assert "trolley" not in reading.rest


def test_a_trolley_that_is_sought_is_one() -> None:
    assert next(c.value for c in read("a trolley for my notebook under 90").stated) == "Trolleys"


def test_a_bag_for_notebooks_is_no_notebook() -> None:
    reading = read("a notebook bag")
    assert not reading.stated
    assert reading.rest == "notebook bag"


def test_a_number_below_nothing_is_no_size() -> None:
    shop = Vocabulary(categories=(Category(name="Sleeping bags"),), sizes=("8", "10", "Regular"))
    reading = read_constraints(
        text="a warmer sleeping bag, comfort -10?", ledger=Ledger(), vocabulary=shop, currency="USD", turn=1
    )
    assert [c.field for c in reading.stated] == ["category"]


@pytest.mark.parametrize(
    ("said", "kept"),
    [("a jacket for this winter", True), ("boots for this weekend", True), ("a strap for it", False)],
)
def test_goods_for_a_time_are_for_no_item(said: str, kept: bool) -> None:
    shop = Vocabulary(
        categories=(
            Category(name="Clothing"),
            *(Category(name=name, path=("Clothing",)) for name in ("Jackets", "Boots", "Straps")),
        ),
        colors=("black",),
    )
    held = read_constraints(text="black clothing", ledger=Ledger(), vocabulary=shop, currency="USD", turn=1)
    ledger = Ledger()
    for term in held.stated:
        ledger = apply_constraints(ledger, ConstraintStated(constraint=term), turn=1)
    reading = read_constraints(text=said, ledger=ledger, vocabulary=shop, currency="USD", turn=2)
    assert (
        "color" not in {c.field for c in held.stated if c.id in {w.id for w in reading.withdrawn}}
    ) == kept
