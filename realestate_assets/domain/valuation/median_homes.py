"""What contributions to a value start from: the median value of a model's sales, and the homes around it."""

from typing import Any

import numpy as np
import pandas as pd

from realestate_assets.domain.valuation.features import NUMERIC_FEATURES, FeatureSet

# Their mean stands for the home of median value.
MEDIAN_HOMES = 100
KEY_COLUMNS = ("property_id", "county", "month", "zip")


def median_homes(sales: pd.DataFrame, log_value: np.ndarray, features: FeatureSet) -> dict[str, Any]:
    """What contributions start from, as stored with a model: the median value and the homes nearest to it.

    Args:
        sales: the training sales.
        log_value: their out-of-fold log values, at the level of the latest month.
        features: of the model, which say what else of a home is kept.
    """
    median = float(np.median(log_value))
    nearest = np.sort(np.argsort(np.abs(log_value - median), kind="stable")[:MEDIAN_HOMES])
    rows = sales.iloc[nearest]
    numbers = {name: rows[name].to_numpy(dtype=float, na_value=np.nan) for name in NUMERIC_FEATURES}
    plain = {name: rows[name].astype(object) for name in (*KEY_COLUMNS, *features.key_columns())}
    columns = {n: [None if pd.isna(v) else v for v in values] for n, values in (plain | numbers).items()}
    return {"log_median": median, "homes": columns}
