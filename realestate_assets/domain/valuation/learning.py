"""Learning: what the sales before a month say, the ensemble and its out-of-fold estimates and spreads."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from realestate_assets.domain.valuation.ensemble import (
    Ensemble,
    Estimate,
    Inputs,
    fit_trees,
    joined,
    predict_trees,
    spread_names,
    training_inputs,
    trees_of,
)
from realestate_assets.domain.valuation.features import FeatureSet
from realestate_assets.domain.valuation.params import ValuationParams
from realestate_assets.domain.valuation.time_index import TimeIndex, fit_time_index

# Below the smallest residual that means anything, so that its logarithm stays finite.
RESIDUAL_FLOOR = 0.005
T = TypeVar("T")


@dataclass(frozen=True)
class Learned:
    """Everything learned from some sales; only the calibration is missing to a value model.

    `target` is the log price at the level of the latest month; `estimate` and `spread` are out of fold.
    """

    features: FeatureSet
    index: TimeIndex
    target: np.ndarray
    ensemble: Ensemble
    estimate: Estimate
    spread_text: str
    spread: np.ndarray


def learn(sales: pd.DataFrame, kind: str, params: ValuationParams) -> Learned:
    """Index, ensemble and spread of the rows of `training_sales`; the same on any number of threads."""
    # BLAS splits a sum by its threads, and the last digits with it: one thread, the same on any machine.
    with threadpool_limits(1, user_api="blas"):
        features = FeatureSet.of_sales(sales, kind)
        index = fit_time_index(sales, params.time_index)
        # The step on to the valued month is added to predictions alone.
        target = np.log(sales["sale_price_usd"].to_numpy(float)) - index.log_level(sales["sale_date"])
        folds = folds_of(sales, params.training.folds)
        fits = Fits(training_inputs(sales, features, params), target, folds, features, params)
        ensemble, estimate = fits.ensemble()
        spread_text, log_spread = fits.spread(estimate)
    return Learned(features, index, target, ensemble, estimate, spread_text, np.exp(log_spread))


@dataclass(frozen=True)
class Fits:
    """The training rows and their folds."""

    inputs: Inputs
    target: np.ndarray
    folds: np.ndarray
    features: FeatureSet
    params: ValuationParams

    def ensemble(self) -> tuple[Ensemble, Estimate]:
        """The ensemble of all rows, and out-of-fold estimates by those that have not seen the property.

        All that is learned is learned anew without the fold: hedonic, residuals around, both learners.
        """
        held, chosen = self._rows()
        fitted = self._each(
            lambda rows: Ensemble.fit(self.inputs, self.target, rows, self.features, self.params), chosen
        )
        parts = [
            each.estimate(self.inputs.rows(rows), ~rows) for each, rows in zip(fitted, held, strict=False)
        ]
        return fitted[-1], joined(parts, held)

    def spread(self, estimate: Estimate) -> tuple[str, np.ndarray]:
        """The spread learner, and its out-of-fold log spread: on its own rows it would look too sharp."""
        held, chosen = self._rows()
        size = _log_size(self.target - estimate.log_value)
        texts = self._each(
            lambda rows: fit_trees(
                estimate.spread_matrix[rows],
                size[rows],
                spread_names(self.features),
                self.features.categorical,
                self.params.spread_learner,
            ),
            chosen,
        )
        log_spread = np.empty(len(size))
        for rows, text in zip(held, texts, strict=False):
            log_spread[rows] = predict_trees(trees_of(text), estimate.spread_matrix[rows])
        return texts[-1], log_spread

    def _rows(self) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Rows of each fold, and what each fit learns from: all but a fold, and in the last all."""
        held = [self.folds == fold for fold in np.unique(self.folds)]
        return held, [*(~rows for rows in held), np.ones(len(self.target), dtype=bool)]

    def _each(self, fit: Callable[[np.ndarray], T], chosen: list[np.ndarray]) -> list[T]:
        # LightGBM gives up Python's lock while it works.
        with ThreadPoolExecutor(self.params.training.parallel_fits) as pool:
            return list(pool.map(fit, chosen))


def folds_of(sales: pd.DataFrame, count: int) -> np.ndarray:
    """Fold of each sale: properties dealt out in the order of their id, all sales of one together."""
    owner = sales["county"].astype(object) + "|" + sales["property_id"].astype(object)
    return pd.factorize(owner, sort=True)[0] % count


def _log_size(residual: np.ndarray) -> np.ndarray:
    return np.log(np.abs(residual - np.median(residual)) + RESIDUAL_FLOOR)
