"""A shop has hundreds of kinds of goods: a message that names none of them costs no look through all."""

from collections.abc import Iterator

import pytest

from conversations.constraints import Ledger, read_constraints
from conversations.events.constraints import Constraint
from conversations.language import Category, Vocabulary

LAMPS = Constraint(id="c1", field="category", op="=", value="Lamps", scope="search", text="lamps", turn=1)


class Kinds(tuple[Category, ...]):
    """Counts how often somebody goes through them."""

    walks = 0

    def __iter__(self) -> Iterator[Category]:
        type(self).walks += 1
        return super().__iter__()


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("how much is it?", []),
        ("under 50 please", [("price", "<=", 50.0)]),
        ("something in blue", [("color", "=", "blue")]),
    ],
)
def test_the_kinds_are_gone_through_once_a_shop_and_not_once_a_message(
    said: str, meant: list[tuple[str, str, object]]
) -> None:
    vocabulary = Vocabulary(
        categories=Kinds(
            Category(name=name, path=("Home",), attributes=("finish",))
            for name in ("Lamps", "Chairs", "Beds")
        ),
        colors=("blue", "red"),
        attributes={"finish": ("oiled",)},
    )

    def read() -> list[tuple[str, str, object]]:
        reading = read_constraints(
            text=said, ledger=Ledger(active=(LAMPS,), count=1), vocabulary=vocabulary, currency="USD", turn=2
        )
        return [(term.field, term.op, term.value) for term in reading.stated]

    assert read() == meant
    Kinds.walks = 0

    assert read() == meant
    assert Kinds.walks == 0
