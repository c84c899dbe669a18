"""What `realestate doctor` says of alerts: whether addresses and routes can be read, without a secret."""

import pytest

from realestate_assets.cli.doctor import alerts, diagnose
from realestate_assets.settings import get_settings

pytestmark = pytest.mark.integration


@pytest.fixture
def configured(tmp_path, monkeypatch):
    """The finding of doctor with an environment and a file of routes."""

    def find(routes: str | None = None, **environment: str):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        if routes is not None:
            (tmp_path / "alerts.yaml").write_text(routes)
            monkeypatch.setenv("ALERT_ROUTES", str(tmp_path / "alerts.yaml"))
        get_settings.cache_clear()
        return diagnose((alerts,))[-1]

    yield find
    monkeypatch.undo()
    get_settings.cache_clear()


def test_without_configuration_alerts_are_off_and_all_is_well(configured):
    assert (configured().ok, configured().seen) == (True, "off: ALERT_URLS is not set")


def test_addresses_and_routes_are_counted(configured):
    found = configured(
        "channels: {oncall: ALERT_ONCALL_URLS}\nroutes: [{owner: 'team:data', county: king-wa, to: oncall}]",
        ALERT_URLS="json://localhost/",
        ALERT_ONCALL_URLS="json://localhost/a json://localhost/b",
    )
    assert (found.ok, found.seen) == (True, "3 addresses, 1 routes")


@pytest.mark.parametrize(
    ("routes", "urls", "words"),
    [
        (None, "nonsense://host/secret-word", "Entry 1 of ALERT_URLS"),
        ("routes: [{to: default, owner: 'team:dta'}]", "json://localhost/", "there is no owner team:dta"),
        ("routes: [{to: default, county: king}]", "json://localhost/", "there is no county king"),
        ("channels: {a: ALERT_A_URLS}", "json://localhost/", "no address in ALERT_A_URLS"),
        ("channels: {a: 'json://host/secret-word'}", "json://localhost/", "not an address"),
        ("routes: [{to: default, severity: fatal}]", "json://localhost/", "routes.1.severity"),
    ],
)
def test_what_is_wrong_is_named_by_its_setting_and_no_address_is_shown(configured, routes, urls, words):
    found = configured(routes, ALERT_URLS=urls)
    assert not found.ok
    assert words in found.seen
    assert found.remedy
    assert "secret-word" not in f"{found.seen}{found.remedy}"
