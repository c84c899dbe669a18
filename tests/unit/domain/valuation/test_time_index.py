import numpy as np
import pandas as pd
import pytest

from realestate_assets.domain.valuation.params import load_params
from realestate_assets.domain.valuation.time_index import TimeIndex, fit_time_index
from tests.unit.domain.valuation.sold_homes import shuffled, sold_homes

PARAMS = load_params().time_index


def test_steady_growth_is_found_month_by_month():
    index = fit_time_index(sold_homes(growth=0.01, per_month=150, noise=0.05), PARAMS)
    assert index.months[0] == "2014-05"
    assert index.months[-1] == "2015-02"
    assert index.log_levels[-1] == 0.0
    expected = [-0.01 * k for k in range(9, -1, -1)]
    assert np.allclose(index.log_levels, expected, atol=0.012)
    assert index.forward_step == pytest.approx(0.01, abs=0.005)


def test_a_flat_market_of_ever_larger_homes_has_a_flat_index():
    homes = sold_homes(per_month=150, noise=0.05)
    position = homes["month"].rank(method="dense") - 1
    factor = np.exp(0.03 * position)
    homes["living_area_sqft"] = homes["living_area_sqft"] * factor
    homes["sale_price_usd"] = homes["sale_price_usd"] * factor**0.6
    assert np.abs(fit_time_index(homes, PARAMS).log_levels).max() < 0.03


def test_the_step_ahead_is_bounded():
    up = fit_time_index(sold_homes(growth=0.05, noise=0.02), PARAMS)
    down = fit_time_index(sold_homes(growth=-0.05, noise=0.02), PARAMS)
    assert up.forward_step == PARAMS.max_forward_step
    assert down.forward_step == -PARAMS.max_forward_step


def test_too_few_sales_or_a_single_month_give_no_index():
    few = fit_time_index(sold_homes(months=3, per_month=5), PARAMS)
    one_month = fit_time_index(sold_homes(months=1, per_month=200), PARAMS)
    for index in (few, one_month, fit_time_index(sold_homes().iloc[:0], PARAMS)):
        assert index.forward_step == 0.0
        assert index.log_level(pd.Series(pd.to_datetime(["2014-05-20"]))).tolist() == [0.0]


def test_a_month_without_sales_lies_between_its_neighbours():
    homes = sold_homes(growth=0.01, per_month=150, noise=0.03)
    index = fit_time_index(homes[homes["month"] != "2014-08"], PARAMS)
    levels = dict(zip(index.months, index.log_levels, strict=True))
    assert levels["2014-07"] < levels["2014-08"] < levels["2014-09"]


def test_the_order_of_the_sales_does_not_matter():
    homes = sold_homes(growth=0.01)
    assert fit_time_index(shuffled(homes), PARAMS) == fit_time_index(homes, PARAMS)


def test_dates_outside_the_index_take_the_nearest_month_and_json_brings_it_back():
    index = TimeIndex(("2014-05", "2014-06"), (-0.02, 0.0), 0.01, 100)
    dates = pd.Series(pd.to_datetime(["2013-01-01", "2014-05-31", "2014-06-01", "2020-01-01"]))
    assert index.log_level(dates).tolist() == [-0.02, -0.02, 0.0, 0.0]
    assert index.log_adjustment(dates).tolist() == pytest.approx([0.03, 0.03, 0.01, 0.01])
    assert TimeIndex.from_dict(index.to_dict()) == index
