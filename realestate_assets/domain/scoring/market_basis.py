"""What the figures of the market rest on, in words: whose sales, how many, as of which month.

How they are made is dbt's affair (`int_zip__conditions`); a memo and a score's reasons say it alike.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from realestate_assets.domain.core import formats
from realestate_assets.domain.core.formats import is_missing

HEAT = ("market_heat_basis", "market_heat_sales", "month")
APPRECIATION = ("market_appreciation_basis", "market_appreciation_sales", "market_appreciation_month")
OUTSIDE = {
    "outside": "a rate from outside as of {month}",
    "outside_later": "a rate from outside as of {month}, not before the month",
}


def basis_words(basis: Any, sales: Any, month: Any) -> str:
    """`ZIP, 214 sales before 2015-03`, or the month of a rate from outside; "" where nothing is known.

    Args:
        basis: zip, county, outside or outside_later.
        sales: number behind the figure; missing for a rate from outside.
        month: YYYY-MM as of which it is.
    """
    if is_missing(basis):
        return ""
    if basis in OUTSIDE:
        return OUTSIDE[basis].format(month=month)
    return f"{'ZIP' if basis == 'zip' else 'county'}, {formats.count(sales)} sales before {month}"


def market_bases(features: pd.DataFrame, columns: tuple[str, str, str]) -> list[str]:
    """`basis_words` of each row; rows of a month share few of them, so that each is put together once.

    Args:
        features: rows of marts.features.
        columns: HEAT or APPRECIATION.
    """
    keys = features.groupby(list(columns), dropna=False, sort=False).ngroup()
    first = ~keys.duplicated()
    words = [basis_words(*row) for row in features.loc[first, list(columns)].itertuples(index=False)]
    return keys.map(dict(zip(keys[first], words, strict=True))).tolist()


def supply_words(row: Mapping[str, Any]) -> str:
    """`ZIP, 28 on offer, 10.0 sold a month before 2024-06`; "" where the stock is unknown.

    The pace is told rather than a count of sales: records that begin within the year hold fewer months of it.

    Args:
        row: zip_offer_count, zip_months_of_supply (missing where too few sales tell a pace), month.
    """
    offers, supply = row.get("zip_offer_count"), row.get("zip_months_of_supply")
    if is_missing(offers):
        return ""
    stock = f"ZIP, {formats.count(offers)} on offer"
    if is_missing(supply):
        return f"{stock}, too few sales before {row.get('month')}"
    if not supply:
        return f"{stock} before {row.get('month')}"
    return f"{stock}, {formats.decimal(offers / supply, 1)} sold a month before {row.get('month')}"
