"""Ratio studies of groups of sales as one tidy table: a row a group, with intervals and least numbers."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from realestate_assets.domain.tables.codes import (
    COUNTY_MONTH,
    COUNTY_YEAR,
    PRICE_DECILE,
    PROPERTY_TYPE,
    VALUE_DECILE,
    YEAR_WITH_OUTLIERS,
    ZIP,
)
from realestate_assets.domain.valuation.ratio_intervals import (
    WITH_INTERVALS,
    measure_intervals,
    median_interval,
)
from realestate_assets.domain.valuation.ratio_study import MEASURES, interval_coverage, ratio_study

# At 20 sales of King County (spring 2015) the 95 % interval of the COD is 11 points wide, as much as the COD
# itself: fewer say nothing.
MIN_GROUP_SALES = 20
DECILES = 10
UNKNOWN = "unknown"

ALL = "all"
# What compares the dear with the cheap says nothing within a band of prices: there PRB is near 1 for any
# values that are right on average.
ACROSS_PRICES = ("prd", "prb", "ki", "mki", "log_r2")

STUDY_COLUMNS = (
    "n",
    *MEASURES,
    "median_ratio_low",
    "median_ratio_high",
    *(f"{name}_{end}" for name in WITH_INTERVALS for end in ("low", "high")),
    "interval_coverage",
)


def deciles(price: pd.Series) -> pd.Series:
    """Decile of each price or value, `01` the cheapest to `10`; equal ones stand together."""
    share = price.rank(method="average", pct=True)
    return np.ceil((share * DECILES).round(9)).clip(1, DECILES).astype(int).astype(str).str.zfill(2)


def study_row(sales: pd.DataFrame, *, min_sales: int = MIN_GROUP_SALES) -> dict[str, float | int | None]:
    """STUDY_COLUMNS of some sales; every figure but n is None below `min_sales`.

    Args:
        sales: sale_price_usd and market_value_p10/p50/p90_usd, one row a sale.
        min_sales: fewest sales with a price and a value.
    """
    known = sales[(sales["sale_price_usd"] > 0) & (sales["market_value_p50_usd"] > 0)]
    value, price = (known[name].to_numpy(float) for name in ("market_value_p50_usd", "sale_price_usd"))
    row: dict[str, float | int | None] = dict.fromkeys(STUDY_COLUMNS)
    row |= ratio_study(value, price, min_sales=min_sales)
    if len(known) < min_sales:
        return row
    low, high = (known[f"market_value_p{level}_usd"].to_numpy(float) for level in (10, 90))
    row["interval_coverage"] = interval_coverage(low, high, price, min_sales=min_sales)
    intervals = {"median_ratio": median_interval(value / price)}
    intervals |= measure_intervals(value, price, min_sales=min_sales)
    for name, ends in intervals.items():
        row[f"{name}_low"], row[f"{name}_high"] = ends or (None, None)
    return row


def grouped_studies(
    sales: pd.DataFrame, year: pd.DataFrame | None = None, with_outliers: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Studies of one partition's sales: all, by price decile, ZIP and type; the year's by value decile.

    Args:
        sales: of one county and month: sale_price_usd, market_value_p10/p50/p90_usd, zip, property_type.
        year: the county's sales of the twelve months up to and with this one; None leaves that row out.
        with_outliers: the same with those that statistics of the price left out; None leaves that row out.

    Returns:
        grouping, group_value and STUDY_COLUMNS; deciles of price are of the partition's own sales, those of
        value of the year's (a month has too few for ten classes), and ACROSS_PRICES are missing in both.
    """
    rows = [
        {"grouping": grouping, "group_value": value, **study_row(members)}
        for grouping, value, members in _groups(sales, year, with_outliers)
    ]
    table = pd.DataFrame(rows, columns=["grouping", "group_value", *STUDY_COLUMNS])
    figures = [
        name for name in STUDY_COLUMNS if name.removesuffix("_low").removesuffix("_high") in ACROSS_PRICES
    ]
    table[list(STUDY_COLUMNS)] = table[list(STUDY_COLUMNS)].apply(pd.to_numeric)
    table.loc[table["grouping"].isin((PRICE_DECILE, VALUE_DECILE)), figures] = np.nan
    return table


def _groups(
    sales: pd.DataFrame, year: pd.DataFrame | None, with_outliers: pd.DataFrame | None
) -> Iterator[tuple[str, str, pd.DataFrame]]:
    if len(sales):
        yield COUNTY_MONTH, ALL, sales
    if year is not None and len(year):
        yield COUNTY_YEAR, ALL, year
    if with_outliers is not None and len(with_outliers):
        yield YEAR_WITH_OUTLIERS, ALL, with_outliers
    judged = sales if year is None else year
    judged = judged[judged["market_value_p50_usd"] > 0]
    keys = {VALUE_DECILE: deciles(judged["market_value_p50_usd"])} if len(judged) else {}
    yield from _members(judged, keys)
    if sales.empty:
        return
    keys = {
        PRICE_DECILE: deciles(sales["sale_price_usd"]),
        ZIP: sales["zip"].astype(object).fillna(UNKNOWN),
        PROPERTY_TYPE: sales["property_type"].astype(object).fillna(UNKNOWN),
    }
    yield from _members(sales, keys)


def _members(sales: pd.DataFrame, keys: dict[str, pd.Series]) -> Iterator[tuple[str, str, pd.DataFrame]]:
    for grouping, key in keys.items():
        for value, members in sales.groupby(key.to_numpy(), sort=True):
            yield grouping, str(value), members
