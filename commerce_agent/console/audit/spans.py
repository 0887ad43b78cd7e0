"""A conversation's turns as OTLP spans, for whatever a team reads traces with: numbers and no words. Pure."""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from commerce_agent.console.audit.durations import Bar, TurnTimes

INTERNAL = 1
"""A span's kind in OTLP: work within one system."""
SPAN_BYTES = 8
MICROS = 1_000_000
NANOS_OF_A_MICRO = 1_000
NANOS_OF_A_MILLI = 1_000_000


def make_trace(*, conversation: UUID, turns: tuple[TurnTimes, ...]) -> dict[str, Any]:
    """The document that OTLP/HTTP takes as JSON: one trace, a span a turn, and within it one for each part."""
    spans = [span for turn in turns for span in _list_spans(turn, conversation=conversation)]
    resource = {"attributes": _tell({"service.name": "commerce-agent", "conversation.id": str(conversation)})}
    scope = {"name": "commerce_agent.console.audit"}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": scope, "spans": spans}]}]}


def _list_spans(turn: TurnTimes, *, conversation: UUID) -> Iterator[dict[str, Any]]:
    starts = _count_nanos(turn.at)
    own = _name_span(conversation, f"turn/{turn.turn}")
    ends = max((bar.starts + bar.lasts for bar in turn.bars), default=0.0)
    told: dict[str, str | int] = {
        "turn": turn.turn,
        "planner": turn.planner,
        "tokens": turn.tokens,
        "cost": turn.cost,
    }
    whole = {
        "traceId": conversation.hex,
        "spanId": own,
        "name": f"turn {turn.turn}",
        "kind": INTERNAL,
        "startTimeUnixNano": str(starts),
        "endTimeUnixNano": str(starts + _to_nanos(ends)),
        "attributes": _tell({name: value for name, value in told.items() if value}),
    }
    yield whole
    for place, bar in enumerate(turn.bars):
        yield {
            **whole,
            "spanId": _name_span(conversation, f"turn/{turn.turn}/{place}"),
            "parentSpanId": own,
            "name": bar.words,
            "startTimeUnixNano": str(starts + _to_nanos(bar.starts)),
            "endTimeUnixNano": str(starts + _to_nanos(bar.starts + bar.lasts)),
            "attributes": _describe(bar),
        }


def _describe(bar: Bar) -> list[dict[str, Any]]:
    return _tell({"kind": bar.kind, "slow": "yes" if bar.is_slow else "no"})


def _tell(told: dict[str, str | int]) -> list[dict[str, Any]]:
    return [
        {"key": name, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}}
        for name, value in told.items()
    ]


def _name_span(conversation: UUID, name: str) -> str:
    return sha256(f"{conversation}/{name}".encode()).hexdigest()[: 2 * SPAN_BYTES]


def _count_nanos(at: datetime) -> int:
    return round(at.timestamp() * MICROS) * NANOS_OF_A_MICRO


def _to_nanos(milliseconds: float) -> int:
    return round(milliseconds * NANOS_OF_A_MILLI)
