"""Where a turn's time went, from its journal: pure."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec

from commerce_agent.agent.explain.plain import tell_micros, tell_name
from conversations.events import Recorded
from conversations.events.decisions import Decision, DecisionMade, ToolCalled
from conversations.events.messages import ReplyGiven, ShopperSpoke, TurnStarted
from conversations.ids import ClientMessageId

BarKind = Literal["wait", "tool", "model", "rest"]
SLOW_SHARE = 0.5
"""A part that took more than so much of its turn is where to look first."""
SLOW_LEAST = 500.0
"""Milliseconds; of a turn that was fast all the way nothing is called slow."""


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of a turn. Parts without a recorded beginning stand one after the other."""

    kind: BarKind
    words: str
    starts: float
    lasts: float
    """Both in milliseconds from the first message."""
    is_slow: bool
    left: float
    width: float
    """Both in percent of the longest turn."""

    @property
    def took(self) -> str:
        """How long it lasted, in words."""
        return tell_milliseconds(self.lasts)


class TurnTimes(msgspec.Struct, frozen=True, kw_only=True):
    """A turn and where its time went."""

    turn: int
    said: str
    at: datetime
    waited: float
    lasted: float | None
    """From its start to its reply, in milliseconds; None while it has none."""
    bars: tuple[Bar, ...]
    tokens: str
    cost: str
    planner: str

    @property
    def took(self) -> str:
        """How long the reply took, in words; empty while it has none."""
        return "" if self.lasted is None else tell_milliseconds(self.lasted)


class _Raw(msgspec.Struct, kw_only=True):
    started: datetime | None = None
    asked: datetime | None = None
    replied: datetime | None = None
    said: str = ""
    tools: list[ToolCalled] = []
    decision: Decision | None = None


def tell_milliseconds(lasts: float) -> str:
    """A stretch of time as one compares it: 0.4 ms, 62 ms, 4.6 s."""
    if lasts >= 1_000:
        return f"{lasts / 1_000:.1f} s"
    return f"{lasts:.0f} ms" if lasts >= 10 else f"{lasts:.1f} ms"


def list_times(events: Iterable[Recorded]) -> tuple[TurnTimes, ...]:
    """Every turn, all to one scale: the longest fills its row."""
    raw = _collect(events)
    parts = {turn: _list_parts(each) for turn, each in raw.items()}
    longest = max((start + lasts for own in parts.values() for _, _, start, lasts in own), default=0.0)
    return tuple(_tell(turn, each, parts=parts[turn], longest=longest) for turn, each in sorted(raw.items()))


def _collect(events: Iterable[Recorded]) -> dict[int, _Raw]:
    raw: dict[int, _Raw] = defaultdict(_Raw)
    spoken: dict[ClientMessageId, Recorded] = {}
    for recorded in events:
        event = recorded.event
        match event:
            case ShopperSpoke():
                spoken[event.cid] = recorded
            case TurnStarted():
                own = raw[event.turn]
                asked = [spoken[cid] for cid in event.cids if cid in spoken]
                own.started = recorded.at
                own.asked = min((each.at for each in asked), default=recorded.at)
                own.said = " / ".join(
                    each.event.text for each in asked if isinstance(each.event, ShopperSpoke)
                )
            case ToolCalled():
                raw[recorded.turn].tools.append(event)
            case DecisionMade():
                raw[recorded.turn].decision = event.decision
            case ReplyGiven():
                raw[recorded.turn].replied = recorded.at
            case _:
                continue
    return raw


def _list_parts(own: _Raw) -> list[tuple[BarKind, str, float, float]]:
    if own.started is None or own.asked is None:
        return []
    waited = _count(own.asked, own.started)
    parts: list[tuple[BarKind, str, float, float]] = [("wait", "Waited for a worker", 0.0, waited)]
    at = waited
    for call in own.decision.calls if own.decision else ():
        parts.append(("model", f"Model: {tell_name(call.stop_reason)}", at, call.milliseconds))
        at += call.milliseconds
    for tool in own.tools:
        given_up = " (given up)" if tool.dropped else ""
        parts.append(("tool", f"Tool: {tell_name(tool.tool)}{given_up}", at, tool.milliseconds))
        at += tool.milliseconds
    if own.replied is not None:
        rest = max(0.0, waited + _count(own.started, own.replied) - at)
        parts.append(("rest", "Understanding, wording, checks, commit", at, rest))
    return parts


def _tell(
    turn: int, own: _Raw, *, parts: list[tuple[BarKind, str, float, float]], longest: float
) -> TurnTimes:
    total = sum(lasts for _, _, _, lasts in parts)
    decision = own.decision
    tokens = f"{decision.input_tokens:,} in, {decision.output_tokens:,} out" if decision else ""
    return TurnTimes(
        turn=turn,
        said=own.said,
        at=own.asked or own.started or datetime.min,  # noqa: DTZ901 - only of a turn that never began
        waited=_count(own.asked, own.started) if own.asked and own.started else 0.0,
        lasted=_count(own.started, own.replied) if own.started and own.replied else None,
        bars=tuple(
            Bar(
                kind=kind,
                words=words,
                starts=starts,
                lasts=lasts,
                is_slow=lasts >= SLOW_LEAST and lasts > SLOW_SHARE * total,
                left=round(100 * starts / longest, 3) if longest else 0.0,
                width=round(max(0.4, 100 * lasts / longest), 3) if longest else 0.0,
            )
            for kind, words, starts, lasts in parts
        ),
        tokens=tokens if decision and (decision.input_tokens or decision.output_tokens) else "",
        cost=tell_micros(decision.cost_micros) if decision and decision.cost_micros else "",
        planner=decision.planner if decision else "",
    )


def _count(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() * 1000
