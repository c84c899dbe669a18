"""Tuning: what may be tried, what it is judged by, and a study that survives being stopped."""

from dataclasses import replace

import optuna
import pandas as pd
import pytest
import yaml

from realestate_assets.domain.valuation.params import load_params
from realestate_assets.domain.valuation.train import train, training_sales
from realestate_assets.domain.valuation.tuning import (
    Tuning,
    accuracy_of,
    as_yaml,
    load_tuning,
    parameter,
    rolling_months,
    with_values,
)
from realestate_assets.domain.valuation.tuning_study import open_study, tune
from resources.errors import PermanentError
from tests.unit.domain.valuation.sold_homes import quick_params, sold_homes

MONTHS = ["2015-01", "2015-02"]
SPACE = {
    "learner.rounds": {"low": 5, "high": 600},
    "learner.learning_rate": {"low": 0.05, "high": 0.3, "log": True},
    "ensemble.local_weight": {"low": 0.2, "high": 0.8},
}
SETTINGS = Tuning(trials=3, timeout_seconds=600, seed=7, startup_trials=2, space=SPACE)


@pytest.fixture(scope="module")
def history() -> pd.DataFrame:
    return sold_homes(growth=0.005, per_month=50)


def distance(params) -> dict[str, float]:
    """An objective that costs nothing and has its best in the middle."""
    cod = abs(params.ensemble.local_weight - 0.4) + abs(params.learner.rounds - 20) / 100
    return {"cod": cod, "median_ratio": 1.0, "mdape_pct": cod}


def test_every_range_of_the_shipped_file_is_of_a_parameter_and_holds_the_shipped_value():
    tuning, params = load_tuning(), load_params()
    for path, span in tuning.space.items():
        assert span.low <= parameter(params, path) <= span.high, path
        for end in (span.low, span.high):
            whole = isinstance(parameter(params, path), int)
            with_values(params, {path: int(end) if whole else end})


@pytest.mark.parametrize(
    "space",
    [
        {"learner.rounds": {"low": 9, "high": 3}},
        {"learner.lambda_l2": {"low": 0.0, "high": 3.0, "log": True}},
        {"time_index.smoothing": {"low": 0.1, "high": 3.0}},
        {},
    ],
)
def test_a_range_that_cannot_be_searched_is_refused(space):
    with pytest.raises(ValueError):
        Tuning(trials=3, timeout_seconds=600, seed=7, startup_trials=2, space=space)


def test_a_parameter_that_is_not_there_is_named():
    with pytest.raises(PermanentError, match=r"learner\.leafs"):
        parameter(load_params(), "learner.leafs")


def test_values_are_put_into_the_parameters_and_written_as_yaml():
    values = {"learner.rounds": 41, "ensemble.local_weight": 0.123456}
    params = with_values(load_params(), values)
    assert (params.learner.rounds, params.ensemble.local_weight) == (41, 0.123456)
    assert params.local_learner == load_params().local_learner
    assert yaml.safe_load(as_yaml(values)) == {
        "learner": {"rounds": 41},
        "ensemble": {"local_weight": 0.1235},
    }


def test_a_month_is_judged_by_what_the_product_would_have_said_before_its_calibration(history):
    params = quick_params()
    prepared = rolling_months(history, MONTHS[:1], False, params)
    own = history[history["month"] == MONTHS[0]].sort_values("property_id")
    model = train(training_sales(history, MONTHS[0], False), "county", params)
    # The product adds the bias and what each band of value is off; both come of out-of-fold values.
    plain = replace(model.calibration, bias=0.0, centre_values=(), centre_points=())
    value = replace(model, calibration=plain).predict(own)["market_value_p50_usd"]
    ratio = value / own["sale_price_usd"]
    found = accuracy_of(prepared, params)
    assert found["median_ratio"] == pytest.approx(ratio.median())
    assert found["cod"] == pytest.approx(100 * (ratio - ratio.median()).abs().mean() / ratio.median())


def test_the_future_changes_nothing_and_sales_that_are_not_valid_judge_nothing(history):
    params = quick_params()
    before = accuracy_of(rolling_months(history, MONTHS[:1], False, params), params)
    later = history["month"] > MONTHS[0]
    spoilt = history.assign(sale_price_usd=history["sale_price_usd"].where(~later, 9e6))
    invalid = history[history["month"] == MONTHS[0]].head(9)
    invalid = invalid.assign(
        sale_validity="RESOLD_WITHIN_365_DAYS",
        sale_price_usd=9e6,
        property_id=lambda f: "x" + f["property_id"],
    )
    again = accuracy_of(rolling_months(pd.concat([spoilt, invalid]), MONTHS[:1], False, params), params)
    assert again == before


def test_months_without_enough_sales_before_them_are_refused(history):
    with pytest.raises(PermanentError, match="2014-06 has 50 valid sales and 50 before it"):
        rolling_months(history, ["2014-06"], False, load_params())
    with pytest.raises(PermanentError, match="2016-01 has 0 valid sales"):
        rolling_months(history, ["2016-01"], False, load_params())


def test_the_first_trial_is_the_shipped_parameters_and_the_best_comes_first():
    study = open_study("s", optuna.storages.InMemoryStorage(), SETTINGS)
    trials = tune(study, SETTINGS, load_params(), distance)
    assert len(trials) == 3
    shipped = trials.set_index("trial").loc[0]
    assert shipped["learner.rounds"] == load_params().learner.rounds
    assert trials["cod"].is_monotonic_increasing


def test_the_same_seed_tries_the_same_parameters_and_another_one_others():
    def tried(seed: int) -> pd.DataFrame:
        settings = SETTINGS.model_copy(update={"seed": seed, "trials": 5})
        study = open_study("s", optuna.storages.InMemoryStorage(), settings)
        return tune(study, settings, quick_params(), distance).drop(columns="seconds")

    pd.testing.assert_frame_equal(tried(7), tried(7))
    assert not tried(7).equals(tried(8))


def test_no_trial_begins_after_the_time_is_up():
    study = open_study("s", optuna.storages.InMemoryStorage(), SETTINGS)
    trials = tune(study, SETTINGS.model_copy(update={"timeout_seconds": 1e-9}), quick_params(), distance)
    assert trials.empty
