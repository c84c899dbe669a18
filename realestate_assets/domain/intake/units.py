"""What a source's figures are in: one unit for a column, the source's own for all, or one a row."""

import re
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.convert import scaled, to_mask
from realestate_assets.domain.counties.column_map import RESO_UNIT_COLUMNS, UNIT_FACTORS, ColumnMap
from realestate_assets.domain.intake.columns import raw_name
from realestate_assets.domain.intake.origins import column_text

# Spellings of units, letters and digits alone.
UNIT_WORDS = {
    "sqft": ("sqft", "sf", "squarefeet", "squarefoot", "squareft", "sqfeet", "sqfoot", "ft2", "feetsquared"),
    "acre": ("acre", "acres", "ac", "acreage"),
    "sqm": ("sqm", "squaremeters", "squaremetres", "squaremeter", "squaremetre", "m2", "sqmeters"),
    "hectare": ("hectare", "hectares", "ha"),
    "sqyd": ("sqyd", "squareyards", "squareyard", "sqyds", "yd2"),
}  # fmt: skip
SPELLINGS = {word: unit for unit, words in UNIT_WORDS.items() for word in words}


class InUnit(NamedTuple):
    """Values in the canonical column's unit, and those whose own unit is not known, with its text."""

    values: pa.Array
    unknown: np.ndarray
    text: pa.Array


def in_unit(values: pa.Array, raw: pa.Table, rule: ColumnMap) -> InUnit:
    """Amounts and areas in the unit of the canonical column.

    Args:
        values: floats as the file has them.
        raw: the raw rows they are from, which may hold the unit of each.
        rule: how the column is made.
    """
    factor = UNIT_FACTORS[rule.unit or "count"] * (rule.currency.usd if rule.currency else 1.0)
    nobody = np.zeros(len(values), dtype=bool)
    column = rule.unit_column or _beside(raw, rule)
    if column is None:
        return InUnit(scaled(values, factor), nobody, pa.nulls(len(values), pa.string()))
    text = column_text(raw, column, ColumnMap.model_validate({"from": column}))
    encoded = pc.dictionary_encode(text)
    factors = [_factor(unit, rule) for unit in encoded.dictionary.to_pylist()]
    by_row = pc.take(pa.array(factors, pa.float64()), encoded.indices)
    if rule.unit or not rule.unit_column:
        by_row = pc.if_else(pc.is_null(text), factor, by_row)
    unknown = to_mask(pc.and_(pc.is_valid(values), pc.is_null(by_row)))
    return InUnit(pc.multiply(values, by_row), unknown, pc.fill_null(text, ""))


def _beside(raw: pa.Table, rule: ColumnMap) -> str | None:
    """The column that says the unit of a column of the RESO Data Dictionary, where the file has both."""
    beside = RESO_UNIT_COLUMNS.get(rule.from_[0]) if len(rule.from_) == 1 and rule.unit is None else None
    return beside if beside and raw_name(beside) in raw.column_names else None


def _factor(text: str, rule: ColumnMap) -> float | None:
    codes = {code.strip().lower(): unit for code, unit in rule.unit_codes.items()}
    unit = codes.get(text.lower()) or SPELLINGS.get(re.sub(r"[^a-z0-9]", "", text.lower().replace("²", "2")))
    return UNIT_FACTORS[unit] if unit else None
