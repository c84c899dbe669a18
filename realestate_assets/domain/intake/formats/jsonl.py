"""JSON lines to raw rows: one object a line, typed values as the text that stands there."""

import json
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from realestate_assets.domain.counties.sources import LandedSource
from realestate_assets.domain.intake.columns import check_columns, name_columns
from realestate_assets.domain.intake.file_bytes import Place, head_text, shown, sound_text, whole_text
from realestate_assets.domain.intake.raw_rows import Split


def read(packed: bytes, source: LandedSource, place: Place) -> Split:
    """All lines that are an object, numbers kept digit for digit.

    Parsed line by line: Arrow's reader guesses types, so that 1.10 comes back as 1.1 and an APN loses its
    zeros, and it stops at the first line that is not JSON.
    """
    data = whole_text(packed, source, place)
    if data.lstrip()[:1] == b"[":
        raise place.error("is a JSON array, not JSON lines.", "Write one object a line, without commas.")
    objects, numbers = [], []
    faults: dict[int, tuple[str, str | None]] = {}
    lines = [line for line in data.split(b"\n") if line.strip()]
    for number, line in enumerate(lines, start=1):
        parsed, fault = _parse_line(line)
        if fault is not None:
            faults[number] = (fault, shown(line))
        if parsed is not None:
            objects.append(parsed)
            numbers.append(number)
    keys = list(dict.fromkeys(key for row in objects for key in row))
    if not keys:
        raise place.error("has no readable JSON object.", "Land UTF-8 JSON lines: one object a line.")
    names = name_columns(keys, place)
    check_columns(source, names, place)
    values = [pa.array([row.get(key) for row in objects], pa.string()) for key in keys]
    return Split(pa.table(values, names=names), np.array(numbers, dtype=np.int64), faults)


def columns(stream: BinaryIO, source: LandedSource, place: Place) -> list[str]:
    """Keys of the readable objects among the first lines, in order of appearance."""
    lines = head_text(stream, source, place).split(b"\n")
    rows = [_parse_line(line)[0] for line in lines if line.strip()]
    return name_columns(list(dict.fromkeys(key for row in rows if row for key in row)), place)


def _parse_line(line: bytes) -> tuple[dict[str, str | None] | None, str | None]:
    try:
        parsed = json.loads(line.decode("utf-8"), parse_int=str, parse_float=str, parse_constant=str)
    except UnicodeDecodeError:
        return None, "ENCODING_BROKEN"
    except (ValueError, RecursionError):
        return None, "JSON_UNREADABLE"
    if not isinstance(parsed, dict):
        return None, "JSON_UNREADABLE"
    row: dict[str, str | None] = {}
    sound = True
    for key, value in parsed.items():
        name, name_sound = sound_text(key)
        row[name], value_sound = sound_text(_json_text(value))
        sound &= name_sound and value_sound
    return row, None if sound else "ENCODING_BROKEN"


def _json_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)
