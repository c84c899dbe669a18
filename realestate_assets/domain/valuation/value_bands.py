"""What a county's sales said of values of a home's size: ratio and coverage by band of predicted value.

By predicted value, not by price: a band of prices is uneven for any honest model, for part of a price is
chance (IAAO, Standard on Ratio Studies, 2025, on grouping by sale price alone).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from realestate_assets.domain.tables import VALUE_BAND_COLUMNS
from realestate_assets.domain.valuation.ratio_groups import DECILES, MIN_GROUP_SALES

# Dollars and ratios as a reader needs them; full floats double the file.
DECIMALS = 4


def value_bands(sales: pd.DataFrame, *, bands: int = DECILES, least: int = MIN_GROUP_SALES) -> list[dict]:
    """Bands of predicted value of equal count, each with what its sales came to.

    Args:
        sales: sale_price_usd and market_value_p10/p50/p90_usd, one row a sale that taught no value.
        bands: as many at most.
        least: fewest sales of a band.

    Returns:
        low_usd and high_usd (None at the open ends), sales, median_ratio and coverage of each band, from the
        lowest value up; empty below `least` sales. Where many values are equal a band may be missing.
    """
    known = sales[(sales["sale_price_usd"] > 0) & (sales["market_value_p50_usd"] > 0)]
    value = known["market_value_p50_usd"].to_numpy(float)
    count = min(bands, len(value) // least)
    if count < 1:
        return []
    ordered = np.sort(value)
    starts = np.cumsum([len(part) for part in np.array_split(ordered, count)])[:-1]
    edges = np.unique(0.5 * (ordered[starts - 1] + ordered[starts]))
    low, high, price = (
        known[name].to_numpy(float)
        for name in ("market_value_p10_usd", "market_value_p90_usd", "sale_price_usd")
    )
    rows = pd.DataFrame(
        {
            "band": np.searchsorted(edges, value, side="right"),
            "ratio": value / price,
            "inside": ((low <= price) & (price <= high)).astype(float),
        }
    )
    found = rows.groupby("band").agg(
        sales=("ratio", "size"), median_ratio=("ratio", "median"), coverage=("inside", "mean")
    )
    ends = [None, *np.round(edges, 2).tolist(), None]
    return [
        {
            "low_usd": ends[int(band)],
            "high_usd": ends[int(band) + 1],
            "sales": int(row.sales),
            "median_ratio": round(float(row.median_ratio), DECIMALS),
            "coverage": round(float(row.coverage), DECIMALS),
        }
        for band, row in zip(found.index, found.itertuples(), strict=True)
    ]


def with_bands(values: pd.DataFrame, bands: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Values of homes with VALUE_BAND_COLUMNS: what was found of the band each lies in.

    Args:
        values: market_value_p50_usd, one row a home.
        bands: of `value_bands`; all columns are missing without one.
    """
    names = {name: name.removeprefix("value_band_") for name in VALUE_BAND_COLUMNS}
    if not bands:
        return values.assign(**dict.fromkeys(names, np.nan))
    table = pd.DataFrame(list(bands), columns=list(names.values())).astype(float)
    own = values["market_value_p50_usd"].to_numpy(float)
    place = np.searchsorted(table["low_usd"].to_numpy()[1:], own, side="right")
    rows = table.iloc[place].set_axis(values.index).where(pd.Series(np.isfinite(own), index=values.index))
    return values.assign(**{name: rows[column] for name, column in names.items()})
