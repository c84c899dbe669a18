"""`realestate webserver` and `daemon` become Dagster's own programs, with what was asked for."""

import os

import pytest
from typer.testing import CliRunner

from realestate_assets.cli import processes
from realestate_assets.cli.app import app
from realestate_assets.operations import dagster_home
from realestate_assets.settings import Settings
from resources.home import PROJECT_ROOT


@pytest.fixture
def became(monkeypatch, tmp_path):
    """What would have been executed; the data folder is a new one."""
    seen: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda program, words: seen.append(list(words)))
    monkeypatch.setattr(os, "chdir", lambda _: None)
    monkeypatch.setattr(dagster_home, "prepare_dagster_home", lambda settings: tmp_path)
    monkeypatch.setattr("realestate_assets.settings.get_settings", lambda: Settings(log_format="json"))
    return seen


def test_the_webserver_reads_only_where_it_is_asked_to(became):
    assert CliRunner().invoke(app, ["webserver", "--read-only", "--port", "3001"]).exit_code == 0
    assert CliRunner().invoke(app, ["webserver"]).exit_code == 0
    reads, writes = became
    assert "--read-only" in reads and reads[reads.index("--port") + 1] == "3001"
    assert "--read-only" not in writes and processes.GUARDED_UI in writes
    assert writes[writes.index("-w") + 1] == str(PROJECT_ROOT / "workspace.yaml")
    assert writes[writes.index("--log-format") + 1] == "json"


def test_the_workspace_of_a_code_server_is_taken_and_other_options_go_through(became, tmp_path):
    workspace = tmp_path / "workspace.yaml"
    workspace.write_text("load_from: []\n")
    words = ["--workspace", str(workspace), "--path-prefix", "/reader", "--live-data-poll-rate", "5000"]
    result = CliRunner().invoke(app, ["webserver", *words])
    assert result.exit_code == 0, result.output
    (became_one,) = became
    assert became_one[became_one.index("-w") + 1] == str(workspace)
    assert became_one[-2:] == ["--live-data-poll-rate", "5000"]
    assert became_one[became_one.index("--path-prefix") + 1] == "/reader"


def test_the_daemon_is_dagsters_own_program(became):
    assert CliRunner().invoke(app, ["daemon"]).exit_code == 0
    (words,) = became
    assert words[0].endswith("/dagster-daemon") and words[1] == "run"


def test_a_workspace_that_is_not_there_is_refused(became):
    result = CliRunner().invoke(app, ["daemon", "--workspace", "/absent/workspace.yaml"])
    assert result.exit_code == 2 and "absent" in result.stderr
    assert became == []
