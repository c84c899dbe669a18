"""Parquet and JSON lines to raw rows: typed values become the text that a CSV of them would hold."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from realestate_assets.domain.counties.sources import LandedSource
from realestate_assets.domain.intake.file_format import Place, check_ratio
from realestate_assets.domain.intake.raw_rows import check_columns, name_columns

Faults = dict[int, tuple[str, str | None]]
# Rows decoded at once: bounds what a dictionary page can blow up to before the limit is checked.
BATCH_ROWS = 16_384


def read_parquet(data: bytes, source: LandedSource, place: Place) -> tuple[pa.Table, np.ndarray, Faults]:
    """Read a Parquet file; the sizes in its footer are checked before anything is decoded."""
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
    faults: Faults = {}
    columns = [_as_text(column, faults) for column in table.columns]
    return pa.table(columns, names=names), np.arange(1, table.num_rows + 1), faults


def _as_text(column: pa.ChunkedArray, faults: Faults) -> pa.ChunkedArray | pa.Array:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _as_text(column.cast(kind.value_type), faults)
    if pa.types.is_nested(kind):
        return _clean_text(
            [None if v is None else json.dumps(v, default=str) for v in column.to_pylist()], faults
        )
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return _clean_text(column.to_pylist(), faults)
    text = column.cast(pa.string())
    return _clean_text(text.to_pylist(), faults) if _holds_nul(text) else text


def _holds_nul(text: pa.ChunkedArray) -> bool:
    return any(b"\0" in bytes(chunk.buffers()[2] or b"") for chunk in text.chunks)


def _clean_text(values: list, faults: Faults) -> pa.Array:
    """Values as text that a database takes; a row that had to be changed for it is a fault."""
    out = []
    for number, value in enumerate(values, start=1):
        text, sound = _sound_text(value)
        if not sound:
            faults[number] = ("ENCODING_BROKEN", None)
        out.append(text)
    return pa.array(out, pa.string())


def _sound_text(value: str | bytes | None) -> tuple[str | None, bool]:
    if value is None:
        return None, True
    raw = value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
    text = raw.decode("utf-8", "backslashreplace").replace("\0", "\\x00")
    return text, text.encode() == raw


def read_jsonl(data: bytes, source: LandedSource, place: Place) -> tuple[pa.Table, np.ndarray, Faults]:
    """Read JSON lines: one object a line, numbers kept digit for digit.

    Parsed line by line: Arrow's reader guesses types, so that 1.10 comes back as 1.1 and an APN loses its
    zeros, and it stops at the first line that is not JSON.
    """
    if data.lstrip()[:1] == b"[":
        raise place.error("is a JSON array, not JSON lines.", "Write one object a line, without commas.")
    objects, numbers, faults = [], [], {}
    lines = [line for line in data.split(b"\n") if line.strip()]
    for number, line in enumerate(lines, start=1):
        parsed, fault = _parse_line(line)
        if fault is not None:
            faults[number] = (fault, line.decode("utf-8", "backslashreplace").replace("\0", "\\x00"))
        if parsed is not None:
            objects.append(parsed)
            numbers.append(number)
    keys = list(dict.fromkeys(key for row in objects for key in row))
    if not keys:
        raise place.error("has no readable JSON object.", "Land UTF-8 JSON lines: one object a line.")
    names = name_columns(keys, place)
    check_columns(source, names, place)
    columns = [pa.array([row.get(key) for row in objects], pa.string()) for key in keys]
    return pa.table(columns, names=names), np.array(numbers, dtype=np.int64), faults


def json_keys(data: bytes) -> list[str]:
    """Keys of the readable objects among JSON lines, in order of appearance."""
    rows = [_parse_line(line)[0] for line in data.split(b"\n") if line.strip()]
    return list(dict.fromkeys(key for row in rows if row for key in row))


def _parse_line(line: bytes) -> tuple[dict[str, str | None] | None, str | None]:
    try:
        parsed = json.loads(line.decode("utf-8"), parse_int=str, parse_float=str, parse_constant=str)
    except UnicodeDecodeError:
        return None, "ENCODING_BROKEN"
    except (ValueError, RecursionError):
        return None, "JSON_UNREADABLE"
    if not isinstance(parsed, dict):
        return None, "JSON_UNREADABLE"
    row, sound = {}, True
    for key, value in parsed.items():
        name, name_sound = _sound_text(key)
        row[name], value_sound = _sound_text(_json_text(value))
        sound &= name_sound and value_sound
    return row, None if sound else "ENCODING_BROKEN"


def _json_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)
