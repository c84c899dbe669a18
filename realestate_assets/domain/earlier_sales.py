"""The one rule against look-ahead: which sales may be known for a month. Used by all of valuation."""

import pandas as pd

# A sale older than this says little about today's price; partitions.HISTORY_MONTHS reads as far back.
HISTORY_MONTHS = 24


def first_day(month: str) -> pd.Timestamp:
    """`2015-03` -> 2015-03-01."""
    return pd.Timestamp(f"{month}-01")


def add_months(month: str, count: int) -> str:
    """`2015-03` and -3 -> `2014-12`."""
    return str(pd.Period(month, freq="M") + count)


def earlier_sales(
    records: pd.DataFrame, month: str, *, months: int = HISTORY_MONTHS, own_month: bool
) -> pd.DataFrame:
    """Usable sales before the first day of `month`, at most `months` back, one row a sale, sorted.

    A sale that several months report counts once, by its first report: the features of a later report
    may have been made with the sale itself. The row order of `records` does not matter.

    Args:
        records: rows with county, month, property_id, sale_date, sale_price_usd and living_area_sqft.
        month: the month that the sales must precede.
        months: how far back, by date of sale and by month of the record.
        own_month: whether a record of `month` itself may report an earlier sale.
    """
    sold = pd.to_datetime(records["sale_date"])
    last = month if own_month else add_months(month, -1)
    known = (
        (sold < first_day(month))
        & (sold >= first_day(add_months(month, -months)))
        & records["month"].between(add_months(month, -months), last)
        & (records["sale_price_usd"] > 0)
        & (records["living_area_sqft"] > 0)
    )
    sales = records[known].assign(sale_date=sold[known])
    order = ["county", "property_id", "sale_date", "month"]
    sales = sales.sort_values(order, kind="stable")
    return sales.drop_duplicates(["county", "property_id", "sale_date"]).reset_index(drop=True)
