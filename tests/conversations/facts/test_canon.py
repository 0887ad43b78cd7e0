"""One value holds for each question, whoever answered, and in whatever order."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.events.facts import AUTHORITIES, Authority, Fact, FactsObserved, FactSuperseded
from conversations.facts import Facts, apply_facts
from conversations.ids import EntityRef

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
LAMP = EntityRef("variant", "LAMP")


def make_fact(
    *,
    id: str,
    value: int,
    authority: Authority = "api",
    source: str = "store",
    version: int = 1,
    seconds: int = 0,
    valid: int | None = None,
) -> Fact:
    """How many lamps there are, as somebody said."""
    at = NOON + timedelta(seconds=seconds)
    return Fact(
        id=id,
        subject=LAMP,
        name="stock",
        value=value,
        source=source,
        observed_at=at,
        valid_until=None if valid is None else at + timedelta(seconds=valid),
        version=version,
        authority=authority,
    )


def observe(*facts: Fact) -> Facts:
    """The slice after these, one by one."""
    state = Facts()
    for fact in facts:
        state = apply_facts(state, FactsObserved(facts=(fact,)))
    return state


def get_value(state: Facts) -> object:
    """What holds."""
    fact = state.find(subject=LAMP, name="stock")
    assert fact is not None
    return fact.value


answers = st.lists(
    st.builds(
        make_fact,
        id=st.uuids().map(str),
        value=st.integers(0, 9),
        authority=st.sampled_from(AUTHORITIES),
        source=st.sampled_from(["store", "warehouse"]),
        version=st.integers(0, 4),
        seconds=st.integers(0, 300),
        valid=st.none() | st.integers(0, 120),
    ),
    min_size=1,
    max_size=8,
    # Two answers of one source, version and instant are told apart by nothing but which came last.
    unique_by=lambda fact: (fact.authority, fact.source, fact.version, fact.observed_at),
)


@given(answers=answers, data=st.data())
def test_what_holds_does_not_depend_on_the_order_of_arrival(answers: list[Fact], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(answers))

    assert observe(*shuffled).canonical == observe(*answers).canonical
    together = apply_facts(Facts(), FactsObserved(facts=tuple(shuffled)))
    assert together.canonical == observe(*answers).canonical


def test_what_runs_out_as_it_is_given_holds_until_another_answer() -> None:
    read, charged = (
        make_fact(id="r", value=1),
        make_fact(id="c", value=2, authority="checkout", seconds=9, valid=0),
    )
    again = make_fact(id="a", value=3, version=1, seconds=9)

    assert get_value(observe(read, charged)) == 2
    assert get_value(observe(read, charged, again)) == 3


@pytest.mark.parametrize(
    ("winner", "loser", "rule"),
    [
        (make_fact(id="w", value=1), make_fact(id="l", value=2, authority="webhook", seconds=9), "authority"),
        (make_fact(id="w", value=1, version=3), make_fact(id="l", value=2, version=2, seconds=9), "version"),
        (make_fact(id="w", value=1, seconds=9), make_fact(id="l", value=2, source="other"), "time"),
        (
            make_fact(id="w", value=1, authority="feed", seconds=61),
            make_fact(id="l", value=2, valid=60),
            "run_out",
        ),
        (
            make_fact(id="w", value=1, authority="checkout"),
            make_fact(id="l", value=2, seconds=9),
            "authority",
        ),
    ],
)
def test_a_conflict_is_kept_with_its_loser_and_its_rule(winner: Fact, loser: Fact, rule: str) -> None:
    state = observe(winner, loser)

    assert get_value(state) == 1
    (conflict,) = state.conflicts
    assert (conflict.winner, conflict.loser, conflict.rule) == ("w", loser, rule)


def test_a_later_answer_of_one_source_is_no_conflict() -> None:
    state = observe(make_fact(id="a", value=5), make_fact(id="b", value=4, version=2, seconds=3))

    assert get_value(state) == 4
    assert state.conflicts == ()


def test_news_obeys_the_same_rules() -> None:
    known = make_fact(id="a", value=5, version=3)
    late = msgspec.structs.replace(make_fact(id="b", value=4, version=2), authority="webhook")

    state = apply_facts(observe(known), FactSuperseded(id="a", fact=late))

    assert get_value(state) == 5
    assert state.conflicts[0].rule == "authority"
