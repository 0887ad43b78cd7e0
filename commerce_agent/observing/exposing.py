"""What Prometheus asks for: an ASGI application of its own, because it asks by address and knows no host name."""

import asyncio
import hmac
from collections.abc import Iterator
from ipaddress import ip_address

from asgiref.typing import (
    ASGIReceiveCallable,
    ASGISendCallable,
    HTTPResponseBodyEvent,
    HTTPResponseStartEvent,
    HTTPScope,
)
from django.conf import settings
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from typing_extensions import override

METRICS_PATH = "/metrics"
_ASKED = frozenset({"input", "cache_read", "cache_write"})
"""The kinds of tokens that a model is asked with."""
_FORWARDED = frozenset({b"x-forwarded-for", b"forwarded", b"x-real-ip", b"via"})


async def show_metrics(
    scope: HTTPScope,
    receive: ASGIReceiveCallable,  # noqa: ARG001 - the shape of an ASGI application
    send: ASGISendCallable,
) -> None:
    """The counts of all processes of this machine; to whoever may not see them the address does not exist."""
    if may_see(scope, token=settings.METRICS_TOKEN):
        body = await asyncio.to_thread(write_metrics, folder=settings.METRICS_FOLDER)
        await _send(send, status=200, body=body, media_type=CONTENT_TYPE_LATEST)
    else:
        await _send(send, status=404, body=b"Not found\n", media_type="text/plain")


def may_see(scope: HTTPScope, *, token: str) -> bool:
    """Whether this is someone with the token; where none is set, someone on this machine or its network.

    What came through a proxy came from anywhere, whatever address it bears: without a token it is refused.
    """
    headers = dict(scope["headers"])
    if token:
        given = headers.get(b"authorization", b"")
        return hmac.compare_digest(given, f"Bearer {token}".encode())
    client = scope["client"]
    if client is None or not _FORWARDED.isdisjoint(headers):
        return False
    try:
        return ip_address(client[0]).is_private
    except ValueError:
        return False


def write_metrics(*, folder: str) -> bytes:
    """The counts in Prometheus' text form: of every process that counts into the folder, of this one without any."""
    counted = REGISTRY
    if folder:
        counted = CollectorRegistry()
        MultiProcessCollector(counted, path=folder)  # type: ignore[no-untyped-call]
    reckoned = CollectorRegistry()
    reckoned.register(Ratios(counted))
    return generate_latest(counted) + generate_latest(reckoned)


class Ratios(Collector):
    """What is reckoned from other counts, since the processes began; over a stretch of time it is a query."""

    def __init__(self, counted: CollectorRegistry) -> None:
        self._counted = counted

    @override
    def collect(self) -> Iterator[Metric]:
        """One part of a whole each; nothing of what was never counted."""
        reads, stale, tokens, served = 0.0, 0.0, 0.0, 0.0
        for metric in self._counted.collect():
            for sample in metric.samples:
                if sample.name == "commerce_state_reads_total":
                    reads += sample.value
                    stale += sample.value if sample.labels["stale"] == "true" else 0.0
                elif sample.name == "commerce_tokens_total" and sample.labels["kind"] in _ASKED:
                    tokens += sample.value
                    served += sample.value if sample.labels["kind"] == "cache_read" else 0.0
        yield from _divide("commerce_stale_read_ratio", "Reads that lagged behind their truth.", stale, reads)
        yield from _divide(
            "commerce_cache_hit_ratio", "Tokens asked that the model's cache served.", served, tokens
        )


def _divide(name: str, told: str, part: float, whole: float) -> Iterator[Metric]:
    if whole:
        yield GaugeMetricFamily(name, told, value=part / whole)


async def _send(send: ASGISendCallable, *, status: int, body: bytes, media_type: str) -> None:
    headers = [(b"content-type", media_type.encode()), (b"cache-control", b"no-store")]
    await send(
        HTTPResponseStartEvent(type="http.response.start", status=status, headers=headers, trailers=False)
    )
    await send(HTTPResponseBodyEvent(type="http.response.body", body=body, more_body=False))
