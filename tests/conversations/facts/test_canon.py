"""One value holds for each question, whoever answered, and in whatever order."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise, permutations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce_agent.decoding import decode_json
from conversations.events.facts import AUTHORITIES, Authority, Fact, FactsObserved, FactSuperseded
from conversations.facts import Facts, apply_facts, date_facts
from conversations.ids import EntityRef
from conversations.state import STATE_SHAPE

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
    stale: bool = False,
    teller: int = 0,
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
        stale=stale,
        teller=teller or msgspec.UNSET,
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


def make_answers(*, versions: int, seconds: int) -> st.SearchStrategy[list[Fact]]:
    """Answers of two sources, and of two systems one after the other, under every authority; the fewer versions and
    seconds, the more are of one instant.
    """
    answer = st.builds(
        make_fact,
        id=st.uuids().map(str),
        value=st.integers(0, 9),
        authority=st.sampled_from(AUTHORITIES),
        source=st.sampled_from(["store", "warehouse", "store@2"]),
        version=st.integers(0, versions),
        seconds=st.integers(0, seconds),
        valid=st.none() | st.integers(0, 120),
        stale=st.booleans(),
        teller=st.integers(0, 2),
    )
    return st.lists(answer, min_size=1, max_size=8, unique_by=lambda fact: fact.id)


@given(answers=make_answers(versions=4, seconds=300) | make_answers(versions=1, seconds=1), data=st.data())
def test_what_holds_does_not_depend_on_the_order_of_arrival(answers: list[Fact], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(answers))

    assert observe(*shuffled).canonical == observe(*answers).canonical
    together = apply_facts(Facts(), FactsObserved(facts=tuple(shuffled)))
    assert together.canonical == observe(*answers).canonical


RETURNS = EntityRef("policy", "returns")
SCOPES = ("store", "category:Lamps", "sku:LAMP")


def make_term(*, id: str, days: int, scope: str, version: int, seconds: int = 0, teller: int = 0) -> Fact:
    """How long what comes under a policy of this scope may be sent back."""
    return Fact(
        id=id,
        subject=RETURNS,
        name="returns.window_days",
        value=days,
        source=f"policy:returns/{scope}@{version}",
        observed_at=NOON + timedelta(seconds=seconds),
        version=version,
        teller=teller or msgspec.UNSET,
    )


TERMS = st.lists(
    st.builds(
        make_term,
        id=st.uuids().map(str),
        days=st.integers(0, 9),
        scope=st.sampled_from(SCOPES),
        version=st.integers(1, 4),
        seconds=st.integers(0, 2),
        teller=st.integers(0, 1),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda fact: fact.id,
)


def list_by_scope(state: Facts) -> dict[str, Fact | None]:
    """What holds of each scope."""
    return {
        scope: state.find(subject=RETURNS, name="returns.window_days", line=f"policy:returns/{scope}")
        for scope in SCOPES
    }


@given(answers=TERMS, data=st.data())
def test_what_holds_of_a_scope_does_not_depend_on_when_others_were_answered(
    answers: list[Fact], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(answers))
    state, last = observe(*shuffled), shuffled[-1].source.partition("@")[0]

    alone = {
        scope: observe(*(fact for fact in answers if f"/{scope}@" in fact.source)).find(
            subject=RETURNS, name="returns.window_days"
        )
        for scope in SCOPES
    }
    assert list_by_scope(state) == list_by_scope(observe(*answers)) == alone
    # Who names no scope means the one that was answered last.
    plain = state.find(subject=RETURNS, name="returns.window_days")
    assert plain is not None
    assert plain.source.partition("@")[0] == last
    known = state.list_answers(subject=RETURNS, name="returns.window_days")
    assert {fact.id for fact in known} == {fact.id for fact in alone.values() if fact}


def test_an_older_answer_of_a_scope_stays_older_though_another_scope_was_answered_between() -> None:
    newer, own, older = (
        make_term(id="n", days=30, scope="store", version=5),
        make_term(id="o", days=14, scope="sku:LAMP", version=1),
        make_term(id="l", days=60, scope="store", version=4, seconds=9),
    )

    for order in permutations((newer, own, older)):
        held = list_by_scope(observe(*order))
        assert [held[scope] for scope in ("store", "sku:LAMP")] == [newer, own]


@given(twins=st.lists(st.integers(0, 3), min_size=2, max_size=6), data=st.data())
def test_of_answers_that_nothing_tells_apart_but_their_value_one_holds(
    twins: list[int], data: st.DataObject
) -> None:
    answers = [make_fact(id=f"f{number}", value=value) for number, value in enumerate(twins)]
    shuffled = data.draw(st.permutations(answers))
    first, again = observe(*answers), observe(*shuffled)

    assert get_value(first) == get_value(again) == max(twins)
    assert {conflict.rule for conflict in (*first.conflicts, *again.conflicts)} <= {"order"}
    assert all(conflict.loser.value != max(twins) or conflict.winner for conflict in first.conflicts)


@given(values=st.lists(st.integers(0, 3), min_size=1, max_size=6))
def test_whoever_reads_again_within_one_instant_says_which_came_last(values: list[int]) -> None:
    state = Facts()
    dated: list[Fact] = []
    for number, value in enumerate(values):
        (event,) = date_facts(state, (FactsObserved(facts=(make_fact(id=f"f{number}", value=value),)),))
        assert isinstance(event, FactsObserved)
        dated += event.facts
        state = apply_facts(state, event)

    assert get_value(state) == values[-1]
    assert get_value(observe(*reversed(dated))) == values[-1]
    changes = sum(one != other for one, other in pairwise(values))
    assert dated[-1].observed_at - NOON == timedelta(microseconds=changes)


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
        # Between sources too: the version first, where both number what they answer.
        (
            make_fact(id="w", value=1, version=3),
            make_fact(id="l", value=2, version=2, seconds=9, source="other"),
            "version",
        ),
        # One that numbers nothing says nothing of versions.
        (
            make_fact(id="w", value=1, version=0, seconds=9),
            make_fact(id="l", value=2, version=7, source="other"),
            "time",
        ),
        (
            make_fact(id="w", value=1, version=7, seconds=9),
            make_fact(id="l", value=2, version=0, source="other"),
            "time",
        ),
        # The higher version had run out when the other one was read.
        (
            make_fact(id="w", value=1, version=2, seconds=61, source="other"),
            make_fact(id="l", value=2, version=3, valid=60),
            "run_out",
        ),
        (
            make_fact(id="w", value=1, authority="feed", seconds=61),
            make_fact(id="l", value=2, valid=60),
            "run_out",
        ),
        # Another system of the shop's answers since, and counts anew.
        (
            make_fact(id="w", value=1, version=2, teller=5),
            make_fact(id="l", value=2, version=900, seconds=9, teller=4),
            "teller",
        ),
        (
            make_fact(id="w", value=1, version=2, teller=5, valid=60),
            make_fact(id="l", value=2, version=900, seconds=61, source="other"),
            "teller",
        ),
        (
            make_fact(id="w", value=1, teller=4),
            make_fact(id="l", value=2, authority="webhook", seconds=9, teller=5),
            "authority",
        ),
        (make_fact(id="w", value=2), make_fact(id="l", value=1), "order"),
        (
            make_fact(id="w", value=1, authority="checkout"),
            make_fact(id="l", value=2, seconds=9),
            "authority",
        ),
    ],
)
def test_a_conflict_is_kept_with_its_loser_and_its_rule(winner: Fact, loser: Fact, rule: str) -> None:
    state = observe(winner, loser)

    assert get_value(state) == winner.value
    (conflict,) = state.conflicts
    assert (conflict.winner, conflict.loser, conflict.rule) == ("w", loser, rule)


def test_what_ran_out_gives_way_within_one_authority_too() -> None:
    kept, ran_out = make_fact(id="k", value=1), make_fact(id="r", value=2, source="other", seconds=3, valid=2)
    third = make_fact(id="t", value=9, authority="feed", seconds=6)

    assert get_value(observe(kept, ran_out)) == 2
    state = observe(kept, ran_out, third)
    assert get_value(state) == 1
    assert [(each.winner, each.loser.id, each.rule) for each in state.conflicts] == [
        ("r", "k", "time"),
        ("k", "r", "run_out"),
        ("k", "t", "authority"),
    ]


@given(answers=make_answers(versions=3, seconds=9))
def test_the_highest_authority_holds_and_within_it_the_highest_version_and_then_the_latest(
    answers: list[Fact],
) -> None:
    lasting = [msgspec.structs.replace(each, valid_until=None, version=each.version + 1) for each in answers]

    held = observe(*lasting).find(subject=LAMP, name="stock")

    assert held is not None
    first = min(AUTHORITIES.index(each.authority) for each in lasting)
    peers = [each for each in lasting if AUTHORITIES.index(each.authority) == first]
    last = max(each.teller or 0 for each in peers)
    assert (held.teller or 0, held.authority, held.version, held.observed_at) == max(
        (last, each.authority, each.version, each.observed_at) for each in peers if (each.teller or 0) == last
    )


def test_what_is_not_numbered_stands_by_its_time_beside_the_highest_version() -> None:
    low, high, plain = (
        make_fact(id="low", value=1, version=3, seconds=9),
        make_fact(id="high", value=2, version=5, source="other"),
        make_fact(id="plain", value=3, version=0, source="third", seconds=5),
    )

    for order in permutations((low, high, plain)):
        assert get_value(observe(*order)) == 3
    # In a ring of three nobody had run out.
    assert {each.rule for each in observe(high, plain, low).conflicts} == {"time", "version"}


def test_a_later_answer_of_one_source_is_no_conflict() -> None:
    state = observe(make_fact(id="a", value=5), make_fact(id="b", value=4, version=2, seconds=3))

    assert get_value(state) == 4
    assert state.conflicts == ()


def test_an_answer_of_the_system_before_comes_back_by_nothing() -> None:
    before, since, third = (
        make_fact(id="b", value=5, version=900, source="erp", teller=1),
        make_fact(id="s", value=4, version=2, seconds=3, valid=60, teller=2),
        make_fact(id="t", value=3, authority="feed", seconds=70),
    )

    for order in permutations((before, since, third)):
        state = observe(*order)
        assert get_value(state) == 3
        # What another system says now has run out; what the last one said is gone.
        assert before not in state.contenders[f"variant:{LAMP.key}:stock"]


def test_the_first_answer_of_another_system_is_a_conflict_and_the_next_is_none() -> None:
    before, since = (
        make_fact(id="b", value=5, version=900, teller=1),
        make_fact(id="s", value=4, version=2, seconds=3, teller=2),
    )
    later = make_fact(id="l", value=3, version=3, seconds=6, teller=2)

    state = observe(before, since, later)

    assert get_value(state) == 3
    assert [(each.winner, each.loser.id, each.rule) for each in state.conflicts] == [("s", "b", "teller")]


def test_a_talk_of_a_shop_that_never_changed_a_system_keeps_no_byte_of_it() -> None:
    fact = make_fact(id="a", value=5)

    assert b"teller" not in msgspec.json.encode(fact)
    assert b"teller" not in msgspec.msgpack.encode(fact)
    numbered = msgspec.structs.replace(fact, teller=7)
    assert len(msgspec.msgpack.encode(numbered)) - len(msgspec.msgpack.encode(fact)) == len("teller") + 2
    assert decode_json(msgspec.json.encode(numbered), Fact) == numbered


def test_news_obeys_the_same_rules() -> None:
    known = make_fact(id="a", value=5, version=3)
    late = msgspec.structs.replace(make_fact(id="b", value=4, version=2), authority="webhook")

    state = apply_facts(observe(known), FactSuperseded(id="a", fact=late))

    assert get_value(state) == 5
    assert state.conflicts[0].rule == "authority"


def test_states_are_kept_under_the_number_of_the_rule_by_which_an_answer_holds_in_them() -> None:
    """Whoever changes the rule raises the number: what Redis kept by another one is folded anew then."""
    newer = make_fact(id="n", value=1, version=3)
    later = make_fact(id="l", value=2, version=2, seconds=9, source="other")

    assert (STATE_SHAPE, get_value(observe(newer, later))) == (6, 1)
