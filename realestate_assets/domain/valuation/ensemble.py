"""The point estimate: the mean of two LightGBM learners, one of them on top of the linear hedonic.

The *direct* learner fits the log price from the features as they stood in the month of each record. The
*local* learner fits what the hedonic leaves, from the same attributes and what the sales around left. Their
errors differ enough for the mean to beat both by 0.15 to 0.3 COD; figures stand in params.yaml.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from realestate_assets.domain.valuation.features import FeatureSet
from realestate_assets.domain.valuation.hedonic import Hedonic, fit_hedonic, hedonic_terms
from realestate_assets.domain.valuation.neighbourhood import (
    NEIGHBOURHOOD_FEATURES,
    Anchors,
    Neighbourhood,
    anchors_of,
)
from realestate_assets.domain.valuation.params import LearnerParams, NeighbourhoodParams, ValuationParams

if TYPE_CHECKING:
    import lightgbm as lgb

# The local learner has better figures of the sales around: those of the record's own month only cost it.
NOT_LOCAL = (
    "nearby_price_per_sqft_usd",
    "nearby_median_price_usd",
    "nearby_mean_distance_mi",
    "zip_median_price_per_sqft_usd",
)
SPREAD_FEATURES = ("log_value", "disagreement", *NEIGHBOURHOOD_FEATURES)
END_OF_TREES = "end of trees"


def fit_trees(
    matrix: np.ndarray, target: np.ndarray, names: list[str], categorical: list[str], params: LearnerParams
) -> str:
    """LightGBM's trees as text; those of `categorical` hold codes of categories."""
    # Heavy to import: not at each start.
    import lightgbm as lgb

    data = lgb.Dataset(
        matrix,
        target,
        feature_name=names,
        categorical_feature=categorical,
        params={"verbosity": -1},
    )
    booster = lgb.train(params.booster_params(), data, num_boost_round=params.rounds)
    # What follows the trees repeats the settings, the number of threads among them.
    return booster.model_to_string().partition(END_OF_TREES)[0] + END_OF_TREES + "\n"


def trees_of(text: str) -> "lgb.Booster":
    """The trees that `fit_trees` wrote."""
    import lightgbm as lgb

    return lgb.Booster(model_str=text)


def predict_trees(booster: "lgb.Booster", matrix: np.ndarray) -> np.ndarray:
    """One thread: rows are few, and the sum over the trees is the same on any number."""
    return np.asarray(booster.predict(matrix, num_threads=1))


@dataclass(frozen=True)
class Inputs:
    """Everything the learners look at, of the same rows."""

    matrix: np.ndarray
    terms: pd.DataFrame
    place: pd.Series
    neighbourhood: Neighbourhood

    @classmethod
    def of(
        cls, frame: pd.DataFrame, anchors: Anchors, features: FeatureSet, params: NeighbourhoodParams
    ) -> "Inputs":
        """Of rows of marts.features; the own price in them is not looked at."""
        terms, place = hedonic_terms(frame, features.extra), frame[features.place]
        return cls(features.matrix(frame), terms, place, Neighbourhood.of(frame, anchors, params))

    def rows(self, chosen: np.ndarray) -> "Inputs":
        """Of the chosen rows only."""
        around = self.neighbourhood.rows(chosen)
        return Inputs(self.matrix[chosen], self.terms[chosen], self.place[chosen], around)


@dataclass(frozen=True)
class Estimate:
    """Log values of some rows, by the ensemble and by the hedonic alone, and what the spread is judged by."""

    log_value: np.ndarray
    hedonic: np.ndarray
    spread_matrix: np.ndarray


def joined(estimates: list[Estimate], rows: list[np.ndarray]) -> Estimate:
    """Estimates of disjoint rows as one, each put where its rows stand."""
    order = np.argsort(np.concatenate([np.flatnonzero(chosen) for chosen in rows]), kind="stable")
    return Estimate(
        *(
            np.concatenate([getattr(e, name) for e in estimates])[order]
            for name in ("log_value", "hedonic", "spread_matrix")
        )
    )


def local_names(features: FeatureSet) -> list[str]:
    """Columns of the local learner's matrix."""
    return ["hedonic", *NEIGHBOURHOOD_FEATURES, *(n for n in features.names if n not in NOT_LOCAL)]


def spread_names(features: FeatureSet) -> list[str]:
    """Columns of the spread learner's matrix."""
    return [*SPREAD_FEATURES, *features.names]


@dataclass(frozen=True)
class Ensemble:
    """Hedonic, residuals of the sales it was fitted on, and the trees of both learners."""

    features: FeatureSet
    hedonic: Hedonic
    residual: np.ndarray = field(repr=False)
    log_per_sqft: np.ndarray = field(repr=False)
    local_weight: float
    direct_text: str = field(repr=False)
    local_text: str = field(repr=False)

    @classmethod
    def fit(
        cls,
        inputs: Inputs,
        target: np.ndarray,
        rows: np.ndarray,
        features: FeatureSet,
        params: ValuationParams,
    ) -> "Ensemble":
        """Learn from the chosen rows; `inputs` holds sales with the same sales as anchors.

        Args:
            inputs: of all training sales.
            target: their log prices at one level of time.
            rows: which of them are learned from; the others change nothing.
            features: columns of the matrix.
            params: all parameters.
        """
        hedonic = fit_hedonic(inputs.terms[rows], inputs.place[rows], target[rows], params.hedonic)
        level = hedonic.predict(inputs.terms, inputs.place)
        residual = _bounded(target - level, params.neighbourhood)
        # The hedonic's residuals know no price level; the price per sq ft of homes like this one does.
        log_per_sqft = target - inputs.terms["log_living_area_sqft"].to_numpy(float)
        around = inputs.neighbourhood.features(residual, log_per_sqft, rows)
        local = _local_matrix(inputs.matrix, level, around, features)
        coded = features.categorical
        direct_text = fit_trees(inputs.matrix[rows], target[rows], features.names, coded, params.learner)
        names = local_names(features)
        local_text = fit_trees(local[rows], (target - level)[rows], names, coded, params.local_learner)
        return cls(
            features,
            hedonic,
            np.where(rows, residual, 0.0),
            np.where(rows, log_per_sqft, 0.0),
            params.ensemble.local_weight,
            direct_text,
            local_text,
        )

    def estimate(self, inputs: Inputs, usable: np.ndarray | None = None) -> Estimate:
        """Values of all rows of the inputs, whose anchors are the sales that `fit` was given.

        Args:
            inputs: of any rows.
            usable: which anchors may speak; None for all.
        """
        level, matrix = self.local_inputs(inputs, usable)
        local = level + predict_trees(self._local, matrix)
        direct = predict_trees(self._direct, inputs.matrix)
        value = self.local_weight * local + (1.0 - self.local_weight) * direct
        around = matrix[:, 1 : 1 + len(NEIGHBOURHOOD_FEATURES)]
        spread = np.column_stack([value, np.abs(local - direct), around, inputs.matrix])
        return Estimate(value, level, spread)

    def local_inputs(self, inputs: Inputs, usable: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """The hedonic's log estimate of each row, and the matrix of the local learner (`local_names`)."""
        level = self.hedonic.predict(inputs.terms, inputs.place)
        around = inputs.neighbourhood.features(self.residual, self.log_per_sqft, usable)
        return level, _local_matrix(inputs.matrix, level, around, self.features)

    def tree_contributions(self, direct: np.ndarray, local: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """SHAP values of both learners by LightGBM itself: of a few rows, for which `tree_shap` is slower.

        Args:
            direct: the direct learner's matrix.
            local: the local learner's, as `local_inputs` gives it.
        """
        pairs = (self._direct, direct), (self._local, local)
        first, second = (
            np.asarray(booster.predict(matrix, pred_contrib=True, num_threads=1))[:, :-1]
            for booster, matrix in pairs
        )
        return first, second

    def to_dict(self) -> dict[str, Any]:
        """As stored with the model, without the texts of the trees."""
        return {
            "hedonic": self.hedonic.to_dict(),
            "local_weight": self.local_weight,
            "residual": self.residual.tolist(),
            "log_per_sqft": self.log_per_sqft.tolist(),
        }

    @classmethod
    def from_dict(
        cls, stored: Mapping, features: FeatureSet, direct_text: str, local_text: str
    ) -> "Ensemble":
        """From what `to_dict` gave, and the texts stored beside it."""
        return cls(
            features,
            Hedonic.from_dict(stored["hedonic"]),
            np.array(stored["residual"], dtype=float),
            np.array(stored["log_per_sqft"], dtype=float),
            stored["local_weight"],
            direct_text,
            local_text,
        )

    @cached_property
    def _direct(self) -> "lgb.Booster":
        return trees_of(self.direct_text)

    @cached_property
    def _local(self) -> "lgb.Booster":
        return trees_of(self.local_text)


def training_inputs(sales: pd.DataFrame, features: FeatureSet, params: ValuationParams) -> Inputs:
    """Inputs of sales among themselves."""
    return Inputs.of(sales, Anchors.of(anchors_of(sales)), features, params.neighbourhood)


def _bounded(residual: np.ndarray, params: NeighbourhoodParams) -> np.ndarray:
    """A sale far off the mark says little about its neighbours' prices."""
    return np.clip(residual, -params.max_residual, params.max_residual)


def _local_matrix(
    matrix: np.ndarray, level: np.ndarray, around: np.ndarray, features: FeatureSet
) -> np.ndarray:
    kept = [k for k, name in enumerate(features.names) if name not in NOT_LOCAL]
    return np.column_stack([level, around, matrix[:, kept]])
