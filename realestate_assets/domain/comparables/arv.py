"""After-repair value: what the comparables say the home would sell for in good condition."""

import numpy as np
import pandas as pd

from realestate_assets.domain.scoring.reviews import LARGE_GROSS_PCT
from realestate_assets.domain.valuation.params import ComparableParams, load_params

ARV_COLUMNS = (
    "property_id",
    "arv_usd",
    "arv_low_usd",
    "arv_high_usd",
    "comparable_count",
    "close_comparable_count",
)


def reconcile_arv(comparables: pd.DataFrame, params: ComparableParams | None = None) -> pd.DataFrame:
    """ARV with a range, one row a property that has comparables.

    The weighted geometric mean of the adjusted prices, each brought from the home's condition to good; the
    range is one weighted standard deviation of their logarithms to either side, at least
    `arv_min_half_width`. Reconciliation by weight: The Appraisal of Real Estate, 15th ed., chapter 21.
    Close are those adjusted by LARGE_GROSS_PCT of their price at most.

    Args:
        comparables: rows of raw.comparables of one partition.
        params: least half width; those of params.yaml by default.
    """
    params = params or load_params().comparables
    if comparables.empty:
        return pd.DataFrame(columns=list(ARV_COLUMNS))
    ordered = comparables.sort_values(["property_id", "comp_rank"], ignore_index=True)
    repaired = ordered["adjusted_price_usd"].astype(float) + ordered["adj_repair_usd"].astype(float)
    logs, weight = np.log(repaired), ordered["weight"].astype(float)
    owner = ordered["property_id"]
    total = weight.groupby(owner).sum()
    close = ordered["adj_gross_pct"].astype(float) <= LARGE_GROSS_PCT
    mean = (weight * logs).groupby(owner).sum() / total
    deviation = logs - owner.map(mean)
    spread = np.sqrt((weight * deviation**2).groupby(owner).sum() / total)
    half_width = np.maximum(spread, params.arv_min_half_width)
    return pd.DataFrame(
        {
            "arv_usd": np.exp(mean),
            "arv_low_usd": np.exp(mean - half_width),
            "arv_high_usd": np.exp(mean + half_width),
            "comparable_count": ordered.groupby("property_id").size(),
            "close_comparable_count": close.groupby(owner).sum(),
        }
    ).reset_index()[list(ARV_COLUMNS)]
