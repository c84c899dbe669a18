"""Training: earlier sales to a value model, the same to the bit for the same rows in any order."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
import pandas as pd

from realestate_assets.domain.earlier_sales import earlier_sales, of_kind
from realestate_assets.domain.valuation.features import TRAINING_COLUMNS, FeatureSet
from realestate_assets.domain.valuation.intervals import Calibration, calibrate
from realestate_assets.domain.valuation.model import ValueModel
from realestate_assets.domain.valuation.out_of_fold import record
from realestate_assets.domain.valuation.params import LearnerParams, ValuationParams
from realestate_assets.domain.valuation.ratio_study import interval_coverage, ratio_study
from realestate_assets.domain.valuation.time_index import fit_time_index

# Below the smallest residual that means anything, so that its logarithm stays finite.
RESIDUAL_FLOOR = 0.005
END_OF_TREES = "end of trees"


@dataclass(frozen=True)
class OutOfFold:
    """Predictions for each sale by learners that have not seen its property."""

    log_value: np.ndarray
    spread: np.ndarray


@dataclass(frozen=True)
class Fits:
    """The training rows, ready for LightGBM, and how many fits may run at once."""

    matrix: np.ndarray
    folds: np.ndarray
    features: FeatureSet
    parallel: int

    def out_of_fold(self, target: np.ndarray, params: LearnerParams) -> tuple[np.ndarray, str]:
        """Out-of-fold predictions, and the text of the learner of all rows."""
        held = [self.folds == fold for fold in np.unique(self.folds)]
        chosen = [*(~rows for rows in held), np.ones(len(target), dtype=bool)]
        # LightGBM gives up Python's lock while it works.
        with ThreadPoolExecutor(self.parallel) as pool:
            texts = list(
                pool.map(lambda rows: _fit(self.matrix[rows], target[rows], self.features, params), chosen)
            )
        predicted = np.empty(len(target))
        for rows, text in zip(held, texts, strict=False):
            predicted[rows] = lgb.Booster(model_str=text).predict(self.matrix[rows], num_threads=1)
        return predicted, texts[-1]


def training_sales(history: pd.DataFrame, month: str, is_simulated: bool) -> pd.DataFrame:
    """What may train a model of `month`: earlier sales of one kind, in an order of their own."""
    return earlier_sales(of_kind(history, is_simulated)[list(TRAINING_COLUMNS)], month)


def train(sales: pd.DataFrame, kind: str, params: ValuationParams) -> ValueModel:
    """A model from the rows of `training_sales`; of one county, or pooled over several.

    Args:
        sales: earlier sales with their features.
        kind: `county` or `pooled`.
        params: all parameters; those that shape the model are stored with it.
    """
    features = FeatureSet.of_sales(sales, kind)
    index = fit_time_index(sales, params.time_index)
    folds = _folds(sales, params.training.folds)
    fits = Fits(features.matrix(sales), folds, features, params.training.parallel_fits)
    # At the level of the latest month: the step on to the valued month is added to predictions alone.
    target = np.log(sales["sale_price_usd"].to_numpy(float)) - index.log_level(sales["sale_date"])
    log_value, model_text = fits.out_of_fold(target, params.learner)
    residual = target - log_value
    # The spread too is judged out of fold: judged on its own rows it would look sharper than it is.
    log_spread, spread_text = fits.out_of_fold(_log_size(residual), params.spread_learner)
    out_of_fold = OutOfFold(log_value, np.exp(log_spread))
    calibration = calibrate(residual, out_of_fold.spread, params.intervals)
    return ValueModel(
        kind=kind,
        sales_used=len(sales),
        train_from=sales["sale_date"].min().strftime("%Y-%m-%d"),
        train_to=sales["sale_date"].max().strftime("%Y-%m-%d"),
        features=features,
        index=index,
        calibration=calibration,
        settings=params.model_settings(),
        metrics=_metrics(target, out_of_fold, calibration),
        model_text=model_text,
        spread_text=spread_text,
        data_fingerprint=fingerprint(sales),
        out_of_fold=record(
            sales,
            log_value + calibration.bias + index.log_level(sales["sale_date"]),
            calibration.bounded(out_of_fold.spread),
            calibration.ends(),
        ),
    )


def fingerprint(sales: pd.DataFrame) -> str:
    """SHA-256 of the training rows, exact to the bit; two equal ones trained on the same data."""
    columns = {
        name: [None if pd.isna(v) else str(v) for v in sales[name]]
        for name in ("county", "month", "property_id", "zip", "sale_date")
    }
    digest = hashlib.sha256(json.dumps(columns, sort_keys=True).encode())
    # Training sales are all valid: the verdict tells no two of them apart.
    for name in sorted(set(TRAINING_COLUMNS) - {*columns, "sale_validity"}):
        values = sales[name].to_numpy(dtype=float, na_value=np.nan)
        # + 0.0 and one NaN: equal numbers have equal bytes.
        digest.update(name.encode() + np.where(np.isnan(values), np.nan, values + 0.0).tobytes())
    return digest.hexdigest()


def _folds(sales: pd.DataFrame, count: int) -> np.ndarray:
    """Fold of each sale: properties dealt out in the order of their id, all sales of one together."""
    owner = sales["county"].astype(object) + "|" + sales["property_id"].astype(object)
    return pd.factorize(owner, sort=True)[0] % count


def _log_size(residual: np.ndarray) -> np.ndarray:
    return np.log(np.abs(residual - np.median(residual)) + RESIDUAL_FLOOR)


def _fit(matrix: np.ndarray, target: np.ndarray, features: FeatureSet, params: LearnerParams) -> str:
    data = lgb.Dataset(
        matrix,
        target,
        feature_name=features.names,
        categorical_feature=[features.place] if features.places else [],
        params={"verbosity": -1},
    )
    booster = lgb.train(params.booster_params(), data, num_boost_round=params.rounds)
    # What follows the trees repeats the settings, the number of threads among them.
    return booster.model_to_string().partition(END_OF_TREES)[0] + END_OF_TREES + "\n"


def _metrics(target: np.ndarray, out_of_fold: OutOfFold, calibration: Calibration) -> dict[str, object]:
    """Ratio study out of fold, at the level of the latest month; without the error of looking ahead."""
    centre = out_of_fold.log_value + calibration.bias
    spread = calibration.bounded(out_of_fold.spread)
    low, high = calibration.ends()
    price = np.exp(target)
    coverage = interval_coverage(np.exp(centre + low * spread), np.exp(centre + high * spread), price)
    return {**ratio_study(np.exp(centre), price), "interval_coverage": coverage}
