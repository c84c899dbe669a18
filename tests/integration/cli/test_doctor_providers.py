"""`doctor --providers` against a local API: what is seen, and when it is a failure."""

import io
import json

import pytest
from rich.console import Console
from typer.testing import CliRunner

from realestate_assets.cli import doctor
from realestate_assets.cli.app import app
from realestate_assets.cli.doctor import diagnose_providers, print_providers
from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.counties.enrichment_config import Enrichment
from realestate_assets.providers.registry import asking_counties
from realestate_assets.settings import Settings
from resources.errors import PermanentError
from resources.http.api_policy import ApiPolicy
from tests.http_server import LocalServer, json_reply

pytestmark = pytest.mark.integration

NOWHERE = "http://127.0.0.1:9"


def policy(url: str, **changes: object) -> ApiPolicy:
    return ApiPolicy.model_validate(
        {
            "name": "fema_nfhl",
            "base_url": url,
            "allow_private_addresses": True,
            "budget": {"calls_per_day": 5},
        }
        | changes
    )


def diagnose(warehouse, rules: ApiPolicy, enabled: str = ""):
    settings = Settings(enabled_apis=enabled)
    (finding,) = diagnose_providers(warehouse, {rules.name: rules}, load_counties(), settings)
    return finding


def test_an_api_that_answers_is_fine_and_nothing_is_asked_of_it(warehouse):
    with LocalServer(lambda *_: json_reply({})) as server:
        finding = diagnose(warehouse, policy(server.url), "fema_nfhl")
        assert [request.method for request in server.requests] == ["HEAD"]
    assert finding.ok and len(finding.asked_by) == len(load_counties())
    assert "5 of 5 calls" in finding.status.budget


def test_an_unreachable_api_fails_only_where_it_is_switched_on(warehouse):
    off, on = diagnose(warehouse, policy(NOWHERE)), diagnose(warehouse, policy(NOWHERE), "all")
    assert off.ok and off.asked_by == ()
    assert not on.ok and "network" in on.status.remedy


def test_a_missing_key_and_a_spent_budget_are_named(warehouse):
    key = {"env": "NO_SUCH_KEY", "query": "key"}
    with LocalServer(lambda *_: json_reply({})) as server:
        rules = policy(server.url, key=key, budget={"calls_per_day": 0})
        finding = diagnose(warehouse, rules, "fema_nfhl")
    assert not finding.status.key_ok and "NO_SUCH_KEY is not set" in finding.status.key
    assert not finding.status.budget_ok and not finding.ok


def test_the_table_and_the_json_say_the_same(warehouse, monkeypatch):
    with LocalServer(lambda *_: json_reply({})) as server:
        found = [diagnose(warehouse, policy(server.url)), diagnose(warehouse, policy(NOWHERE), "all")]
    page = Console(file=io.StringIO(), width=160)
    print_providers(found, page)
    text = page.file.getvalue()
    assert "fema_nfhl" in text and "5 of 5 calls" in text and "FAIL" in text
    monkeypatch.setattr(doctor, "find_providers", lambda: found)
    result = CliRunner().invoke(app, ["doctor", "--providers", "--json"])
    rows = json.loads(result.stdout)
    assert result.exit_code == 1 and [row["ok"] for row in rows] == [True, False]
    assert rows[0]["api"] == "fema_nfhl" and rows[0]["budget"] == found[0].status.budget


def test_a_county_that_would_pay_first_is_told_so(warehouse):
    chains = {"flood": ["attom", "fema"]}
    providers = [{"kind": "attom", "name": "attom"}, {"kind": "fema_nfhl", "name": "fema"}]
    enrichment = Enrichment.model_validate({"providers": providers, "chains": chains})
    county = load_counties()["king-wa"].model_copy(update={"enrichment": enrichment})
    paid = policy(NOWHERE, name="attom", cost_per_call_usd="0.08", budget={"usd_per_run": 1})
    with pytest.raises(PermanentError, match="costs money"):
        diagnose_providers(warehouse, {"attom": paid}, {"king-wa": county}, Settings())


def test_a_county_asks_what_its_own_yaml_enables():
    county = load_counties()["king-wa"]
    providers = tuple(
        p.model_copy(update={"enabled": p.kind == "fema_nfhl"}) for p in county.enrichment.providers
    )
    enabled = county.model_copy(
        update={"enrichment": county.enrichment.model_copy(update={"providers": providers})}
    )
    assert asking_counties({"king-wa": enabled}, Settings()) == {"fema_nfhl": ("king-wa",)}
    assert asking_counties({"king-wa": county}, Settings()) == {}
