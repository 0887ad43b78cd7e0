"""Spans. Where nobody collects them they cost next to nothing; none ever carries what was said, nor an error's text."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache

from django.utils.module_loading import import_string
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer

from commerce_agent.observing.names import ERROR
from commerce_agent.release import get_code_version

SERVICE = "commerce-agent"
FLUSH_MILLISECONDS = 2000
_EXPORTER = "opentelemetry.exporter.otlp.proto.http.trace_exporter.OTLPSpanExporter"

Attribute = str | int | float | bool


def find_tracer() -> Tracer | None:
    """The tracer of whichever provider there is now; None where nobody listens, which is the cheapest."""
    provider = trace.get_tracer_provider()
    return None if isinstance(provider, trace.ProxyTracerProvider) else provider.get_tracer(SERVICE)


@contextmanager
def span(
    name: str, attributes: Mapping[str, Attribute] | None = None, *, kind: SpanKind = SpanKind.INTERNAL
) -> Iterator[Span]:
    """A span around what is done within. An error marks it with its kind, and goes on."""
    tracer = find_tracer()
    if tracer is None:
        yield trace.INVALID_SPAN
        return
    with tracer.start_as_current_span(
        name, kind=kind, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield current
        except BaseException as error:
            mark_failed(current, error)
            raise


@contextmanager
def span_within(name: str, attributes: Mapping[str, Attribute] | None = None) -> Iterator[Span]:
    """The same of what is only a part: outside of every other span it makes none."""
    if not trace.get_current_span().get_span_context().is_valid:
        yield trace.INVALID_SPAN
        return
    with span(name, attributes) as current:
        yield current


def mark_failed(current: Span, error: BaseException) -> None:
    """Says of a span what kind of error ended it; the error's text may quote anybody."""
    current.set_attribute(ERROR, type(error).__name__)
    current.set_status(Status(StatusCode.ERROR))


@cache
def start_tracing(*, endpoint: str) -> TracerProvider | None:
    """Has this process send its spans to a collector over OTLP; does nothing without an endpoint, nor a second time.

    The endpoint only says whether: where and how is read from OpenTelemetry's own variables.
    """
    if not endpoint:
        return None
    # The exporter takes a while to load, which a process that sends nothing should not pay.
    build_exporter: type[SpanExporter] = import_string(_EXPORTER)
    provider = build_provider(exporter=build_exporter())
    trace.set_tracer_provider(provider)
    return provider


async def flush_spans(*, endpoint: str) -> None:
    """Sends what waits, before the process ends; a collector that does not take it costs two seconds."""
    if provider := start_tracing(endpoint=endpoint):
        await asyncio.to_thread(provider.force_flush, FLUSH_MILLISECONDS)


def build_provider(*, exporter: SpanExporter) -> TracerProvider:
    """A provider that names this service and its release, and sends in the background."""
    resource = Resource.create({"service.name": SERVICE, "service.version": get_code_version()})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider
