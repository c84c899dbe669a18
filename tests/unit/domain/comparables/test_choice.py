import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realestate_assets.domain.comparables.adjustments import LINES
from realestate_assets.domain.comparables.arv import reconcile_arv
from realestate_assets.domain.comparables.classes import steps, with_classes
from realestate_assets.domain.comparables.comparables import comparables
from realestate_assets.domain.valuation.train import train, training_sales
from tests.unit.domain.valuation.sold_homes import quick_params, sold_homes

MONTH = "2015-03"
ATTRIBUTES = [f"adj_{line}_usd" for line in LINES if line not in ("time", "location")]


@pytest.fixture(scope="module")
def history() -> pd.DataFrame:
    sales = sold_homes(growth=0.005)
    return sales.assign(lot_area_sqft=6_000.0, view_code=0, is_waterfront=False)


@pytest.fixture(scope="module")
def model(history):
    return train(training_sales(history, MONTH, False), "county", quick_params())


@pytest.fixture(scope="module")
def subjects() -> pd.DataFrame:
    homes = sold_homes(first=MONTH, months=1, per_month=40, seed=8)
    return homes.assign(lot_area_sqft=6_000.0, view_code=0, is_waterfront=False)


def _on_the_water(history: pd.DataFrame, count: int) -> pd.DataFrame:
    """The last sales of one type, moved to the water eight miles off."""
    moved = history.copy()
    rows = moved.index[moved["property_type"] == "single_family"][-count:] if count else []
    moved.loc[rows, "is_waterfront"] = True
    moved.loc[rows, "latitude"] += 0.1
    return moved


@pytest.mark.parametrize("count", [0, 2, 3, 9])
def test_a_home_on_the_water_is_compared_to_such_first_and_to_dry_ones_for_want_of_three(
    history, subjects, model, count
):
    homes = subjects[subjects["property_type"] == "single_family"].head(1).assign(is_waterfront=True)
    # All alike in what else adjusts, so that none is left out for its adjustments.
    records = _on_the_water(history, count)
    same = ("living_area_sqft", "bedrooms", "bathrooms", "quality_code", "condition_code")
    records = records.assign(**{name: homes[name].iloc[0] for name in same}, sale_price_usd=500_000.0)
    rows = comparables(homes, records, MONTH, quick_params())
    dry = rows["mismatches"].fillna("").str.contains("waterfront")
    # Of nine some differ too much in age; of fewer than three none can be left out.
    assert (~dry).sum() >= min(count, 3)
    assert dry.any() == (count < 3)


@settings(max_examples=15, deadline=None)
@given(area=st.floats(600, 9_000), grade=st.integers(1, 13), condition=st.integers(1, 5))
def test_the_lines_add_up_and_together_are_the_ratio_of_the_models_values(
    history, subjects, model, area, grade, condition
):
    home = subjects.head(1).assign(living_area_sqft=area, quality_code=grade, condition_code=condition)
    rows = comparables(home, history, MONTH, quick_params(), model=model)
    lines = rows[[f"adj_{line}_usd" for line in LINES]]
    assert np.allclose(rows["adjusted_price_usd"], rows["comp_sale_price_usd"] + lines.sum(axis=1))
    assert np.allclose(rows["adj_gross_pct"], 100 * lines.abs().sum(axis=1) / rows["comp_sale_price_usd"])
    assert (rows["adjusted_price_usd"] > 0).all()
    assert (rows["adj_capped_usd"] == 0).all()
    # Price over the model's own value of the sale, times its value of the home: near that value.
    value = model.predict(home)["market_value_p50_usd"].iloc[0]
    assert (rows["adjusted_price_usd"] / value).between(0.6, 1.6).all()


def test_a_sale_equal_to_the_home_has_no_adjustment_for_an_attribute(history, model):
    twin = history.tail(1)
    home = twin.assign(property_id="home", month=MONTH)
    rows = comparables(home, history, MONTH, quick_params(), model=model)
    row = rows[rows["comp_property_id"] == twin["property_id"].iloc[0]].iloc[0]
    attributes = [name for name in ATTRIBUTES if name != "adj_age_usd"]
    assert np.allclose(row[attributes].astype(float), 0.0, atol=1e-6)
    # Of one year of age more it knows, as the month says.
    assert pd.isna(row["mismatches"])


def test_sales_adjusted_by_more_than_a_quarter_stand_only_where_fewer_than_three_are_closer(
    history, subjects, model
):
    rows = comparables(subjects, history, MONTH, quick_params(), model=model)
    far = rows["adj_gross_pct"] > 25
    per_home = pd.DataFrame({"far": far, "near": ~far}).groupby(rows["property_id"]).sum()
    assert (per_home.loc[per_home["far"] > 0, ["far", "near"]].sum(axis=1) <= 3).all()
    assert (per_home.loc[per_home["far"] > 0, "near"] < 3).all()


def test_a_worse_condition_never_raises_the_adjusted_prices(history, subjects, model):
    home = subjects.head(1)

    def as_is(condition: int) -> pd.Series:
        rows = comparables(home.assign(condition_code=condition), history, MONTH, quick_params(), model=model)
        return (
            rows.set_index("comp_property_id")["adj_condition_usd"] / rows["comp_sale_price_usd"].to_numpy()
        )

    worse, better = as_is(2), as_is(4)
    both = worse.index.intersection(better.index)
    assert (worse[both] <= better[both] + 1e-9).all()
    arv = reconcile_arv(
        comparables(home.assign(condition_code=2), history, MONTH, quick_params(), model=model)
    )
    assert (arv["arv_usd"] > 0).all()


def test_less_is_asked_of_the_lot_first_and_of_the_water_last():
    assert steps() == [("waterfront", "view", "lot"), ("waterfront", "view"), ("waterfront",), ()]


def test_what_is_unknown_counts_as_no_water_and_no_view_and_an_unknown_lot_is_a_class_of_its_own():
    homes = with_classes(pd.DataFrame({"is_waterfront": [None, True], "lot_area_sqft": [np.nan, 3_000.0]}))
    assert homes["class_waterfront"].tolist() == [0, 1]
    assert homes["class_view"].tolist() == [0, 0]
    assert homes["class_lot"].tolist() == [-1, 1]
