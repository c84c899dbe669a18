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


def value_as_is(
    market_value_usd: np.ndarray | pd.Series | float,
    comparables_usd: np.ndarray | pd.Series | float,
    comparables_weight: float,
) -> np.ndarray:
    """The value model's P50 and what the comparables say, reconciled: their weighted geometric mean, USD.

    The comparables alone where the home has no market value. Reconciliation of approaches by their
    reliability: The Appraisal of Real Estate, 15th ed., chapter 33.
    """
    value, told = np.asarray(market_value_usd, dtype=float), np.asarray(comparables_usd, dtype=float)
    both = told**comparables_weight * value ** (1.0 - comparables_weight)
    return np.where(np.isnan(value), told, both)


def reconcile_arv(
    comparables: pd.DataFrame, market_values: pd.Series | None = None, params: ComparableParams | None = None
) -> pd.DataFrame:
    """ARV with a range, one row a property that has comparables.

    The weighted geometric mean of the adjusted prices is what the comparables say of the home as is; with its
    market value that is the value as is (`value_as_is`), which the repairs bring to good condition. The range
    is one weighted standard deviation of the logarithms of the prices to either side, at least
    `arv_min_half_width`. Close are those adjusted by LARGE_GROSS_PCT of their price at most.

    Args:
        comparables: rows of raw.comparables of one partition.
        market_values: P50 by property_id, USD; without one the comparables alone count.
        params: weight of the comparables, least half width; those of params.yaml by default.
    """
    params = params or load_params().comparables
    if comparables.empty:
        return pd.DataFrame(columns=list(ARV_COLUMNS))
    ordered = comparables.sort_values(["property_id", "comp_rank"], ignore_index=True)
    adjusted, repair = (ordered[f"{name}_usd"].astype(float) for name in ("adjusted_price", "adj_repair"))
    weight, owner = ordered["weight"].astype(float), ordered["property_id"]
    logs = np.log(adjusted)
    parts = {
        "total": weight,
        "logs": weight * logs,
        "repair": weight * np.log1p(repair / adjusted),
        "close": ordered["adj_gross_pct"].astype(float) <= LARGE_GROSS_PCT,
        "count": 1,
    }
    sums = pd.DataFrame(parts).groupby(owner).sum()
    total, said = sums["total"], sums["logs"] / sums["total"]
    deviation = logs - owner.map(said)
    spread = np.sqrt((weight * deviation**2).groupby(owner).sum() / total)
    half_width = np.maximum(spread, params.arv_min_half_width)
    value = np.nan if market_values is None else market_values.reindex(said.index).astype(float)
    as_is = np.log(value_as_is(value, np.exp(said), params.arv_comparables_weight))
    middle = as_is + sums["repair"] / total
    return pd.DataFrame(
        {
            "arv_usd": np.exp(middle),
            "arv_low_usd": np.exp(middle - half_width),
            "arv_high_usd": np.exp(middle + half_width),
            "comparable_count": sums["count"],
            "close_comparable_count": sums["close"],
        }
    ).reset_index()[list(ARV_COLUMNS)]
