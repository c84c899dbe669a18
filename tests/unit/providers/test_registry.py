"""Which providers a county asks: what is switched on, in chains that do not pay first."""

from importlib import import_module
from inspect import signature
from typing import get_args

import pytest

from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.counties.enrichment_config import Enrichment
from realestate_assets.domain.counties.provider_policies import load_policies
from realestate_assets.domain.counties.providers.kinds import HttpProvider
from realestate_assets.providers.reference import ReferenceTables
from realestate_assets.providers.registry import (
    API_PROVIDERS,
    FILE_PROVIDERS,
    api_of,
    check_order,
    providers_of,
)
from resources.errors import PermanentError
from resources.lake.store import StoreResource

CENSUS = {"kind": "census_acs", "name": "census"}
POLICIES = load_policies()


class Apis:
    """Lets some APIs be asked, with clients that nobody uses."""

    policies = POLICIES

    def __init__(self, *asked: str) -> None:
        self.asked, self.opened = asked, []

    def asks(self, config) -> bool:
        return api_of(config) in self.asked

    def client(self, config, county):
        self.opened.append(config.name)
        return object()


def county(*providers: dict, chains: dict, **enrichment: object):
    made = Enrichment.model_validate({"providers": providers, "chains": chains, **enrichment})
    return load_counties()["king-wa"].model_copy(update={"enrichment": made})


def names(made, apis, tmp_path) -> list[str]:
    return [p.name for p in providers_of(made, ReferenceTables(StoreResource(root_url=str(tmp_path))), apis)]


def test_an_api_that_nobody_switched_on_is_no_provider(tmp_path):
    made = county(CENSUS, chains={"demographics": ["census"]})
    assert names(made, None, tmp_path) == ["simulated"]
    assert names(made, Apis(), tmp_path) == ["simulated"]


def test_an_api_that_is_switched_on_is_a_provider_with_a_client_of_its_own(tmp_path):
    apis = Apis("census_acs")
    assert names(county(CENSUS, chains={"demographics": ["census"]}), apis, tmp_path) == [
        "census",
        "simulated",
    ]
    assert apis.opened == ["census"]


def test_a_provider_that_no_chain_names_gets_no_client(tmp_path):
    apis = Apis("census_acs")
    assert names(county(CENSUS, chains={}), apis, tmp_path) == ["simulated"]
    assert apis.opened == []


def test_a_paid_provider_before_a_free_one_is_refused_with_the_remedy(tmp_path):
    attom = {"kind": "attom", "name": "attom"}
    made = county(CENSUS, attom, chains={"demographics": ["attom", "census", "simulated"]})
    with pytest.raises(PermanentError, match=r"asks attom, which costs money, before census.*paid_first"):
        names(made, Apis(), tmp_path)
    check_order(
        county(CENSUS, attom, chains={"demographics": ["attom", "census"]}, paid_first=True), POLICIES
    )
    check_order(county(CENSUS, attom, chains={"demographics": ["census", "attom", "simulated"]}), POLICIES)


def test_every_kind_of_configuration_has_a_provider_that_takes_it():
    kinds = {
        get_args(model.model_fields["kind"].annotation)[0] for model in get_args(get_args(HttpProvider)[0])
    }
    places = API_PROVIDERS | FILE_PROVIDERS
    assert kinds == set(places)
    for kind, (module, name) in places.items():
        made = getattr(import_module(f"realestate_assets.providers.{module}"), name)
        second = "store" if kind in FILE_PROVIDERS else "client"
        assert list(signature(made).parameters) == ["config", second, "county"]
        assert made.simulated is False


def test_a_file_of_addresses_needs_no_switch(tmp_path):
    addresses = {"kind": "openaddresses", "name": "addresses", "file": "king.csv", "vintage": "2015-01-01"}
    made = county(addresses, chains={"location": ["addresses"]})
    assert names(made, None, tmp_path) == ["addresses", "simulated"]


def test_every_county_that_ships_asks_free_providers_first():
    for made in load_counties().values():
        check_order(made, POLICIES)


def test_every_kind_that_is_an_api_of_its_own_says_how_it_is_called():
    # A dataset and a layer name the API they lie on.
    missing = API_PROVIDERS.keys() - {"socrata", "arcgis"} - POLICIES.keys()
    assert missing == set()
