"""A fact of a sentence as a condition on rows holds of the same homes as the index's condition."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from realestate_assets.domain.search.facts import Circle, Fact
from realestate_assets.operations.market.facts import fact_condition


def sql(fact: Fact) -> str:
    compiled = fact_condition(fact).compile(
        dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}
    )
    return str(compiled).replace("served.properties.", "")


def test_bounds_are_included():
    assert sql(Fact("bedrooms", "3+ beds", low=3)) == "bedrooms >= 3"
    assert sql(Fact("asking_price_usd", "under 5", high=5)) == "asking_price_usd <= 5"


def test_a_negation_keeps_what_is_unknown():
    said = sql(Fact("property_type", "no condo", values=("condo",), is_negated=True))
    assert said == "NOT coalesce(property_type IN ('condo'), false)"


def test_a_day_is_a_date_and_water_a_flag():
    assert "sale_date >= '2015-03-01'" in sql(Fact("sale_day", "since", low=735658))
    assert sql(Fact("is_waterfront", "on the water", low=1)) == "is_waterfront IS true"


def test_a_place_is_its_name_its_zips_or_its_circle():
    place = Fact(
        "place", "in Kent", values=("Kent",), zips=("98030",), circles=(Circle("Kent", 47.4, -122.2, 2),)
    )
    said = sql(place)
    assert said.startswith("city IN ('KENT') OR zip IN ('98030') OR ")
    assert said.endswith("<= 2")


def test_a_status_is_the_offers_state():
    assert sql(Fact("status", "for sale", values=("on_offer",))) == "offer_state = 'on_offer'"
    sold = sql(Fact("status", "sold", values=("sold",)))
    assert sold == "offer_state = 'retrospective' OR offer_state = 'gone' AND listing_status = 'sold'"
    assert isinstance(fact_condition(Fact("county", "x", values=("king-wa",))), sa.ColumnElement)
