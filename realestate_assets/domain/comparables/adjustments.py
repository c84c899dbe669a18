"""Line adjustments: what the differences between a property and its comparables are worth in dollars."""

import numpy as np
import pandas as pd

from realestate_assets.domain.comparables.matching import Pairs, numbers
from realestate_assets.domain.valuation.params import ComparableParams
from realestate_assets.domain.valuation.time_index import TimeIndex

LINES = ("time", "living_area", "lot_area", "bedrooms", "bathrooms", "age", "quality", "condition")


def adjustments(
    subjects: pd.DataFrame,
    sales: pd.DataFrame,
    pairs: Pairs,
    differences: dict[str, np.ndarray],
    index: TimeIndex,
    params: ComparableParams,
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Lines in dollars, each capped and all together capped; and what good condition would add."""
    rates = params.rates
    price = pairs.of_sale(numbers(sales, "sale_price_usd"))
    area_rate = rates.living_area_share * _local_price_per_sqft(sales, pairs)[:, None]
    shares = {
        "time": np.expm1(pairs.of_sale(index.log_adjustment(sales["sale_date"]))),
        "living_area": area_rate * differences["living_area_sqft"] / price,
        "lot_area": rates.lot_area * differences["lot_log"],
        "bedrooms": rates.bedroom * differences["bedrooms"],
        "bathrooms": rates.bathroom * differences["bathrooms"],
        "age": rates.decade_of_age * differences["effective_age_years"] / 10.0,
        "quality": rates.quality_grade * differences["quality_code"],
        "condition": rates.condition_point * differences["condition_code"],
    }
    # What is unknown on either side is not adjusted for.
    capped = {
        name: np.clip(np.nan_to_num(share, nan=0.0), -params.max_line_share, params.max_line_share)
        for name, share in shares.items()
    }
    gross = sum(np.abs(share) for share in capped.values())
    # All lines shrink alike, so that their proportions stay readable.
    shrink = np.minimum(1.0, params.max_gross_share / np.maximum(gross, 1e-12))
    short_of_good = np.nan_to_num(np.maximum(params.arv_condition - numbers(subjects, "condition_code"), 0.0))
    repair = rates.condition_point * short_of_good[:, None] * price
    return {name: share * shrink * price for name, share in capped.items()}, repair


def _local_price_per_sqft(sales: pd.DataFrame, pairs: Pairs) -> np.ndarray:
    """Median price per sq ft of each subject's comparables; 0 where it has none."""
    per_sqft = pairs.of_sale(numbers(sales, "sale_price_usd") / numbers(sales, "living_area_sqft"))
    some = pairs.found.any(axis=1)
    median = np.zeros(len(per_sqft))
    median[some] = np.nanmedian(np.where(pairs.found, per_sqft, np.nan)[some], axis=1)
    return median
