"""Review before praise: what makes a score doubtful until a person has looked, and what that does.

A home with an open reason has no class above fair and no memo. Bounds stand in config/scoring.yaml, what a
person has cleared in reviews.yaml (see `clearances`).
"""

import json
from collections.abc import Mapping
from typing import Protocol

import numpy as np
import pandas as pd

from realestate_assets.domain.core import formats
from realestate_assets.domain.sales.validity import FACTS_AFTER_SALE
from realestate_assets.domain.scoring.cashflow import as_floats
from realestate_assets.domain.scoring.clearances import (
    ARV_OUTSIDE_VALUE_RANGE,
    DISCOUNT_BEYOND_SALES,
    FEW_CLOSE_COMPARABLES,
    Clearance,
)

# Customary guide of appraisers: beyond a quarter of the price, adjustments say more than the sale.
LARGE_GROSS_PCT = 25.0

# The most a home may be called while a reason is open.
HIGHEST_CLASS = "fair"
BARRED_CLASSES = ("excellent", "good")
# What the sentences say in figures.
SAID = (
    "discount_to_value_pct",
    "close_comparable_count",
    "arv_usd",
    "market_value_p10_usd",
    "market_value_p90_usd",
)
# A home on offer may have been rebuilt since its last sale: there the years contradict nothing.
OFFERED = ("coming_soon", "active", "pending")


class ReviewBounds(Protocol):
    """The bounds of scoring.yaml that are used here."""

    @property
    def max_discount_pct(self) -> float:
        """Largest discount to value that is believed, %."""

    @property
    def min_close_comparables(self) -> int:
        """Comparables without large adjustments that an after-repair value needs."""


def review_masks(
    features: pd.DataFrame, measures: pd.DataFrame, has_score: np.ndarray, bounds: ReviewBounds
) -> dict[str, np.ndarray]:
    """Code of a reason -> the rows that it holds for.

    Args:
        features: rows with sale_validity and listing_status.
        measures: in the same order, discount_to_value_pct, close_comparable_count, arv_usd, and the value's
            ends; USD and %.
        has_score: without a score only impossible facts are told: there is nothing else to praise.
        bounds: the settings.
    """
    discount, arv = as_floats(measures["discount_to_value_pct"]), as_floats(measures["arv_usd"])
    low, high = (as_floats(measures[f"market_value_{end}_usd"]) for end in ("p10", "p90"))
    impossible = (features["sale_validity"] == FACTS_AFTER_SALE).to_numpy(dtype=bool, na_value=False)
    offered = features["listing_status"].isin(OFFERED).to_numpy(dtype=bool)
    return {
        FACTS_AFTER_SALE: impossible & ~offered,
        DISCOUNT_BEYOND_SALES: has_score & (discount > bounds.max_discount_pct),
        FEW_CLOSE_COMPARABLES: has_score
        & (as_floats(measures["close_comparable_count"]) < bounds.min_close_comparables),
        # An unknown ARV has no comparables, which is a reason of its own.
        ARV_OUTSIDE_VALUE_RANGE: has_score & ((arv < low) | (arv > high)),
    }


def sentence(code: str, row: Mapping[str, float], bounds: ReviewBounds) -> str:
    """What a reason says of one home, with its figures."""
    if code == DISCOUNT_BEYOND_SALES:
        discount, most = row["discount_to_value_pct"], formats.percent(bounds.max_discount_pct, 0)
        return f"Asked {formats.percent(discount)} below value: more than {most} is beyond what sales show."
    if code == FEW_CLOSE_COMPARABLES:
        found, most = int(row["close_comparable_count"]), formats.percent(LARGE_GROSS_PCT, 0)
        sales = f"{found or 'No'} comparable sale{'s' if found > 1 else ''}"
        return f"{sales} within adjustments of {most}: {bounds.min_close_comparables} are wanted."
    if code == ARV_OUTSIDE_VALUE_RANGE:
        ends = [formats.usd(row[name]) for name in ("market_value_p10_usd", "market_value_p90_usd")]
        arv = formats.usd(row["arv_usd"])
        return f"The after-repair value of {arv} lies outside the value's range, {ends[0]} to {ends[1]}."
    return "Built or renovated after its sale: it was not sold as it is described."


def review_reasons(
    features: pd.DataFrame,
    measures: pd.DataFrame,
    has_score: np.ndarray,
    bounds: ReviewBounds,
    clearances: Mapping[tuple[str, str], Clearance],
) -> tuple[list[str], np.ndarray]:
    """The reasons of every row as a JSON list, and where one of them is open.

    A reason is {"code", "text", "cleared"}; `cleared` is null or {"by", "when", "why"}.

    Args:
        features: as in `review_masks`, with property_id.
        measures: as in `review_masks`.
        has_score: as in `review_masks`.
        bounds: as in `review_masks`.
        clearances: by property_id and code.
    """
    found: list[list[dict]] = [[] for _ in range(len(features))]
    is_open = np.zeros(len(features), dtype=bool)
    ids, rows = features["property_id"].tolist(), measures[list(SAID)].to_dict("records")
    for code, mask in review_masks(features, measures, has_score, bounds).items():
        for at in np.flatnonzero(mask):
            clearance = clearances.get((ids[at], code))
            text = sentence(code, rows[at], bounds)
            found[at].append({"code": code, "text": text, "cleared": clearance and clearance.told()})
            is_open[at] |= clearance is None
    return [json.dumps(reasons, sort_keys=True) for reasons in found], is_open


def capped(classes: np.ndarray, is_limited: np.ndarray) -> np.ndarray:
    """Classes without those above fair where a reason is open or no way is known in which the home pays."""
    return np.where(is_limited & np.isin(classes, BARRED_CLASSES), HIGHEST_CLASS, classes)
