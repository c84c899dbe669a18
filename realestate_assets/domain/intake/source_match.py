"""Which source of a county a file belongs to, told by its columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from realestate_assets.domain.counties.county import County
from realestate_assets.domain.counties.sources import FileSource
from realestate_assets.domain.intake.columns import absent_optional, missing_columns
from realestate_assets.domain.intake.file_bytes import Place
from realestate_assets.domain.intake.formats.registry import FORMATS
from resources.errors import PermanentError


@dataclass(frozen=True)
class Peek:
    """Columns of a file as one source would read it, or why it cannot."""

    columns: tuple[str, ...] = ()
    fault: str | None = None


def peek_columns(stream: BinaryIO, file_name: str, sources: Sequence[FileSource]) -> dict[str, Peek]:
    """The columns of a file as each source would read them, by source name; only its head is read.

    Args:
        stream: its bytes, seekable.
        file_name: its name, which says whether it is compressed.
        sources: file sources that come into question.
    """
    return {source.name: _peek(stream, file_name, source) for source in sources}


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
            mapped = {name for column in source.mapped.values() for name in column.source_columns}
            fits.append((len(absent_optional(source, peek.columns)) - len(mapped), source))
    if not fits:
        raise PermanentError(
            f"file {file_name} fits no file source: {'; '.join(lacking) or 'there is none'}.",
            county=county.slug,
            remedy="Add a source with a column map for this layout to the county's YAML, or mend the file.",
        )
    return min(fits, key=lambda found: found[0])[1]


def _peek(stream: BinaryIO, file_name: str, source: FileSource) -> Peek:
    stream.seek(0)
    try:
        return Peek(tuple(FORMATS[source.format].columns(stream, source, Place("", source.name, file_name))))
    except PermanentError as error:
        return Peek(fault=str(error).partition(f"file {file_name} ")[2].rstrip("."))
