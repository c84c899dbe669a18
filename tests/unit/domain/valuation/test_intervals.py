import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.valuation.intervals import Calibration, calibrate
from realestate_assets.domain.valuation.params import load_params

PARAMS = load_params().intervals


def _residuals(n=4000, seed=5):
    random = np.random.default_rng(seed)
    spread = np.exp(random.normal(-2.3, 0.5, n))
    return random.normal(0.03, 1.0, n) * spread + 0.03, spread


def test_the_interval_covers_four_in_five_whatever_the_spread_and_new_residuals_too():
    calibration = calibrate(*_residuals(), PARAMS)
    residual, spread = _residuals(seed=6)
    low, high = calibration.ends()
    inside = (residual - calibration.bias >= low * spread) & (residual - calibration.bias <= high * spread)
    assert inside.mean() == pytest.approx(0.8, abs=0.02)
    wide = spread > np.median(spread)
    assert inside[wide].mean() == pytest.approx(0.8, abs=0.03)


def test_the_bias_is_the_median_residual():
    residual, spread = _residuals()
    assert calibrate(residual, spread, PARAMS).bias == pytest.approx(np.median(residual))


def test_probability_agrees_with_the_interval():
    calibration = calibrate(*_residuals(), PARAMS)
    low, high = calibration.ends()
    spread = np.full(3, 0.2)
    found = calibration.probability_above(np.array([low, 0.0, high]) * 0.2, spread)
    assert found == pytest.approx([0.9, 0.5, 0.1], abs=1e-6)


@given(st.lists(st.floats(-3, 3), min_size=2, max_size=30), st.floats(0.0, 1.0))
def test_probability_falls_with_the_ratio_and_stays_inside_zero_and_one(ratios, spread):
    calibration = calibrate(*_residuals(300), PARAMS)
    ordered = np.sort(np.array(ratios))
    found = calibration.probability_above(ordered, np.full(len(ordered), spread))
    assert (np.diff(found) <= 1e-12).all()
    assert ((found > 0) & (found < 1)).all()


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=80))
def test_the_lower_end_is_never_above_the_middle_nor_the_upper_below(residuals):
    values = np.array(residuals)
    calibration = calibrate(values, np.full(len(values), 0.1), PARAMS)
    low, high = calibration.ends()
    assert low <= 0.0 <= high
    assert (np.diff(calibration.quantiles) > 0).all()


def test_a_spread_near_zero_is_not_believed():
    calibration = calibrate(*_residuals(), PARAMS)
    assert calibration.bounded(np.array([0.0, 0.5])).tolist() == [PARAMS.min_spread, 0.5]


def test_json_brings_a_calibration_back_unchanged():
    calibration = calibrate(*_residuals(), PARAMS)
    assert Calibration.from_dict(json.loads(json.dumps(calibration.to_dict()))) == calibration
