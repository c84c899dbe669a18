"""Alerts through Apprise to a real channel: once while something lasts, without a secret, off by default."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from realestate_assets.operations.watch.rounds import Rounds
from resources.alerts.alert import Alert
from resources.alerts.alerts import utc_now
from resources.alerts.file_ledger import FileLedger
from resources.alerts.ledger import AlertLedger
from resources.alerts.messages import BEGUN, PERHAPS_AGAIN, REMINDER
from resources.alerts.resource import AlertsResource
from resources.errors import PermanentError, TransientError
from resources.heartbeats import Beat
from resources.scrub import scrub
from tests.http_server import LocalServer, json_reply

pytestmark = pytest.mark.integration

STALE = Alert(
    "stale:county:king-wa", "king-wa is stale", "No record for 60 days.", "http://ui/assets/properties"
)


def tell(alerts: AlertsResource, listed: list[Alert]) -> int:
    """As a sensor does; how many of them were told now."""
    alerts.begin(listed)
    told = alerts.deliver().keys
    return len({alert.key for alert in listed} & (told.get(BEGUN, set()) | told.get(REMINDER, set())))


def close(alerts: AlertsResource, prefix: str, still=(), how: str = "") -> None:
    """As a sensor does, for what began with `prefix` and is not `still` so."""
    alerts.end({k.alert.key: how for k in alerts.lasting(prefix) if k.alert.key not in still})
    alerts.deliver()


def test_the_same_thing_is_told_once_until_it_is_over(channel):
    assert tell(channel.alerts, [STALE]) == 1
    assert tell(channel.alerts, [STALE]) == 0
    close(channel.alerts, "stale:", still={STALE.key})
    assert tell(channel.alerts, [STALE]) == 0
    close(channel.alerts, "stale:", still=set(), how="A record of yesterday came.")
    assert tell(channel.alerts, [STALE]) == 1
    titles = ["king-wa is stale", "over: king-wa is stale", "king-wa is stale"]
    assert [m["title"] for m in channel.messages] == [f"Real Estate OS: {title}" for title in titles]
    assert "A record of yesterday came. It lasted from 20" in channel.messages[1]["message"]
    assert channel.messages[0]["title"] == "Real Estate OS: king-wa is stale"
    assert "No record for 60 days." in channel.messages[0]["message"]
    assert "http://ui/assets/properties" in channel.messages[0]["message"]


def test_closing_one_kind_leaves_the_others_open(channel):
    tell(channel.alerts, [STALE])
    close(channel.alerts, "heartbeat:", still=set())
    assert tell(channel.alerts, [STALE]) == 0


def test_several_new_things_are_one_message(channel):
    more = [Alert(f"stale:county:{name}", f"{name} is stale", "") for name in ("cook-il", "clark-nv")]
    tell(channel.alerts, [STALE])
    assert tell(channel.alerts, [STALE, *more]) == 2
    assert [m["title"] for m in channel.messages][1] == "Real Estate OS: cook-il is stale and 1 more"


@pytest.mark.parametrize("hours", [24, 6])
def test_what_lasts_is_told_again_once_after_the_time_that_is_set(channel, warehouse, hours):
    alerts = AlertsResource(warehouse=warehouse, urls=channel.alerts.urls, remind_hours=hours)
    tell(alerts, [STALE])
    reminded = []
    for passed in range(1, 24 * 7):
        told = alerts.deliver(lambda passed=passed: utc_now() + timedelta(hours=passed)).keys
        reminded += [passed] * len(told["reminder"])
        assert not told["begun"]
        assert not told["over"]
    assert reminded == [hours]
    assert channel.messages[1]["title"] == "Real Estate OS: still: king-wa is stale"


def test_a_channel_that_is_down_is_told_the_next_time(channel):
    channel.fails = True
    with pytest.raises(TransientError, match="default#1") as raised:
        tell(channel.alerts, [STALE])
    assert "channel-password" not in str(raised.value)
    channel.fails = False
    assert tell(channel.alerts, [STALE]) == 1


def test_what_began_and_ended_while_a_channel_was_down_is_told_once_with_both(channel):
    channel.fails = True
    for change in (lambda: tell(channel.alerts, [STALE]), lambda: close(channel.alerts, "stale:", ())):
        with pytest.raises(TransientError):
            change()
    channel.fails = False
    refused = len(channel.messages)
    channel.alerts.deliver()
    channel.alerts.deliver()
    (message,) = channel.messages[refused:]
    assert message["title"] == "Real Estate OS: over: king-wa is stale"


def test_of_two_channels_the_one_that_is_down_is_told_later_and_the_other_not_twice(channel, warehouse):
    with LocalServer(lambda *_: json_reply({})) as well:
        address = well.url.removeprefix("http://")
        urls = f"{channel.alerts.urls} json://{address}/"
        alerts = AlertsResource(warehouse=warehouse, urls=urls)
        channel.fails = True
        for _ in range(3):
            with pytest.raises(TransientError):
                tell(alerts, [STALE])
        channel.fails = False
        refused = len(channel.messages)
        alerts.deliver()
        assert len(channel.messages) == refused + 1
        assert len(well.requests) == 1


def test_two_daemons_that_see_the_same_tell_it_once(channel, warehouse):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: tell(channel.alerts, [STALE]), range(24)))
    channel.alerts.deliver()
    assert len(channel.messages) == 1
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: close(channel.alerts, "stale:", ()), range(24)))
    channel.alerts.deliver()
    assert len(channel.messages) == 2


def test_who_was_stopped_while_it_told_leaves_word_that_it_may_have_told(channel, monkeypatch):
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(AlertLedger, "told", killed)
        with pytest.raises(KeyboardInterrupt):
            tell(channel.alerts, [STALE])
    assert tell(channel.alerts, [STALE]) == 1
    first, second = channel.messages
    assert PERHAPS_AGAIN not in first["message"]
    assert PERHAPS_AGAIN in second["message"]


def test_what_was_seen_in_the_same_run_again_does_not_begin_anew(channel):
    seen = replace(STALE, occurrence="run-1")
    tell(channel.alerts, [seen])
    close(channel.alerts, "stale:", ())
    assert tell(channel.alerts, [seen]) == 0
    assert tell(channel.alerts, [replace(STALE, occurrence="run-2")]) == 1


def test_alerts_go_where_severity_owner_and_county_say_and_the_rest_to_the_default(
    channel, warehouse, tmp_path, monkeypatch
):
    routes = tmp_path / "alerts.yaml"
    routes.write_text(
        "channels: {oncall: ALERT_ONCALL_URLS, king: ALERT_KING_URL}\n"
        "severity: {service: critical}\n"
        "routes:\n"
        "  - {severity: critical, owner: 'team:operations', to: oncall}\n"
        "  - {county: king-wa, to: [king, default]}\n"
    )
    with (
        LocalServer(lambda *_: json_reply({})) as oncall,
        LocalServer(lambda *_: json_reply({})) as king,
    ):
        monkeypatch.setenv("ALERT_ONCALL_URLS", f"json://{oncall.url.removeprefix('http://')}/")
        monkeypatch.setenv("ALERT_KING_URL", f"json://{king.url.removeprefix('http://')}/")
        alerts = AlertsResource(warehouse=warehouse, urls=channel.alerts.urls, routes=str(routes))
        found = [
            Alert("heartbeat:lake", "lake is down", "", owners=("team:operations",)),
            replace(STALE, counties=("king-wa",)),
            Alert("stale:county:cook-il", "cook-il is stale", "", counties=("cook-il",)),
        ]
        tell(alerts, found)
        alerts.end({alert.key: "It is well." for alert in found})
        alerts.deliver()
        titles = lambda server: [json.loads(r.body)["title"][16:] for r in server.requests]  # noqa: E731
        assert titles(oncall) == ["lake is down", "over: lake is down"]
        assert titles(king) == ["king-wa is stale", "over: king-wa is stale"]
        assert titles(channel.server) == [
            "king-wa is stale and 1 more",
            "over: king-wa is stale and 1 more",
        ]
        kinds = [json.loads(request.body)["type"] for request in oncall.requests]
        assert kinds == ["failure", "success"]


def test_the_watcher_tells_by_the_same_routes_with_the_severity_they_say(
    channel, warehouse, tmp_path, monkeypatch
):
    routes = tmp_path / "alerts.yaml"
    routes.write_text(
        "channels: {oncall: ALERT_ONCALL_URLS}\n"
        "severity: {service: critical}\n"
        "routes: [{severity: critical, to: oncall}]\n"
    )
    with LocalServer(lambda *_: json_reply({})) as oncall:
        monkeypatch.setenv("ALERT_ONCALL_URLS", f"json://{oncall.url.removeprefix('http://')}/")
        alerts = AlertsResource(warehouse=warehouse, urls=channel.alerts.urls, routes=str(routes))
        watcher = Rounds(FileLedger(tmp_path / "told.json"), alerts, lambda _: None)
        for is_up in (False, False, True):
            watcher.take([Beat("queue", is_up, None, "12 runs wait")])
        told = [json.loads(request.body) for request in oncall.requests]
    assert [(each["title"], each["type"]) for each in told] == [
        ("Real Estate OS: Runs are stuck in the queue", "failure"),
        ("Real Estate OS: over: Runs are stuck in the queue", "success"),
    ]
    assert channel.messages == []


def test_without_configuration_nothing_is_told_and_nothing_is_kept(warehouse):
    alerts = AlertsResource(warehouse=warehouse)
    assert tell(alerts, [STALE]) == 0
    close(alerts, "stale:", set())
    assert warehouse.read("select to_regclass('ops.alerts') is null as absent").to_pylist()[0]["absent"]


def test_an_address_that_apprise_does_not_know_is_named_by_its_number_alone(warehouse, caplog, capfd):
    alerts = AlertsResource(
        warehouse=warehouse, urls="json://localhost/ nonsense://user:top-secret-word@host"
    )
    with (
        caplog.at_level(logging.DEBUG),
        pytest.raises(PermanentError, match="Entry 2 of ALERT_URLS") as raised,
    ):
        tell(alerts, [STALE])
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
        tell(channel.alerts, [leaking])
    kept = str(warehouse.read("select * from ops.alerts").to_pylist())
    seen = f"{channel.messages}{kept}{caplog.text}{channel.alerts!r}"
    for secret in ("attom-key-value", "db-password", "channel-password"):
        assert secret not in seen
    assert "postgresql://me:***@host/db" in channel.messages[0]["message"]


def test_a_text_without_secrets_is_left_as_it_is():
    text = "king-wa, source sales: file a.csv lacks the column price (at 12:30, a@b.example)"
    assert scrub(text) == text
