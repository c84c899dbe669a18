"""The file that says which alert goes where: what is wrong in it is named, and no address of it is shown."""

import pytest

from resources.alerts.alert import Alert
from resources.alerts.routing import read_routing
from resources.errors import PermanentError
from resources.scrub import scrub


def read(tmp_path, text: str):
    path = tmp_path / "alerts.yaml"
    path.write_text(text)
    return read_routing(str(path))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("routes: [{to: nobody}]", "routes.1.to: there is no channel nobody"),
        ("routes: [{to: default, severity: fatal}]", "routes.1.severity"),
        ("routes: [{severity: info}]", "routes.1.to"),
        ("routes: [{to: []}]", "routes.1.to"),
        ("severity: {weather: info}", "severity.weather"),
        ("reminders: {critical: -1}", "reminders.critical"),
        ("remind: 3", "remind"),
        ("- a\n- b", "key: value"),
        ("routes: [", "key: value"),
        ("severity: {run: info}\nreminders: {}\nseverity: {run: critical}", "each key once (line 3)"),
    ],
)
def test_an_invalid_file_is_refused_with_the_setting_that_is_wrong(tmp_path, text, words):
    with pytest.raises(PermanentError, match=r"ALERT_ROUTES") as raised:
        read(tmp_path, text)
    assert words in str(raised.value)


def test_an_address_in_the_file_is_refused_and_not_repeated(tmp_path):
    with pytest.raises(PermanentError, match="not an address") as raised:
        read(tmp_path, "channels: {oncall: 'slack://token-of-mine/b/c'}")
    chain = f"{raised.value}{raised.value.__cause__}{raised.value.__context__}"
    assert "token-of-mine" not in chain


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(PermanentError, match="cannot be read"):
        read_routing(str(tmp_path / "absent.yaml"))


def test_without_a_file_all_goes_to_the_default_channel():
    assert read_routing("").channels_of(Alert("run:x", "x", "")) == ["default"]


def test_every_route_that_fits_takes_it_and_what_none_takes_goes_to_the_default(tmp_path):
    routing = read(
        tmp_path,
        "channels: {a: ALERT_A_URLS, b: ALERT_B_URL}\n"
        "routes:\n"
        "  - {to: a, severity: [critical, warning], owner: 'team:data'}\n"
        "  - {to: [b, a], county: king-wa}\n",
    )
    alert = lambda severity, owner, county: routing.channels_of(  # noqa: E731
        Alert("run:x", "x", "", severity=severity, owners=(owner,), counties=(county,))
    )
    assert alert("critical", "team:data", "king-wa") == ["a", "b"]
    assert alert("info", "team:data", "king-wa") == ["b", "a"]
    assert alert("warning", "team:data", "cook-il") == ["a"]
    assert alert("info", "team:data", "cook-il") == ["default"]
    assert routing.unknown({"team:data"}, {"cook-il"}) == ["routes.2: there is no county king-wa"]


def test_each_of_several_addresses_in_a_variable_is_kept_out_of_texts(monkeypatch):
    monkeypatch.setenv("ALERT_ONCALL_URLS", "slack://token-one/b json://localhost/x")
    assert "token-one" not in scrub("cannot reach slack://token-one/b today")
