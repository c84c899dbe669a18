import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.tables import VALUE_BAND_COLUMNS
from realestate_assets.domain.valuation.value_bands import value_bands, with_bands


def judged(value: np.ndarray, price: np.ndarray) -> pd.DataFrame:
    ends = {"market_value_p10_usd": 0.9, "market_value_p50_usd": 1.0, "market_value_p90_usd": 1.1}
    return pd.DataFrame({"sale_price_usd": price, **{name: value * part for name, part in ends.items()}})


def homes(*values: float) -> pd.DataFrame:
    return pd.DataFrame({"market_value_p50_usd": values})


def test_a_home_is_told_what_became_of_values_of_its_own_size():
    value = np.linspace(100_000, 1_000_000, 400)
    price = np.where(value < 300_000, value / 1.2, value)
    told = with_bands(homes(150_000, 900_000), value_bands(judged(value, price)))
    assert told["value_band_median_ratio"].tolist() == pytest.approx([1.2, 1.0])
    assert told["value_band_coverage"].tolist() == [0.0, 1.0]
    assert told["value_band_sales"].tolist() == [40, 40]
    assert (told["value_band_low_usd"][1], told["value_band_high_usd"][0]) < (900_000, 200_000)


def test_the_lowest_and_the_highest_band_are_open():
    told = with_bands(homes(1.0, 1e9), value_bands(judged(*[np.linspace(1e5, 1e6, 400)] * 2)))
    assert np.isnan(told["value_band_low_usd"][0])
    assert np.isnan(told["value_band_high_usd"][1])
    assert told["value_band_sales"].tolist() == [40, 40]


def test_few_sales_make_few_bands_and_fewer_make_none():
    assert len(value_bands(judged(*[np.linspace(1e5, 1e6, 59)] * 2))) == 2
    assert value_bands(judged(*[np.linspace(1e5, 1e6, 19)] * 2)) == []
    told = with_bands(homes(2e5), [])
    assert told[list(VALUE_BAND_COLUMNS)].isna().all(axis=None)


def test_a_home_without_a_value_is_told_nothing():
    told = with_bands(homes(np.nan), value_bands(judged(*[np.linspace(1e5, 1e6, 400)] * 2)))
    assert told[list(VALUE_BAND_COLUMNS)].isna().all(axis=None)


@given(
    st.lists(st.integers(1, 40).map(lambda k: k * 25_000.0), min_size=20, max_size=200),
    st.lists(st.floats(1.0, 1e7), min_size=1, max_size=20),
)
def test_every_sale_stands_in_one_band_and_every_home_finds_one(values, asked):
    value = np.array(values)
    bands = value_bands(judged(value, value * 1.05))
    assert sum(band["sales"] for band in bands) == len(values)
    told = with_bands(homes(*asked), bands)
    assert told["value_band_sales"].notna().all()
    # A dearer home is never told of a lower band.
    told = told.sort_values("market_value_p50_usd")
    assert told["value_band_high_usd"].fillna(np.inf).is_monotonic_increasing
