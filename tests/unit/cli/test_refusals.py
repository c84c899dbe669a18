"""Commands that load their module when called refuse a county that there is not, before any service."""

import pytest
from rich.console import Console

from realestate_assets.cli.search import find, print_hits
from realestate_assets.cli.tune import tune
from resources.errors import PermanentError


def test_a_search_names_the_counties_that_there_are():
    with pytest.raises(PermanentError, match=r"nowhere-zz is not a configured county.*king-wa"):
        find(
            "a house",
            "nowhere-zz",
            limit=1,
            min_price=None,
            max_price=None,
            min_bedrooms=None,
            min_score=None,
        )


def test_a_tuning_names_the_counties_that_there_are():
    with pytest.raises(PermanentError, match="nowhere-zz"):
        tune("nowhere-zz", "2015-01:2015-03", None, None, None, Console())


def test_hits_are_a_table_and_none_say_what_to_do():
    console = Console(record=True, width=120)
    hit = {"property_id": "p1", "month": "2015-03", "asking_price_usd": 500_000.0, "similarity": 0.5}
    print_hits([hit], console)
    print_hits([], console)
    told = console.export_text()
    assert "p1" in told and "$500,000" in told and "0.500" in told
    assert "Nothing fits. Loosen the filters." in told
