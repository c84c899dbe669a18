"""Spans reach a collector of this process by OTLP: decoded from the protobuf as it came."""

import time

import pytest

from resources.telemetry import spans
from resources.telemetry.start import start, stop
from tests.http_server import LocalServer, text_reply
from tests.otlp import received_spans

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def collector(monkeypatch):
    with LocalServer(lambda *_: text_reply("")) as server:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.url)
        monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "team=data")
        start()
        yield server
        stop()


def test_spans_stand_in_each_other_with_their_attributes(collector, monkeypatch):
    monkeypatch.setenv("SOME_TOKEN", "t0kent0ken")
    with spans.span("outer", attributes={"rows": 3, "none": None}) as outer:
        outer.event("made scores", {"rows": 3})
        with spans.span("inner", spans.CLIENT) as inner:
            inner.set({"address": "x?token=t0kent0ken"})
    spans.flush()
    found = {span.name: span for span in received_spans(collector)}
    assert found["inner"].parent == found["outer"].id
    assert found["inner"].kind == "CLIENT"
    assert found["outer"].attributes == {"rows": 3}
    assert found["outer"].events == ["made scores"]
    assert found["inner"].attributes == {"address": "x?token=***"}
    resource = found["outer"].resource
    assert (resource["service.name"], resource["team"]) == ("realestate", "data")
    assert resource["service.version"]


def test_an_error_that_leaves_a_span_marks_it(collector):
    with pytest.raises(ValueError), spans.span("work"):
        raise ValueError("too much")
    spans.flush()
    [found] = received_spans(collector)
    assert found.error == "ValueError: too much"


def test_a_command_takes_its_parent_from_the_environment_and_hands_it_on(collector, monkeypatch):
    monkeypatch.setenv("TRACEPARENT", PARENT)
    with spans.span("command"):
        handed = spans.header()["TRACEPARENT"].split("-")
        tagged = spans.trace_tags()["realestate/traceparent"]
    spans.begin("elsewhere", parent=tagged).end()
    spans.flush()
    found = {span.name: span for span in received_spans(collector)}
    assert found["command"].trace == handed[1] == PARENT.split("-")[1]
    assert found["command"].parent == PARENT.split("-")[2]
    assert handed[2] == found["command"].id == found["elsewhere"].parent


def test_a_collector_that_is_away_costs_nothing_but_one_line(monkeypatch, caplog):
    with LocalServer(lambda *_: text_reply("", 503)) as server:
        gone = server.url
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", gone)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    start()
    began = time.monotonic()
    for _ in range(2):
        with spans.span("work"):
            pass
        spans.flush(1)
    stop_began = time.monotonic()
    stop()
    assert stop_began - began < 3
    assert time.monotonic() - began < 10
    assert caplog.text.count("Traces are not taken by") == 1


def test_without_an_endpoint_a_span_is_nothing():
    start()
    with spans.span("work") as span:
        span.set({"rows": 1})
        assert (spans.header(), spans.trace_tags(), spans.current_ids()) == ({}, {}, {})
