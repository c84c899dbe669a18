"""A home's value by the warm model: the model's own, with the comparables and causes of the batch."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.comparables.comparables import comparables
from realestate_assets.domain.valuation.explain import contributions
from realestate_assets.domain.valuation.nearby import FIGURES, nearby_sales
from realestate_assets.domain.valuation.rates import hedonic_rates
from realestate_assets.domain.valuation.train import train, training_sales
from realestate_assets.operations.predict.county_model import CountyModel, Promoted
from realestate_assets.operations.predict.home import Home, feature_row
from realestate_assets.operations.predict.value import MissingInputsError, predict
from tests.unit.domain.valuation.sold_homes import quick_params, sold_homes

MONTH = "2015-03"
HOUSE = {
    "county": "king-wa", "zip": "98103", "latitude": 47.6, "longitude": -122.2, "living_area_sqft": 1800.0,
    "lot_area_sqft": 5000.0, "bedrooms": 3.0, "bathrooms": 2.0, "year_built": 1950, "quality_code": 8,
    "condition_code": 3, "property_type": "single_family",
}  # fmt: skip


@pytest.fixture(scope="module")
def records() -> pd.DataFrame:
    return sold_homes()


@pytest.fixture(scope="module")
def county(records) -> CountyModel:
    model = train(training_sales(records, MONTH, False), "county", quick_params())
    return CountyModel.of(Promoted("king-wa", MONTH, model.model_id, MONTH, None, False, "1"), model, records)


def batch_row(county, records) -> pd.DataFrame:
    row = feature_row(Home(**HOUSE), MONTH, {}, False)
    found = nearby_sales(row, records, MONTH, county.params.nearby)
    return row.assign(**{name: found[name].to_numpy() for name in FIGURES})


def bounds_of(name: str) -> tuple[float, float]:
    """What the schema of a home allows of a number."""
    told = [part for part in Home.model_json_schema()["properties"][name]["anyOf"] if "minimum" in part]
    return told[0]["minimum"], told[0]["maximum"]


EXTREME = {
    name: st.one_of(*map(st.just, bounds_of(name)), st.floats(*bounds_of(name)))
    for name in (
        "latitude", "longitude", "lot_area_sqft", "basement_sqft", "bedrooms", "bathrooms", "stories",
        "garage_spaces", "hoa_monthly_usd", "assessed_value_usd", "roll_market_value_usd",
        "nearby_living_area_sqft", "nearby_lot_area_sqft", "asking_price_usd", "living_area_sqft",
    )
}  # fmt: skip
AREA = {"living_area_sqft": EXTREME.pop("living_area_sqft")}


@given(given_facts=st.fixed_dictionaries(AREA, optional=EXTREME))
def test_whatever_may_be_said_of_a_home_gives_a_value_with_its_interval(county, given_facts):
    value = predict(county, Home(county="king-wa", zip="98103", **given_facts)).value
    low, middle, high = (value[f"market_value_{name}_usd"] for name in ("p10", "p50", "p90"))
    assert 0 < low <= middle <= high < float("inf")


def test_the_value_is_the_models_to_the_bit(county, records):
    expected = county.model.predict(batch_row(county, records)).iloc[0]
    found = predict(county, Home(**HOUSE)).value
    for name in ("market_value_p10_usd", "market_value_p50_usd", "market_value_p90_usd"):
        assert found[name] == expected[name]


def test_the_comparables_are_those_of_the_batch(county, records):
    rates = hedonic_rates(county.model.ensemble.hedonic, county.params.comparables)
    row = batch_row(county, records)
    expected = comparables(row, records, MONTH, county.params, rates, county.model)
    found = pd.DataFrame(predict(county, Home(**HOUSE)).comparables)
    assert len(found) > 3
    assert found["comp_property_id"].tolist() == expected["comp_property_id"].tolist()
    assert found["adjusted_price_usd"].to_numpy(float) == pytest.approx(
        expected["adjusted_price_usd"].to_numpy(float), rel=1e-12
    )


def test_homes_valued_before_change_nothing_of_the_next(county, records):
    fresh = CountyModel.of(county.promoted, county.model, records)
    others = [
        {"property_type": "townhouse", "living_area_sqft": 700.0, "latitude": 47.62},
        {"property_type": None, "lot_area_sqft": 50_000.0, "view_code": 4},
        {"is_waterfront": True, "longitude": None},
    ]
    for other in others:
        predict(county, Home(**HOUSE | other))
    assert predict(county, Home(**HOUSE)) == predict(fresh, Home(**HOUSE))


@pytest.mark.parametrize("kind", ["single_family", "townhouse", None])
def test_the_comparables_of_each_type_are_those_of_the_batch_to_the_bit(county, records, kind):
    rates = hedonic_rates(county.model.ensemble.hedonic, county.params.comparables)
    home = Home(**HOUSE | {"property_type": kind})
    row = feature_row(home, MONTH, {}, False)
    nearby = nearby_sales(row, records, MONTH, county.params.nearby)
    row = row.assign(**{name: nearby[name].to_numpy() for name in FIGURES})
    expected = comparables(row, records, MONTH, county.params, rates, county.model)
    found = pd.DataFrame(predict(county, home).comparables)
    names = ["comp_property_id", "distance_mi", "similarity", "adjusted_price_usd", "adj_net_pct", "weight"]
    assert len(found) > 3
    assert found[names].to_numpy().tolist() == expected[names].astype(object).to_numpy().tolist()


def test_the_causes_are_those_of_the_batch_to_the_cent(county, records):
    row = batch_row(county, records)
    value = county.model.predict(row)["market_value_p50_usd"].to_numpy(float)
    expected = contributions(county.model, row, value)
    found = pd.DataFrame(predict(county, Home(**HOUSE)).contributions)
    assert found["feature"].tolist() == expected["feature"].tolist()
    assert np.abs(found["contribution_usd"] - expected["contribution_usd"]).max() <= 0.011
    assert found["contribution_usd"].sum() == pytest.approx(value[0], abs=0.02)


@pytest.mark.parametrize(
    ("left_out", "named"),
    [
        (("living_area_sqft",), ("living_area_sqft",)),
        (("zip", "latitude"), ("latitude", "longitude", "zip")),
        (("zip", "living_area_sqft", "longitude"), ("living_area_sqft", "latitude", "longitude", "zip")),
    ],
)
def test_what_is_missing_is_named(county, left_out, named):
    home = Home(**{name: value for name, value in HOUSE.items() if name not in left_out})
    with pytest.raises(MissingInputsError) as refused:
        predict(county, home)
    assert refused.value.fields == named


def test_a_home_with_a_zip_alone_is_valued(county):
    found = predict(county, Home(county="king-wa", zip="98103", living_area_sqft=1800))
    assert found.value["value_status"] == "valued"
    assert found.comparables == []
    assert "bedrooms" in found.unknown


def test_a_renovation_after_the_month_was_not_known():
    home = Home(**HOUSE | {"year_renovated": 2016})
    assert feature_row(home, MONTH, {}, False)["effective_age_years"].iloc[0] == 65.0
    earlier = Home(**HOUSE | {"year_renovated": 2010})
    assert feature_row(earlier, MONTH, {}, False)["effective_age_years"].iloc[0] == 5.0
