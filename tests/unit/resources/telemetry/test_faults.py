"""Unexpected errors reach a Sentry of this process: what is sent, what never is, and how often."""

import json

import pytest

from resources.errors import PermanentError
from resources.telemetry import faults
from resources.telemetry.start import start, stop
from resources.telemetry.ticks import observed
from tests.http_server import LocalServer, json_reply, plain_body

KEY = "0123456789abcdef"
# Up here, for the lines around a frame are sent.
OWNER = "Jane Doe"


@pytest.fixture
def sentry(monkeypatch):
    with LocalServer(lambda *_: json_reply({"id": "1"})) as server:
        monkeypatch.setenv("SENTRY_DSN", f"{server.url.replace('//', f'//{KEY}@')}/7")
        monkeypatch.setenv("SENTRY_ENVIRONMENT", "staging")
        start()
        yield server
        stop()


def events(server) -> list[dict]:
    """The events of the envelopes; their lines are a header, an item's header, the item."""
    found = []
    for request in server.requests:
        assert request.path == "/api/7/envelope/"
        lines = plain_body(request).decode().splitlines()
        found += [json.loads(lines[at + 1]) for at in range(1, len(lines), 2)]
    return found


def broken(owner: str) -> None:
    raise ValueError(f"{owner!r} in 'last_price' of parcel 8024059123 is none of 12")


def test_an_unexpected_error_arrives_with_its_frames_tags_and_release(sentry):
    with pytest.raises(ValueError) as caught:
        broken(OWNER)
    assert faults.tell(caught.value, run="r1", step="scores", county="king-wa", sensor=None)
    [event] = events(sentry)
    [error] = event["exception"]["values"]
    assert error["type"] == "ValueError"
    assert error["stacktrace"]["frames"][-1]["function"] == "broken"
    assert event["tags"] == {"run": "r1", "step": "scores", "county": "king-wa"}
    assert event["environment"] == "staging"
    assert event["release"].startswith("realestate-os@")


def test_nothing_of_the_data_the_machine_or_its_secrets_is_sent(sentry, monkeypatch):
    monkeypatch.setenv("SOME_TOKEN", "t0kent0ken")
    with pytest.raises(ValueError) as caught:
        broken(OWNER)
    faults.tell(caught.value, step="t0kent0ken")
    [event] = events(sentry)
    [error] = event["exception"]["values"]
    assert error["value"] == "'…' in 'last_price' of parcel # is none of 12"
    assert all("vars" not in frame for frame in error["stacktrace"]["frames"])
    assert not {"server_name", "user", "request", "extra", "breadcrumbs", "modules"} & event.keys()
    text = json.dumps(event)
    assert OWNER not in text
    assert "t0kent0ken" not in text


def test_an_error_is_told_once_however_it_is_raised_on(sentry):
    with pytest.raises(RuntimeError) as caught:
        try:
            broken("x")
        except ValueError as error:
            assert faults.tell(error)
            raise RuntimeError("around it") from error
    assert not faults.tell(caught.value)
    assert len(events(sentry)) == 1


def test_what_the_platform_raises_on_purpose_is_not_told(sentry):
    with pytest.raises(RuntimeError) as caught:
        try:
            raise PermanentError("No such file.")
        except PermanentError as error:
            raise RuntimeError from error
    assert not faults.tell(caught.value)
    assert not faults.tell(KeyboardInterrupt())
    assert not faults.tell(None)
    assert sentry.requests == []


def test_a_failing_tick_is_told_under_its_sensors_name_and_fails_as_before(sentry):
    @observed("landed_files")
    def tick() -> None:
        broken("x")

    with pytest.raises(ValueError):
        tick()
    assert [event["tags"] for event in events(sentry)] == [{"sensor": "landed_files"}]


def test_without_a_dsn_nothing_is_told():
    start()
    assert not faults.tell(ValueError("x"))
