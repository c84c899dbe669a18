"""What the nearest earlier sales say about the price level around a property, never using its own sale."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from realestate_assets.domain.valuation.history import earlier_sales, months_before, of_kind
from realestate_assets.domain.valuation.params import NearbyParams
from realestate_assets.domain.valuation.sale_points import SalePoints

FIGURES = (
    "nearby_sale_count",
    "nearby_price_per_sqft_usd",
    "nearby_median_price_usd",
    "nearby_mean_distance_mi",
)
SUBJECT_COLUMNS = (
    "county",
    "month",
    "property_id",
    "is_simulated",
    "latitude",
    "longitude",
    "living_area_sqft",
    "quality_code",
)
RECORD_COLUMNS = (*SUBJECT_COLUMNS, "sale_date", "sale_price_usd", "sale_validity")


@dataclass(frozen=True)
class SoldAround:
    """Earlier sales of one kind, observed or simulated, whose place is known, made ready to be told of."""

    points: SalePoints
    price: np.ndarray
    area: np.ndarray
    log_area: np.ndarray
    quality: np.ndarray
    months_ago: np.ndarray

    @classmethod
    def of(cls, earlier: pd.DataFrame, month: str) -> "dict[bool, SoldAround]":
        """By whether they are simulated; a kind without sales is not there.

        Args:
            earlier: of `earlier_sales`.
            month: the valued month.
        """
        located = earlier.dropna(subset=["latitude", "longitude"])
        kinds = {kind: of_kind(located, kind).reset_index(drop=True) for kind in (False, True)}
        return {kind: cls._of_kind(sales, month) for kind, sales in kinds.items() if len(sales)}

    @classmethod
    def _of_kind(cls, sales: pd.DataFrame, month: str) -> "SoldAround":
        area = _numbers(sales, "living_area_sqft")
        return cls(
            SalePoints.of(sales),
            sales["sale_price_usd"].to_numpy(float),
            area,
            np.log(area),
            _numbers(sales, "quality_code"),
            months_before(sales["sale_date"], month).to_numpy(float),
        )


def nearby_sales(
    subjects: pd.DataFrame, records: pd.DataFrame, month: str, params: NearbyParams
) -> pd.DataFrame:
    """Figures of the nearest earlier sales of the subjects of one county and month.

    Args:
        subjects: the month's properties, one row each, under a unique index.
        records: properties of the same county in earlier months; others are passed over.
        month: sales before its first day count.
        params: distances, scales and count.

    Returns:
        county, month, property_id and FIGURES, in the subjects' order. Where nothing is near, or the
        subject has no coordinates, the count is 0 and the rest is null.
    """
    return figures_of(subjects, SoldAround.of(earlier_sales(records, month), month), params)


def figures_of(subjects: pd.DataFrame, sold: Mapping[bool, SoldAround], params: NearbyParams) -> pd.DataFrame:
    """`nearby_sales` for sales that are ready, for who values home after home."""
    figures = {name: np.full(len(subjects), np.nan) for name in FIGURES}
    figures[FIGURES[0]] = np.zeros(len(subjects), dtype="int64")
    located = (subjects["latitude"].notna() & subjects["longitude"].notna()).to_numpy()
    simulated = subjects["is_simulated"].astype(bool).to_numpy()
    for kind, sales in sold.items():
        rows = np.flatnonzero(located & (simulated == kind))
        if len(rows):
            for name, values in _figures(subjects.iloc[rows], sales, params).items():
                figures[name][rows] = values
    return subjects[["county", "month", "property_id"]].assign(**figures)


def _figures(subjects: pd.DataFrame, sales: SoldAround, params: NearbyParams) -> dict[str, np.ndarray]:
    distance, index = sales.points.nearest(subjects, params.count, params.max_miles)
    found = index >= 0
    count = found.sum(axis=1)
    weight = np.where(found, _weights(subjects, sales, distance, index, params), 0.0)
    price = sales.price[index]
    price_per_sqft = price / sales.area[index]
    total = np.where(count > 0, weight.sum(axis=1), np.nan)
    near = np.where(found, distance, 0.0).sum(axis=1)
    return {
        "nearby_sale_count": count,
        "nearby_price_per_sqft_usd": (weight * price_per_sqft).sum(axis=1) / total,
        "nearby_median_price_usd": _row_median(np.where(found, price, np.inf), count),
        "nearby_mean_distance_mi": near / np.where(count > 0, count, np.nan),
    }


def _weights(
    subjects: pd.DataFrame, sales: SoldAround, distance: np.ndarray, index: np.ndarray, params: NearbyParams
) -> np.ndarray:
    """Inverse distance times Gaussian kernels of size and grade, times a decay by age of the sale."""
    size = _difference(np.log(_numbers(subjects, "living_area_sqft")), sales.log_area, index)
    grade = _difference(_numbers(subjects, "quality_code"), sales.quality, index)
    return (
        np.exp(-0.5 * (size / params.size_scale_log) ** 2)
        * np.exp(-0.5 * (grade / params.quality_scale_grades) ** 2)
        * np.exp(-sales.months_ago[index] / params.recency_scale_months)
        / (distance + params.distance_floor_miles)
    )


def _numbers(frame: pd.DataFrame, name: str) -> np.ndarray:
    return frame[name].to_numpy(dtype=float, na_value=np.nan)


def _difference(subject: np.ndarray, sale: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Subject minus sale, bounded; 0 where either is unknown, so that the kernel says nothing."""
    # Bounded, so that the weights of a subject unlike everything around never all become 0.
    return np.clip(np.nan_to_num(subject[:, None] - sale[index], nan=0.0), -3.0, 3.0)


def _row_median(values: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Median of the first `count` smallest values of each row; NaN where count is 0."""
    ordered = np.sort(values, axis=1)
    upper, lower = np.maximum(count // 2, 0), np.maximum((count - 1) // 2, 0)
    rows = np.arange(len(ordered))
    middle = (ordered[rows, np.minimum(upper, ordered.shape[1] - 1)] + ordered[rows, lower]) / 2.0
    return np.where(count > 0, middle, np.nan)
