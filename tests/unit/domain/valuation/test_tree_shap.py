"""SHAP values against LightGBM's own, on trees of every kind the learners may grow."""

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realestate_assets.domain.valuation import tree_shap as module
from realestate_assets.domain.valuation.tree_shap import tree_shap


def fitted(seed: int, *, features: int = 5, missing: float = 0.2, **params: object):
    """A booster on random rows, the last feature a category, and rows it has not seen."""
    random = np.random.default_rng(seed)
    matrix = random.normal(size=(700, features))
    matrix[:, 0] = np.round(matrix[:, 0])
    matrix[:, -1] = random.integers(0, 70, 700)
    target = matrix[:, 0] * matrix[:, 1] + np.sin(matrix[:, -1]) + random.normal(0, 0.1, 700)
    matrix[:, 1][random.random(700) < missing] = np.nan
    matrix[:, -1][random.random(700) < missing] = np.nan
    data = lgb.Dataset(matrix[:500], target[:500], categorical_feature=[features - 1])
    fixed = {"verbosity": -1, "num_threads": 1, "seed": seed, "min_data_in_leaf": 5, "learning_rate": 0.3}
    booster = lgb.train({**fixed, **params}, data, num_boost_round=8)
    rows = matrix[500:].copy()
    # A category nobody has seen, and a value missing where training had none.
    rows[0, -1], rows[1, 0], rows[2, -1] = 500.0, np.nan, -3.0
    return booster, rows


def assert_as_lightgbm(booster: lgb.Booster, rows: np.ndarray) -> None:
    expected = booster.predict(rows, pred_contrib=True, num_threads=1)
    found, constant = tree_shap(booster.model_to_string(), rows)
    np.testing.assert_allclose(found, expected[:, :-1], atol=1e-9)
    np.testing.assert_allclose(constant, expected[0, -1], atol=1e-9)
    np.testing.assert_allclose(found.sum(axis=1) + constant, booster.predict(rows), atol=1e-9)


@settings(max_examples=25)
@given(
    seed=st.integers(0, 10_000),
    leaves=st.integers(2, 80),
    missing=st.sampled_from([0.0, 0.3]),
    extra=st.booleans(),
    bagging=st.sampled_from([1.0, 0.7]),
)
def test_the_values_are_lightgbms_own(seed, leaves, missing, extra, bagging):
    booster, rows = fitted(
        seed, missing=missing, num_leaves=leaves, extra_trees=extra, bagging_fraction=bagging, bagging_freq=1
    )
    assert_as_lightgbm(booster, rows)


def test_long_paths_are_worked_out_row_by_row_with_the_same_result(monkeypatch):
    booster, rows = fitted(3, features=12, num_leaves=60)
    assert_as_lightgbm(booster, rows)
    monkeypatch.setattr(module, "MAX_TABLE_FEATURES", 2)
    assert_as_lightgbm(booster, rows)


def test_many_leaves_are_worked_out_in_parts_with_the_same_result(monkeypatch):
    booster, rows = fitted(4, num_leaves=31)
    monkeypatch.setattr(module, "CHUNK", 100)
    assert_as_lightgbm(booster, rows)


def test_a_tree_without_a_split_is_a_constant():
    booster, rows = fitted(5, min_gain_to_split=1e9)
    found, constant = tree_shap(booster.model_to_string(), rows)
    assert not found.any()
    assert constant == pytest.approx(booster.predict(rows)[0])
