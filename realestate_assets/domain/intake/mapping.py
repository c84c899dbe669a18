"""Raw rows to canonical columns by a source's column map: typed, in our units and codes.

One rule for what cannot be read: the row is refused, whether or not the field is required. To null an
unreadable value would lose it without a word, and a file whose optional column changed its meaning would
pass unseen. Where a source is known to hold rubbish in a column, its map says so (`null_values`,
`unknown_code: null`).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.convert import (
    CONVERTERS,
    Converted,
    clean,
    first_of,
    scaled,
    to_allowed,
    to_boolean,
    to_code,
    to_date,
    to_mask,
    to_number,
)
from realestate_assets.domain.core.faults import Faults
from realestate_assets.domain.core.parcel_numbers import padded
from realestate_assets.domain.counties.county import County
from realestate_assets.domain.counties.sources import MAPPABLE_COLUMNS, UNIT_FACTORS, Case, ColumnMap
from realestate_assets.domain.intake.columns import raw_name
from realestate_assets.domain.intake.raw_rows import FAULT_CODES
from resources.warehouse.table_spec import Column

VERSION_LENGTH = 12


@dataclass(frozen=True)
class _Converted:
    """A typed column, the rows it could not read with the text they hold, and what that fault is called."""

    values: pa.Array
    bad: np.ndarray
    text: pa.Array
    code: str
    what: str


def map_rows(
    raw: pa.Table, rules: Mapping[str, ColumnMap], faults: Faults, timezone: str | None = None
) -> pa.Table:
    """Every mappable canonical column of every raw row; unmapped ones are null.

    Rows that could not be split or decoded get no further fault than that one.

    Args:
        raw: raw rows of one source.
        rules: its column map.
        faults: gets what cannot be read.
        timezone: the clock that says which day a moment belongs to; see `to_date`.
    """
    readable = _refuse_broken(raw, faults)
    columns = {}
    for name, column in MAPPABLE_COLUMNS.items():
        rule = rules.get(name)
        if rule is None:
            columns[name] = pa.nulls(raw.num_rows, column.arrow_type)
            continue
        converted = _sum(raw, rule) if rule.sum else _convert(_text(raw, rule), column, rule, timezone)
        bad = converted.bad & readable
        faults.add(bad, converted.code, name, f"{name} '{{}}' {converted.what}.", converted.text)
        if rule.required or not column.nullable:
            absent = to_mask(pc.is_null(converted.values)) & readable & ~bad
            faults.add(absent, "REQUIRED_MISSING", name, f"{name} is missing.")
        columns[name] = converted.values.cast(column.arrow_type)
    return pa.table(columns)


def read_dates(raw: pa.Table, rule: ColumnMap, timezone: str | None = None) -> pa.Array:
    """The dates of a mapped date column by a clock; null where missing or unreadable."""
    return to_date(_text(raw, rule), rule.format, timezone)[0]


def _refuse_broken(raw: pa.Table, faults: Faults) -> np.ndarray:
    broken = np.zeros(raw.num_rows, dtype=bool)
    for code, sentence in FAULT_CODES.items():
        mask = to_mask(pc.equal(raw["_fault"], code))
        faults.add(mask, code, None, sentence)
        broken |= mask
    return ~broken


def _text(raw: pa.Table, rule: ColumnMap) -> pa.Array:
    """The source text of a column: of several columns the first that holds a value."""
    if rule.constant is not None:
        text = pa.repeat(pa.scalar(rule.constant, pa.string()), raw.num_rows)
    elif rule.case is not None:
        text = _of_case(raw, rule.case, rule)
    else:
        text = first_of([_column(raw, name, rule) for name in rule.source_columns])
    if rule.pad:
        text = padded(text, rule.pad)
    return text


def _of_case(raw: pa.Table, case: Case, rule: ColumnMap) -> pa.Array:
    """Row by row the text of the columns that the case's own column points to."""
    nothing = pa.nulls(raw.num_rows, pa.string())
    told = pc.utf8_lower(_column(raw, case.column, ColumnMap.model_validate({"from": case.column})))
    text = first_of([_column(raw, name, rule) for name in case.otherwise]) if case.otherwise else nothing
    for value, columns in case.when.items():
        is_case = pc.fill_null(pc.equal(told, value.strip().lower()), False)
        chosen = first_of([_column(raw, name, rule) for name in columns]) if columns else nothing
        text = pc.if_else(is_case, chosen, text)
    return text


def _column(raw: pa.Table, name: str, rule: ColumnMap) -> pa.Array:
    stored = raw_name(name)
    if stored not in raw.column_names:
        return pa.nulls(raw.num_rows, pa.string())
    return clean(raw[stored].cast(pa.string()), rule.null_values)


def _convert(text: pa.Array, column: Column, rule: ColumnMap, timezone: str | None) -> _Converted:
    coded, unknown = text, np.zeros(len(text), dtype=bool)
    if rule.codes:
        coded, unknown = to_code(text, rule.codes)
    elif column.allowed:
        coded, unknown = to_allowed(text, column.allowed)
    if unknown.any() and rule.unknown_code == "reject":
        values = _typed(coded, column, rule, timezone)[0]
        return _Converted(values, unknown, text, "CODE_UNKNOWN", "is not a known code")
    values, bad = _typed(coded, column, rule, timezone)
    _, code, what = CONVERTERS.get(column.kind, (None, "", ""))
    return _Converted(values, bad, text, code, what)


def _typed(text: pa.Array, column: Column, rule: ColumnMap, timezone: str | None) -> Converted:
    """Text in the column's type, amounts and areas in its unit."""
    if column.kind not in CONVERTERS:
        return text, np.zeros(len(text), dtype=bool)
    converter = CONVERTERS[column.kind][0]
    if converter is to_boolean:
        return converter(text)
    if converter is to_date:
        return to_date(text, rule.format, timezone)
    values, bad = converter(text, rule.null_values)
    return (scaled(values, UNIT_FACTORS[rule.unit]) if column.kind == "float" else values), bad


def _sum(raw: pa.Table, rule: ColumnMap) -> _Converted:
    """Columns times their factors, added; missing ones count as nothing as long as one is there."""
    total, present = np.zeros(raw.num_rows), np.zeros(raw.num_rows, dtype=bool)
    bad, shown = np.zeros(raw.num_rows, dtype=bool), pa.nulls(raw.num_rows, pa.string())
    for name, factor in rule.sum.items():
        text = _column(raw, name, rule)
        values, unreadable = to_number(text, rule.null_values)
        there = to_mask(pc.is_valid(values))
        total[there] += np.asarray(values.filter(pa.array(there))) * factor
        present |= there
        bad |= unreadable
        shown = pc.coalesce(shown, pc.if_else(pa.array(unreadable), text, pa.scalar(None, pa.string())))
    values = scaled(pa.array(total, mask=~present), UNIT_FACTORS[rule.unit])
    return _Converted(values, bad, shown, "NUMBER_UNREADABLE", "is not a number")


def map_versions(county: County) -> dict[str, str]:
    """By source name a version of what decides whether its rows are accepted: its map, the county's bounds.

    A short SHA-256 of everything in the county's YAML that can change the verdict on a row.
    """
    shared = county.model_dump(mode="json", include={"slug", "state", "fips", "bounds", "timezone"})
    versions = {}
    for name, source in county.raw_sources.items():
        told = {
            "columns": {
                field: rule.model_dump(mode="json") for field, rule in sorted(source.columns.items())
            },
            "list_price_from_sale": source.list_price_from_sale,
            "source": None if source.is_simulated else source.model_dump(mode="json"),
            "county": shared,
        }
        digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
        versions[name] = digest[:VERSION_LENGTH]
    return versions
