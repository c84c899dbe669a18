"""The rent of a home, learned from advertisements: a shrunken linear part, trees on the rest, an interval.

The linear part knows every place and can carry a level where few rents are; the trees know how bedrooms, area
and words work together. The trees learn from residuals out of fold: residuals of rents that the linear part
has seen would be too small where places are many. Intervals come from residuals out of fold of the whole,
scaled by what trees say of their size (locally weighted split conformal, J. Lei et al., JASA 113, 2018), so
that a share of at least the levels' distance holds whatever the errors look like.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from realestate_assets.domain.rents.design import Design
from realestate_assets.domain.rents.params import RentParams
from realestate_assets.domain.rents.words import AMENITIES, TYPES

if TYPE_CHECKING:
    import lightgbm as lgb
    from scipy import sparse

Floats = np.ndarray
RENT_COLUMNS = ("rent_p10_usd", "rent_p50_usd", "rent_p90_usd")


@dataclass(frozen=True)
class Fitted:
    """Linear part and trees, without an interval."""

    design: Design
    coefficients: Floats
    mean: float
    trees: "lgb.Booster"

    @classmethod
    def fit(cls, homes: pd.DataFrame, log_rent: Floats, groups: Floats, params: RentParams) -> "Fitted":
        """Learn both parts.

        Args:
            homes: rows of `homes.homes`, with `months_ago` where rents are of several months.
            log_rent: log of their rents.
            groups: advertisements of one home have one number; they stand in one fold.
            params: all parameters.
        """
        design, mean = Design.of(homes, params.linear), float(np.mean(log_rent))
        matrix = design.matrix(homes)
        folds = folds_of(groups, params.inner_folds, params.seed + 1)
        linear = np.empty(len(log_rent))
        for fold in np.unique(folds):
            own = folds == fold
            linear[own] = matrix[own] @ _ridge(matrix[~own], log_rent[~own] - mean, params) + mean
        trees = _boosted(_tree_columns(homes, linear, design), log_rent - linear, params, params.trees.rounds)
        return cls(design, _ridge(matrix, log_rent - mean, params), mean, trees)

    def log_rent(self, homes: pd.DataFrame) -> Floats:
        """Log of the predicted rent."""
        return self._parts(homes)[0]

    def tree_columns(self, homes: pd.DataFrame) -> Floats:
        """What the trees see, for trees that say how far off the prediction may be."""
        return self._parts(homes)[1]

    def _parts(self, homes: pd.DataFrame) -> tuple[Floats, Floats]:
        linear = self.design.matrix(homes) @ self.coefficients + self.mean
        columns = _tree_columns(homes, linear, self.design)
        return linear + np.asarray(self.trees.predict(columns, num_threads=1)), columns


@dataclass(frozen=True)
class RentModel:
    """What a market's rents say of any home: P10, P50 and P90.

    Args:
        fitted: both parts, learned from all rents.
        size: trees on the log of the residuals' size.
        low: quantile of residual over size at the lower level.
        high: at the upper level.
        rents: how many rents it was learned from.
        out_of_fold: per rent `predicted` (log, by a model that has not seen its group) and `size`.
    """

    fitted: Fitted
    size: "lgb.Booster"
    low: float
    high: float
    rents: int
    out_of_fold: pd.DataFrame

    @classmethod
    def fit(cls, homes: pd.DataFrame, rent_usd: Floats, groups: Floats, params: RentParams) -> "RentModel":
        """Learn rents and their interval; the same rows in the same order give the same model.

        Args:
            homes: rows of `homes.homes`.
            rent_usd: their rents, USD a month.
            groups: advertisements of one home have one number.
            params: all parameters.
        """
        homes, log_rent = homes.reset_index(drop=True), np.log(np.asarray(rent_usd, dtype=float))
        folds = folds_of(groups, params.folds, params.seed)
        # BLAS splits a sum by its threads, and the last digits with it: one thread, the same on any machine.
        with threadpool_limits(1, user_api="blas"):
            predicted, columns = np.empty(len(homes)), []
            for fold in np.unique(folds):
                own = folds == fold
                part = Fitted.fit(homes[~own].reset_index(drop=True), log_rent[~own], groups[~own], params)
                predicted[own], seen = part._parts(homes[own].reset_index(drop=True))
                columns.append(pd.DataFrame(seen, index=np.flatnonzero(own)))
            fitted = Fitted.fit(homes, log_rent, groups, params)
        seen = pd.concat(columns).sort_index().to_numpy()
        residual, interval = log_rent - predicted, params.interval
        log_size = np.log(np.abs(residual) + interval.size_floor)
        size = np.empty(len(homes))
        for fold in np.unique(folds):
            own = folds == fold
            size[own] = np.exp(
                _boosted(seen[~own], log_size[~own], params, interval.rounds).predict(
                    seen[own], num_threads=1
                )
            )
        scaled = np.sort(residual / size)
        return cls(
            fitted=fitted,
            size=_boosted(seen, log_size, params, interval.rounds),
            low=_conformal(scaled, interval.lower_level),
            high=-_conformal(np.sort(-scaled), 1 - interval.upper_level),
            rents=len(homes),
            out_of_fold=pd.DataFrame({"predicted": predicted, "size": size}),
        )

    def predict(self, homes: pd.DataFrame) -> pd.DataFrame:
        """RENT_COLUMNS, USD a month, aligned to the rows of `homes.homes`."""
        with threadpool_limits(1, user_api="blas"):
            middle, columns = self.fitted._parts(homes)
        size = np.exp(np.asarray(self.size.predict(columns, num_threads=1)))
        ends = (np.minimum(self.low * size, 0.0), np.zeros(len(size)), np.maximum(self.high * size, 0.0))
        found = {name: np.exp(middle + end) for name, end in zip(RENT_COLUMNS, ends, strict=True)}
        return pd.DataFrame(found, index=homes.index)


def folds_of(groups: Floats, count: int, seed: int) -> Floats:
    """Fold of each row: whole groups are dealt out at random, as evenly as they go."""
    codes, names = pd.factorize(groups)
    dealt = np.random.default_rng(seed).permutation(len(names)) % count
    return dealt[codes]


def _conformal(ascending: Floats, level: float) -> float:
    """The lower quantile that a new value falls below with a chance of at most `level`."""
    at = int(np.floor(level * (len(ascending) + 1))) - 1
    return float(ascending[max(at, 0)])


def _ridge(matrix: "sparse.csr_matrix", target: Floats, params: RentParams) -> Floats:
    # Heavy to import: not at each start.
    from scipy.sparse.linalg import lsqr

    linear = params.linear
    return lsqr(matrix, target, damp=np.sqrt(linear.penalty), iter_lim=linear.max_iterations)[0]


def _tree_columns(homes: pd.DataFrame, linear: Floats, design: Design) -> Floats:
    kind = pd.Index(TYPES).get_indexer(homes["kind"])
    return np.column_stack(
        [
            design.markets.get_indexer(homes["market"]),
            kind,
            homes[["beds", "log_area", "baths", "latitude", "longitude"]].to_numpy(float),
            linear,
            homes[list(AMENITIES)].to_numpy(float),
        ]
    )


def _boosted(columns: Floats, target: Floats, params: RentParams, rounds: int) -> "lgb.Booster":
    import lightgbm as lgb

    trees = params.trees
    options = {
        "objective": "regression_l1",
        "learning_rate": trees.learning_rate,
        "num_leaves": trees.num_leaves,
        "min_data_in_leaf": trees.min_data_in_leaf,
        "feature_fraction": trees.feature_fraction,
        "bagging_fraction": trees.bagging_fraction,
        "bagging_freq": 1,
        "lambda_l2": trees.lambda_l2,
        "seed": params.seed,
        "num_threads": 1,
        "deterministic": True,
        "verbosity": -1,
    }
    data = lgb.Dataset(columns, target, categorical_feature=[0, 1], params={"verbosity": -1})
    return lgb.train(options, data, num_boost_round=rounds)
