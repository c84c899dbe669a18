"""Which canonical rows are believed: every rule by which a mapped row is refused, with its code."""

from collections.abc import Collection

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.convert import to_mask
from realestate_assets.domain.core.faults import Faults
from realestate_assets.domain.core.identity import identity_keys
from realestate_assets.domain.counties.column_map import MAPPABLE_COLUMNS, RENT_COLUMNS
from realestate_assets.domain.counties.county import Bounds
from resources.warehouse.table_spec import Column

EARLIEST_YEAR = 1600
RANGE_CODES = {
    "list_price_usd": "PRICE_OUT_OF_RANGE",
    "sale_price_usd": "PRICE_OUT_OF_RANGE",
    "last_sale_price_usd": "PRICE_OUT_OF_RANGE",
    "assessed_value_usd": "PRICE_OUT_OF_RANGE",
    "rent_monthly_usd": "RENT_OUT_OF_RANGE",
    "living_area_sqft": "LIVING_AREA_OUT_OF_RANGE",
    "bedrooms": "BEDROOMS_OUT_OF_RANGE",
    "year_built": "YEAR_OUT_OF_RANGE",
    "year_renovated": "YEAR_OUT_OF_RANGE",
}
YEARS = ("year_built", "year_renovated")


def validate(
    table: pa.Table,
    months: pa.ChunkedArray,
    bounds: Bounds,
    faults: Faults,
    forgiven: Collection[str] = (),
) -> pa.Table:
    """Add the faults of rows whose values cannot be true.

    Args:
        table: canonical rows, normalised.
        months: partition month of each row.
        bounds: the county's box.
        faults: gets what is found.
        forgiven: columns whose values are null where they cannot be true, instead of a fault.

    Returns:
        The table, forgiven values null.
    """
    found = Faults(table.num_rows)
    _check_values(table, months, bounds, found)
    table = _forgive(table, found, faults, forgiven)
    late = to_mask(pc.greater(table["sale_date"], table["observed_date"]))
    sentence = "sale_date {} lies after observed_date: nobody could have seen that sale."
    faults.add(late, "SALE_AFTER_OBSERVATION", "sale_date", sentence, table["sale_date"])
    nameless = to_mask(pc.is_null(identity_keys(table)))
    faults.add(nameless & ~faults.mask(), "IDENTITY_MISSING", None, "The row has neither APN nor address.")
    return table


def validate_rents(
    table: pa.Table,
    months: pa.ChunkedArray,
    bounds: Bounds,
    faults: Faults,
    forgiven: Collection[str] = (),
) -> pa.Table:
    """As `validate`, for rental advertisements: nobody need be able to tell which home it is.

    A rent is judged here by itself alone; by the market's others it is judged where rents are learned.
    """
    found = Faults(table.num_rows)
    _check_month(table, months, found)
    for name, column in RENT_COLUMNS.items():
        if name not in ("latitude", "longitude"):
            _check_range(table, column, found)
    _check_coordinates(table, bounds, found)
    return _forgive(table, found, faults, forgiven)


def _forgive(table: pa.Table, found: Faults, faults: Faults, forgiven: Collection[str]) -> pa.Table:
    """The table with forgiven values null; all other faults are added."""
    for name in forgiven:
        wrong = found.mask_of(name)
        values = pc.if_else(pa.array(wrong), pa.scalar(None, table[name].type), table[name])
        table = table.set_column(table.column_names.index(name), name, values)
    faults.take(found, without=forgiven)
    return table


def _check_values(table: pa.Table, months: pa.ChunkedArray, bounds: Bounds, faults: Faults) -> None:
    """Each value by itself."""
    _check_month(table, months, faults)
    for name, column in MAPPABLE_COLUMNS.items():
        if name not in (*YEARS, "latitude", "longitude"):
            _check_range(table, column, faults)
    _check_years(table, faults)
    _check_coordinates(table, bounds, faults)


def _check_month(table: pa.Table, months: pa.ChunkedArray, faults: Faults) -> None:
    """A row whose own month is no partition was put into another one, to be refused there."""
    own = pc.strftime(table["observed_date"], "%Y-%m")
    moved = to_mask(pc.not_equal(own, months))
    sentence = "observed_date {} lies outside the months of the platform."
    faults.add(moved, "DATE_OUT_OF_RANGE", "observed_date", sentence, table["observed_date"])


def _check_range(table: pa.Table, column: Column, faults: Faults) -> None:
    if column.minimum is None and column.maximum is None:
        return
    code = RANGE_CODES.get(column.name, "VALUE_OUT_OF_RANGE")
    values = table[column.name]
    if column.maximum is not None:
        high = to_mask(pc.greater(values, column.maximum))
        limit = f"{column.name} {{}} is above the limit of {column.maximum:,g}."
        faults.add(high, code, column.name, limit, values)
    if column.minimum is not None:
        low = to_mask(pc.less(values, column.minimum))
        limit = f"{column.name} {{}} is below the limit of {column.minimum:,g}."
        faults.add(low, code, column.name, limit, values)


def _check_years(table: pa.Table, faults: Faults) -> None:
    """1600 to the year after the observation: as of the record, not of the day of the run."""
    latest = np.asarray(pc.fill_null(pc.year(table["observed_date"]), 9998)) + 1
    for name in YEARS:
        values = table[name]
        wrong = to_mask(pc.or_(pc.less(values, EARLIEST_YEAR), pc.greater(values, pa.array(latest))))
        sentence = f"{name} {{}} is not between {EARLIEST_YEAR} and the year after the observation."
        faults.add(wrong, "YEAR_OUT_OF_RANGE", name, sentence, values)


def _check_coordinates(table: pa.Table, bounds: Bounds, faults: Faults) -> None:
    box = {"latitude": (bounds.south, bounds.north), "longitude": (bounds.west, bounds.east)}
    for name, (low, high) in box.items():
        values = table[name]
        outside = to_mask(pc.or_(pc.less(values, low), pc.greater(values, high)))
        sentence = f"{name} {{}} is outside the county, which lies between {low:g} and {high:g}."
        faults.add(outside, "COORDINATES_OUTSIDE_COUNTY", name, sentence, values)
