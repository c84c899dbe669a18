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
    to_allowed,
    to_boolean,
    to_code,
    to_date,
    to_mask,
)
from realestate_assets.domain.core.faults import Faults
from realestate_assets.domain.counties.column_map import MAPPABLE_COLUMNS, ColumnMap
from realestate_assets.domain.counties.county import County
from realestate_assets.domain.intake.origins import calculated, origin_text, summed, year_by_age
from realestate_assets.domain.intake.raw_rows import FAULT_CODES
from realestate_assets.domain.intake.units import in_unit
from resources.warehouse.table_spec import Column

VERSION_LENGTH = 12
MARKS = ("$", "USD", "US$")


@dataclass(frozen=True)
class _Converted:
    """A typed column, the rows it could not read with the text they hold, and what that fault is called."""

    values: pa.Array
    bad: np.ndarray
    text: pa.Array
    code: str
    what: str


def map_rows(
    raw: pa.Table,
    rules: Mapping[str, ColumnMap],
    faults: Faults,
    timezone: str | None = None,
    mappable: Mapping[str, Column] = MAPPABLE_COLUMNS,
) -> pa.Table:
    """Every mappable canonical column of every raw row; unmapped ones are null.

    Rows that could not be split or decoded get no further fault than that one.

    Args:
        raw: raw rows of one source.
        rules: its column map.
        faults: gets what cannot be read.
        timezone: the clock that says which day a moment belongs to; see `to_date`.
        mappable: the columns: those of a property, or of a rent.
    """
    readable = _refuse_broken(raw, faults)
    columns = {}
    for name, column in mappable.items():
        rule = rules.get(name)
        if rule is None:
            columns[name] = pa.nulls(raw.num_rows, column.arrow_type)
            continue
        converted = _made(raw, rule, column, rules, timezone)
        bad = converted.bad & readable
        faults.add(bad, converted.code, name, f"{name} '{{}}' {converted.what}.", converted.text)
        values = converted.values
        if column.kind == "float":
            values, unknown, unit = in_unit(values, raw, rule)
            sentence = f"{name} is in the unit '{{}}', which is not known: name it in unit_codes."
            faults.add(unknown & readable & ~bad, "UNIT_UNKNOWN", name, sentence, unit)
            bad |= unknown
        if rule.required or not column.nullable:
            absent = to_mask(pc.is_null(values)) & readable & ~bad
            faults.add(absent, "REQUIRED_MISSING", name, f"{name} is missing.")
        columns[name] = values.cast(column.arrow_type)
    return pa.table(columns)


def _refuse_broken(raw: pa.Table, faults: Faults) -> np.ndarray:
    broken = np.zeros(raw.num_rows, dtype=bool)
    for code, sentence in FAULT_CODES.items():
        mask = to_mask(pc.equal(raw["_fault"], code))
        faults.add(mask, code, None, sentence)
        broken |= mask
    return ~broken


def _made(
    raw: pa.Table, rule: ColumnMap, column: Column, rules: Mapping[str, ColumnMap], timezone: str | None
) -> _Converted:
    """A column by whichever origin its rule gives."""
    number = ("NUMBER_UNREADABLE", "is not a number")
    if rule.sum:
        return _Converted(*summed(raw, rule, _marks(rule)), *number)
    if rule.formula is not None:
        return _whole(_Converted(*calculated(raw, rule, rule.formula, _marks(rule)), *number), column)
    if rule.age is not None:
        dated = rules.get(rule.age.at) if isinstance(rule.age.at, str) else None
        years = year_by_age(raw, rule, rule.age, dated, timezone)
        return _Converted(*years, "NUMBER_UNREADABLE", "is not an age in years")
    return _convert(origin_text(raw, rule, column.name), column, rule, timezone)


def _marks(rule: ColumnMap) -> tuple[str, ...]:
    """Marks of the money an amount is in: one of another money is no amount of ours."""
    return rule.currency.marks if rule.currency else MARKS


def _whole(found: _Converted, column: Column) -> _Converted:
    """A calculated value of a column of whole numbers is one, or unreadable."""
    if column.kind != "integer":
        return found
    odd = to_mask(pc.not_equal(found.values, pc.round(found.values)))
    values = pc.if_else(pa.array(odd), pa.scalar(None, pa.float64()), found.values)
    text = pc.coalesce(found.text, found.values.cast(pa.string()))
    return _Converted(values, found.bad | odd, text, found.code, "is not a whole number")


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
    """Text in the column's type, not in its unit yet."""
    if column.kind not in CONVERTERS:
        return text, np.zeros(len(text), dtype=bool)
    converter = CONVERTERS[column.kind][0]
    if converter is to_boolean:
        return converter(text)
    if converter is to_date:
        return to_date(text, rule.format, timezone)
    # A code of ours is written our way, whatever the file's numbers look like.
    return converter(text, rule.null_values, "." if rule.codes else rule.decimal or ".", _marks(rule))


def map_versions(county: County) -> dict[str, str]:
    """By source name a version of what decides whether its rows are accepted: its map, the county's bounds.

    A short SHA-256 of everything in the county's YAML that can change the verdict on a row.
    """
    shared = county.model_dump(mode="json", include={"slug", "state", "fips", "bounds", "timezone"})
    versions = {}
    for name, source in county.raw_sources.items():
        # Keys that are not set are left out: a key that the platform learns later changes no version.
        settings = {
            "columns": {
                field: rule.model_dump(mode="json", exclude_defaults=True)
                for field, rule in sorted(source.columns.items())
            },
            "source": None if source.is_simulated else source.model_dump(mode="json", exclude_defaults=True),
            "county": shared,
        }
        digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
        versions[name] = digest[:VERSION_LENGTH]
    return versions
