"""Line adjustments: what the differences between a property and its comparables are worth in dollars."""

import numpy as np

from realestate_assets.domain.comparables.matching import Columns
from realestate_assets.domain.comparables.model_lines import LOG_VALUE, MODEL_LINES, PREFIX
from realestate_assets.domain.valuation.params import ComparableParams

LINES = ("time", *MODEL_LINES)


def adjustments(
    subjects: Columns,
    sales: Columns,
    difference: dict[str, np.ndarray],
    time_points: np.ndarray,
    params: ComparableParams,
) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Lines in dollars, what caps took off them in dollars, and what good condition would add.

    Args:
        subjects: one row a pair.
        sales: the sale of each pair, in the same order.
        difference: subject minus sale, by `matching.differences`.
        time_points: log points from each sale's day to the month.
        params: rates and caps.
    """
    price = sales["sale_price_usd"]
    if LOG_VALUE in subjects:
        lines, capped = _by_model(subjects, sales, time_points, price), np.zeros(len(price))
    else:
        lines, capped = _by_rates(sales, difference, time_points, price, params)
    adjusted = price + sum(lines.values())
    short_of_good = np.nan_to_num(np.maximum(params.arv_condition - subjects["condition_code"], 0.0))
    return lines, capped, params.rates.condition_point * short_of_good * adjusted


def _by_model(
    subjects: Columns, sales: Columns, time_points: np.ndarray, price: np.ndarray
) -> dict[str, np.ndarray]:
    """Differences of the model's log points, turned into dollars by the logarithmic mean: they leave no rest.

    No cap: they multiply, so that no price turns negative, and a cap would pull each comparable towards
    its own price (homes on the water towards the dry ones beside them).
    """
    points = {name: subjects[PREFIX + name] - sales[PREFIX + name] for name in MODEL_LINES}
    told = time_points + sum(points.values())
    rest = subjects[LOG_VALUE] - sales[LOG_VALUE] - told
    # A sale that the model was not trained on has no value out of fold: its terms alone adjust it.
    points["location"] = points["location"] + np.nan_to_num(rest)
    points = {"time": time_points, **points}
    total = sum(points.values())
    small = np.abs(total) < 1e-9
    usd = price * np.where(small, 1.0, np.expm1(total) / np.where(small, 1.0, total))
    return {name: usd * points[name] for name in LINES}


def _by_rates(
    sales: Columns,
    difference: dict[str, np.ndarray],
    time_points: np.ndarray,
    price: np.ndarray,
    params: ComparableParams,
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """By the rates of params.yaml, where a month has no model: each line and all together are capped."""
    rates = params.rates
    per_sqft = price / sales["living_area_sqft"]
    shares = {
        "time": np.expm1(time_points),
        "living_area": rates.living_area_share * per_sqft * difference["living_area_sqft"] / price,
        "lot_area": rates.lot_area * difference["lot_log"],
        "bedrooms": rates.bedroom * difference["bedrooms"],
        "bathrooms": rates.bathroom * difference["bathrooms"],
        "age": rates.decade_of_age * difference["effective_age_years"] / 10.0,
        "quality": rates.quality_grade * difference["quality_code"],
        "condition": rates.condition_point * difference["condition_code"],
    }
    # What is unknown on either side is not adjusted for.
    whole = {name: np.nan_to_num(share, nan=0.0) for name, share in shares.items()}
    capped = {name: np.clip(s, -params.max_line_share, params.max_line_share) for name, s in whole.items()}
    gross = sum(np.abs(share) for share in capped.values())
    # All lines shrink alike, so that their proportions stay readable.
    shrink = np.minimum(1.0, params.max_gross_share / np.maximum(gross, 1e-12))
    lines = {name: share * shrink * price for name, share in capped.items()}
    none = np.zeros(len(price))
    taken = sum(np.abs(whole[name] * price - lines[name]) for name in whole)
    # Rounding of the last bit is no cap.
    taken = np.where(taken < 1e-6 * price, 0.0, taken)
    return {name: lines.get(name, none) for name in LINES}, taken
