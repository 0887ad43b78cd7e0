"""Where the time went, and what was known at any point of it."""

import pytest
from django.test import Client
from msgspec.structs import replace

from commerce_agent.console.audit.durations import list_times
from conversations.events import Recorded
from conversations.events.decisions import DecisionMade, ToolCalled
from conversations.events.messages import ReplyGiven, TurnStarted
from conversations.replay import fold_up_to
from tests.console.audit.conftest import Kept


def test_the_bars_are_the_recorded_durations(kept: Kept) -> None:
    times = list_times(kept.held.events)

    assert [each.turn for each in times] == list(range(1, 17))
    for each in times:
        own = [recorded for recorded in kept.held.events if recorded.turn == each.turn]
        tools = [one.event.milliseconds for one in own if isinstance(one.event, ToolCalled)]
        started = next(one.at for one in own if isinstance(one.event, TurnStarted))
        replied = next(one.at for one in own if isinstance(one.event, ReplyGiven))
        assert [bar.lasts for bar in each.bars if bar.kind == "tool"] == tools
        assert each.lasted == (replied - started).total_seconds() * 1000
        # Parts stand one after the other, on one scale.
        assert all(bar.left <= 100 and bar.width <= 100 for bar in each.bars)
    assert max(bar.left + bar.width for each in times for bar in each.bars) == pytest.approx(100, abs=0.5)


def test_what_was_slow_and_what_it_cost_is_told(kept: Kept) -> None:
    def spend(recorded: Recorded) -> Recorded:
        event = recorded.event
        if recorded.turn == 1 and isinstance(event, ToolCalled):
            event = replace(event, milliseconds=4_000.0)
        elif recorded.turn == 1 and isinstance(event, DecisionMade):
            spent = replace(event.decision, input_tokens=1_200, output_tokens=80, cost_micros=4_200)
            event = replace(event, decision=spent)
        return replace(recorded, event=event)

    first, second, *_ = list_times(tuple(map(spend, kept.held.events)))

    assert (first.tokens, first.cost) == ("1,200 in, 80 out", "$0.0042")
    assert [bar.kind for bar in first.bars if bar.is_slow] == ["tool"]
    assert (second.tokens, second.cost, [bar for bar in second.bars if bar.is_slow]) == ("", "", [])


def test_the_same_durations_are_taken_out_as_spans_without_a_word_that_was_said(
    support: Client, kept: Kept
) -> None:
    answer = support.get(kept.address("trace"))

    ((scope,),) = (each["scopeSpans"] for each in answer.json()["resourceSpans"])
    spans = scope["spans"]
    turns = [span for span in spans if "parentSpanId" not in span]
    assert [span["name"] for span in turns] == [f"turn {number}" for number in range(1, 17)]
    for span, times in zip(turns, list_times(kept.held.events), strict=True):
        parts = [each for each in spans if each.get("parentSpanId") == span["spanId"]]
        assert [part["name"] for part in parts] == [bar.words for bar in times.bars]
        lasted = [int(part["endTimeUnixNano"]) - int(part["startTimeUnixNano"]) for part in parts]
        assert lasted == [round(bar.lasts * 1_000_000) for bar in times.bars]
    assert {span["traceId"] for span in spans} == {kept.id.replace("-", "")}
    assert len({span["spanId"] for span in spans}) == len(spans)
    assert "lamp" not in answer.content.decode()


def test_the_page_has_a_row_for_every_part(support: Client, kept: Kept) -> None:
    page = support.get(kept.address("timeline")).content.decode()

    assert page.count('class="au-bar"') == sum(len(each.bars) for each in list_times(kept.held.events))
    assert "style=" not in page


def test_the_state_at_any_point_is_the_fold_up_to_it(support: Client, kept: Kept) -> None:
    newest = kept.held.events[-1].seq
    for at in (1, 5, newest // 2, newest):
        known = support.get(kept.address("state"), {"at": str(at)}).context["known"]
        state = fold_up_to(kept.held.events, seq=at)

        assert len(known.terms) == len(state.constraints.active)
        assert dict(known.pairs)["Turns"] == str(state.transcript.turns)
        assert len(known.facts) + known.more_facts == len(state.facts.canonical)
        assert len(known.cart) == len(state.cart.lines)


def test_each_event_says_what_it_changed(support: Client, kept: Kept) -> None:
    stated = next(
        recorded for recorded in kept.held.events if type(recorded.event).__name__ == "ConstraintStated"
    )

    shown = support.get(kept.address("state"), {"at": str(stated.seq)})

    assert shown.context["kind"] == "constraint.stated"
    assert any(each.path.startswith("constraints.") for each in shown.context["changes"])


@pytest.mark.parametrize(("asked", "at"), [("0", 1), ("99999", -1), ("x", -1), ("", -1)])
def test_a_point_that_is_not_there_is_the_nearest(support: Client, kept: Kept, asked: str, at: int) -> None:
    newest = kept.held.events[-1].seq

    assert support.get(kept.address("state"), {"at": asked}).context["at"] == (newest if at < 0 else at)
