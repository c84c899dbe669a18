"""What the earlier sales around a home paid beyond the hedonic: never its own sale.

Unlike the figures of `domain.nearby`, which say what was known in the month of each record, these are made
anew with each model from all its training sales, so that a training sale of the first month and a subject of
the last are described alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from realestate_assets.domain.valuation.history import DAYS_PER_MONTH
from realestate_assets.domain.valuation.params import NeighbourhoodParams
from realestate_assets.domain.valuation.sale_points import SalePoints

NEIGHBOURHOOD_FEATURES = (
    "residual_of_closest",
    "residual_of_near",
    "residual_of_wider",
    "residual_of_alike",
    "weight_of_alike",
    "log_price_per_sqft_around",
)
# Log of the attribute or the attribute itself.
LOGS = ("living_area_sqft", "lot_area_sqft")
PLAIN = ("quality_code", "year_built", "bathrooms", "condition_code")
ANCHOR_COLUMNS = ("property_id", "latitude", "longitude", *LOGS, *PLAIN)
# Beyond this many scales two homes have nothing in common, and the kernel is 0 for all that matters.
MAX_SCALES = 6.0


def anchors_of(sales: pd.DataFrame) -> pd.DataFrame:
    """The columns of the sales that say how near and alike they are, with their age in months."""
    months = (sales["sale_date"].max() - sales["sale_date"]).dt.days / DAYS_PER_MONTH
    numbers = {name: sales[name].to_numpy(dtype=float, na_value=np.nan) for name in ANCHOR_COLUMNS[1:]}
    found = {"property_id": sales["property_id"].astype(object).to_numpy(), **numbers}
    return pd.DataFrame({**found, "months_ago": months.to_numpy(float)})


def anchors_to_dict(anchors: pd.DataFrame) -> dict[str, list]:
    """Column by column, missing as None: as stored with the model."""
    return {n: values.astype(object).where(values.notna(), None).tolist() for n, values in anchors.items()}


def anchors_from_dict(stored: dict[str, list]) -> pd.DataFrame:
    """From what `anchors_to_dict` gave."""
    numbers = {k: np.array(v, dtype=float) for k, v in stored.items() if k != "property_id"}
    ids = np.array(stored["property_id"], dtype=object)
    return pd.DataFrame({"property_id": ids, **numbers})[[*ANCHOR_COLUMNS, "months_ago"]]


@dataclass(frozen=True)
class Anchors:
    """Anchors made ready: those that lie somewhere, to be found, and what all are compared by."""

    rows: np.ndarray
    points: SalePoints
    months_ago: np.ndarray
    measures: Mapping[str, np.ndarray]

    @classmethod
    def of(cls, anchors: pd.DataFrame) -> "Anchors":
        """Of the rows of `anchors_of`."""
        rows = np.flatnonzero(anchors["latitude"].notna() & anchors["longitude"].notna())
        return cls(
            rows,
            SalePoints.of(anchors.iloc[rows]),
            anchors["months_ago"].to_numpy(float),
            {name: _measure(anchors, name) for name in (*LOGS, *PLAIN)},
        )


@dataclass(frozen=True)
class Neighbourhood:
    """The nearest anchors of each subject, nearest first, and their weights by five kernels."""

    index: np.ndarray
    weights: tuple[np.ndarray, ...]
    counts: tuple[int, ...]
    trust: float

    @classmethod
    def of(cls, subjects: pd.DataFrame, anchors: Anchors, params: NeighbourhoodParams) -> "Neighbourhood":
        """Find and weigh the anchors around the subjects; one without coordinates has none."""
        index = np.full((len(subjects), params.candidates), -1)
        distance = np.full(index.shape, np.inf)
        located = subjects["latitude"].notna().to_numpy() & subjects["longitude"].notna().to_numpy()
        if located.any() and len(anchors.rows):
            distance[located], found = anchors.points.nearest(
                subjects[located], params.candidates, params.max_miles
            )
            index[located] = np.where(found >= 0, anchors.rows[found], -1)
        weights = _weights(subjects, anchors, index, distance, params)
        counts = (params.closest_count, params.near_count, params.wider_count)
        return cls(index, weights, counts, params.alike_trust)

    def rows(self, chosen: np.ndarray) -> "Neighbourhood":
        """Of the chosen subjects only."""
        weights = tuple(weight[chosen] for weight in self.weights)
        return Neighbourhood(self.index[chosen], weights, self.counts, self.trust)

    def features(
        self, residual: np.ndarray, log_per_sqft: np.ndarray, usable: np.ndarray | None = None
    ) -> np.ndarray:
        """NEIGHBOURHOOD_FEATURES of each subject, from residuals and prices of the anchors that may be used.

        The mean residual of alike sales is drawn towards 0 where few are alike: weight / (weight + trust).
        """
        found = self.index >= 0
        if usable is not None:
            found &= usable[self.index]
        rank = np.cumsum(found, axis=1)
        value = residual[self.index]
        *around, alike, like_figures = (np.where(found, weight, 0.0) for weight in self.weights)
        columns = [
            _mean(value, np.where(rank <= count, weight, 0.0))
            for weight, count in zip(around, self.counts, strict=True)
        ]
        total = alike.sum(axis=1)
        columns += [(alike * value).sum(axis=1) / (total + self.trust), total]
        per_sqft = np.where(rank <= self.counts[-1], like_figures, 0.0)
        return np.column_stack([*columns, _mean(log_per_sqft[self.index], per_sqft)])


def _mean(value: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weighted mean of each row; NaN where nothing weighs."""
    total = weight.sum(axis=1)
    return (weight * value).sum(axis=1) / np.where(total > 0, total, np.nan)


def _weights(
    subjects: pd.DataFrame,
    anchors: Anchors,
    index: np.ndarray,
    distance: np.ndarray,
    params: NeighbourhoodParams,
) -> tuple[np.ndarray, ...]:
    """Kernels of distance, likeness and age: residuals in three circles, alike homes, price per sq ft."""
    apart = {
        name: _difference(_measure(subjects, name), others, index)
        for name, others in anchors.measures.items()
    }
    months = anchors.months_ago[index]

    def kernel(floor: float, size: float, grades: float, recency: float) -> np.ndarray:
        square = (apart["living_area_sqft"] / size) ** 2 + (apart["quality_code"] / grades) ** 2
        likeness = np.exp(-0.5 * np.minimum(square, MAX_SCALES**2) - months / recency)
        return likeness / (distance + floor)

    square = sum((apart[name] / scale) ** 2 for name, scale in params.alike_scales.model_dump().items())
    alike = np.exp(
        -0.5 * np.minimum(square, MAX_SCALES**2)
        - distance / params.alike_scale_miles
        - months / params.alike_recency_months
    )
    old = params.recency_scale_months
    return (
        kernel(params.closest_floor_miles, params.loose_size_log, params.loose_grades, old),
        kernel(params.near_floor_miles, params.size_log, params.grades, old),
        kernel(params.wider_floor_miles, params.size_log, params.grades, old),
        alike,
        kernel(
            params.per_sqft_floor_miles,
            params.per_sqft_size_log,
            params.per_sqft_grades,
            params.per_sqft_recency_months,
        ),
    )


def _measure(frame: pd.DataFrame, name: str) -> np.ndarray:
    values = frame[name].to_numpy(dtype=float, na_value=np.nan)
    return np.log(np.where(values > 0, values, np.nan)) if name in LOGS else values


def _difference(own: np.ndarray, others: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Subject minus anchor; 0 where either is unknown, so that the kernel says nothing."""
    return np.nan_to_num(own[:, None] - others[index], nan=0.0)
