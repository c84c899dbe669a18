"""Text whose columns stand at fixed places of each line: `fields` of the source says where."""

from collections import Counter
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from realestate_assets.domain.counties.sources import FileSource
from realestate_assets.domain.intake.columns import check_columns, name_columns
from realestate_assets.domain.intake.file_bytes import Place, shown, whole_text
from realestate_assets.domain.intake.formats.csv_records import plain_records
from realestate_assets.domain.intake.formats.header import after_skipped, without_footer
from realestate_assets.domain.intake.formats.letters import recoded_note, windows_text
from realestate_assets.domain.intake.raw_rows import RowFaults, Split


def read(packed: bytes, source: FileSource, place: Place) -> Split:
    """All lines. Where most are of one length a shorter one is cut off; else its blanks were left out."""
    data = whole_text(packed, source, place)
    begin = after_skipped(data, source)
    data = without_footer(data, begin, source)
    records = plain_records(data, begin)
    names = columns_of(source, place)
    check_columns(source, names, place)
    if not len(records.starts):
        raise place.error("is empty: it has no lines.", "Land the complete file again.")
    faults: RowFaults = {}
    recoded, lines = [], []
    for number, (start, end) in enumerate(zip(records.starts, records.ends, strict=True), start=1):
        text, fault = _line(data[start:end])
        recoded += [number] if fault == "" else []
        if fault:
            faults[number] = (fault, None)
        lines.append(text)
    usual, times = Counter(map(len, lines)).most_common(1)[0]
    if 2 * times > len(lines):
        short = [number for number, line in enumerate(lines, start=1) if len(line) < usual]
        faults |= {number: ("ROW_TOO_SHORT", lines[number - 1]) for number in short}
    text = pa.array(lines, pa.string())
    values = [
        pc.utf8_trim_whitespace(pc.utf8_slice_codeunits(text, first - 1, first - 1 + width))
        for first, width in source.fields.values()
    ]
    return Split(pa.table(values, names=names), np.arange(1, len(lines) + 1), faults, recoded_note(recoded))


def columns(stream: BinaryIO, source: FileSource, place: Place) -> list[str]:
    """Columns that the source names: the file has no names of its own."""
    return columns_of(source, place)


def columns_of(source: FileSource, place: Place) -> list[str]:
    """Raw names of the source's fields."""
    return name_columns(list(source.fields), place)


def _line(record: bytes) -> tuple[str, str | None]:
    """A line as text; None for UTF-8, an empty text for Windows-1252, else what is wrong with it."""
    if b"\0" in record:
        return shown(record), "ENCODING_BROKEN"
    try:
        return record.decode("utf-8"), None
    except UnicodeDecodeError:
        text = windows_text(record)
        return (shown(record), "ENCODING_BROKEN") if text is None else (text, "")
