"""Where a canonical column's text comes from: columns of the raw row, put together as the map says."""

import calendar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.convert import clean, first_of, to_date, to_mask, to_number
from realestate_assets.domain.core.formulas import calculate
from realestate_assets.domain.core.lines import pieces_of_line
from realestate_assets.domain.core.parcel_numbers import is_rounded, padded, whole_numbers
from realestate_assets.domain.counties.column_map import Age, Case, ColumnMap, DateParts
from realestate_assets.domain.intake.columns import raw_name

NOTHING = pa.scalar(None, pa.string())
MONTHS = {
    name.lower(): number
    for names in (calendar.month_name, calendar.month_abbr)
    for number, name in enumerate(names)
    if name
} | {"sept": 9}
# Made of what is left where a part is missing; numbers that identify something are not.
READABLE_LINES = (
    "street", "owner_mailing_address", "owner_name", "description", "seller_name", "buyer_name", "photo_urls",
)  # fmt: skip


def column_text(raw: pa.Table, name: str, rule: ColumnMap) -> pa.Array:
    """A source column as trimmed text; null where it means nothing by the rule, or is absent."""
    stored = raw_name(name)
    if stored not in raw.column_names:
        return pa.nulls(raw.num_rows, pa.string())
    usual = rule.usual_nulls is not False
    return clean(raw[stored].cast(pa.string()), rule.null_values, usual=usual, codes=rule.codes)


def origin_text(raw: pa.Table, rule: ColumnMap, field: str = "") -> pa.Array:
    """The source text of a canonical column, of every origin that is a text.

    Args:
        raw: raw rows.
        rule: how the column is made; of `from`, `case`, `line`, `parts` or `constant`.
        field: the canonical column.
    """
    if rule.constant is not None:
        text = pa.repeat(pa.scalar(rule.constant, pa.string()), raw.num_rows)
    elif rule.case is not None:
        text = _of_case(raw, rule.case, rule)
    elif rule.line is not None:
        text = _line(raw, rule, rule.line, whole=field not in READABLE_LINES)
    elif rule.parts is not None:
        text = _date_of_parts(raw, rule.parts, rule)
    else:
        text = first_of([column_text(raw, name, rule) for name in rule.value_columns])
    return padded(text, rule.pad) if rule.pad else text


def _of_case(raw: pa.Table, case: Case, rule: ColumnMap) -> pa.Array:
    """Row by row the text of the columns that the case's own column points to."""
    nothing = pa.nulls(raw.num_rows, pa.string())
    teller = ColumnMap.model_validate({"from": case.column, "codes": {value: value for value in case.when}})
    told = pc.utf8_lower(column_text(raw, case.column, teller))
    otherwise = [column_text(raw, name, rule) for name in case.otherwise]
    text = first_of(otherwise) if otherwise else nothing
    for value, columns in case.when.items():
        is_case = pc.fill_null(pc.equal(told, value.strip().lower()), False)
        chosen = first_of([column_text(raw, name, rule) for name in columns]) if columns else nothing
        text = pc.if_else(is_case, chosen, text)
    return text


def _line(raw: pa.Table, rule: ColumnMap, line: str, whole: bool) -> pa.Array:
    """The columns put together; null where one is missing, or, of readable text, where all are."""
    parts: list[pa.Array] = []
    columns = []
    for piece in pieces_of_line(line):
        if piece.column is None:
            parts.append(pa.repeat(pa.scalar(piece.text), raw.num_rows))
            continue
        text = column_text(raw, piece.column, rule)
        text = padded(text, piece.pad) if piece.pad else whole_numbers(text)
        columns.append(text)
        parts.append(text if whole else pc.fill_null(text, ""))
    joined = pc.binary_join_element_wise(*parts, "")
    if whole:
        # One rounded part spoils the whole, which would no longer show it.
        for text in columns:
            joined = pc.if_else(pc.fill_null(is_rounded(text), False), text, joined)
        return joined
    any_there = to_mask(pc.is_valid(first_of(columns)))
    tidy = pc.utf8_trim_whitespace(pc.replace_substring_regex(joined, r"\s+", " "))
    return pc.if_else(pa.array(any_there), tidy, NOTHING)


def _date_of_parts(raw: pa.Table, parts: DateParts, rule: ColumnMap) -> pa.Array:
    """ISO dates; null where year or month is missing, as received where a part is no such number."""
    texts = {name: _part(raw, getattr(parts, name), rule) for name in ("year", "month", "day")}
    month = pc.utf8_lower(pc.utf8_rtrim(texts["month"], "."))
    at = pc.index_in(month, value_set=pa.array(list(MONTHS)))
    named = pc.take(pa.array([str(number) for number in MONTHS.values()]), at)
    month = pc.coalesce(named, texts["month"])
    year, month, day = (whole_numbers(text) for text in (texts["year"], month, texts["day"]))
    return pc.binary_join_element_wise(year, pc.utf8_lpad(month, 2, "0"), pc.utf8_lpad(day, 2, "0"), "-")


def _part(raw: pa.Table, part: int | str, rule: ColumnMap) -> pa.Array:
    if isinstance(part, int):
        return pa.repeat(pa.scalar(str(part)), raw.num_rows)
    return column_text(raw, part, rule)


def numbers_of(raw: pa.Table, name: str, rule: ColumnMap, marks: tuple[str, ...]) -> tuple:
    """A source column as floats (NaN where there is none), a mask of the unreadable, and its text."""
    text = column_text(raw, name, rule)
    values, bad = to_number(text, rule.null_values, rule.decimal or ".", marks)
    return np.asarray(pc.fill_null(values, np.nan), dtype=float), bad, text


def summed(raw: pa.Table, rule: ColumnMap, marks: tuple[str, ...]) -> tuple[pa.Array, np.ndarray, pa.Array]:
    """Columns times their factors, added; missing ones count as nothing as long as one is there."""
    total, present = np.zeros(raw.num_rows), np.zeros(raw.num_rows, dtype=bool)
    bad, shown = np.zeros(raw.num_rows, dtype=bool), pa.nulls(raw.num_rows, pa.string())
    for name, factor in rule.sum.items():
        values, unreadable, text = numbers_of(raw, name, rule, marks)
        there = ~np.isnan(values)
        total[there] += values[there] * factor
        present |= there
        bad |= unreadable
        shown = _shown(shown, text, unreadable)
    return pa.array(total, mask=~present), bad, shown


def calculated(
    raw: pa.Table, rule: ColumnMap, formula: str, marks: tuple[str, ...]
) -> tuple[pa.Array, np.ndarray, pa.Array]:
    """The value of a formula, nothing where one of its columns is; what divides by zero is unreadable."""
    columns, bad = {}, np.zeros(raw.num_rows, dtype=bool)
    missing, shown = np.zeros(raw.num_rows, dtype=bool), pa.nulls(raw.num_rows, pa.string())
    for name in rule.value_columns:
        columns[name], unreadable, text = numbers_of(raw, name, rule, marks)
        missing |= np.isnan(columns[name])
        bad |= unreadable
        shown = _shown(shown, text, unreadable)
    values = calculate(formula, columns)
    impossible = ~missing & ~np.isfinite(values)
    shown = _shown(shown, pa.repeat(pa.scalar(formula), raw.num_rows), impossible)
    return pa.array(values, mask=missing | impossible), bad | impossible, shown


def year_by_age(
    raw: pa.Table, rule: ColumnMap, age: Age, dated: ColumnMap | None, timezone: str | None
) -> tuple[pa.Array, np.ndarray, pa.Array]:
    """The year so many years before a date, or before a year that is the same for all."""
    ages, bad, text = numbers_of(raw, age.column, rule, ())
    if isinstance(age.at, int):
        year = np.full(raw.num_rows, float(age.at))
    else:
        days = read_dates(raw, dated, timezone) if dated else pa.nulls(raw.num_rows, pa.date32())
        year = np.asarray(pc.fill_null(pc.year(days).cast(pa.float64()), np.nan))
    values = year - ages
    bad = bad | (ages < 0) | (ages != np.floor(ages)) & ~np.isnan(ages)
    return pa.array(values, mask=np.isnan(values) | bad), bad, text


def read_dates(raw: pa.Table, rule: ColumnMap, timezone: str | None = None) -> pa.Array:
    """The dates of a mapped date column by a clock; null where missing or unreadable."""
    return to_date(origin_text(raw, rule), rule.format, timezone)[0]


def _shown(shown: pa.Array, text: pa.Array, unreadable: np.ndarray) -> pa.Array:
    return pc.coalesce(shown, pc.if_else(pa.array(unreadable), text, NOTHING))
