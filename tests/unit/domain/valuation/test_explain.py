"""Contributions: from the county's median to each value, to the cent, whatever the home."""

import numpy as np
import pandas as pd
import pytest

from realestate_assets.domain.valuation.causes import CAUSES, causes_of
from realestate_assets.domain.valuation.ensemble import local_names
from realestate_assets.domain.valuation.explain import COLUMNS, MOST, contributions
from realestate_assets.domain.valuation.hedonic import hedonic_terms
from realestate_assets.domain.valuation.model import ValueModel
from realestate_assets.domain.valuation.train import train, training_sales
from tests.unit.domain.valuation.sold_homes import quick_params, shuffled, sold_homes

MONTH = "2015-03"


@pytest.fixture(scope="module")
def model() -> ValueModel:
    return train(training_sales(sold_homes(growth=0.01), MONTH, False), "county", quick_params())


@pytest.fixture(scope="module")
def homes() -> pd.DataFrame:
    return sold_homes(first=MONTH, months=1, per_month=40, seed=8)


def explain(model: ValueModel, homes: pd.DataFrame) -> pd.DataFrame:
    return contributions(model, homes, values(model, homes))


def values(model: ValueModel, homes: pd.DataFrame) -> np.ndarray:
    return model.predict(homes)["market_value_p50_usd"].to_numpy()


def test_base_causes_and_rest_add_up_to_the_value_to_the_cent(model, homes):
    rows = explain(model, homes)
    assert list(rows) == list(COLUMNS)
    total = rows.groupby("property_id")["contribution_usd"].sum()
    value = pd.Series(values(model, homes), index=homes["property_id"])
    assert ((total - value).abs() <= 0.00501).all()
    per_home = rows.groupby("property_id")
    assert (per_home.size() == MOST + 2).all()
    for _, own in per_home:
        assert own["contribution_rank"].tolist() == list(range(MOST + 2))
        assert own["kind"].tolist() == ["base", *["feature"] * MOST, "other"]
        assert own["contribution_usd"].iloc[1:-1].abs().is_monotonic_decreasing
        assert own["feature"].is_unique


def test_the_base_is_the_median_value_of_the_training_sales_at_the_valued_month(model, homes):
    median = np.median(model.out_of_fold["market_value_p50_usd"])
    (base,) = explain(model, homes).query("kind == 'base'")["contribution_usd"].unique()
    # Both are log values; the record's are at the level of each sale's own date, ten months of 1 %.
    assert np.log(base) - median == pytest.approx(0.05, abs=0.04)


def test_a_home_of_median_value_is_explained_by_almost_nothing_in_sum(model):
    median = pd.DataFrame(model.median_homes["homes"])
    homes = sold_homes(growth=0.01)
    homes = homes[homes["property_id"].isin(median["property_id"])]
    rows = explain(model, homes)
    parts = rows[rows["kind"] != "base"].groupby("property_id")["contribution_usd"].sum()
    base = rows["contribution_usd"].iloc[0]
    assert abs(parts.mean()) < 0.02 * base


def test_what_is_known_to_raise_the_price_contributes_upwards(model, homes):
    rows = explain(model, homes).merge(homes, on="property_id")
    area = rows[rows["feature"] == "living_area_sqft"]
    middle = homes["living_area_sqft"].median()
    assert (area.loc[area["living_area_sqft"] > 1.4 * middle, "contribution_usd"] > 0).all()
    assert (area.loc[area["living_area_sqft"] < 0.7 * middle, "contribution_usd"] < 0).all()
    place = rows[rows["feature"] == "location"].groupby("zip")["contribution_usd"].mean()
    assert place["98004"] > 0 > place["98118"]


def test_values_are_written_with_their_units(model, homes):
    rows = explain(model, homes)
    told = rows.set_index(["property_id", "feature"])["feature_value"]
    first = homes.iloc[0]
    assert told[first["property_id"], "living_area_sqft"] == f"{first['living_area_sqft']:,.0f} sq ft"
    assert told[first["property_id"], "location"] == first["zip"]
    assert pd.isna(told[first["property_id"], "base"])


def test_neither_the_own_price_nor_the_company_nor_the_order_changes_anything(model, homes):
    rows = explain(model, homes)
    value = values(model, homes)
    repriced = homes.assign(sale_price_usd=1.0, list_price_usd=1.0)
    pd.testing.assert_frame_equal(contributions(model, repriced, value), rows)
    some = shuffled(homes).head(7)
    alone = explain(model, some).sort_values(["property_id", "contribution_rank"], ignore_index=True)
    same = rows[rows["property_id"].isin(some["property_id"])]
    same = same.sort_values(["property_id", "contribution_rank"], ignore_index=True)
    pd.testing.assert_frame_equal(alone, same)


def test_a_stored_model_explains_as_the_one_it_was_made_of(model, homes):
    again = ValueModel.from_row(model.to_row())
    pd.testing.assert_frame_equal(explain(again, homes), explain(model, homes))


def test_a_model_of_an_earlier_version_explains_nothing(model, homes):
    row = {name: value for name, value in model.to_row().items() if name != "median_homes_json"}
    assert contributions(ValueModel.from_row(row), homes, values(model, homes)).empty


def test_a_pooled_model_names_the_county_as_the_place(homes):
    sales = pd.concat(
        [sold_homes(), sold_homes(seed=2, county="harris-tx")],
        ignore_index=True,
    )
    pooled = train(training_sales(sales, MONTH, False), "pooled", quick_params())
    rows = explain(pooled, homes)
    assert set(rows.loc[rows["feature"] == "location", "feature_value"]) <= {"king-wa"}
    total = rows.groupby("property_id")["contribution_usd"].sum().reindex(homes["property_id"])
    assert np.allclose(total, values(pooled, homes), atol=0.006)


def test_an_attribute_nobody_knows_is_written_as_unknown(model, homes):
    homes = homes.assign(condition_code=np.nan, zip=None)
    rows = explain(model, homes)
    assert rows.loc[rows["feature"].isin(["condition_code", "location"]), "feature_value"].isna().all()


def test_every_column_of_the_learners_and_term_of_the_hedonic_has_its_causes(model, homes):
    columns = {*model.features.names, *local_names(model.features), *hedonic_terms(homes), "place", "county"}
    for column in columns:
        shares = causes_of(column)
        assert set(shares) <= set(CAUSES), column
        assert sum(shares.values()) == 1.0
