"""What the transaction layer counts for Prometheus. No label names a shop or a customer."""

from prometheus_client import Counter, Gauge, Histogram

CONNECTOR = Counter(
    "commerce_connector_events", "Calls of connectors and what became of them.", ("dep", "what")
)
BREAKER_CHANGES = Counter("commerce_breaker_changes", "Breakers that went into a state.", ("dep", "state"))
BREAKER_STATE = Gauge(
    "commerce_breaker_state",
    "The breaker that was asked last of this system: 0 closed, 1 half open, 2 open.",
    ("dep",),
    multiprocess_mode="mostrecent",
)
BREAKER_REJECTS = Counter(
    "commerce_breaker_rejects", "Calls that were not made, as the system is left alone.", ("dep",)
)
STATES = {"closed": 0, "half_open": 1, "open": 2}
FALLBACK_AGE = Histogram(
    "commerce_fallback_age_seconds",
    "Age of the answers that were served while a source was out of reach.",
    ("dep",),
    buckets=(30.0, 60.0, 120.0, 300.0, 900.0, 3600.0, 21600.0, 86400.0),
)
