"""Log lines: their fields, where they go, what never stands in them."""

import json
import logging

import pytest

from resources.errors import PermanentError
from resources.telemetry import logs
from resources.telemetry.start import start, start_quietly

HIDDEN = "pa55" + "word"


def lines(home) -> list[dict]:
    return [json.loads(line) for line in (home / logs.FILE).read_text().splitlines()]


def test_a_line_has_the_fields_of_what_it_was_written_within(home):
    start()
    with logs.bound(run="r1", step="scores", county="king-wa"), logs.bound(provider="roll"):
        logging.getLogger("resources.http").info("asked %d", 3, extra=logs.fields(seconds=1.5, rows=None))
    logging.getLogger("resources.http").info("after")
    within, after = lines(home)
    assert within["event"] == "asked 3"
    assert (within["run"], within["step"], within["county"]) == ("r1", "scores", "king-wa")
    assert (within["provider"], within["seconds"], within["level"]) == ("roll", 1.5, "info")
    assert within["logger"] == "resources.http"
    assert "rows" not in within
    assert not {"run", "provider"} & after.keys()


def test_the_file_holds_json_whatever_the_console_shows_and_is_its_owners_alone(home, capsys):
    start()
    logging.getLogger("sensors").info("quiet")
    logging.getLogger("sensors").warning("loud")
    assert [line["event"] for line in lines(home)] == ["quiet", "loud"]
    assert capsys.readouterr().err == "loud\n"
    assert (home / logs.FILE).stat().st_mode & 0o077 == 0


def test_a_data_folder_that_a_line_makes_is_closed_to_others(home, monkeypatch):
    monkeypatch.setenv("REALESTATE_HOME", str(home / "new"))
    start()
    logging.getLogger("sensors").warning("first")
    assert (home / "new").stat().st_mode & 0o077 == 0
    assert lines(home / "new")


def test_with_json_stderr_holds_the_same_lines(home, monkeypatch, capsys):
    monkeypatch.setenv("LOG_FORMAT", "json")
    start()
    logging.getLogger("realestate.run").info("step started")
    shown = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in shown] == ["step started"]


def test_the_level_is_that_of_our_own_lines_and_others_tell_warnings_alone(home, monkeypatch):
    monkeypatch.setenv("LOG_LEVEL", "debug")
    start()
    logging.getLogger("resources.x").debug("ours")
    logging.getLogger("httpx").info("a request")
    logging.getLogger("httpx").warning("a warning")
    assert [line["event"] for line in lines(home)] == ["ours", "a warning"]


def test_secrets_are_scrubbed_from_message_fields_and_tracebacks(home, monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "k3yk3yk3y")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer zzz")
    start()
    try:
        raise ValueError(f"postgresql://me:{HIDDEN}@host/db")
    except ValueError:
        logging.getLogger("sensors").exception(
            "k3yk3yk3y", extra=logs.fields(error="authorization=Bearer zzz", more=["k3yk3yk3y"])
        )
    text = (home / logs.FILE).read_text()
    assert not [secret for secret in ("k3yk3yk3y", HIDDEN, "Bearer zzz") if secret in text]
    assert "ValueError" in lines(home)[0]["exception"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOG_FORMAT", "xml"),
        ("LOG_LEVEL", "loud"),
        ("OPENLINEAGE_URL", "marquez:5000"),
        ("SENTRY_DSN", "x://y"),
    ],
)
def test_a_setting_that_cannot_be_is_named_and_stops_no_run(name, value, monkeypatch, caplog):
    monkeypatch.setenv(name, value)
    with pytest.raises(PermanentError, match=name):
        start()
    assert start_quietly() is None
    assert name in caplog.text
