"""The chance of a gain: rare, learned late, and never better for a higher ask."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realestate_assets.domain.offers.cases import purchases
from realestate_assets.domain.offers.gain import GainModel, case_weights, fit_gain, share_of_gains_by
from realestate_assets.domain.offers.params import load_offer_params
from tests.unit.domain.offers.offered_homes import blind, homes, resold, sold

PARAMS = load_offer_params().gain


def with_gains(count=3_000, gains=90, **made):
    """Sales of which those asked furthest below their value resold at half as much again."""
    sales = sold(count, **made)
    rank = (np.log(sales["value_usd"] / sales["list_price_usd"])).rank(ascending=False)
    return sales, resold(sales, np.flatnonzero(rank <= gains), 150, 1.5)


def cases_of(sales, records, month="2016-06"):
    return purchases(records, blind(sales), month, PARAMS)


@pytest.fixture(scope="module")
def model():
    return fit_gain(cases_of(*with_gains()), "king-wa", PARAMS)


def test_the_chance_is_that_of_the_past_and_larger_where_gains_came_from(model):
    assert (model.basis, model.gains, model.cases) == ("county", 90, 3_000.0)
    low, high = model.probability(homes([500_000, 300_000]), PARAMS)
    assert high > 5 * low
    assert model.median_gain_pct == pytest.approx(50.0)
    told = sum(row["chance"] * row["cases"] for row in model.reliability) / 3_000
    assert 0.5 < told / 0.03 < 2.0


def test_a_gain_counts_within_its_time_and_from_its_ratio_on():
    sales = sold(20)
    found = cases_of(sales, resold(sales, np.array([0]), 399, 1.26))
    assert found["gained"].sum() == 1 and found["gain_ratio"].max() == pytest.approx(1.26)
    assert not cases_of(sales, resold(sales, np.array([0]), 401, 1.26))["gained"].any()
    low = cases_of(sales, resold(sales, np.array([0]), 100, 1.2))
    assert not low["gained"].any() and low["is_closed"].sum() == 1


def test_what_is_resold_from_the_month_on_is_not_known():
    sales = sold(200)
    records = resold(sales, np.arange(200), 150, 1.6)
    before = cases_of(sales, records[records["month"] < "2014-09"], "2014-09")
    pd.testing.assert_frame_equal(before, cases_of(sales, records, "2014-09"))


def test_a_case_that_is_not_finished_counts_by_the_time_it_was_watched():
    sales = sold(400)
    found = cases_of(sales, resold(sales, np.arange(0, 400, 10), 100, 1.5), "2015-02")
    weight = case_weights(found, PARAMS.horizon_days)
    assert (weight[found["gained"]] == 1).all()
    young = ~found["is_closed"] & (found["watched_days"] < 90)
    assert young.any() and (weight[young] < 0.2).all()
    shares = share_of_gains_by(found, PARAMS.horizon_days, np.array([0.0, 99.0, 101.0, 400.0]))
    assert shares.tolist() == [0.0, 0.0, 1.0, 1.0]


def test_where_nothing_was_observed_there_is_no_chance_and_a_reason():
    sales = sold(300)
    model = fit_gain(cases_of(sales, sales), "king-wa", PARAMS)
    assert model.reason == "TOO_FEW_GAINS" and model.median_gain_pct is None
    assert np.isnan(model.probability(homes([1.0, 2.0]), PARAMS)).all()
    empty = fit_gain(cases_of(sales, sales, "2014-01"), "king-wa", PARAMS)
    assert empty.reason == "TOO_FEW_GAINS" and empty.cases == 0


def test_a_county_of_few_gains_asks_all_counties():
    few, many = sold(100), with_gains(county="clark-nv")
    pair = pd.concat([few, many[0]]), pd.concat([few, many[1]])
    model = fit_gain(cases_of(*pair), "king-wa", PARAMS)
    assert (model.basis, model.gains, model.reason) == ("pooled", 90, None)


def test_without_an_ask_the_price_stands_in_and_it_is_counted():
    sales = sold(50).assign(list_price_usd=np.nan)
    found = cases_of(sales, sales)
    assert found["is_price"].all()
    assert fit_gain(found, "king-wa", PARAMS).priced_cases == 50


def test_a_remark_that_tells_of_work_is_a_term_of_its_own():
    sales, records = with_gains(2_000, 0)
    picked = np.arange(0, 2_000, 20)
    records["remarks"] = [
        "Fixer, sold as-is." if at % 20 == 0 else "Move-in ready." for at in range(len(records))
    ]
    model = fit_gain(cases_of(sales, resold(records, picked, 120, 1.5)), "king-wa", PARAMS)
    fixer, neat, silent = model.probability(
        homes([400_000] * 3, remarks=["A real fixer!", "Lovely.", None]), PARAMS
    )
    assert fixer > 2 * neat and silent == neat


def test_it_is_the_same_after_it_was_stored(model):
    assert GainModel.from_dict(json.loads(json.dumps(model.to_dict()))) == model


@settings(max_examples=80, deadline=None)
@given(
    ask=st.floats(10_000, 5_000_000),
    more=st.floats(1.0, 4.0),
    value=st.floats(10_000, 5_000_000),
    width=st.floats(0.01, 3.0),
    days=st.one_of(st.none(), st.floats(0, 2_000)),
    condition=st.one_of(st.none(), st.integers(1, 5)),
)
def test_a_higher_ask_is_never_a_better_chance(model, ask, more, value, width, days, condition):
    known = {"log_width": width, "days_on_market": days, "condition_code": condition}
    low, high = model.probability(homes([ask, ask * more], value, **known), PARAMS)
    assert 0 <= high <= low + 1e-12 <= 1 + 1e-12
