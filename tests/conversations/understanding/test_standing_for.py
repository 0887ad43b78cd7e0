"""Adjectives that stand for a measure of the shop's, whatever it calls it, and those that stand for none."""

import pytest

from conversations.language.standing_for import find_stated, turn


@pytest.mark.parametrize(
    ("measure", "names", "stated"),
    [
        ("warmth", ("weight", "comfort temperature"), ("comfort temperature", True)),
        ("warmth", ("limit temperature", "tog"), ("tog", False)),
        ("noise", ("weight", "noise level"), ("noise level", False)),
        ("noise", ("sound_pressure",), ("sound_pressure", False)),
        ("endurance", ("battery_life",), ("battery_life", False)),
        ("endurance", ("burn time",), ("burn time", False)),
        ("toughness", ("denier",), ("denier", False)),
        ("weight", ("weight",), ("weight", False)),
    ],
)
def test_the_measure_that_states_it(measure: str, names: tuple[str, ...], stated: tuple[str, bool]) -> None:
    assert find_stated(measure, names) == stated


@pytest.mark.parametrize(
    ("measure", "names"),
    [
        ("warmth", ("weight", "length")),
        ("noise", ("volume", "weight")),
        ("endurance", ("length", "shelf life")),
        ("toughness", ("power",)),
        ("speed", ()),
    ],
)
def test_nothing_states_it(measure: str, names: tuple[str, ...]) -> None:
    assert find_stated(measure, names) is None


def test_the_lowest_temperature_is_the_warmest() -> None:
    assert turn("high", turned=True) == "low"
    assert turn("high", turned=False) == "high"
