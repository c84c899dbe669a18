"""A trained value model: predicts, and goes to and from a row of valuation_models as text and JSON."""

import hashlib
import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from realestate_assets.domain.valuation.ensemble import Ensemble, Inputs, predict_trees, trees_of
from realestate_assets.domain.valuation.features import FeatureSet
from realestate_assets.domain.valuation.intervals import Calibration
from realestate_assets.domain.valuation.neighbourhood import Anchors, anchors_from_dict, anchors_to_dict
from realestate_assets.domain.valuation.params import NeighbourhoodParams
from realestate_assets.domain.valuation.time_index import TimeIndex
from resources.partition import Partition, county_path

if TYPE_CHECKING:
    import lightgbm as lgb

# Rows valued at once: 60 neighbours of each in five weights are 10 MB then, and 2.4 GB for a million.
AT_ONCE = 4_096
# Parts at a time; LightGBM alone on all cores leaves a third of the work to one of them.
THREADS = min(4, os.cpu_count() or 1)
TRAINED = "trained"
INSUFFICIENT_SALES = "INSUFFICIENT_SALES"
MODEL_COLUMNS = (
    "model_id",
    "kind",
    "sales_used",
    "train_from",
    "train_to",
    "features_json",
    "params_json",
    "metrics_json",
    "index_json",
    "calibration_json",
    "out_of_fold_json",
    "median_homes_json",
    "ensemble_json",
    "anchors_json",
    "model_text",
    "local_text",
    "spread_text",
    "data_fingerprint",
)


def model_path(county_slug: str, model_id: str) -> str:
    """Path of a model below the lake; a file is never changed."""
    return f"models/{county_path(county_slug)}/{model_id}.json"


def card_path(partition: Partition) -> str:
    """Path of a model's card below the lake, by the partition it was trained for."""
    return f"model_cards/{partition.hive_path}/index.html"


def as_json(value: object) -> str:
    """JSON with sorted keys: the same content gives the same bytes."""
    return json.dumps(value, sort_keys=True, allow_nan=False)


@dataclass(frozen=True)
class ValueModel:
    """What is learned from the sales before a month; the same sales give the same model_id."""

    kind: str
    sales_used: int
    train_from: str
    train_to: str
    features: FeatureSet
    index: TimeIndex
    calibration: Calibration
    settings: Mapping[str, Any]
    metrics: Mapping[str, Any]
    anchors: pd.DataFrame = field(repr=False)
    ensemble: Ensemble = field(repr=False)
    spread_text: str = field(repr=False)
    data_fingerprint: str
    # What `out_of_fold.record` made of the training; no prediction depends on it.
    out_of_fold: Mapping[str, Any] = field(repr=False, default_factory=dict)
    # What `median_homes` made of it, which contributions start from.
    median_homes: Mapping[str, Any] = field(repr=False, default_factory=dict)

    @cached_property
    def model_id(self) -> str:
        """Hash of everything a prediction depends on."""
        parts = (
            self.ensemble.direct_text,
            self.ensemble.local_text,
            self.spread_text,
            as_json(self.settings),
            *self._stored.values(),
        )
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

    def predict(self, features: pd.DataFrame, inputs: Inputs | None = None) -> pd.DataFrame:
        """P10, P50 and P90 in dollars of the valued month, and the size of the error in log points.

        Many rows are valued in parts, some at a time: each row's value hangs on no other row.

        Args:
            features: rows of marts.features; the own price in them is not looked at.
            inputs: of these rows, where they are there already.
        """
        if inputs is not None or len(features) <= AT_ONCE:
            return self._predicted(features, inputs)
        # Made before, as the parts would each make them.
        _ = self._anchors, self._around, self._spread_learner
        parts = [features.iloc[start : start + AT_ONCE] for start in range(0, len(features), AT_ONCE)]
        # NumPy, SciPy's tree and LightGBM give up Python's lock while they work.
        with ThreadPoolExecutor(THREADS) as pool:
            return pd.concat(list(pool.map(self._predicted, parts)))

    def _predicted(self, features: pd.DataFrame, inputs: Inputs | None = None) -> pd.DataFrame:
        columns = ("market_value_p10_usd", "market_value_p50_usd", "market_value_p90_usd", "log_spread")
        if features.empty:
            return pd.DataFrame({name: np.empty(0) for name in columns}, index=features.index)
        estimate = self.ensemble.estimate(inputs or self.inputs(features))
        spread = np.exp(predict_trees(self._spread_learner, estimate.spread_matrix))
        ends = self.calibration.interval(estimate.log_value, spread)
        values = (*(np.exp(end + self.index.forward_step) for end in ends),)
        sized = self.calibration.sized(spread, estimate.log_value)
        return pd.DataFrame(dict(zip(columns, (*values, sized), strict=True)), index=features.index)

    def inputs(self, features: pd.DataFrame) -> Inputs:
        """What the learners look at, of rows of marts.features."""
        return Inputs.of(features, self._anchors, self.features, self._around)

    def probability_above(self, log_ratio: np.ndarray, log_spread: np.ndarray) -> np.ndarray:
        """P(true log value - log P50 > log_ratio), from the calibrated residual distribution."""
        return self.calibration.probability_above(log_ratio, log_spread)

    def to_row(self) -> dict[str, Any]:
        """MODEL_COLUMNS of valuation_models."""
        return {
            "model_id": self.model_id,
            "kind": self.kind,
            "sales_used": self.sales_used,
            "train_from": self.train_from,
            "train_to": self.train_to,
            **{f"{name}_json": text for name, text in self._stored.items()},
            "params_json": as_json(self.settings),
            "metrics_json": as_json(self.metrics),
            "out_of_fold_json": as_json(self.out_of_fold),
            "median_homes_json": as_json(self.median_homes),
            "model_text": self.ensemble.direct_text,
            "local_text": self.ensemble.local_text,
            "spread_text": self.spread_text,
            "data_fingerprint": self.data_fingerprint,
        }

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "ValueModel":
        """From a row with status `trained`.

        Raises:
            ValueError: the row holds no model.
        """
        if not isinstance(row["model_text"], str):
            raise ValueError(f"{row.get('county')} {row.get('month')} has no model: {row.get('status')}")
        features = FeatureSet.from_dict(json.loads(row["features_json"]))
        texts = row["model_text"], str(row["local_text"])
        return cls(
            kind=str(row["kind"]),
            sales_used=int(row["sales_used"]),
            train_from=str(row["train_from"]),
            train_to=str(row["train_to"]),
            features=features,
            index=TimeIndex.from_dict(json.loads(row["index_json"])),
            calibration=Calibration.from_dict(json.loads(row["calibration_json"])),
            settings=json.loads(row["params_json"]),
            metrics=json.loads(row["metrics_json"]),
            anchors=anchors_from_dict(json.loads(row["anchors_json"])),
            ensemble=Ensemble.from_dict(json.loads(row["ensemble_json"]), features, *texts),
            spread_text=str(row["spread_text"]),
            data_fingerprint=str(row["data_fingerprint"]),
            out_of_fold=json.loads(row.get("out_of_fold_json") or "{}"),
            median_homes=json.loads(row.get("median_homes_json") or "{}"),
        )

    @cached_property
    def _stored(self) -> dict[str, str]:
        parts = {
            "features": self.features.to_dict(),
            "index": self.index.to_dict(),
            "calibration": self.calibration.to_dict(),
            "ensemble": self.ensemble.to_dict(),
            "anchors": anchors_to_dict(self.anchors),
        }
        return {name: as_json(part) for name, part in parts.items()}

    @cached_property
    def _anchors(self) -> Anchors:
        return Anchors.of(self.anchors)

    @cached_property
    def _around(self) -> NeighbourhoodParams:
        return NeighbourhoodParams.model_validate(self.settings["neighbourhood"])

    @cached_property
    def _spread_learner(self) -> "lgb.Booster":
        return trees_of(self.spread_text)
