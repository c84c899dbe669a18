"""One value of one column, given by a person: judged by the rules that a source's rows are judged by."""

from datetime import date
from typing import Any

import pyarrow as pa

from realestate_assets.domain.core.faults import Faults
from realestate_assets.domain.counties.column_map import MAPPABLE_COLUMNS
from realestate_assets.domain.counties.county import Bounds
from realestate_assets.domain.intake.validation import EARLIEST_YEAR, validate
from resources.errors import PermanentError
from resources.warehouse.table_spec import Column

KINDS = {
    "float": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "date": "a date as YYYY-MM-DD",
    "text": "a text",
}
# Why the intake refuses a value, where it is no limit of the column.
REFUSED = {
    "COORDINATES_OUTSIDE_COUNTY": "That lies outside the county.",
    "SALE_AFTER_OBSERVATION": "That lies after the day that the record describes.",
    "YEAR_OUT_OF_RANGE": f"A year lies between {EARLIEST_YEAR} and the one after the record's.",
}
LARGEST = 1e12
MAX_CHARACTERS = 80


def typed(column: Column, value: object) -> Any:
    """A value of JSON in the type of a column.

    Raises:
        PermanentError: it is none of that type, or not among the column's values.
    """
    found = _typed(column.kind, value)
    if found is None:
        raise PermanentError(f"{column.name} is {KINDS[column.kind]}.", field="value")
    if column.allowed and found not in column.allowed:
        raise PermanentError(f"{column.name} is one of {', '.join(column.allowed)}.", field="value")
    return found


def _typed(kind: str, value: object) -> Any:
    if isinstance(value, bool):
        return value if kind == "boolean" else None
    if isinstance(value, int | float) and kind in ("float", "integer"):
        if not -LARGEST <= value <= LARGEST or (kind == "integer" and value != int(value)):
            return None
        return int(value) if kind == "integer" else float(value)
    if not isinstance(value, str):
        return None
    if kind == "date":
        try:
            return date.fromisoformat(value) if len(value) == len("2000-01-01") else None
        except ValueError:
            return None
    fits = kind == "text" and 1 <= len(value) <= MAX_CHARACTERS and value.isprintable()
    return value if fits and value.strip() == value else None


def check_value(column: Column, value: Any, observed: date, bounds: Bounds) -> None:
    """Refuse a value that cannot be true.

    Args:
        column: whose value.
        value: in its type.
        observed: day that the record describes.
        bounds: the county's box.

    Raises:
        PermanentError: says why, without the value.
    """
    known = {column.name: value, "observed_date": observed}
    table = pa.table(
        {name: pa.array([known.get(name)], c.arrow_type) for name, c in MAPPABLE_COLUMNS.items()}
    )
    faults = Faults(1)
    validate(table, pa.chunked_array([[observed.strftime("%Y-%m")]]), bounds, faults)
    if faults.mask_of(column.name).any():
        code = str(faults.by_row().loc[0, "reason_code"])
        raise PermanentError(REFUSED.get(code) or _limits(column), field="value")


def _limits(column: Column) -> str:
    low, high = (f"{limit:,g}" if limit is not None else None for limit in (column.minimum, column.maximum))
    if low and high:
        return f"{column.name} lies between {low} and {high}."
    return f"{column.name} is {low} at least." if low else f"{column.name} is {high} at most."
