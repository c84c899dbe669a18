import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.valuation.intervals import Calibration, calibrate
from realestate_assets.domain.valuation.params import load_params

PARAMS = load_params().intervals.model_copy(update={"forward_factor": 1.0})


def _residuals(n=4000, seed=5):
    random = np.random.default_rng(seed)
    spread = np.exp(random.normal(-2.3, 0.5, n))
    return random.normal(0.03, 1.0, n) * spread + 0.03, spread


def _calibrate(residual, spread, params=PARAMS):
    """Of values that are all the same, in one band."""
    one_band = params.model_copy(update={"bands": 1})
    return calibrate(residual, np.zeros(len(residual)), spread, one_band)


def test_the_interval_covers_four_in_five_whatever_the_spread_and_new_residuals_too():
    calibration = _calibrate(*_residuals())
    residual, spread = _residuals(seed=6)
    low, high = calibration.ends()
    inside = (residual - calibration.bias >= low * spread) & (residual - calibration.bias <= high * spread)
    assert inside.mean() == pytest.approx(0.8, abs=0.02)
    wide = spread > np.median(spread)
    assert inside[wide].mean() == pytest.approx(0.8, abs=0.03)


def test_the_bias_is_the_median_residual():
    residual, spread = _residuals()
    assert _calibrate(residual, spread).bias == pytest.approx(np.median(residual))


def test_probability_agrees_with_the_interval():
    calibration = _calibrate(*_residuals())
    low, high = calibration.ends()
    spread = np.full(3, 0.2)
    found = calibration.probability_above(np.array([low, 0.0, high]) * 0.2, spread)
    assert found == pytest.approx([0.9, 0.5, 0.1], abs=1e-6)


@given(st.lists(st.floats(-3, 3), min_size=2, max_size=30), st.floats(0.0, 1.0))
def test_probability_falls_with_the_ratio_and_stays_inside_zero_and_one(ratios, spread):
    calibration = _calibrate(*_residuals(300))
    ordered = np.sort(np.array(ratios))
    found = calibration.probability_above(ordered, np.full(len(ordered), spread))
    assert (np.diff(found) <= 1e-12).all()
    assert ((found > 0) & (found < 1)).all()


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=80))
def test_the_lower_end_is_never_above_the_middle_nor_the_upper_below(residuals):
    values = np.array(residuals)
    calibration = _calibrate(values, np.full(len(values), 0.1))
    low, high = calibration.ends()
    assert low <= 0.0 <= high
    assert (np.diff(calibration.quantiles) > 0).all()


def test_a_spread_near_zero_is_not_believed():
    calibration = _calibrate(*_residuals(60))
    assert calibration.sized(np.array([0.0, 0.5]), np.zeros(2)).tolist() == [PARAMS.min_spread, 0.5]


def _priced(n=6000, seed=8):
    """Cheap homes vary twice as much as the spread says, and values lie nearer the middle than prices."""
    random = np.random.default_rng(seed)
    value = random.normal(13.0, 0.5, n)
    spread = np.full(n, 0.1)
    return value + random.normal(0.0, 1.0, n) * np.where(value < 12.5, 0.2, 0.1), value, spread


def test_homes_of_every_value_and_of_every_price_are_covered_alike():
    calibration = calibrate(*_priced(), PARAMS)
    actual, value, spread = _priced(seed=9)
    low, _, high = calibration.interval(value, spread)
    inside = (low <= actual) & (actual <= high)
    assert inside.mean() == pytest.approx(0.8, abs=0.03)
    for order in (np.argsort(value), np.argsort(actual)):
        shares = [inside[rows].mean() for rows in np.array_split(order, 10)]
        assert min(shares) >= 0.68
        assert max(shares) <= 0.92
    assert calibration.band_factors[0] > 1.3 > calibration.band_factors[5]


def test_few_sales_have_one_width_for_all():
    actual, value, spread = _priced(n=80)
    calibration = calibrate(actual, value, spread, PARAMS)
    assert calibration.band_factors == ()
    assert np.array_equal(calibration.sized(spread, value), spread)


def test_months_to_come_have_wider_intervals_than_the_known_ones():
    wider = PARAMS.model_copy(update={"forward_factor": 1.5})
    plain, wide = (np.array(_calibrate(*_residuals(), p).ends()) for p in (PARAMS, wider))
    assert wide == pytest.approx(1.5 * plain)


def test_the_interval_stands_around_the_corrected_value():
    calibration = calibrate(*_priced(), PARAMS)
    low, middle, high = calibration.interval(np.array([12.0, 13.0]), np.array([0.1, 0.1]))
    assert middle == pytest.approx(np.array([12.0, 13.0]) + calibration.bias)
    assert (low < middle).all()
    assert (middle < high).all()


def test_json_brings_a_calibration_back_unchanged():
    calibration = _calibrate(*_residuals())
    assert Calibration.from_dict(json.loads(json.dumps(calibration.to_dict()))) == calibration
