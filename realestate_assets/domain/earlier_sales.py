"""The one rule against look-ahead: which sales may be known for a month. Used by all of valuation."""

import pandas as pd

# A sale older than this says little about today's price; partitions.HISTORY_MONTHS reads as far back.
HISTORY_MONTHS = 24
# Deeds below this are transfers within a family or to a trust, not market prices. The dbt models leave
# out the same (var minimum_market_price_usd).
MIN_PRICE_USD = 10_000.0
DAYS_PER_MONTH = 30.4375


def first_day(month: str) -> pd.Timestamp:
    """`2015-03` -> 2015-03-01."""
    return pd.Timestamp(f"{month}-01")


def add_months(month: str, count: int) -> str:
    """`2015-03` and -3 -> `2014-12`."""
    return str(pd.Period(month, freq="M") + count)


def earlier_sales(records: pd.DataFrame, month: str, *, months: int = HISTORY_MONTHS) -> pd.DataFrame:
    """Usable sales before the first day of `month`, at most `months` back, one row a sale, sorted.

    Both the sale and the record that reports it must lie before the month. A sale that several months
    report counts once, by its first report: the features of a later one may have been made with the sale
    itself. The row order of `records` does not matter.

    Args:
        records: rows with county, month, property_id, sale_date, sale_price_usd and living_area_sqft.
        month: the month that the sales must precede.
        months: how far back, by date of sale and by month of the record.
    """
    sold = pd.to_datetime(records["sale_date"])
    earliest = add_months(month, -months)
    known = (
        (sold < first_day(month))
        & (sold >= first_day(earliest))
        & (records["month"] >= earliest)
        & (records["month"] < month)
        & (records["sale_price_usd"] >= MIN_PRICE_USD)
        & (records["living_area_sqft"] > 0)
    )
    sales = records[known].assign(sale_date=sold[known])
    sales = sales.sort_values(["county", "property_id", "sale_date", "month"], kind="stable")
    return sales.drop_duplicates(["county", "property_id", "sale_date"]).reset_index(drop=True)


def months_before(sold: pd.Series, month: str) -> pd.Series:
    """Months from each date to the first day of `month`, as a fraction."""
    return (first_day(month) - sold).dt.days / DAYS_PER_MONTH


def of_kind(frame: pd.DataFrame, is_simulated: bool) -> pd.DataFrame:
    """The observed or the simulated rows: what is simulated never informs a value of what is observed."""
    return frame[frame["is_simulated"].astype(bool) == is_simulated]
