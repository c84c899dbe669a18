"""What the service shows of the market: no view without its counties, and one with what names a person."""

import re

import pytest

from realestate_assets.app.market_views import PROPERTY_COLUMNS, VIEWS
from realestate_assets.app.served_view import View
from realestate_assets.domain.comparables.comparables import MODEL_RECORD_COLUMNS
from realestate_assets.domain.tables import TABLES

PERSONAL = {column.name for spec in TABLES.values() for column in spec.columns if column.is_personal}


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_view_shows_the_asking_tenants_counties_alone(view):
    assert "app.county_entitlements" in view.query
    assert "{entitled}" not in view.query
    assert re.search(r"where \w\.county in \(\s*select e\.county", view.query)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_what_names_a_person_stands_in_one_view(view):
    shown = set(re.findall(r"\w+", view.sql.partition(" from ")[0]))
    # The field of provenance is named `value`, which there is shown only where it names nobody.
    named = (shown & PERSONAL) - (
        {"value", "owner_name", "owner_mailing_address"} if "case when" in view.sql else set()
    )
    assert named == set() or view.name == "owners"


def test_a_view_without_its_counties_cannot_be_made():
    with pytest.raises(ValueError, match="every county"):
        View("scores", ("raw.scores",), "select * from raw.scores")


def test_a_homes_row_has_all_that_a_value_wants():
    assert set(MODEL_RECORD_COLUMNS) <= set(PROPERTY_COLUMNS)
    assert len(PROPERTY_COLUMNS) == len(set(PROPERTY_COLUMNS))
