"""providers.yaml: the entries that ship, and a user's own."""

from pathlib import Path

import pytest
import yaml

from realestate_assets.domain.core.config_file import CONFIG_DIR
from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.counties.county_files import PROVIDERS_FILE
from realestate_assets.domain.counties.provider_policies import load_policies, policy_of
from resources.errors import PermanentError


def own_file(folder: Path, content: object) -> Path:
    (folder / PROVIDERS_FILE).write_text(yaml.safe_dump(content))
    return folder


def test_every_api_that_ships_has_an_https_address_and_a_bound_on_its_calls():
    policies = load_policies()
    assert {"census_acs", "census_geocoder", "fema_nfhl", "socrata_cook", "attom", "regrid"} <= set(policies)
    for name, policy in policies.items():
        assert policy.base_url.startswith("https://"), name
        assert policy.budget.limits(), name
        assert not policy.allow_private_addresses, name
        assert policy.name == name


def test_the_paid_apis_have_their_price_and_a_budget_for_run_day_and_month():
    policies = load_policies()
    assert {n: p.cost_micro_usd for n, p in policies.items() if p.is_paid} == {
        "attom": 80_000,
        "regrid": 20_000,
    }
    for name in ("attom", "regrid"):
        assert {period for unit, period in policies[name].budget.limits() if unit == "usd"} == {
            "run",
            "day",
            "month",
        }


def test_the_census_gets_no_more_calls_a_day_than_it_answers_without_a_key():
    policy = load_policies()["census_acs"]
    assert policy.budget.calls_per_day == 500
    assert policy.key is not None
    assert not policy.key.required


def test_an_entry_of_the_users_own_replaces_a_built_in_one_as_a_whole(tmp_path):
    folder = own_file(tmp_path, {"attom": {"base_url": "https://proxy.example.com"}})
    policies = load_policies(folder)
    assert policies["attom"].base_url == "https://proxy.example.com"
    assert policies["attom"].key is None
    assert policies["regrid"] == load_policies()["regrid"]


def test_a_users_own_api_is_added_and_its_file_is_no_county(tmp_path):
    folder = own_file(tmp_path, {"king_parcels": {"base_url": "https://gis.example.gov/arcgis"}})
    assert "king_parcels" in load_policies(folder)
    assert set(load_counties(folder)) == set(load_counties())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"mine": {"base_url": "nonsense"}}, r"field mine: providers\.yaml is not valid"),
        ({"mine": {"base_url": "https://a.example", "budget": {"usd_per_week": 1}}}, r"budget\.usd_per_week"),
        ({"mine": ["https://a.example"]}, "must hold"),
        ({"mine": {"name": "other", "base_url": "https://a.example"}}, "line above"),
        ({"My Api": {"base_url": "https://a.example"}}, r"My Api\.name"),
    ],
)
def test_a_mistake_is_named_with_file_entry_and_setting(tmp_path, content, words):
    with pytest.raises(PermanentError, match=words):
        load_policies(own_file(tmp_path, content))


def test_a_key_put_into_the_file_by_mistake_is_not_repeated_in_the_message(tmp_path):
    entry = {"base_url": "https://a.example", "key": {"env": "sk-12345-secret", "query": "key"}}
    with pytest.raises(PermanentError) as caught:
        load_policies(own_file(tmp_path, {"mine": entry}))
    assert "sk-12345" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_an_unknown_api_is_named_with_those_there_are():
    with pytest.raises(PermanentError, match=r"king-wa.*no entry 'nobody'.*attom, census_acs"):
        policy_of(load_policies(), "nobody", county_slug="king-wa")


def test_the_file_that_ships_says_what_each_setting_means():
    text = (CONFIG_DIR / PROVIDERS_FILE).read_text()
    for setting in ("requests_per_second", "cache_ttl_days", "retry_unsettled", "usd_per_month", "required"):
        assert setting in text
