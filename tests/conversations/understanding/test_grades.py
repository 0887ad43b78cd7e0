"""Which end of what a shop tells in words a message asks for."""

import pytest

from conversations.language.grades import find_grade, find_graded

GAMES = {"complexity": ("simple", "medium", "very complex"), "players": ("2-4", "2"), "lid": ("yes", "no")}
SPICES = {"heat": ("none", "mild", "very hot"), "origin": ("India", "Spain")}
TEAS = {"caffeine": ("none", "medium", "high"), "organic": ("yes", "no")}


def test_grades_stand_in_their_order() -> None:
    told = ["none", "very low", "low", "medium", "medium-hot", "hot", "very hot"]

    grades = [find_grade(value) for value in told]

    assert grades == sorted(set(grades), key=lambda grade: grade or 0)


@pytest.mark.parametrize("value", ["dual fuel", "2-4", "no sugar", "yes", "", "light oak"])
def test_what_is_no_grade_has_none(value: str) -> None:
    assert find_grade(value) is None


@pytest.mark.parametrize(
    ("said", "told", "meant"),
    [
        ("which is most complex?", GAMES, ("complexity", True)),
        ("which of these is the least complicated", GAMES, ("complexity", False)),
        ("the easiest game", GAMES, ("complexity", False)),
        ("which has the highest complexity?", GAMES, ("complexity", True)),
        ("what's your hottest blend?", SPICES, ("heat", True)),
        ("the mildest one", SPICES, ("heat", False)),
        ("which tea has the least caffeine", TEAS, ("caffeine", False)),
    ],
)
def test_the_end_that_is_asked_for(
    said: str, told: dict[str, tuple[str, ...]], meant: tuple[str, bool]
) -> None:
    found = find_graded(said, told)

    assert found is not None
    assert found[:2] == meant


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("which is most popular?", GAMES),
        ("a complex game", GAMES),
        ("most people like it hot", SPICES),
        ("which is cheapest?", SPICES),
        ("the strongest bag", TEAS),
        ("which has the most players?", GAMES),
        ("the latest harvest", TEAS),
        ("which is lightest?", GAMES),
    ],
)
def test_other_questions_ask_for_no_grade(said: str, told: dict[str, tuple[str, ...]]) -> None:
    assert find_graded(said, told) is None
