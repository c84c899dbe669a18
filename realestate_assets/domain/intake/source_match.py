"""Which source of a county a file belongs to, told by its columns."""

import gzip
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from realestate_assets.domain.counties.county import County
from realestate_assets.domain.counties.sources import FileSource
from realestate_assets.domain.intake.csv_reader import read_header
from realestate_assets.domain.intake.file_format import Place, check_text
from realestate_assets.domain.intake.raw_rows import absent_optional, missing_columns, name_columns
from realestate_assets.domain.intake.table_readers import json_keys
from resources.errors import PermanentError

HEAD_BYTES = 1 << 20


@dataclass(frozen=True)
class Peek:
    """Columns of a file as one source would read it, or why it cannot."""

    columns: tuple[str, ...] = ()
    fault: str | None = None


def peek_columns(path: Path, sources: Sequence[FileSource]) -> dict[str, Peek]:
    """The columns of a file as each source would read them, by source name; only its head is read."""
    return {source.name: _peek(path, source) for source in sources}


def match_source(
    county: County, sources: Sequence[FileSource], file_name: str, peeked: Mapping[str, Peek]
) -> FileSource:
    """The source a file fits: of several the one that uses most of its columns, then the one named first.

    Args:
        county: the county, for the message.
        sources: file sources that come into question.
        file_name: name of the file, for the message.
        peeked: what `peek_columns` found.

    Raises:
        PermanentError: the file fits none; says what each source lacks.
    """
    fits: list[tuple[int, FileSource]] = []
    lacking = []
    for source in sources:
        peek = peeked[source.name]
        missing = missing_columns(source, peek.columns)
        if peek.fault or missing:
            lacking.append(f"for {source.name} it {peek.fault or 'lacks ' + ', '.join(missing)}")
        else:
            mapped = {name for column in source.columns.values() for name in column.source_columns}
            fits.append((len(absent_optional(source, peek.columns)) - len(mapped), source))
    if not fits:
        raise PermanentError(
            f"file {file_name} fits no file source: {'; '.join(lacking) or 'there is none'}.",
            county=county.slug,
            remedy="Add a source with a column map for this layout to the county's YAML, or mend the file.",
        )
    return min(fits, key=lambda found: found[0])[1]


def _peek(path: Path, source: FileSource) -> Peek:
    place = Place("", source.name, path.name)
    try:
        if source.format == "parquet":
            return Peek(tuple(name_columns(pq.read_schema(path).names, place)))
        head = check_text(_head(path), source, place)
        names = read_header(head, source.delimiter, place)[0] if source.format == "csv" else json_keys(head)
        return Peek(tuple(names if source.format == "csv" else name_columns(names, place)))
    except PermanentError as error:
        return Peek(fault=str(error).partition(f"file {path.name} ")[2].rstrip("."))
    except pa.ArrowException:
        return Peek(fault="is not a Parquet file")
    except (EOFError, gzip.BadGzipFile, zlib.error):
        return Peek(fault="is not a sound gzip file")


def _head(path: Path) -> bytes:
    """The first bytes, up to the end of a line where there is one."""
    opener = gzip.open if path.name.lower().endswith(".gz") else open
    with opener(path, "rb") as file:
        head = file.read(HEAD_BYTES)
    cut = head.rfind(b"\n") + 1
    return head[:cut] if len(head) == HEAD_BYTES and cut else head
