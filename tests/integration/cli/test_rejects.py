"""Refused rows on the command line, read from a real warehouse."""

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from realestate_assets.cli import rejects as rejects_cli
from realestate_assets.cli import replay as replay_cli
from realestate_assets.cli.app import app
from realestate_assets.domain.tables import TABLES
from realestate_assets.operations.rejects import RejectFilter
from resources.partition import Partition

pytestmark = pytest.mark.integration


def test_rejects_are_listed_and_shown_by_every_filter(warehouse, monkeypatch):
    """The commands themselves: what they import and print, on a warehouse with one refused row."""
    spec = TABLES["property_rejects"]
    refused = {
        "county": "king-wa", "month": "2015-03", "source": "listings", "source_file": "a.csv",
        "file_sha256": "0", "source_row": 4, "disposition": "rejected", "reason_code": "BAD_PRICE",
        "reason_codes": "BAD_PRICE", "reason": "price [-5] is none.", "raw_record": '{"price": "[-5]"}',
    }  # fmt: skip
    frame = pd.DataFrame([{**dict.fromkeys(spec.column_names), **refused}])
    warehouse.ensure_tables([spec])
    warehouse.replace_partitions(spec, frame, [Partition("king-wa", "2015-03")])
    monkeypatch.setattr(rejects_cli, "_warehouse", lambda: warehouse)
    filters = ["--county", "king-wa", "--months", "2015-03", "--reason", "BAD_PRICE", "--source", "listings"]
    listed = CliRunner().invoke(app, ["rejects", "list", *filters])
    assert listed.exit_code == 0, listed.output
    assert "price [-5] is none." in listed.output
    shown = CliRunner().invoke(app, ["rejects", "show", *filters, "--json"])
    assert json.loads(shown.stdout)[0]["raw_record"] == {"price": "[-5]"}
    other = CliRunner().invoke(app, ["rejects", "list", "--months", "2015-04", "--json"])
    assert json.loads(other.stdout) == []


def test_a_replay_without_refused_rows_runs_nothing(warehouse, lake, monkeypatch):
    services = {"warehouse": warehouse, "lake": lake, "landing": lake}
    monkeypatch.setattr(replay_cli, "build_resources", lambda *_, **__: services)
    report = replay_cli.replay_rejects(RejectFilter(), again=False, discovery_only=True, say=lambda _: None)
    told = report.as_json()
    assert told["success"] and told["replay_id"]
    assert (told["rows"], told["partitions"], told["run_ids"], told["errors"]) == (0, [], [], [])
