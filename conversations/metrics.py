"""What the state service counts for Prometheus. No label names a shop, a shopper or a conversation."""

from datetime import timedelta

from prometheus_client import Counter, Histogram

_FAST = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
_AGES = (0.1, 1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0, 86400.0)

STATE_READS = Counter(
    "commerce_state_reads",
    "What was read of a layer of state, by where from and whether it lagged behind its truth.",
    ("layer", "source", "stale"),
)
STATE_READ_AGE = Histogram(
    "commerce_state_read_age_seconds",
    "How old what was read of a layer was: of a copy of a conversation, by how much it lagged.",
    ("layer",),
    buckets=_AGES,
)
STATE_LAG = Histogram(
    "commerce_state_lag_events",
    "How many events a copy of the state lagged behind the journal.",
    buckets=(1, 2, 5, 10, 25, 50, 100, 250, 1000),
)
REBUILD_SECONDS = Histogram(
    "commerce_state_rebuild_seconds",
    "A state that was folded from its first event.",
    buckets=_FAST,
)
DUPLICATES = Counter("commerce_duplicate_messages", "Messages that were sent again and changed nothing.")
CONFLICTS = Counter(
    "commerce_cas_conflicts",
    "Writes that another was quicker than, and what was done about it.",
    ("layer", "resolution"),
)
LOCK_WAIT = Histogram(
    "commerce_lock_wait_seconds",
    "What it took to be granted a lock: a turn's lease, a conversation's row, a shopper's profile.",
    ("lock",),
    buckets=_FAST,
)
OUTBOX_LAG = Histogram(
    "commerce_outbox_lag_seconds",
    "From a commit until the open sockets had been told of it.",
    buckets=_FAST,
)
AUDIT_LAG = Histogram(
    "commerce_audit_chain_lag_seconds",
    "From an access until it stood in its chain; what it is about is sent after that.",
    buckets=_FAST,
)
REFUSED_VALUES = Counter(
    "commerce_aad_failures",
    "Sealed values that did not open for their reader: look at the first.",
    ("layer",),
)

CONVERSATION, SHOPPER, TRANSACTION, DECISION = "conversation", "shopper", "transaction", "decision"
"""The layers of state."""

_FRESH = STATE_READS.labels(CONVERSATION, "redis", "false")
_LAGGING = STATE_READS.labels(CONVERSATION, "redis", "true")
_REBUILT = STATE_READS.labels(CONVERSATION, "journal", "false")
_COPY_AGE = STATE_READ_AGE.labels(CONVERSATION)


def count_read(*, kept: int | None, head: int) -> None:
    """Counts a load: from Redis, from Redis with the journal's rest, or folded from the first event."""
    (_REBUILT if kept is None else _FRESH if kept == head else _LAGGING).inc()
    if kept is not None and kept < head:
        STATE_LAG.observe(head - kept)


def count_lag(lag: timedelta) -> None:
    """Counts by how much a copy lagged: from the first event that it lacked to the journal's newest."""
    _COPY_AGE.observe(lag.total_seconds())
