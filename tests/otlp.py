"""Spans as a collector receives them, decoded from the requests of a `LocalServer`."""

from dataclasses import dataclass, field

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.http_server import LocalServer, plain_body


@dataclass(frozen=True)
class ReceivedSpan:
    """One span; ids in hexadecimal, `parent` empty for a root, `error` empty where all went well."""

    name: str
    trace: str
    id: str
    parent: str
    kind: str
    attributes: dict
    events: list[str]
    error: str
    resource: dict = field(repr=False)


def _values(attributes) -> dict:
    return {a.key: getattr(a.value, a.value.WhichOneof("value")) for a in attributes}


def received_spans(server: LocalServer) -> list[ReceivedSpan]:
    """All spans that were posted to /v1/traces, in the order they came."""
    found = []
    for request in server.requests:
        if request.path != "/v1/traces":
            continue
        assert request.headers["content-type"] == "application/x-protobuf"
        message = ExportTraceServiceRequest.FromString(plain_body(request))
        for group in message.resource_spans:
            resource = _values(group.resource.attributes)
            for span in (span for scope in group.scope_spans for span in scope.spans):
                failed = span.status.code == Status.STATUS_CODE_ERROR
                found.append(
                    ReceivedSpan(
                        span.name,
                        span.trace_id.hex(),
                        span.span_id.hex(),
                        span.parent_span_id.hex(),
                        Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
                        _values(span.attributes),
                        [event.name for event in span.events],
                        span.status.message if failed else "",
                        resource,
                    )
                )
    return found
