"""Watches one turn: its span with those of its parts, the ids of its log lines, and its times."""

import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import msgspec
from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind
from structlog.contextvars import bound_contextvars

from commerce_agent.observing import metrics, names
from commerce_agent.observing.tracing import Attribute, find_tracer, mark_failed, span
from conversations.events import Event
from conversations.events.decisions import DecisionMade
from conversations.metrics import CONFLICTS, CONVERSATION
from conversations.service import Turn

Publish = Callable[[dict[str, object]], Awaitable[None]]


class Began(msgspec.Struct, frozen=True, kw_only=True):
    """When somebody went to take a turn: by the clock that spans go by, and by the one that times go by."""

    at_ns: int
    perf: float


class TurnWatch:
    """One turn that was taken."""

    def __init__(self, *, began: Began, current: Span) -> None:
        self._began = began
        self._span = current
        self._spoke = False
        self._ended: float | None = None
        self._taken = time.perf_counter()
        self.tier = ""
        """How large the budget of the shop is, once that is known."""
        self.state_seconds = 0.0
        """What went into taking, loading and committing; nothing before the commit."""

    def hear(self, publish: Publish) -> Publish:
        """The same, and notes when the first words go out."""

        async def heard(frame: dict[str, object]) -> None:
            if not self._spoke and frame.get("t") == "delta":
                self._spoke = True
                metrics.FIRST_WORDS_SECONDS.observe(time.perf_counter() - self._began.perf)
            await publish(frame)

        return heard

    @contextmanager
    def committing(self, *, before: int) -> Iterator[Span]:
        """Around the commit. What goes wrong there is told by its kind."""
        started = time.perf_counter()
        with span(names.STATE_COMMIT, {names.LAYER: "conversation", names.VERSION_BEFORE: before}) as current:
            yield current
        self._ended = time.perf_counter()
        self.state_seconds = self._taken - self._began.perf + self._ended - started

    def count_wait(self, turn: Turn, *, at: datetime) -> None:
        """Counts how long the first of its messages waited for somebody to take the turn."""
        talk = turn.state.transcript
        arrived = [message.at for message in talk.waiting if message.cid in talk.taken]
        if arrived:
            metrics.WAIT_SECONDS.observe(max(0.0, (at - min(arrived)).total_seconds()))

    def count(self, events: tuple[Event, ...], *, at: datetime) -> None:
        """Counts the turn once it is committed, and says on its span what was decided."""
        for event in events:
            if isinstance(event, DecisionMade):
                self._span.set_attribute(names.PLANNER, event.decision.planner)
                self._span.set_attribute(names.DECISION, event.decision.id)
                if event.decision.prompt:
                    self._span.set_attribute(names.PROMPT, event.decision.prompt)
        metrics.count_turn(events, at=at, tier=self.tier)
        metrics.TURN_SECONDS.observe(self.total_seconds)
        metrics.STATE_SECONDS.observe(self.state_seconds)

    @property
    def total_seconds(self) -> float:
        """From taking the turn to its commit, or until now."""
        return (self._ended or time.perf_counter()) - self._began.perf


class Conflicts:
    """How often another was quicker than a turn's commit, and since when."""

    def __init__(self) -> None:
        self.first: float | None = None

    def note(self) -> None:
        """Another was quicker; the turn is taken again."""
        self.first = self.first or time.perf_counter()
        CONFLICTS.labels(CONVERSATION, "taken_again").inc()


@contextmanager
def watch_conflicts() -> Iterator[Conflicts]:
    """Around all that is tried for one turn."""
    conflicts = Conflicts()
    yield conflicts
    if conflicts.first is not None:
        metrics.CONFLICT_SECONDS.observe(time.perf_counter() - conflicts.first)


def begin() -> Began:
    """Now; a turn that is then taken is watched from here on."""
    return Began(at_ns=time.time_ns(), perf=time.perf_counter())


@contextmanager
def watch_turn(began: Began, *, turn: Turn) -> Iterator[TurnWatch]:
    """Around everything that a taken turn does. All log lines within name conversation and turn."""
    metrics.IN_FLIGHT.inc()
    try:
        with (
            _tracing(began, turn=turn) as current,
            bound_contextvars(conversation=turn.conversation, turn=turn.number),
        ):
            yield TurnWatch(began=began, current=current)
    finally:
        metrics.IN_FLIGHT.dec()


@contextmanager
def _tracing(began: Began, *, turn: Turn) -> Iterator[Span]:
    """The turn's span, from before it was taken, with that of its loading in it."""
    tracer = find_tracer()
    if tracer is None:
        yield trace.INVALID_SPAN
        return
    attributes: dict[str, Attribute] = {names.CONVERSATION: turn.conversation, names.TURN_NUMBER: turn.number}
    loaded: dict[str, Attribute] = {
        names.LAYER: "conversation",
        names.SOURCE: "postgresql" if turn.rebuilt else "redis",
        names.VERSION_AFTER: turn.state.version,
        names.AGE: round(turn.lag / timedelta(milliseconds=1)),
    }
    current = tracer.start_span(
        names.TURN, kind=SpanKind.CONSUMER, attributes=attributes, start_time=began.at_ns
    )
    try:
        with trace.use_span(current, record_exception=False, set_status_on_exception=False):
            tracer.start_span(names.STATE_LOAD, attributes=loaded, start_time=began.at_ns).end()
            yield current
    except BaseException as error:
        mark_failed(current, error)
        raise
    finally:
        current.end()
