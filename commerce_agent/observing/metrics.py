"""What Prometheus counts of turns. No label names a shop, a shopper or a conversation.

The services count by themselves: see `conversations/metrics.py` and `catalog/metrics.py`. Ratios (stale readings,
cache hits) are left to whoever asks, who can divide over any stretch of time.
"""

from datetime import datetime

from prometheus_client import Counter, Gauge, Histogram

from conversations.events import Event
from conversations.events.decisions import Decision, DecisionMade, ModelCalled
from conversations.events.facts import Fact, FactsObserved, FactSuperseded
from conversations.events.messages import ReplyGiven
from conversations.metrics import STATE_READ_AGE, STATE_READS, TRANSACTION

_FAST = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 45.0)
_AGES = (1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0, 86400.0)

TURNS = Counter("commerce_turns", "Turns that were closed.", ("planner", "status"))
STOOD_IN = Counter("commerce_planner_stood_in", "Turns that the built-in planner finished for a model.")
TURN_SECONDS = Histogram("commerce_turn_seconds", "A turn, from taking it to its commit.", buckets=_FAST)
FIRST_WORDS_SECONDS = Histogram(
    "commerce_turn_first_words_seconds", "From taking a turn to its first words.", buckets=_FAST
)
STATE_SECONDS = Histogram(
    "commerce_turn_state_seconds", "What of a turn went into taking, loading and committing.", buckets=_FAST
)
IN_FLIGHT = Gauge("commerce_turns_in_flight", "Turns that run now.", multiprocess_mode="livesum")
CONFLICT_SECONDS = Histogram(
    "commerce_conflict_resolution_seconds", "From a turn's first conflict to its commit.", buckets=_FAST
)
TOOL_SECONDS = Histogram("commerce_tool_seconds", "Tool calls.", ("tool", "outcome"), buckets=_FAST)
CLAIMS = Counter("commerce_grounding_claims", "Claims held against facts.", ("kind", "verdict"))
BLOCKED = Counter(
    "commerce_grounding_blocked", "Claims that stood on no fact, and what was done.", ("remedy",)
)
FACT_AGE = Histogram("commerce_fact_age_seconds", "Age of the facts that replies rest on.", buckets=_AGES)
TOKENS = Counter("commerce_tokens", "Tokens of the model; those of thinking are among its output.", ("kind",))
MODEL_CALLS = Counter(
    "commerce_model_calls", "Calls of the model, by how they ended.", ("stop_reason", "answered")
)
CACHE_MISSES = Counter("commerce_model_cache_misses", "Why the model's cache did not serve.", ("reason",))
COST = Counter(
    "commerce_cost_microdollars",
    "What the model cost, in millionths of a dollar, by how large the shop's budget is.",
    ("tenant_tier",),
)
HELLOS = Counter("commerce_chat_hellos", "Sockets that said hello, by how old their loader is.", ("loader",))
COMMITMENTS = Counter("commerce_commitments", "Buttons that were pressed, and what came of it.", ("result",))
UNCHECKED = Counter(
    "commerce_commitment_without_check",
    "Orders, and changes of them, at another sum than the one that was checked and confirmed: look at the first.",
)
NEWS_SECONDS = Histogram(
    "commerce_news_lag_seconds", "From an event's arrival to the open conversations.", buckets=_FAST
)
PURGED = Counter("commerce_purged_conversations", "Conversations that retention let go of.")
PURGED_ROWS = Counter("commerce_purged_rows", "Rows and conversations that ran out and went.", ("kind",))
WAIT_SECONDS = Histogram(
    "commerce_turn_wait_seconds", "From a message's arrival until its turn was taken.", buckets=_FAST
)
MODEL_REFUSED = Counter(
    "commerce_model_refused",
    "Times the model was not asked, as its breaker was open or a budget spent.",
    ("reason",),
)

_INPUT, _READ, _WRITTEN, _OUTPUT, _THOUGHT = (
    TOKENS.labels(kind) for kind in ("input", "cache_read", "cache_write", "output", "thinking")
)
_TRANSACTION_AGE = STATE_READ_AGE.labels(TRANSACTION)


def count_turn(events: tuple[Event, ...], *, at: datetime, tier: str) -> None:
    """Counts a turn that is committed, from its record: what is counted is what is on record.

    `at` is the instant by which it judged, `tier` how large its shop's budget is.
    """
    for event in events:
        match event:
            case DecisionMade():
                _count_decision(event.decision, tier=tier)
            case FactsObserved():
                _count_readings(event.facts, at=at)
            case FactSuperseded():
                _count_readings((event.fact,), at=at)
            case ReplyGiven():
                status = event.status
                planner = next(
                    (made.decision.planner for made in events if isinstance(made, DecisionMade)), "none"
                )
                TURNS.labels(planner, status).inc()
            case _:
                continue


def _count_readings(facts: tuple[Fact, ...], *, at: datetime) -> None:
    """What the shop's systems said, which is the layer of transactions: from where, and how old it was."""
    for fact in facts:
        STATE_READS.labels(TRANSACTION, fact.authority, "true" if fact.stale else "false").inc()
        _TRANSACTION_AGE.observe(max(0.0, (at - fact.observed_at).total_seconds()))


def _count_decision(decision: Decision, *, tier: str) -> None:
    if decision.planner == "builtin" and decision.model:
        STOOD_IN.inc()
    for used in decision.tools:
        outcome = used.outcome.partition(":")[0]
        TOOL_SECONDS.labels(used.tool, outcome).observe(used.milliseconds / 1000)
    for verdict in decision.grounding:
        CLAIMS.labels(verdict.kind or "other", "stands" if verdict.passed else "blocked").inc()
        if not verdict.passed:
            BLOCKED.labels(verdict.remedy or "held_back").inc()
    for age in decision.fact_ages:
        FACT_AGE.observe(age)
    for call in decision.calls:
        count_call(call)
    if decision.cost_micros:
        COST.labels(tier).inc(decision.cost_micros)


def count_call(call: ModelCalled) -> None:
    """Counts one call of the model: a turn's is counted with its decision, a summary's has none."""
    MODEL_CALLS.labels(call.stop_reason, "false" if call.broken else "true").inc()
    _INPUT.inc(call.input_tokens)
    _READ.inc(call.cache_read)
    _WRITTEN.inc(call.cache_write)
    _OUTPUT.inc(call.output_tokens)
    _THOUGHT.inc(call.thinking_tokens)
    if call.cache_missed:
        CACHE_MISSES.labels(call.cache_missed).inc()
