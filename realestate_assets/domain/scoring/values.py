"""Market values of a partition from its model: which rows get one, and why the others do not."""

from typing import Protocol

import numpy as np
import pandas as pd

from realestate_assets.domain.core.places import places_of
from realestate_assets.domain.scoring.cashflow import Floats, as_floats

VALUE_COLUMNS = ("market_value_p10_usd", "market_value_p50_usd", "market_value_p90_usd")


class Model(Protocol):
    """What is used of a value model; the real one is `valuation.model.ValueModel`."""

    @property
    def model_id(self) -> str:
        """Its fingerprint."""

    @property
    def kind(self) -> str:
        """Of one county or pooled."""

    def predict(self, features: pd.DataFrame) -> pd.DataFrame:
        """P10, P50, P90 and log_spread, aligned to the index of the features."""

    def probability_above(self, log_ratio: np.ndarray, log_spread: np.ndarray) -> np.ndarray:
        """Probability that the true log value exceeds the predicted one by more than log_ratio."""


def value_status(features: pd.DataFrame, has_model: bool) -> np.ndarray:
    """Per row: MISSING_INPUTS without a living area or any place, INSUFFICIENT_SALES without a model."""
    no_coordinates = features["latitude"].isna() | features["longitude"].isna()
    missing = features["living_area_sqft"].isna() | (no_coordinates & places_of(features).isna())
    return np.where(missing, "MISSING_INPUTS", "valued" if has_model else "INSUFFICIENT_SALES")


def _discount_probability(model: Model, price: Floats, value: Floats, spread: Floats) -> Floats:
    """P(value > price); missing without a price."""
    known = np.isfinite(price) & (price > 0) & np.isfinite(value) & np.isfinite(spread)
    probability = np.full(len(price), np.nan)
    if known.any():
        log_ratio = np.log(price[known] / value[known])
        probability[known] = np.clip(model.probability_above(log_ratio, spread[known]), 0.0, 1.0)
    return probability


def value_rows(features: pd.DataFrame, model: Model | None) -> pd.DataFrame:
    """One row a property: value_status, model, P10/P50/P90, probability of a value above the asking price.

    The model sees the features without the subject's own price; the price enters only in the probability.
    """
    status = value_status(features, model is not None)
    frame = pd.DataFrame(
        {
            "property_id": features["property_id"].to_numpy(),
            "value_status": status,
            "model_kind": pd.array([None] * len(features), dtype="str"),
            "model_id": pd.array([None] * len(features), dtype="str"),
            **dict.fromkeys((*VALUE_COLUMNS, "discount_probability"), np.nan),
        },
        index=features.index,
    )
    valued = status == "valued"
    if model is None or not valued.any():
        return frame
    predicted = model.predict(features[valued])
    frame.loc[valued, "model_kind"] = model.kind
    frame.loc[valued, "model_id"] = model.model_id
    for name in VALUE_COLUMNS:
        frame.loc[valued, name] = as_floats(predicted[name])
    frame.loc[valued, "discount_probability"] = _discount_probability(
        model,
        as_floats(features.loc[valued, "list_price_usd"]),
        as_floats(predicted["market_value_p50_usd"]),
        as_floats(predicted["log_spread"]),
    )
    return frame
