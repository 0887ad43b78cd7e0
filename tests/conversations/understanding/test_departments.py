"""Kinds with one name in several departments; what can be done with goods; budgets with words between."""

import pytest

from conversations.constraints import Ledger, read_constraints
from conversations.events.constraints import Constraint
from conversations.language import Category, Vocabulary
from conversations.language.lexicon import list_doings
from conversations.language.order import list_plain_forms

SHOP = Vocabulary(
    categories=(
        Category(name="Dry food", path=("Dogs",)),
        Category(name="Dry food", path=("Cats",)),
        Category(name="Litter", path=("Cats",)),
        Category(name="Guitars"),
        Category(name="Guitar", path=("Strings",)),
        Category(name="Desk lamps", path=("Lighting",), attributes=("dimmable",)),
    ),
    attributes={"dimmable": ("yes", "no")},
)


def _read(said: str, *, ledger: Ledger, pointing: bool = True) -> list[tuple[str, str, object]]:
    reading = read_constraints(
        text=said, ledger=ledger, vocabulary=SHOP, currency="EUR", turn=2, pointing=pointing
    )
    return [(term.field, term.op, term.value) for term in reading.stated]


def _hold(value: str) -> Ledger:
    held = Constraint(id="c-1", field="category", op="=", value=value, scope="search", text=value, turn=1)
    return Ledger(active=(held,))


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("what dry food do you have for my dog?", "Dogs > Dry food"),
        ("dry food for a cat", "Cats > Dry food"),
        ("dry food", "Dry food"),
        ("litter", "Litter"),
        ("a guitar", "Guitars"),
        ("guitar strings", "Guitar"),
    ],
)
def test_the_department_that_is_named_is_meant(said: str, value: str) -> None:
    assert ("category", "=", value) in _read(said, ledger=Ledger())


def test_a_department_alone_takes_the_kind_along() -> None:
    assert _read("and for my cat?", ledger=_hold("Dogs > Dry food"), pointing=False) == [
        ("category", "=", "Cats > Dry food")
    ]
    # Litter is in one department only: who turns to dogs wants anything for them.
    assert _read("and for my dog?", ledger=_hold("Litter"), pointing=False) == [("category", "=", "Dogs")]


@pytest.mark.parametrize(
    ("said", "dimmable"),
    [("a lamp I can dim", True), ("a lamp that can be dimmed", True), ("a lamp for a dim corner", False)],
)
def test_what_can_be_done_is_a_quality(said: str, dimmable: bool) -> None:
    assert (("dimmable", "=", "yes") in _read(said, ledger=Ledger())) is dimmable


def test_only_what_ends_so_can_be_done() -> None:
    assert "i can fold" in list_doings("foldable")
    assert list_doings("table") == ()
    assert list_doings("colour") == ()


@pytest.mark.parametrize(
    ("said", "limit"),
    [
        ("actually my budget for the lamp is 200", 200.0),
        ("budget for the lamp: 50", 50.0),
        ("my budget for the lamp is only 50", 50.0),
        ("my budget would be 200", 200.0),
        ("my budget is probably 200", 200.0),
        ("our budget today is 100", 100.0),
        ("my budget is gone. 4 lamps", None),
        ("a budget lamp, 2 of them please", None),
        ("is the lamp within budget, I need 2", None),
        ("I have a budget, I am 45 and need a lamp", None),
        ("my budget went up, the lamp is 45", None),
    ],
)
def test_a_budget_counts_over_the_words_between(said: str, limit: float | None) -> None:
    assert dict.fromkeys(value for field, _, value in _read(said, ledger=Ledger()) if field == "price") == (
        {limit: None} if limit else {}
    )


@pytest.mark.parametrize(
    ("word", "form"), [("quieter", "quiet"), ("easiest", "easy"), ("bigger", "big"), ("safer", "safe")]
)
def test_a_rank_has_its_plain_word(word: str, form: str) -> None:
    assert form in list_plain_forms(word)


def test_other_words_have_none() -> None:
    assert list_plain_forms("lamp") == ()
    assert list_plain_forms("her") == ()


def test_what_is_told_of_a_kind_in_its_department_is_measured() -> None:
    shop = Vocabulary(
        categories=(
            Category(name="Beds", path=("Dogs",), attributes=("load weight",)),
            Category(name="Dry food", path=("Dogs",), attributes=("bag weight",)),
            Category(name="Dry food", path=("Cats",), attributes=("bag weight",)),
        ),
        measures={"load weight": "kg", "bag weight": "kg"},
    )
    reading = read_constraints(
        text="at least 5 kg", ledger=_hold("Dogs > Dry food"), vocabulary=shop, currency="EUR", turn=2
    )

    assert [(term.field, term.op) for term in reading.stated] == [("bag weight", ">=")]
