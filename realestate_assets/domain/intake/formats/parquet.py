"""Parquet to raw rows: typed values become the text that a CSV of them would hold."""

import json
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from realestate_assets.domain.core.convert import float_text
from realestate_assets.domain.counties.sources import LandedSource
from realestate_assets.domain.intake.columns import check_columns, name_columns
from realestate_assets.domain.intake.file_bytes import Place, check_ratio, sound_text
from realestate_assets.domain.intake.raw_rows import RowFaults, Split

# Rows decoded at once: bounds what a dictionary page can blow up to before the limit is checked.
BATCH_ROWS = 16_384


def read(data: bytes, source: LandedSource, place: Place) -> Split:
    """All rows; the sizes in its footer are checked before anything is decoded."""
    if not (data.startswith(b"PAR1") and data.endswith(b"PAR1")):
        raise place.error("is not a Parquet file, or is cut off.", "Land the complete Parquet file again.")
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        footer = file.metadata
        unpacked = sum(footer.row_group(i).total_byte_size for i in range(footer.num_row_groups))
        check_ratio(unpacked, len(data), source, place)
        names = name_columns(file.schema_arrow.names, place)
        check_columns(source, names, place)
        if not footer.num_rows:
            raise place.error("is empty: it has columns and no rows.", "Land the complete file again.")
        batches, total = [], 0
        for batch in file.iter_batches(batch_size=BATCH_ROWS, use_threads=False):
            total += batch.nbytes
            check_ratio(total, max(len(data), total), source, place)
            batches.append(batch)
        table = pa.Table.from_batches(batches)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise place.error(f"is damaged: {reason}.", "Land the complete file again.") from error
    faults: RowFaults = {}
    values = [_as_text(column, faults) for column in table.columns]
    return Split(pa.table(values, names=names), np.arange(1, table.num_rows + 1), faults)


def columns(stream: BinaryIO, source: LandedSource, place: Place) -> list[str]:
    """Columns of the schema in the footer."""
    try:
        return name_columns(pq.read_schema(stream).names, place)
    except pa.ArrowException as error:
        raise place.error("is not a Parquet file.", "") from error


def _as_text(column: pa.ChunkedArray, faults: RowFaults) -> pa.ChunkedArray | pa.Array:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _as_text(column.cast(kind.value_type), faults)
    if pa.types.is_nested(kind):
        return _clean_text(
            [None if v is None else json.dumps(v, default=str) for v in column.to_pylist()], faults
        )
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return _clean_text(column.to_pylist(), faults)
    text = float_text(column) if pa.types.is_floating(kind) else column.cast(pa.string())
    return _clean_text(text.to_pylist(), faults) if _holds_nul(text) else text


def _holds_nul(text: pa.ChunkedArray) -> bool:
    return any(b"\0" in bytes(chunk.buffers()[2] or b"") for chunk in text.chunks)


def _clean_text(values: list, faults: RowFaults) -> pa.Array:
    """Values as text that a database takes; a row that had to be changed for it is a fault."""
    out = []
    for number, value in enumerate(values, start=1):
        text, sound = sound_text(value)
        if not sound:
            faults[number] = ("ENCODING_BROKEN", None)
        out.append(text)
    return pa.array(out, pa.string())
