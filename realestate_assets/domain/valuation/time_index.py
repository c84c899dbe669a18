"""A hedonic price index by month: what the same home would have cost in each month of sale."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from realestate_assets.domain.core.places import places_of
from realestate_assets.domain.valuation.params import IndexParams

LOG_ATTRIBUTES = ("living_area_sqft", "lot_area_sqft", "nearby_living_area_sqft")
ATTRIBUTES = (
    "bedrooms",
    "bathrooms",
    "effective_age_years",
    "quality_code",
    "condition_code",
    "view_code",
    "is_waterfront",
    "is_condo",
    "is_townhouse",
)
# The last digits of a least-squares solution depend on the number of BLAS threads; a millionth does not.
DECIMALS = 6


@dataclass(frozen=True)
class TimeIndex:
    """Log price level by month, 0 in the latest month with sales; `forward_step` leads on from it."""

    months: tuple[str, ...]
    log_levels: tuple[float, ...]
    forward_step: float
    sales: int

    def log_level(self, sold: pd.Series) -> np.ndarray:
        """Level of the month of each date; a date outside the index has that of the nearest month."""
        if not self.months:
            return np.zeros(len(sold))
        position = _month_number(sold) - pd.Period(self.months[0], freq="M").ordinal
        return np.asarray(self.log_levels)[np.clip(position, 0, len(self.months) - 1)]

    def log_adjustment(self, sold: pd.Series) -> np.ndarray:
        """What brings the log of a price paid on these dates to the valued month."""
        return self.forward_step - self.log_level(sold)

    def to_dict(self) -> dict[str, Any]:
        """As stored with the model."""
        levels = dict(zip(self.months, self.log_levels, strict=True))
        return {"log_levels": levels, "forward_step": self.forward_step, "sales": self.sales}

    @classmethod
    def from_dict(cls, stored: dict) -> "TimeIndex":
        """From what `to_dict` gave."""
        levels = dict(sorted(stored["log_levels"].items()))
        return cls(tuple(levels), tuple(levels.values()), stored["forward_step"], stored["sales"])


def fit_time_index(sales: pd.DataFrame, params: IndexParams) -> TimeIndex:
    """Index of the months of some sales, up to the latest.

    Time-dummy hedonic: OLS of log price on attributes, ZIP effects and month effects (J. de Haan and
    E. Diewert, Handbook on Residential Property Price Indices, Eurostat 2013, chapter 5). The month effects,
    weighted by their sales, are smoothed by penalised second differences (E. T. Whittaker, 1923).

    Args:
        sales: of `earlier_sales`, so that all of them precede the month to be valued.
        params: smoothing, least number of sales, forward step.
    """
    numbers = _month_number(sales["sale_date"]) if len(sales) else np.array([], dtype=int)
    if len(sales) < params.min_sales or len(np.unique(numbers)) < 2:
        return TimeIndex((), (), 0.0, len(sales))
    first = int(numbers.min())
    counts = np.bincount(numbers - first).astype(float)
    levels = _smoothed(_month_effects(sales, numbers - first, len(counts)), counts, params.smoothing)
    levels = np.round(levels - levels[-1], DECIMALS)
    months = tuple(str(pd.Period(ordinal=first + k, freq="M")) for k in range(len(counts)))
    # + 0.0 turns a negative zero into a plain one.
    return TimeIndex(months, tuple(float(v) + 0.0 for v in levels), _forward_step(levels, params), len(sales))


def _forward_step(levels: np.ndarray, params: IndexParams) -> float:
    span = min(params.forward_slope_months, len(levels) - 1)
    slope = (levels[-1] - levels[-1 - span]) / span
    return round(float(np.clip(slope, -params.max_forward_step, params.max_forward_step)), DECIMALS)


def _month_number(sold: pd.Series) -> np.ndarray:
    """Months since January 1970, as pandas counts them."""
    return (sold.dt.year.to_numpy(int) - 1970) * 12 + sold.dt.month.to_numpy(int) - 1


def _month_effects(sales: pd.DataFrame, position: np.ndarray, month_count: int) -> np.ndarray:
    """Coefficients of the month dummies, against the first month; ZIP effects are removed by demeaning."""
    dummies = np.eye(month_count)[position][:, 1:]
    design = np.column_stack([_attributes(sales), dummies, np.log(sales["sale_price_usd"].to_numpy(float))])
    place = pd.factorize(sales["county"].astype(object) + places_of(sales).fillna(""))[0]
    size = np.bincount(place).astype(float)
    sums = np.column_stack([np.bincount(place, weights=column) for column in design.T])
    within = design - (sums / size[:, None])[place]
    solution = np.linalg.lstsq(within[:, :-1], within[:, -1], rcond=None)[0]
    return np.concatenate([[0.0], solution[-(month_count - 1) :]])


def _attributes(sales: pd.DataFrame) -> np.ndarray:
    """Standardised attributes; a missing one counts as the mean, a constant one as nothing."""
    logs = [np.log(sales[name].to_numpy(dtype=float, na_value=np.nan)) for name in LOG_ATTRIBUTES]
    plain = [sales[name].to_numpy(dtype=float, na_value=np.nan) for name in ATTRIBUTES]
    columns = []
    for values in (*logs, logs[0] ** 2, *plain, plain[2] ** 2):
        known = np.isfinite(values)
        if not known.any() or np.ptp(values[known]) == 0:
            continue
        centred = (values - values[known].mean()) / values[known].std()
        columns.append(np.where(known, centred, 0.0))
    return np.column_stack(columns) if columns else np.empty((len(sales), 0))


def _smoothed(effects: np.ndarray, counts: np.ndarray, smoothing: float) -> np.ndarray:
    if len(effects) < 3:
        return effects
    second = np.diff(np.eye(len(effects)), 2, axis=0)
    # A month without sales has weight 0 and is carried by its neighbours.
    penalty = smoothing * counts.mean() * second.T @ second
    weights = np.diag(counts)
    return np.linalg.lstsq(weights + penalty, weights @ effects, rcond=None)[0]
