"""The figures of the benchmark itself, on cases known by hand."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.resale import auc, first_sales
from benchmarks.valuation import measures


def test_auc_is_the_share_of_pairs_in_the_right_order():
    assert auc(np.array([3.0, 2.0, 1.0]), np.array([True, False, False])) == 1.0
    assert auc(np.array([1.0, 2.0, 1.0, 0.0]), np.array([True, False, False, False])) == pytest.approx(0.5)


def test_the_first_of_a_parcels_sales_is_judged_by_the_next_one():
    sales = pd.DataFrame(
        {
            "property_id": ["a", "b", "a", "a", "c", "c"],
            "sale_date": pd.to_datetime(
                ["2014-06-01", "2014-06-01", "2014-09-01", "2015-01-01", "2014-07-01", "2014-08-01"]
            ),
            "sale_price_usd": [100.0, 90.0, 125.0, 50.0, 100.0, 124.0],
        }
    )
    first = first_sales(sales)
    assert first["property_id"].tolist() == ["a", "c"]
    assert first["gained"].tolist() == [True, False]


def test_measures_tell_the_worst_decile_of_coverage():
    price = np.exp(np.linspace(12, 14, 100))
    values = pd.DataFrame(
        {
            "market_value_p10_usd": price * 0.9,
            "market_value_p50_usd": price,
            "market_value_p90_usd": price * 1.1,
        }
    )
    values.loc[:4, "market_value_p90_usd"] = 1.0
    found = measures(values, price)
    assert found["coverage"] == 0.95
    assert (found["price_decile_min"], found["price_decile_max"]) == (0.5, 1.0)
    assert "coverage" not in measures(values.assign(market_value_p10_usd=np.nan), price)
