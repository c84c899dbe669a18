"""CSV bytes to raw rows: every value as the text it was received as, every line accounted for."""

import codecs
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

from realestate_assets.domain.counties.sources import FileSource
from realestate_assets.domain.intake.columns import check_columns, missing_columns
from realestate_assets.domain.intake.file_bytes import Place, head_text, shown, whole_text
from realestate_assets.domain.intake.formats.csv_records import (
    Records,
    plain_records,
    quotes_are_letters,
    split_records,
)
from realestate_assets.domain.intake.formats.header import last_header_line, read_header, without_footer
from realestate_assets.domain.intake.formats.letters import recoded_note, windows_text
from realestate_assets.domain.intake.raw_rows import RowFaults, Split

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
# Files of these are often written without quoting, as county rolls are.
LETTER_DELIMITERS = ("\t", "|")
DECODE_BYTES = 16 << 20
# Arrow's blocks must hold the longest record whole.
MIN_BLOCK_BYTES = 4 << 20


def read(packed: bytes, source: FileSource, place: Place) -> Split:
    """All rows: those as wide as the header, and the faults of the others; blank lines are not counted."""
    data = whole_text(packed, source, place)
    names, begin = _checked_header(data, source, place)
    data = without_footer(data, begin, source)
    quoted, notes = _quoting(data, begin, source, len(names))
    if quoted:
        records = split_records(data, begin, source.delimiter, len(names))
    else:
        records = plain_records(data, begin)
    if not len(records.starts):
        raise place.error("is empty: it has a header and no rows.", "Land the complete file again.")
    unclosed = np.flatnonzero(records.unbalanced).tolist()
    faults: RowFaults = {at + 1: ("QUOTE_UNBALANCED", _text(data, records, at)) for at in unclosed}
    rewritten, undecodable = _rewritten(data, begin, records)
    faults |= {at + 1: ("ENCODING_BROKEN", None) for at in undecodable}
    body = _body(data, begin, records, rewritten)
    values, split, uneven = _parse(body, names, source.delimiter, records, quoted)
    faults |= {at + 1: (code, _text(data, records, at)) for at, code in uneven}
    recoded = [at + 1 for at in sorted(rewritten.keys() - undecodable)]
    return Split(values, split + 1, faults, (*notes, *recoded_note(recoded)))


def columns(stream: BinaryIO, source: FileSource, place: Place) -> list[str]:
    """Columns of the header."""
    return read_header(head_text(stream, source, place), source, place).names


def _quoting(data: bytes, begin: int, source: FileSource, columns: int) -> tuple[bool, tuple[str, ...]]:
    """Whether quotes enclose values, and what to say where the file told it."""
    if source.quoting is not None:
        return source.quoting == "minimal", ()
    if source.delimiter in LETTER_DELIMITERS and quotes_are_letters(data, begin, source.delimiter, columns):
        return False, ("its quotes are read as letters: set `quoting: minimal` if they enclose values",)
    return True, ()


def _checked_header(data: bytes, source: FileSource, place: Place) -> tuple[list[str], int]:
    """The header, once it is sure that it is this source's.

    Raises:
        PermanentError: a wrong delimiter (named), or a required column is missing (all named).
    """
    line = last_header_line(data, source).decode("utf-8", "replace")[:65_536]
    other = _likely_delimiter(line, source.delimiter)
    if other is not None:
        names = [name.strip().strip('"') for name in line.split(other)]
        wrong = [name.strip().strip('"') for name in line.split(source.delimiter)]
        if len(missing_columns(source, names)) < len(missing_columns(source, wrong)) or len(wrong) == 1:
            given = DELIMITERS.get(source.delimiter, source.delimiter)
            raise place.error(
                f"looks {DELIMITERS[other]}-separated, but its source says {given}-separated.",
                f"Set `delimiter: {other!r}` for the source, or land a {given}-separated file.",
                "delimiter",
            )
    header = read_header(data, source, place)
    check_columns(source, header.names, place)
    return header.names, header.end


def _likely_delimiter(line: str, delimiter: str) -> str | None:
    """The delimiter that splits a header line into more columns than the given one does."""
    best = max(DELIMITERS, key=line.count)
    return best if best != delimiter and line.count(best) > line.count(delimiter) else None


def _text(data: bytes, records: Records, at: int) -> str:
    return shown(data[records.starts[at] : records.ends[at]])


def _rewritten(data: bytes, begin: int, records: Records) -> tuple[dict[int, bytes], list[int]]:
    """Records that are not UTF-8 as text to be parsed, and which of them are broken."""
    texts: dict[int, bytes] = {}
    broken = []
    for at in _undecodable(data, begin, records):
        if records.unbalanced[at]:
            continue
        record = data[records.starts[at] : records.ends[at]]
        text = windows_text(record)
        broken += [at] if text is None else []
        texts[at] = (shown(record) if text is None else text).encode()
    return texts, broken


def _undecodable(data: bytes, begin: int, records: Records) -> list[int]:
    """Records that are not UTF-8, or hold a NUL, which no database takes for text."""
    if data.isascii() and b"\0" not in data:
        return []
    text = np.frombuffer(data, dtype=np.uint8)
    zeros = np.searchsorted(records.starts, np.flatnonzero(text[begin:] == 0) + begin, side="right") - 1
    found = set(zeros[zeros >= 0].tolist())
    view, at = memoryview(data), 0
    while at < len(records.starts):
        # Whole records up to the block size, so that no character is cut in two.
        stop = max(int(np.searchsorted(records.ends, records.starts[at] + DECODE_BYTES)), at + 1)
        low = int(records.starts[at])
        try:
            codecs.utf_8_decode(view[low : int(records.ends[stop - 1])], "strict", True)
            at = stop
        except UnicodeDecodeError as error:
            broken = int(np.searchsorted(records.starts, low + error.start, side="right")) - 1
            found.add(broken)
            at = broken + 1
    return sorted(found)


def _body(data: bytes, begin: int, records: Records, rewritten: dict[int, bytes]) -> pa.Buffer:
    """The text given to Arrow: refused lines left out, records that are not UTF-8 in readable form."""
    special = sorted({*np.flatnonzero(records.unbalanced).tolist(), *rewritten})
    if not special:
        return pa.py_buffer(data).slice(begin)
    parts, low = [], begin
    for at in special:
        parts += [data[low : records.starts[at]], rewritten.get(at, b"")]
        low = records.ends[at]
    return pa.py_buffer(b"".join([*parts, data[low:]]))


def _parse(
    body: pa.Buffer, names: list[str], delimiter: str, records: Records, quoted: bool
) -> tuple[pa.Table, np.ndarray, list[tuple[int, str]]]:
    """Parse the columns; gives the rows, their record numbers, and the records of another width."""
    numbers = np.flatnonzero(~records.unbalanced)
    uneven: list[tuple[int, str]] = []

    def keep(row: pc.InvalidRow) -> str:
        code = "ROW_TOO_SHORT" if row.actual_columns < row.expected_columns else "ROW_TOO_LONG"
        uneven.append((row.number, code))
        return "skip"

    longest = int((records.ends - records.starts).max(initial=0))
    values = _empty(names)
    if len(numbers):
        values = pc.read_csv(
            pa.BufferReader(body),
            # One thread: only then does Arrow number the rows it hands to `keep`.
            read_options=pc.ReadOptions(
                use_threads=False, column_names=names, block_size=max(MIN_BLOCK_BYTES, 4 * longest)
            ),
            parse_options=pc.ParseOptions(
                delimiter=delimiter,
                quote_char='"' if quoted else False,
                newlines_in_values=records.multiline,
                invalid_row_handler=keep,
            ),
            convert_options=pc.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    numbered = [(int(numbers[number - 1]), code) for number, code in uneven]
    split = np.setdiff1d(numbers, [at for at, _ in numbered], assume_unique=True)
    if len(split) != values.num_rows:
        raise RuntimeError(f"{len(split)} records were cut but {values.num_rows} rows parsed")
    return values, split, numbered


def _empty(names: list[str]) -> pa.Table:
    return pa.table({name: pa.array([], pa.string()) for name in names})
