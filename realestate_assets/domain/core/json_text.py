"""Rows as JSON text, a whole column at a time; among others letter by letter as Postgres writes a `jsonb`."""

import json
from decimal import Decimal
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.core.convert import one_chunk

# Whole numbers below are written digit by digit by everybody.
LARGEST_PLAIN = float(2**53)
PLAIN_FRACTION = r"^-?\d+\.\d+$"
# Days of four-digit years, which are all alike: 1000-01-01 and 9999-12-31.
FIRST_DAY, LAST_DAY = -354_285, 2_932_896

Column: TypeAlias = "pa.Array | pa.ChunkedArray"


def escaped(text: Column) -> Column:
    """Texts as they stand between the quotes of a JSON string."""
    octets = _octets(text)
    if (octets == ord("\\")).any() or (octets == ord('"')).any():
        text = pc.replace_substring(pc.replace_substring(text, "\\", "\\\\"), '"', '\\"')
    # Of control characters Postgres and Python write the same.
    for sign in np.unique(octets[octets < ord(" ")]).tolist():
        text = pc.replace_substring(text, chr(sign), json.dumps(chr(sign))[1:-1])
    return text


def _octets(text: Column) -> np.ndarray:
    """The bytes of all texts, one after the other."""
    column = one_chunk(text)
    _, ends, letters = column.buffers()
    if ends is None or letters is None:
        return np.empty(0, dtype=np.uint8)
    at = np.frombuffer(ends, dtype=np.int32)[column.offset : column.offset + len(column) + 1]
    return np.frombuffer(letters, dtype=np.uint8)[at[0] : at[-1]]


def member(name: str, value: Column, quote: str = '"') -> Column:
    """`"name": "value"`; null where the value is."""
    return pc.binary_join_element_wise(f"{json.dumps(name, ensure_ascii=False)}: {quote}", value, quote, "")


def jsonb_texts(rows: pa.Table) -> pa.Array | None:
    """What `jsonb_strip_nulls(to_jsonb(row))::text` is in Postgres, row by row.

    Args:
        rows: columns of text, numbers, booleans and dates.

    Returns:
        None where a value is of another kind, or one that Postgres alone knows to write: a number of more
        than fifteen digits, a date of a year that has not four.
    """
    pieces: list[Column] = []
    # A jsonb keeps its keys in this order.
    for name in sorted(rows.column_names, key=lambda name: (len(name.encode()), name.encode())):
        column = one_chunk(rows[name])
        if column.null_count == len(column):
            continue
        value = _value(column)
        if value is None:
            return None
        pieces.append(member(name, value, '"' if _is_quoted(column.type) else ""))
    body = pc.binary_join_element_wise(
        pa.nulls(rows.num_rows, pa.string()), *pieces, ", ", null_handling="skip"
    )
    return pc.binary_join_element_wise("{", body, "}", "")


def _is_quoted(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_date32(kind)


def _value(column: pa.Array) -> pa.Array | None:
    kind = column.type
    if pa.types.is_string(kind):
        return escaped(column)
    if pa.types.is_integer(kind):
        return column.cast(pa.string())
    if pa.types.is_boolean(kind):
        return pc.if_else(column, "true", "false")
    if pa.types.is_float64(kind):
        return _numbers(column)
    if pa.types.is_date32(kind):
        days = column.cast(pa.int32())
        ends = pc.min_max(days).as_py()
        is_plain = ends["min"] >= FIRST_DAY and ends["max"] <= LAST_DAY
        return column.cast(pa.string()) if is_plain else None
    return None


def _numbers(column: pa.Array) -> pa.Array | None:
    """The shortest digits that are the same double, never with an exponent."""
    whole = pc.equal(column, pc.round(column))
    if pc.any(pc.and_(whole, pc.greater_equal(pc.abs(column), LARGEST_PLAIN))).as_py():
        return None
    if not pc.all(pc.is_finite(column)).as_py():
        return None
    integers = pc.if_else(whole, column, pa.scalar(None, pa.float64())).cast(pa.int64()).cast(pa.string())
    if pc.all(whole).as_py():
        return integers
    text = pc.if_else(whole, pa.scalar(None, pa.float64()), column).cast(pa.string())
    if not pc.all(pc.match_substring_regex(text, PLAIN_FRACTION)).as_py():
        text = pa.array([each and format(Decimal(each), "f") for each in text.to_pylist()], pa.string())
    return pc.coalesce(integers, text)
