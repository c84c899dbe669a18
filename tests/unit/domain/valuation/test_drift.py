import numpy as np
import pandas as pd
import pytest

from realestate_assets.checks.drift import drifted_features
from realestate_assets.domain.valuation.drift import error_drift, feature_drift, stability_index
from realestate_assets.domain.valuation.features import NUMERIC_FEATURES
from realestate_assets.domain.valuation.promotion_policy import load_policy
from resources.partition import Partition
from tests.unit.domain.valuation.sold_homes import sold_homes

RULES = load_policy().drift


def test_the_index_is_worked_by_hand():
    # Two classes, 50/50 then and 80/20 now: 0.3 x ln(1.6) - 0.3 x ln(0.4), less 1/1000 + 1/1000 of chance.
    then, now = np.repeat([0.0, 1.0], [500, 500]), np.repeat([0.0, 1.0], [800, 200])
    expected = 0.3 * np.log(0.8 / 0.5) - 0.3 * np.log(0.2 / 0.5) - 0.002
    assert stability_index(then, now) == pytest.approx(expected)


def test_two_samples_of_one_population_do_not_drift_even_where_they_are_small():
    random = np.random.default_rng(1)
    found = [stability_index(random.normal(0, 1, 5_000), random.normal(0, 1, 100)) for _ in range(200)]
    assert np.mean(np.array(found) > RULES.psi_watch) < 0.05


def test_a_shift_of_half_a_deviation_is_seen_and_so_are_values_gone_missing():
    random = np.random.default_rng(1)
    then = random.normal(0, 1, 5_000)
    assert stability_index(then, random.normal(1.0, 1, 500)) > RULES.psi_shift
    half = random.normal(0, 1, 500)
    half[:250] = np.nan
    assert stability_index(then, half) > RULES.psi_shift
    assert stability_index(then, np.full(500, np.nan)) > RULES.psi_shift
    assert stability_index(np.full(500, np.nan), np.full(500, np.nan)) == 0.0
    assert stability_index(then, np.empty(0)) is None


def test_drifted_features_are_named_highest_first_and_small_samples_say_nothing():
    random = np.random.default_rng(2)
    then = pd.DataFrame({"a": random.normal(0, 1, 900), "b": random.normal(0, 1, 900), "c": 1.0})
    now = pd.DataFrame({"a": random.normal(1, 1, 300), "b": random.normal(3, 1, 300), "c": 1.0})
    assert list(feature_drift(then, now, ("a", "b", "c"), RULES)) == ["b", "a"]
    assert feature_drift(then, now.head(99), ("a", "b", "c"), RULES) == {}


def test_a_month_of_larger_homes_is_told_and_one_like_the_others_is_not():
    homes = sold_homes(months=6, per_month=150)
    homes = homes.assign(**{name: homes[name].astype(float) for name in NUMERIC_FEATURES})
    last = homes["month"].max()
    assert dict(drifted_features(homes, [Partition("king-wa", last)])) == {}
    larger = homes.assign(
        living_area_sqft=homes["living_area_sqft"].where(homes["month"] < last, homes["living_area_sqft"] * 2)
    )
    found = dict(drifted_features(larger, [Partition("king-wa", last)]))
    assert list(found) == [f"king-wa|{last}"]
    assert found[f"king-wa|{last}"]["living_area_sqft"] > RULES.psi_shift


def test_errors_unlike_those_foretold_are_told_with_both_figures():
    foretold = {"median_ratio": 1.0, "cod": 11.0}
    assert error_drift(foretold, {"n": 100, "median_ratio": 0.96, "cod": 13.0}, RULES) == []
    (level,) = error_drift(foretold, {"n": 100, "median_ratio": 0.93, "cod": 11.0}, RULES)
    assert "0.930 against 1.000" in level
    (spread,) = error_drift(foretold, {"n": 100, "median_ratio": 1.0, "cod": 14.0}, RULES)
    assert "COD 14.0 against 11.0" in spread
    assert error_drift(foretold, {"n": 29, "median_ratio": 2.0, "cod": 90.0}, RULES) == []
    assert error_drift({}, {"n": 100, "median_ratio": 2.0, "cod": 90.0}, RULES) == []
