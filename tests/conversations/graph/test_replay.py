"""Time travel: any seq of a journal has its state, and two states are compared place by place."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.events import Recorded
from conversations.replay import Difference, compare, compare_states, fold_up_to
from conversations.state import ConversationState, apply
from tests.conversations.state.recordings import read_recording

STORY = read_recording(1)


def test_every_seq_has_the_state_of_its_time() -> None:
    state = ConversationState()
    for recorded in STORY:
        state = apply(state, recorded)
        assert compare_states(before=state, after=fold_up_to(STORY, seq=recorded.seq)) == ()
    assert fold_up_to(STORY) == state
    assert fold_up_to(STORY, seq=0) == ConversationState()


@pytest.mark.parametrize("missing", [each for each in STORY if each.seq % 5 == 0], ids=lambda e: str(e.seq))
def test_a_state_that_lacks_an_event_is_told_apart(missing: Recorded) -> None:
    """The comparison is itself compared: a fold that loses an event is caught, at its version at least."""
    rest = tuple(
        msgspec.structs.replace(each, seq=each.seq - (each.seq > missing.seq))
        for each in STORY
        if each is not missing
    )

    found = {each.path for each in compare_states(before=fold_up_to(STORY), after=fold_up_to(rest))}

    assert "version" in found


def test_differences_are_named_by_their_place() -> None:
    before = {"cart": {"lines": [{"sku": "A", "n": 1}, {"sku": "B", "n": 1}]}, "old": 1}
    after = {"cart": {"lines": [{"sku": "A", "n": 2}]}, "new": True}

    assert compare(before=before, after=after) == (
        Difference(path="cart.lines[0].n", before="1", after="2"),
        Difference(path="cart.lines[1]", before='{"sku":"B","n":1}', after="—"),
        Difference(path="old", before="1", after="—"),
        Difference(path="new", before="—", after="true"),
    )


def test_a_window_that_moved_on_is_told_by_what_went_and_what_came() -> None:
    before, after = {"tail": ["a", "b", "c", "d"]}, {"tail": ["b", "c", "d", "e"]}

    assert compare(before=before, after=after) == (
        Difference(path="tail[0]", before='"a"', after="—"),
        Difference(path="tail[3]", before="—", after='"e"'),
    )
    # Where little is left alike, place is held against place.
    assert compare(before=["a", "b", "c"], after=["c", "x", "y"]) == (
        Difference(path="[0]", before='"a"', after='"c"'),
        Difference(path="[1]", before='"b"', after='"x"'),
        Difference(path="[2]", before='"c"', after='"y"'),
    )


def test_one_and_true_are_not_the_same() -> None:
    assert compare(before={"x": 1}, after={"x": True}) == (Difference(path="x", before="1", after="true"),)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(PLAIN, PLAIN)
def test_nothing_differs_exactly_when_the_values_are_written_the_same(before: object, after: object) -> None:
    def write(value: object) -> bytes:
        return msgspec.json.encode(value, order="deterministic")

    assert compare(before=before, after=before) == ()
    assert (compare(before=before, after=after) == ()) == (write(before) == write(after))
