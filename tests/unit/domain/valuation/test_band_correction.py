import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.valuation.band_correction import band_correction, corrected


def off_in_the_lowest_band(n=5000, seed=3, off=0.05):
    random = np.random.default_rng(seed)
    value = random.normal(13.0, 0.5, n)
    lowest = value < np.quantile(value, 0.1)
    return random.normal(0.0, 0.1, n) + off * lowest, value, lowest


def test_a_band_that_is_off_is_put_right_and_the_others_are_left_alone():
    residual, value, _ = off_in_the_lowest_band()
    curve = band_correction(residual, value, 10, 50)
    again, fresh, low = off_in_the_lowest_band(seed=4)
    left = again - (corrected(fresh, curve) - fresh)
    assert abs(np.median(left[low])) < 0.015 < np.median(again[low])
    assert np.abs(np.array(curve[1])[2:]).max() < 0.012


def test_what_chance_explains_is_not_corrected():
    residual, value, _ = off_in_the_lowest_band(off=0.0)
    curve = band_correction(residual, value, 10, 50)
    raw = [np.median(residual[rows]) for rows in np.array_split(np.argsort(value), 10)]
    assert np.abs(curve[1] or (0.0,)).max() < np.abs(raw).max()
    assert np.abs(curve[1] or (0.0,)).sum() < 0.5 * np.abs(raw).sum()


def test_the_same_bias_is_believed_less_where_fewer_sales_tell_of_it():
    def lowest(n):
        value = np.linspace(12.0, 14.0, n)
        noise = np.tile([-0.1, 0.1], n // 2)
        return band_correction(noise + 0.02 + 0.06 * (value < 12.2), value, 10, 10)[1][0]

    assert 0.0 < lowest(400) < lowest(4000) <= 0.2


@pytest.mark.parametrize("n", [0, 1, 99])
def test_too_few_sales_have_no_correction(n):
    assert band_correction(np.full(n, 0.1), np.linspace(12, 13, n), 10, 50) == ((), ())


def test_equal_values_have_no_correction():
    assert band_correction(np.full(500, 0.1), np.full(500, 13.0), 10, 50) == ((), ())


@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(10, 16)), min_size=20, max_size=120))
def test_the_corrected_values_keep_the_order_of_the_values(pairs):
    residual, value = np.array(pairs).T
    ordered = np.sort(value)
    found = corrected(ordered, band_correction(residual, value, 10, 5))
    assert np.isfinite(found).all()
    assert (np.diff(found) >= -1e-9).all()
