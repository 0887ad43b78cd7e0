"""What a source says otherwise under one version is in conflict with what it said before."""

import msgspec
import pytest

from conversations.events.facts import UNBOOKED, Reckoned
from conversations.ids import EntityRef
from tests.conversations.facts.test_canon import get_value, make_fact, observe


def test_a_later_answer_of_one_source_in_one_version_is_a_conflict_and_the_same_again_is_none() -> None:
    first, second = make_fact(id="a", value=5, version=3), make_fact(id="b", value=4, version=3, seconds=3)
    again = make_fact(id="c", value=4, version=3, seconds=6)

    state = observe(first, second, again)

    assert get_value(state) == 4
    assert [(each.winner, each.loser, each.rule) for each in state.conflicts] == [("b", first, "time")]


@pytest.mark.parametrize(
    ("change", "version"),
    [
        ({}, 0),
        ({"name": "price"}, 3),
        ({"name": "availability"}, 3),
        ({"reckoned": Reckoned(used=(UNBOOKED,))}, 3),
        ({"name": "code", "subject": EntityRef("promotion", "TEN")}, 3),
    ],
)
def test_what_no_version_counts_is_no_conflict_where_it_changes(
    change: dict[str, object], version: int
) -> None:
    known, later = (
        msgspec.structs.replace(make_fact(id=f"f{at}", value=9 - at, version=version, seconds=at), **change)
        for at in (0, 3)
    )

    state = observe(known, later)

    held = state.find(subject=known.subject, name=known.name)
    assert (held, state.conflicts) == (later, ())
