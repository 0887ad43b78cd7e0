"""What is stored can be read back, for ever; what cannot be understood is refused, not guessed."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commerce_agent.decoding import decode_json
from conversations.events import EVENT_SCHEMA, Recorded, upcasts
from conversations.events.decisions import DecisionMade, ToolUsed
from conversations.events.entities import SearchMade
from conversations.events.upcasts import Body
from conversations.state import STATE_SHAPE, ConversationState, fold
from conversations.store import codec
from conversations.store.codec import (
    CURRENT_SCHEMA,
    UnknownSchema,
    UnreadableEvent,
    decode_event,
    encode_event,
    encode_run,
    encode_state,
    find_run,
    find_state,
    get_kind,
    get_run_mark,
    get_shape_mark,
)
from tests.conversations.state.recordings import RECORDED
from tests.conversations.state.samples import ANY_EVENT, list_kinds, sample_event
from tests.conversations.state.talking import NOON, make_notice

KINDS = (RECORDED / "event_kinds.txt").read_text(encoding="utf-8").split()


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15, deadline=None)
@given(drawn=st.data())
def test_every_kind_comes_back_as_it_was(kind: str, drawn: st.DataObject) -> None:
    event = drawn.draw(sample_event(list_kinds()[kind]))

    body = encode_event(event)

    assert decode_event(body, schema=CURRENT_SCHEMA) == event
    assert get_kind(event) == kind
    assert decode_json(body)["type"] == kind


@settings(max_examples=60, deadline=None)
@given(events=st.lists(ANY_EVENT, max_size=12), turn=st.integers(min_value=0, max_value=3))
def test_any_journal_folds_and_its_state_comes_back_as_it_was(events: list[object], turn: int) -> None:
    journal = [
        Recorded(seq=seq, frame=None, at=NOON, turn=turn, event=event)  # type: ignore[arg-type]
        for seq, event in enumerate(events, start=1)
    ]

    state = fold(ConversationState(), journal)

    assert state.version == len(events)
    assert find_state(encode_state(state)) == state
    for cut in range(len(journal)):
        kept = find_state(encode_state(fold(ConversationState(), journal[:cut])))
        assert kept is not None
        assert fold(kept, journal[cut:]) == state


def test_a_newer_schema_is_refused() -> None:
    with pytest.raises(
        UnknownSchema, match=f"{CURRENT_SCHEMA + 1} is newer than {CURRENT_SCHEMA}"
    ) as refused:
        decode_event(b'{"type":"search.made","query":"shoes"}', schema=CURRENT_SCHEMA + 1)
    assert refused.value.schema == CURRENT_SCHEMA + 1


def test_an_older_body_is_brought_to_the_shape_of_today_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    def rename(body: Body) -> Body:
        return {"type": "search.made", "query": body["words"], "total": "few"}

    def count(body: Body) -> Body:
        return {**body, "total": 3 if body["total"] == "few" else 0}

    monkeypatch.setattr(codec, "CURRENT_SCHEMA", 4)
    monkeypatch.setattr(upcasts, "UPCASTS", {1: rename, 2: None, 3: count})
    found = b'{"type":"searched","words":"shoes"}', b'{"type":"search.made","query":"shoes","total":"few"}'

    assert decode_event(found[0], schema=1) == SearchMade(query="shoes", total=3)
    assert (
        decode_event(found[1], schema=2)
        == decode_event(found[1], schema=3)
        == SearchMade(query="shoes", total=3)
    )
    with pytest.raises(UnreadableEvent):
        decode_event(found[1], schema=4)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"type":"never.heard"}', b'{"type":"reply.given","turn":"one","text":""}']
)
def test_a_broken_body_is_refused(body: bytes) -> None:
    with pytest.raises(UnreadableEvent, match="does not decode"):
        decode_event(body, schema=CURRENT_SCHEMA)


def test_a_decision_of_the_second_schema_has_its_tools_by_name() -> None:
    body = (
        b'{"type":"decision.made","decision":{"id":"d1","turn":1,"planner":"builtin","tools":["search_products"],'
        b'"candidates":[{"ref":{"kind":"variant","key":"S"},"name":"Lark","kept":false,"rule":"price","reason":"dear"}],'
        b'"grounding":[{"claim":"$89.00","fact":"f1","passed":true}]},"basis":null}'
    )

    event = decode_event(body, schema=2)

    assert isinstance(event, DecisionMade)
    assert event.decision.tools == (ToolUsed(tool="search_products", outcome="", milliseconds=0.0),)
    assert event.decision.candidates[0].term == ""
    assert event.decision.grounding[0].kind == ""
    assert event.decision.policies_passed_over == ()


def test_every_schema_is_told_and_recorded() -> None:
    assert list(EVENT_SCHEMA) == list(range(1, CURRENT_SCHEMA + 1))
    assert list(upcasts.UPCASTS) == list(range(1, CURRENT_SCHEMA))
    for schema in EVENT_SCHEMA:
        assert (RECORDED / f"v{schema}.jsonl").exists(), f"record a conversation of schema {schema}"


def test_a_state_of_another_shape_is_not_read() -> None:
    stored = encode_state(ConversationState())
    assert find_state(stored) == ConversationState()

    assert find_state(stored[1:]) is None
    assert find_state(stored[:-1]) is None
    assert find_state(b"") is None


@pytest.mark.parametrize("changed", ["number", "field"])
def test_a_projection_of_other_code_is_not_read(changed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = encode_state(ConversationState())
    other = msgspec.defstruct("ConversationState", [("offered", str, "")], bases=(ConversationState,))

    # The mark is kept for the life of a process; here another process reads.
    get_shape_mark.cache_clear()
    with monkeypatch.context() as patched:
        if changed == "number":
            patched.setattr(codec, "STATE_SHAPE", STATE_SHAPE + 1)
        else:
            patched.setattr(codec, "ConversationState", other)
        assert find_state(stored) is None
        get_shape_mark.cache_clear()

    assert find_state(stored) == ConversationState()


@pytest.mark.parametrize("changed", ["schema", "field"])
def test_events_in_a_tail_of_other_code_are_not_read(changed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run = (Recorded(seq=1, frame=1, at=NOON, turn=0, event=make_notice()),)
    stored = encode_run(run)
    other = msgspec.defstruct("Recorded", [("told", str, "")], bases=(Recorded,), kw_only=True)

    # The journal's events are brought to today's shape by their number; a tail's have none of their own.
    get_run_mark.cache_clear()
    with monkeypatch.context() as patched:
        if changed == "schema":
            patched.setattr(codec, "CURRENT_SCHEMA", CURRENT_SCHEMA + 1)
        else:
            patched.setattr(codec, "Recorded", other)
        assert find_run(stored) == ()
        get_run_mark.cache_clear()

    assert find_run(stored) == run
