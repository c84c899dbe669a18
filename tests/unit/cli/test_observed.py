"""A command as those see it who are told of it: its lines, its span, its unexpected error."""

import json

import pytest
import typer
from typer.testing import CliRunner

from realestate_assets.cli.errors import err, readable_errors
from resources.errors import PermanentError
from resources.telemetry import start
from tests.http_server import LocalServer, json_reply, plain_body, text_reply
from tests.otlp import received_spans

app = typer.Typer()


@app.command()
@readable_errors
def work(fault: bool = False) -> None:
    """Fails, one way or the other."""
    err.print("Working on it")
    if fault:
        raise ZeroDivisionError("by 'Jane Doe'")
    raise PermanentError("There is no file.", remedy="Land one.")


@pytest.fixture(autouse=True)
def listener(monkeypatch, tmp_path):
    start.stop()
    monkeypatch.setenv("REALESTATE_HOME", str(tmp_path))
    answers = {"/api/7/envelope/": json_reply({"id": "1"})}
    with LocalServer(lambda _, path, *__: answers.get(path, text_reply(""))) as server:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.url)
        monkeypatch.setenv("SENTRY_DSN", server.url.replace("//", "//0123456789abcdef@") + "/7")
        yield server
        start.stop()


def test_an_unexpected_error_of_a_command_is_told_once_and_one_on_purpose_never(listener):
    assert CliRunner().invoke(app, ["--fault"]).exit_code == 1
    assert CliRunner().invoke(app, []).exit_code == 1
    start.stop()
    [envelope] = [plain_body(r).decode() for r in listener.requests if r.path == "/api/7/envelope/"]
    event = json.loads(envelope.splitlines()[-1])
    assert event["tags"] == {"command": "work"}
    assert event["exception"]["values"][-1]["value"] == "by '…'"
    assert [(span.name, bool(span.error)) for span in received_spans(listener)] == [
        ("realestate work", True)
    ] * 2


def test_with_json_a_command_writes_nothing_but_lines_to_stderr(monkeypatch):
    monkeypatch.setenv("LOG_FORMAT", "json")
    said = [json.loads(line) for line in CliRunner().invoke(app, []).stderr.splitlines()]
    assert [line["event"] for line in said] == ["Working on it", "Error: There is no file. Land one."]
    assert [line["level"] for line in said] == ["info", "error"]
    assert {line["command"] for line in said[:1]} == {"work"}


def test_by_default_a_person_reads_what_they_read_before_and_the_file_has_it_too(tmp_path):
    assert CliRunner().invoke(app, []).stderr == "Working on it\nError: There is no file. Land one.\n"
    lines = [json.loads(line) for line in (tmp_path / "logs" / "realestate.jsonl").read_text().splitlines()]
    assert [line["event"] for line in lines] == ["There is no file. Land one."]


def test_a_setting_that_cannot_be_is_refused_with_its_name(monkeypatch):
    monkeypatch.setenv("LOG_FORMAT", "xml")
    result = CliRunner().invoke(app, [])
    assert result.exit_code == 1
    assert "LOG_FORMAT" in result.stderr
    assert "Traceback" not in result.stderr
