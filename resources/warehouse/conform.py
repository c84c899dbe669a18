"""Frames brought to the layout of a table spec before they are written: exact columns, types and nulls.

Nothing is guessed: what cannot be converted without loss is an error that names the column.
"""

from typing import TypeAlias

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from resources.errors import PermanentError
from resources.partition import Partition
from resources.warehouse.table_spec import Column, TableSpec

Frame: TypeAlias = pa.Table | pd.DataFrame


def conform(frame: Frame, spec: TableSpec) -> pa.Table:
    """`frame` with the columns, order and types of `spec`.

    NaN, NaT, None and pd.NA become null; whole floats fit an integer column; midnights fit a date column;
    a timestamp without zone is UTC.

    Raises:
        PermanentError: a column is missing, unknown or unfit, a required value is null, a key is repeated.
    """
    names = _column_names(frame)
    _check_names(names, spec)
    arrays = []
    for column in spec.given_columns:
        try:
            arrays.append(_convert(_array(frame, column.name), column))
        except (pa.ArrowException, UnicodeError, TypeError, ValueError, OverflowError) as error:
            raise PermanentError(
                f"cannot be stored as {column.kind}: {str(error).splitlines()[0]}.",
                source=spec.name,
                field=column.name,
            ) from error
    table = pa.Table.from_arrays(arrays, schema=spec.plain_schema)
    _check_required(table, spec)
    _check_key(table, spec)
    return table


def partition_counts(table: pa.Table, partitions: list[Partition], name: str) -> dict[Partition, int]:
    """Rows per partition, 0 for those without rows.

    Raises:
        PermanentError: a row belongs to none of `partitions`.
    """
    counts = dict.fromkeys(sorted(partitions), 0)
    grouped = table.select(["county", "month"]).group_by(["county", "month"]).aggregate([([], "count_all")])
    for row in grouped.to_pylist():
        partition = Partition.of(row)
        if partition not in counts:
            raise PermanentError(
                f"{row['count_all']} row(s) of {name} belong to {partition.key}, "
                "which is not a partition of this run.",
                county=partition.county_slug,
                remedy="An asset returns rows of its own partitions only.",
            )
        counts[partition] = row["count_all"]
    return counts


def _column_names(frame: Frame) -> list[str]:
    return list(frame.column_names) if isinstance(frame, pa.Table) else [str(c) for c in frame.columns]


def _check_names(names: list[str], spec: TableSpec) -> None:
    wanted = [column.name for column in spec.given_columns]
    faults = {
        "missing": [n for n in wanted if n not in names],
        "not in the table spec": [n for n in names if n not in wanted],
        "there twice": sorted({n for n in names if names.count(n) > 1}),
    }
    if text := "; ".join(f"{', '.join(found)} {what}" for what, found in faults.items() if found):
        raise PermanentError(
            f"the columns of {spec.name} do not fit: {text}.",
            remedy=f"The spec of {spec.name} in realestate_assets/domain/tables/ lists them.",
        )


def _array(frame: Frame, name: str) -> pa.ChunkedArray:
    if isinstance(frame, pa.Table):
        return frame.column(name)
    array = pa.array(frame[name], from_pandas=True)
    return array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])


def _convert(array: pa.ChunkedArray, column: Column) -> pa.ChunkedArray:
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    if pa.types.is_null(array.type):
        return array.cast(column.arrow_type)
    return _CONVERTERS[column.kind](array, column.arrow_type)


def _text(array: pa.ChunkedArray, target: pa.DataType) -> pa.ChunkedArray:
    kind = array.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)):
        raise TypeError(f"{kind} is not text")
    array = array.cast(target)
    if pc.any(pc.match_substring(array, "\x00")).as_py():
        raise ValueError("a value holds a NUL character, which Postgres cannot store")
    return array


def _number(array: pa.ChunkedArray, target: pa.DataType) -> pa.ChunkedArray:
    kind = array.type
    if pa.types.is_decimal(kind):
        array = array.cast(pa.float64())
    elif not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        raise TypeError(f"{kind} is not a number")
    if pa.types.is_floating(array.type):
        array = pc.if_else(pc.is_nan(array), pa.scalar(None, array.type), array)
        if pc.any(pc.is_inf(array)).as_py():
            raise ValueError("a value is infinite; what cannot be computed is null")
    return array.cast(target)


def _boolean(array: pa.ChunkedArray, target: pa.DataType) -> pa.ChunkedArray:
    if not pa.types.is_boolean(array.type):
        raise TypeError(f"{array.type} is not boolean")
    return array.cast(target)


def _date(array: pa.ChunkedArray, target: pa.DataType) -> pa.ChunkedArray:
    if not (pa.types.is_date(array.type) or pa.types.is_timestamp(array.type)):
        raise TypeError(f"{array.type} is not a date")
    dates = array.cast(target)
    if pa.types.is_timestamp(array.type):
        plain = array.cast(pa.timestamp("us"), safe=True)
        # `any`, not `all`: over no known value both are null, and no value has no time of day.
        if pc.any(pc.not_equal(dates.cast(pa.timestamp("us")), plain)).as_py():
            raise ValueError("a value has a time of day")
    return dates


def _timestamp(array: pa.ChunkedArray, target: pa.DataType) -> pa.ChunkedArray:
    if not pa.types.is_timestamp(array.type):
        raise TypeError(f"{array.type} is not a timestamp")
    return array.cast(target)


def _bytes(array: pa.ChunkedArray, target: pa.DataType) -> pa.ChunkedArray:
    if not (pa.types.is_binary(array.type) or pa.types.is_large_binary(array.type)):
        raise TypeError(f"{array.type} is not binary")
    return array.cast(target)


_CONVERTERS = {
    "text": _text,
    "json": _text,
    "jsonb": _text,
    "integer": _number,
    "int32": _number,
    "float": _number,
    "boolean": _boolean,
    "date": _date,
    "timestamp": _timestamp,
    "binary": _bytes,
}


def _check_required(table: pa.Table, spec: TableSpec) -> None:
    for column in spec.given_columns:
        nulls = table.column(column.name).null_count
        if nulls and not column.nullable:
            raise PermanentError(
                f"is null in {nulls} of {table.num_rows} row(s) but is required.",
                source=spec.name,
                field=column.name,
            )


def _check_key(table: pa.Table, spec: TableSpec) -> None:
    grouped = table.select(list(spec.key)).group_by(list(spec.key)).aggregate([([], "count_all")])
    if grouped.num_rows == table.num_rows:
        return
    first = grouped.filter(pc.greater(grouped["count_all"], 1)).sort_by([(k, "ascending") for k in spec.key])
    shown = {name: first[name][0].as_py() for name in spec.key}
    raise PermanentError(
        f"{table.num_rows - grouped.num_rows} row(s) repeat the key of another; the first key is {shown}.",
        source=spec.name,
        county=shown.get("county"),
    )
