"""Which month a raw row belongs to: the month of its date, or a refuge for rows that have none.

A row with an unreadable date, or one outside the platform's months, must lie in some partition to be counted
and refused there. It goes to the latest readable month of its own file, so that the choice follows from the
file alone and not from what else a run holds.
"""

import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.counties.sources import LandedSource
from realestate_assets.domain.intake.file_format import Place
from realestate_assets.domain.intake.mapping import read_dates


def assign_months(raw: pa.Table, source: LandedSource, first: str, last: str, place: Place) -> pa.Table:
    """Add `county` and `month` to the raw rows of one file.

    Args:
        raw: all rows of the file.
        source: its source; the map of observed_date says which column holds the date.
        first: the platform's first month, YYYY-MM.
        last: its latest month.
        place: where the rows come from.

    Raises:
        PermanentError: no row has a readable date, or none a date within the platform's months.
    """
    rule = source.columns["observed_date"]
    column = " or ".join(rule.source_columns) or "observed_date"
    dates = read_dates(raw, rule)
    if dates.null_count == len(dates):
        shown = ", ".join(rule.format) or "YYYY-MM-DD"
        raise place.error(
            f"has no readable date in the column {column} (expected {shown}).",
            "Correct `format` of observed_date in the county's YAML, or the file.",
            column,
        )
    months = pc.strftime(dates, "%Y-%m")
    inside = pc.and_(pc.greater_equal(months, first), pc.less_equal(months, last))
    latest = pc.max(pc.filter(months, inside)).as_py()
    if latest is None:
        span = f"{pc.min(dates).as_py()} to {pc.max(dates).as_py()}"
        raise place.error(
            f"has dates from {span} in the column {column}, all outside {first} to {last}.",
            "Set FIRST_MONTH to the first month wanted, or correct the file.",
            column,
        )
    months = pc.if_else(pc.fill_null(inside, False), months, latest)
    table = raw.append_column("county", pa.repeat(pa.scalar(place.county), raw.num_rows))
    return table.append_column("month", months)
