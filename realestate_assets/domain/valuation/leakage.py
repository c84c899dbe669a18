"""Extra features that tell the price: what no fact known before a sale does so well."""

import numpy as np
import pandas as pd

from realestate_assets.domain.counties.extra_features import PREFIX
from realestate_assets.domain.valuation.extra_columns import decoded

# Living area, the best single fact of a home, has 0.6 to 0.7; the price in another unit, or a figure made
# from it after the sale, has more than this. Set in 2026-11.
SUSPICIOUS = 0.98
# Fewer sales say nothing about a correlation.
LEAST_SALES = 30


def telling_features(sales: pd.DataFrame) -> dict[str, float]:
    """Numeric extra features by the size of their rank correlation with the price, where it is suspicious.

    Compared with the price and with the price per sq ft: a figure made from either is no fact of the home.

    Args:
        sales: of one county and kind: extra_features, sale_price_usd and living_area_sqft.
    """
    found = {}
    price = sales["sale_price_usd"].to_numpy(dtype=float, na_value=np.nan)
    per_sqft = price / sales["living_area_sqft"].to_numpy(dtype=float, na_value=np.nan)
    for name, values in decoded(sales["extra_features"]).items():
        number = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        sizes = [_size(number, amount) for amount in (price, per_sqft)]
        if (size := max(sizes)) > SUSPICIOUS:
            found[str(name).removeprefix(PREFIX)] = round(size, 4)
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _size(values: np.ndarray, amounts: np.ndarray) -> float:
    """Absolute rank correlation of the pairs that are known; 0 of too few, or of a constant."""
    known = np.isfinite(values) & np.isfinite(amounts)
    values, amounts = values[known], amounts[known]
    if len(values) < LEAST_SALES or np.ptp(values) == 0 or np.ptp(amounts) == 0:
        return 0.0
    # Heavy to import: not at each start.
    from scipy.stats import spearmanr

    return abs(float(spearmanr(values, amounts).statistic))
