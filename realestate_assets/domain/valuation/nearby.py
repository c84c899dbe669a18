"""What the nearest earlier sales say about the price level around a property, never using its own sale."""

import numpy as np
import pandas as pd

from realestate_assets.domain.core.geo import nearest_points, on_sphere
from realestate_assets.domain.valuation.history import earlier_sales, months_before, of_kind
from realestate_assets.domain.valuation.params import NearbyParams

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


def neighbours(
    subjects: pd.DataFrame, sales: pd.DataFrame, count: int, max_miles: float
) -> tuple[np.ndarray, np.ndarray]:
    """The nearest `count` sales of each subject, its own sales left out.

    Args:
        subjects: rows with property_id, latitude and longitude, both known.
        sales: rows of the same kind, in an order that does not depend on the caller's.
        count: how many to find.
        max_miles: none lies farther.

    Returns:
        Distances (inf where there is none) and row numbers of `sales` (-1 there), nearest first.
    """
    points = on_sphere(_numbers(sales, "latitude"), _numbers(sales, "longitude"))
    queries = on_sphere(_numbers(subjects, "latitude"), _numbers(subjects, "longitude"))
    own_code = pd.Index(sales["property_id"].unique())
    sale_codes = own_code.get_indexer(sales["property_id"])
    subject_codes = own_code.get_indexer(subjects["property_id"])
    # A subject is asked for as many more as a property has sales at most: all its own may be among them.
    spare = int(np.bincount(sale_codes).max())
    distance, index = nearest_points(points, queries, count + spare, max_miles)
    usable = (index >= 0) & (sale_codes[index] != subject_codes[:, None])
    # A stable sort on "unusable" moves the usable ones to the front and keeps them by distance.
    order = np.argsort(~usable, axis=1, kind="stable")[:, :count]
    usable = np.take_along_axis(usable, order, axis=1)
    distance = np.where(usable, np.take_along_axis(distance, order, axis=1), np.inf)
    return distance, np.where(usable, np.take_along_axis(index, order, axis=1), -1)


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
    return figures_of(subjects, earlier_sales(records, month), month, params)


def figures_of(
    subjects: pd.DataFrame, earlier: pd.DataFrame, month: str, params: NearbyParams
) -> pd.DataFrame:
    """`nearby_sales` for sales that `earlier_sales` has chosen already, for who values home after home."""
    sales = earlier.dropna(subset=["latitude", "longitude"])
    result = subjects[["county", "month", "property_id"]].assign(nearby_sale_count=0)
    result[list(FIGURES[1:])] = np.nan
    located = subjects["latitude"].notna() & subjects["longitude"].notna()
    for simulated in (False, True):
        same_kind = of_kind(sales, simulated).reset_index(drop=True)
        chosen = of_kind(subjects[located], simulated)
        if len(same_kind) and len(chosen):
            result.loc[chosen.index, list(FIGURES)] = _figures(chosen, same_kind, month, params)
    return result.astype({"nearby_sale_count": "int64"})


def _figures(subjects: pd.DataFrame, sales: pd.DataFrame, month: str, params: NearbyParams) -> pd.DataFrame:
    distance, index = neighbours(subjects, sales, params.count, params.max_miles)
    found = index >= 0
    count = found.sum(axis=1)
    weight = np.where(found, _weights(subjects, sales, month, distance, index, params), 0.0)
    price = sales["sale_price_usd"].to_numpy(float)[index]
    price_per_sqft = price / sales["living_area_sqft"].to_numpy(float)[index]
    total = np.where(count > 0, weight.sum(axis=1), np.nan)
    near = np.where(found, distance, 0.0).sum(axis=1)
    return pd.DataFrame(
        {
            "nearby_sale_count": count,
            "nearby_price_per_sqft_usd": (weight * price_per_sqft).sum(axis=1) / total,
            "nearby_median_price_usd": _row_median(np.where(found, price, np.inf), count),
            "nearby_mean_distance_mi": near / np.where(count > 0, count, np.nan),
        },
        index=subjects.index,
    )


def _weights(
    subjects: pd.DataFrame,
    sales: pd.DataFrame,
    month: str,
    distance: np.ndarray,
    index: np.ndarray,
    params: NearbyParams,
) -> np.ndarray:
    """Inverse distance times Gaussian kernels of size and grade, times a decay by age of the sale."""
    months_ago = months_before(sales["sale_date"], month).to_numpy(float)[index]
    size = _difference(
        np.log(_numbers(subjects, "living_area_sqft")), np.log(_numbers(sales, "living_area_sqft")), index
    )
    grade = _difference(_numbers(subjects, "quality_code"), _numbers(sales, "quality_code"), index)
    return (
        np.exp(-0.5 * (size / params.size_scale_log) ** 2)
        * np.exp(-0.5 * (grade / params.quality_scale_grades) ** 2)
        * np.exp(-months_ago / params.recency_scale_months)
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
