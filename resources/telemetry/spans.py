"""Traces by OpenTelemetry: spans of runs, steps, calls and writes, posted by OTLP over HTTP.

Off until `start` is given an address: a span is then a null object, and nothing of OpenTelemetry is imported.
Attributes are texts and integers; money is told in micro-USD, for decimals would become text.
"""

import contextlib
import logging
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from resources.scrub import scrub

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
    from opentelemetry.trace import Span, Tracer

Attributes = Mapping[str, str | int | float | bool | None]
INTERNAL, CLIENT = "INTERNAL", "CLIENT"
HEADER = "TRACEPARENT"
RUN_TAG = "realestate/traceparent"
SCOPE = "realestate"
# A collector that takes nothing must hold up neither a run nor the end of a command.
POST_SECONDS = 5
MAX_TEXT = 1000
_log = logging.getLogger(__name__)
_provider: "TracerProvider | None" = None
_tracer: "Tracer | None" = None


def start(endpoint: str, version: str) -> None:
    """Make spans from now on and post them.

    Args:
        endpoint: where, `/v1/traces` included. Headers, timeout, sampler, service name and further attributes
            are taken from OpenTelemetry's own variables.
        version: of this installation.
    """
    global _provider, _tracer
    if os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    # It tells each batch that is not taken; we tell the first.
    for name in ("opentelemetry.exporter", "opentelemetry.sdk.trace.export"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    mine = {"service.version": version}
    if "OTEL_SERVICE_NAME" not in os.environ:
        mine["service.name"] = SCOPE
    timeout = None if "OTEL_EXPORTER_OTLP_TIMEOUT" in os.environ else POST_SECONDS
    exporter = OTLPSpanExporter(endpoint=endpoint, timeout=timeout)
    # Ended by `stop`: its own way of ending waits for half a minute.
    _provider = TracerProvider(resource=Resource.create(mine), shutdown_on_exit=False)
    _provider.add_span_processor(BatchSpanProcessor(_told_once(exporter, endpoint)))
    _tracer = _provider.get_tracer(SCOPE, version)


def is_on() -> bool:
    """Whether spans are made in this process."""
    return _tracer is not None


def flush(seconds: float = POST_SECONDS) -> None:
    """Post what waits; gives up after so long."""
    provider = _provider
    if provider is not None:
        posting = threading.Thread(target=provider.force_flush, daemon=True)
        posting.start()
        posting.join(seconds)


def stop() -> None:
    """Make no more spans; what waits is posted before."""
    global _provider, _tracer
    flush()
    if (provider := _provider) is not None:
        ending = threading.Thread(target=provider.shutdown, daemon=True)
        ending.start()
        ending.join(1)
    _provider = _tracer = None


class OpenSpan:
    """A span that is current until it is ended; a null object where traces are off."""

    def __init__(self, span: "Span | None" = None, token: Any = None) -> None:
        self._span, self._token = span, token

    def set(self, attributes: Attributes) -> None:
        """Add attributes; those that are None are left out."""
        if self._span is not None:
            self._span.set_attributes(_plain(attributes))

    def event(self, name: str, attributes: Attributes) -> None:
        """Note something that happened within."""
        if self._span is not None:
            self._span.add_event(name, _plain(attributes))

    def fail(self, message: str) -> None:
        """What it stands for went wrong."""
        if self._span is not None:
            from opentelemetry.trace import Status, StatusCode

            self._span.set_status(Status(StatusCode.ERROR, scrub(message)[:MAX_TEXT]))

    def end(self) -> None:
        """It is over, and the one around it is current again."""
        if self._span is not None:
            from opentelemetry import context

            self._span.end()
            self._span = None
            context.detach(self._token)


def begin(
    name: str, kind: str = INTERNAL, attributes: Attributes | None = None, parent: str = ""
) -> OpenSpan:
    """Begin a span and make it current in this thread or task.

    Args:
        name: of a kind of work, not of one piece of it.
        kind: INTERNAL, or CLIENT where another service does it.
        attributes: what is known at the beginning.
        parent: a `traceparent`; by default the span that is current, or that of the process' environment.
    """
    if _tracer is None:
        return OpenSpan()
    from opentelemetry import context, trace

    span = _tracer.start_span(
        name, _around(parent), trace.SpanKind[kind], attributes=_plain(attributes or {})
    )
    return OpenSpan(span, context.attach(trace.set_span_in_context(span)))


@contextlib.contextmanager
def span(name: str, kind: str = INTERNAL, attributes: Attributes | None = None) -> Iterator[OpenSpan]:
    """A span around what is done within; an error that leaves it is noted."""
    opened = begin(name, kind, attributes)
    try:
        yield opened
    except BaseException as error:
        opened.fail(f"{type(error).__name__}: {error}")
        raise
    finally:
        opened.end()


def header() -> dict[str, str]:
    """`TRACEPARENT` of the current span, for a child's environment; empty where there is none."""
    if _tracer is None:
        return {}
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return {HEADER: carrier["traceparent"]} if "traceparent" in carrier else {}


def trace_tags() -> dict[str, str]:
    """The current span as a tag of a run that is asked for, which then belongs to the same trace."""
    return {RUN_TAG: told} if (told := header().get(HEADER)) else {}


def current_ids() -> dict[str, str]:
    """Ids of the current span, for a log line."""
    if _tracer is None:
        return {}
    from opentelemetry import trace

    found = trace.get_current_span().get_span_context()
    if not found.is_valid:
        return {}
    return {"trace_id": trace.format_trace_id(found.trace_id), "span_id": trace.format_span_id(found.span_id)}


def _around(parent: str) -> "Context | None":
    from opentelemetry import trace
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    if not parent and trace.get_current_span().get_span_context().is_valid:
        return None
    told = parent or os.environ.get(HEADER, "")
    return TraceContextTextMapPropagator().extract({"traceparent": told}) if told else None


def _plain(attributes: Attributes) -> dict[str, str | int | float | bool]:
    return {
        name: scrub(value)[:MAX_TEXT] if isinstance(value, str) else value
        for name, value in attributes.items()
        if value is not None
    }


def _told_once(exporter: "SpanExporter", endpoint: str) -> "SpanExporter":
    """The exporter, which tells once that the collector does not take what it is sent."""
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

    class ToldOnce(SpanExporter):
        told = False

        def export(self, spans: "Sequence[ReadableSpan]") -> "SpanExportResult":
            reason = "it refused them"
            try:
                result = exporter.export(spans)
            except Exception as error:
                result, reason = SpanExportResult.FAILURE, scrub(f"{type(error).__name__}: {error}")
            if result is not SpanExportResult.SUCCESS and not self.told:
                ToldOnce.told = True
                words = "Traces are not taken by %s, and lost until they are: %s"
                _log.warning(words, scrub(endpoint), reason)
            return result

        def shutdown(self) -> None:
            exporter.shutdown()

        def force_flush(self, timeout_millis: int = 30_000) -> bool:
            return exporter.force_flush(timeout_millis)

    return ToldOnce()
