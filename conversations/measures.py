"""What the state service counts for Prometheus. No label names a shop, a shopper or a conversation."""

from prometheus_client import Counter, Histogram

STATE_READS = Counter(
    "commerce_state_reads",
    "States that were loaded, by where from and whether it lagged.",
    ("source", "stale"),
)
STATE_LAG = Histogram(
    "commerce_state_lag_events",
    "How many events a copy of the state lagged behind the journal.",
    buckets=(1, 2, 5, 10, 25, 50, 100, 250, 1000),
)
REBUILD_SECONDS = Histogram(
    "commerce_state_rebuild_seconds",
    "A state that was folded from its first event.",
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0),
)
DUPLICATES = Counter("commerce_duplicate_messages", "Messages that were sent again and changed nothing.")
MOVED_ON = Counter("commerce_arrival_conflicts", "Arrivals that were decided on a state which had moved on.")
REFUSED_VALUES = Counter(
    "commerce_aad_failures",
    "Sealed values that did not open for their reader: look at the first.",
    ("layer",),
)

_FRESH = STATE_READS.labels("redis", "false")
_LAGGING = STATE_READS.labels("redis", "true")
_REBUILT = STATE_READS.labels("journal", "false")


def count_read(*, kept: int | None, head: int) -> None:
    """Counts a load: from Redis, from Redis with the journal's rest, or folded from the first event."""
    (_REBUILT if kept is None else _FRESH if kept == head else _LAGGING).inc()
    if kept is not None and kept < head:
        STATE_LAG.observe(head - kept)
