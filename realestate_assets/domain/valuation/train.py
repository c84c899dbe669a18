"""Training: earlier sales to a value model, the same to the bit for the same rows in any order."""

import hashlib
import json
from typing import Any

import numpy as np
import pandas as pd

from realestate_assets.domain.valuation.ensemble import Estimate
from realestate_assets.domain.valuation.features import TRAINING_COLUMNS
from realestate_assets.domain.valuation.history import earlier_sales, of_kind
from realestate_assets.domain.valuation.intervals import Calibration, calibrate
from realestate_assets.domain.valuation.learning import Learned, learn
from realestate_assets.domain.valuation.median_homes import median_homes
from realestate_assets.domain.valuation.model import ValueModel
from realestate_assets.domain.valuation.neighbourhood import anchors_of
from realestate_assets.domain.valuation.out_of_fold import record
from realestate_assets.domain.valuation.params import ValuationParams
from realestate_assets.domain.valuation.ratio_study import interval_coverage, ratio_study


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
    return calibrated(sales, kind, learn(sales, kind, params), params)


def calibrated(sales: pd.DataFrame, kind: str, learned: Learned, params: ValuationParams) -> ValueModel:
    """The model of what was learned from these sales, with intervals by the parameters given."""
    calibration = calibrate(learned.target, learned.estimate.log_value, learned.spread, params.intervals)
    ends = calibration.interval(learned.estimate.log_value, learned.spread)
    level = learned.index.log_level(sales["sale_date"])
    return ValueModel(
        kind=kind,
        sales_used=len(sales),
        train_from=sales["sale_date"].min().strftime("%Y-%m-%d"),
        train_to=sales["sale_date"].max().strftime("%Y-%m-%d"),
        features=learned.features,
        index=learned.index,
        calibration=calibration,
        settings=params.model_settings(),
        metrics=_metrics(learned.target, learned.estimate, learned.spread, calibration),
        anchors=anchors_of(sales),
        ensemble=learned.ensemble,
        spread_text=learned.spread_text,
        data_fingerprint=fingerprint(sales),
        out_of_fold=record(sales, tuple(end + level for end in ends)),
        median_homes=median_homes(sales, ends[1], learned.features),
    )


def fingerprint(sales: pd.DataFrame) -> str:
    """SHA-256 of the training rows, exact to the bit; two equal ones trained on the same data."""
    columns = {
        name: [None if pd.isna(v) else str(v) for v in sales[name]]
        for name in ("county", "month", "property_id", "zip", "sale_date")
    }
    digest = hashlib.sha256(json.dumps(columns, sort_keys=True).encode())
    # Training sales are all valid: the verdict tells no two of them apart.
    for name in (n for n in ("place", "extra_features") if n in sales and sales[n].notna().any()):
        # The ZIP is the place of most: what says the same tells no two sales apart.
        if name == "extra_features" or not sales[name].astype(object).equals(sales["zip"].astype(object)):
            digest.update(json.dumps([None if pd.isna(v) else str(v) for v in sales[name]]).encode())
    for name in sorted(set(TRAINING_COLUMNS) - {*columns, "sale_validity", "place", "extra_features"}):
        values = sales[name].to_numpy(dtype=float, na_value=np.nan)
        # + 0.0 and one NaN: equal numbers have equal bytes.
        digest.update(name.encode() + np.where(np.isnan(values), np.nan, values + 0.0).tobytes())
    return digest.hexdigest()


def _metrics(
    target: np.ndarray, estimate: Estimate, spread: np.ndarray, calibration: Calibration
) -> dict[str, Any]:
    """Ratio study out of fold, at the level of the latest month, and beside it that of the linear hedonic."""
    price = np.exp(target)
    low, middle, high = (np.exp(v) for v in calibration.interval(estimate.log_value, spread))
    linear = ratio_study(np.exp(estimate.hedonic), price)
    return {
        **ratio_study(middle, price),
        "interval_coverage": interval_coverage(low, high, price),
        **{f"linear_{name}": value for name, value in linear.items()},
    }
