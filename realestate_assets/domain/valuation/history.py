"""The one rule against look-ahead: which sales may be known for a month. Used by all of valuation."""

import pandas as pd

from realestate_assets.domain.core.months import add_months, first_day
from realestate_assets.domain.sales.validity import VALID

# A sale older than this says little about today's price.
HISTORY_MONTHS = 24
DAYS_PER_MONTH = 30.4375


def earlier_sales(records: pd.DataFrame, month: str, *, months: int = HISTORY_MONTHS) -> pd.DataFrame:
    """Usable sales before the first day of `month`, at most `months` back, one row a sale, sorted.

    Both the sale and the record that reports it must lie before the month. A sale that several months
    report counts once, by its first report: the features of a later one may have been made with the sale
    itself. A sale that is not valid by that report, or not judged yet, is left out: see `sale_validity`.
    The row order of `records` does not matter.

    Args:
        records: rows with county, month, property_id, sale_date, sale_price_usd, sale_validity and
            living_area_sqft.
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
        & records["sale_price_usd"].notna()
        & (records["living_area_sqft"] > 0)
    )
    sales = records[known].assign(sale_date=sold[known])
    sales = sales.sort_values(["county", "property_id", "sale_date", "month"], kind="stable")
    sales = sales.drop_duplicates(["county", "property_id", "sale_date"])
    return sales[sales["sale_validity"] == VALID].reset_index(drop=True)


def months_before(sold: pd.Series, month: str) -> pd.Series:
    """Months from each date to the first day of `month`, as a fraction."""
    return (first_day(month) - sold).dt.days / DAYS_PER_MONTH


def of_kind(frame: pd.DataFrame, is_simulated: bool) -> pd.DataFrame:
    """The observed or the simulated rows: what is simulated never informs a value of what is observed."""
    return frame[frame["is_simulated"].astype(bool) == is_simulated]
