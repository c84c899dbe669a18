"""Training: earlier sales to a value model, the same to the bit for the same rows in any order."""

import hashlib
import json
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
import pandas as pd

from realestate_assets.domain.earlier_sales import earlier_sales, of_kind
from realestate_assets.domain.valuation.features import TRAINING_COLUMNS, FeatureSet
from realestate_assets.domain.valuation.intervals import Calibration, calibrate
from realestate_assets.domain.valuation.model import ValueModel
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
    matrix = features.matrix(sales)
    # At the level of the latest month: the step on to the valued month is added to predictions alone.
    target = np.log(sales["sale_price_usd"].to_numpy(float)) - index.log_level(sales["sale_date"])
    out_of_fold = _out_of_fold(matrix, target, _folds(sales, params.training.folds), features, params)
    residual = target - out_of_fold.log_value
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
        model_text=_fit(matrix, target, features, params.learner),
        spread_text=_fit(matrix, _log_size(residual), features, params.spread_learner),
        data_fingerprint=fingerprint(sales),
    )


def fingerprint(sales: pd.DataFrame) -> str:
    """SHA-256 of the training rows, exact to the bit; two equal ones trained on the same data."""
    columns = {
        name: [None if pd.isna(v) else str(v) for v in sales[name]]
        for name in ("county", "month", "property_id", "zip", "sale_date")
    }
    digest = hashlib.sha256(json.dumps(columns, sort_keys=True).encode())
    for name in sorted(set(TRAINING_COLUMNS) - set(columns)):
        values = sales[name].to_numpy(dtype=float, na_value=np.nan)
        # + 0.0 and one NaN: equal numbers have equal bytes.
        digest.update(name.encode() + np.where(np.isnan(values), np.nan, values + 0.0).tobytes())
    return digest.hexdigest()


def _folds(sales: pd.DataFrame, count: int) -> np.ndarray:
    """Fold of each sale: properties dealt out in the order of their id, all sales of one together."""
    owner = sales["county"].astype(object) + "|" + sales["property_id"].astype(object)
    return pd.factorize(owner, sort=True)[0] % count


def _out_of_fold(
    matrix: np.ndarray, target: np.ndarray, folds: np.ndarray, features: FeatureSet, params: ValuationParams
) -> OutOfFold:
    log_value = _cross_fit(matrix, target, folds, features, params.learner)
    # The spread too is judged out of fold: judged on its own rows it would look sharper than it is.
    size = _log_size(target - log_value)
    return OutOfFold(log_value, np.exp(_cross_fit(matrix, size, folds, features, params.spread_learner)))


def _cross_fit(
    matrix: np.ndarray, target: np.ndarray, folds: np.ndarray, features: FeatureSet, params: LearnerParams
) -> np.ndarray:
    predicted = np.empty(len(target))
    for fold in np.unique(folds):
        held = folds == fold
        text = _fit(matrix[~held], target[~held], features, params)
        predicted[held] = lgb.Booster(model_str=text).predict(matrix[held], num_threads=params.num_threads)
    return predicted


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
