"""Goods that are told by more than their title: by colour, and by size behind it."""

import pytest

from commerce_agent.agent.grounding.names_of_goods import find_called

NAMES = {"Hammer": frozenset({"H1"}), "Brim lamp": frozenset({"B1"}), "Brim": frozenset({"B1"})}


@pytest.mark.parametrize(
    ("name", "skus"),
    [
        ("Hammer (500 g)", {"H1"}),
        ("Brim lamp in yellow", {"B1"}),
        ("Hammer drill (500 W)", set()),
        ("Rubber Hammer (500 g)", set()),
    ],
)
def test_a_longer_name_means_whose_title_it_starts_with(name: str, skus: set[str]) -> None:
    assert find_called(name, names=NAMES) == skus
