"""Which APIs a run may ask: none unless somebody said so."""

import pytest

from realestate_assets.settings import Settings


def test_without_a_word_no_api_is_asked():
    assert not Settings().asks_api("census_acs")
    assert not Settings(enabled_apis="fema_nfhl").asks_api("census_acs")


@pytest.mark.parametrize("named", ["census_acs", "fema_nfhl, census_acs", "all"])
def test_an_api_that_the_variable_names_is_asked(named):
    assert Settings(enabled_apis=named).asks_api("census_acs")


def test_a_county_that_says_enabled_needs_no_variable():
    assert Settings().asks_api("census_acs", enabled=True)


def test_the_variable_reaches_the_settings(monkeypatch):
    monkeypatch.setenv("ENABLED_APIS", "attom")
    assert Settings().asks_api("attom")
