"""`realestate alerts list`: what lasts, from a real warehouse and a real channel."""

import json

import pytest
from typer.testing import CliRunner

from realestate_assets.cli import alerts as alerts_cli
from realestate_assets.cli.app import app
from resources.alerts.alert import CRITICAL, Alert
from tests.integration.sensors.conftest import channel  # noqa: F401

pytestmark = pytest.mark.integration


def listed(*options: str) -> str:
    result = CliRunner().invoke(app, ["alerts", "list", *options])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_what_lasts_is_listed_with_since_when_and_what_is_over_is_not(channel, monkeypatch):  # noqa: F811
    monkeypatch.setattr(alerts_cli, "_ledger", lambda: channel.alerts.ledger)
    assert json.loads(listed("--json")) == []
    down = Alert("heartbeat:lake", "lake is down", "no space", severity=CRITICAL, owners=("team:operations",))
    channel.alerts.begin([Alert("run:x", "x failed", "why", counties=("king-wa",)), down])
    channel.alerts.deliver()
    channel.alerts.end({"run:x": "it passed"})
    channel.alerts.begin([Alert("stale:county:cook-il", "cook-il is stale", "old")])
    first, second = json.loads(listed("--json"))
    assert (first["key"], first["severity"], first["owners"]) == (down.key, "critical", ["team:operations"])
    assert first["since"] <= first["told_at"]
    assert (second["title"], second["told_at"]) == ("cook-il is stale", None)
    text = listed()
    assert "2 alerts last" in text
    assert "not yet" in text
    assert "channel-password" not in text
