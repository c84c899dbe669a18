"""Alerts through Apprise to a real channel: once while something lasts, without a secret, off by default."""

import logging

import pytest

from resources import alerts as alerts_module
from resources.alerts import Alert, AlertsResource
from resources.errors import PermanentError, TransientError
from resources.scrub import scrub

pytestmark = pytest.mark.integration

STALE = Alert(
    "stale:county:king-wa", "king-wa is stale", "No record for 60 days.", "http://ui/assets/properties"
)


def test_the_same_thing_is_told_once_until_it_is_over(channel):
    assert channel.alerts.tell([STALE]) == 1
    assert channel.alerts.tell([STALE]) == 0
    channel.alerts.close("stale:", still={STALE.key})
    assert channel.alerts.tell([STALE]) == 0
    channel.alerts.close("stale:", still=set())
    assert channel.alerts.tell([STALE]) == 1
    assert len(channel.messages) == 2
    assert channel.messages[0]["title"] == "Real Estate OS: king-wa is stale"
    assert "No record for 60 days." in channel.messages[0]["message"]
    assert "http://ui/assets/properties" in channel.messages[0]["message"]


def test_closing_one_kind_leaves_the_others_open(channel):
    channel.alerts.tell([STALE])
    channel.alerts.close("heartbeat:", still=set())
    assert channel.alerts.tell([STALE]) == 0


def test_several_new_things_are_one_message(channel):
    more = [Alert(f"stale:county:{name}", f"{name} is stale", "") for name in ("cook-il", "clark-nv")]
    channel.alerts.tell([STALE])
    assert channel.alerts.tell([STALE, *more]) == 2
    assert [m["title"] for m in channel.messages][1] == "Real Estate OS: cook-il is stale and 1 more"


def test_what_lasts_is_told_again_after_a_day(channel, warehouse):
    channel.alerts.tell([STALE])
    warehouse.execute("update ops.alerts set sent_at = now() - interval '25 hours'")
    assert channel.alerts.tell([STALE]) == 1


def test_a_channel_that_is_down_is_told_the_next_time(channel, monkeypatch):
    monkeypatch.setattr(alerts_module, "PAUSE_SECONDS", 0)
    channel.fails = True
    with pytest.raises(TransientError):
        channel.alerts.tell([STALE])
    channel.fails = False
    assert channel.alerts.tell([STALE]) == 1


def test_without_configuration_nothing_is_told_and_nothing_is_kept(warehouse):
    alerts = AlertsResource(warehouse=warehouse)
    assert alerts.tell([STALE]) == 0
    alerts.close("stale:", set())
    assert warehouse.read("select to_regclass('ops.alerts') is null as absent").to_pylist()[0]["absent"]


def test_an_address_that_apprise_does_not_know_is_named_by_its_number_alone(warehouse, caplog, capfd):
    alerts = AlertsResource(
        warehouse=warehouse, urls="json://localhost/ nonsense://user:top-secret-word@host"
    )
    with (
        caplog.at_level(logging.DEBUG),
        pytest.raises(PermanentError, match="Entry 2 of ALERT_URLS") as raised,
    ):
        alerts.tell([STALE])
    out = capfd.readouterr()
    assert "top-secret-word" not in f"{raised.value}{caplog.text}{out.out}{out.err}{alerts!r}"


def test_no_secret_is_in_a_message_a_table_or_a_log(channel, warehouse, monkeypatch, caplog):
    monkeypatch.setenv("ATTOM_API_KEY", "attom-key-value")
    leaking = Alert(
        "run:x",
        "x failed with attom-key-value",
        "at postgresql://me:db-password@host/db, key attom-key-value",
    )
    with caplog.at_level(logging.DEBUG):
        channel.alerts.tell([leaking])
    kept = str(warehouse.read("select * from ops.alerts").to_pylist())
    seen = f"{channel.messages}{kept}{caplog.text}{channel.alerts!r}"
    for secret in ("attom-key-value", "db-password", "channel-password"):
        assert secret not in seen
    assert "postgresql://me:***@host/db" in channel.messages[0]["message"]


def test_a_text_without_secrets_is_left_as_it_is():
    text = "king-wa, source sales: file a.csv lacks the column price (at 12:30, a@b.example)"
    assert scrub(text) == text
