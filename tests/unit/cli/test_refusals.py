"""Commands that load their module when called refuse a county that there is not, before any service."""

import json
from datetime import date

import pytest
from rich.console import Console

from realestate_assets.cli.search import chosen_facts, find, print_result
from realestate_assets.cli.tune import tune
from realestate_assets.domain.search.query import understand
from realestate_assets.operations.search import NotApplied, SearchResult
from resources.errors import PermanentError


def test_a_search_names_the_counties_that_there_are():
    with pytest.raises(PermanentError, match=r"nowhere-zz is not a configured county.*king-wa"):
        find("a house", "nowhere-zz", limit=1, without=(), given=())


def test_a_tuning_names_the_counties_that_there_are():
    with pytest.raises(PermanentError, match="nowhere-zz"):
        tune("nowhere-zz", "2015-01:2015-03", None, None, None, Console())


def test_a_result_shows_what_was_understood_and_what_was_found():
    console = Console(record=True, width=170)
    hit = {"property_id": "p1", "month": "2015-03", "asking_price_usd": 5e5, "similarity": 0.5}
    hit |= {"property_type": "single_family", "year_built": 1990, "status": "on_offer", "bathrooms": 2.5}
    understood = understand("no garage, quiet", date(2015, 6, 1))
    result = SearchResult("king-wa", understood, (NotApplied("pool", "no such column"),), [hit])
    print_result(result, console)
    print_result(SearchResult("king-wa", understood, (), []), console)
    told = console.export_text()
    for each in ("not garage", "--without garage_spaces", "ranked by: quiet", "pool: no such column", "p1"):
        assert each in told
    for each in ("$500,000", "0.500", "single family", "1990", "on offer", "2.5"):
        assert each in told
    assert "Nothing fits." in told
    assert json.loads(json.dumps(result.as_json()))["understood"][0]["key"] == "garage_spaces"


def test_options_are_facts_and_both_prices_are_one():
    facts = chosen_facts(1.0, 2.0, None, 70.0)
    assert [(fact.field, fact.low, fact.high) for fact in facts] == [
        ("asking_price_usd", 1.0, 2.0),
        ("bird_dog_score", 70.0, None),
    ]
