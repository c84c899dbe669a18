"""A sheet of an Excel or OpenDocument workbook to raw rows.

A number is a double there: an identifier of more than 15 digits has lost its last ones before the file was
saved. It comes as 2.2e+17, which is refused where it identifies a parcel.
"""

import io
from typing import BinaryIO

import python_calamine as calamine

from realestate_assets.domain.counties.sources import FileSource
from realestate_assets.domain.intake.columns import name_columns
from realestate_assets.domain.intake.file_bytes import Place, unpack_zip
from realestate_assets.domain.intake.formats.header import joined
from realestate_assets.domain.intake.formats.texts import as_split, value_text
from realestate_assets.domain.intake.raw_rows import Split

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def read(data: bytes, source: FileSource, place: Place) -> Split:
    """All rows below the header; rows without a value are not counted."""
    names, rows = _table(data, source, place, None)
    rows = rows[: len(rows) - source.footer_lines] if source.footer_lines else rows
    columns = {name: [row[at] for row in rows] for at, name in enumerate(names)}
    # Cells that were only coloured make columns without a name and without a value.
    used = {
        name: values
        for name, values in columns.items()
        if name != f"column_{names.index(name) + 1}" or any(value is not None for value in values)
    }
    return as_split(used, source, place)


def columns(stream: BinaryIO, source: FileSource, place: Place) -> list[str]:
    """Columns of the header."""
    lines = source.skip_lines + max(source.header_lines, 1)
    return name_columns(_table(stream.read(), source, place, lines)[0], place)


def _table(data: bytes, source: FileSource, place: Place, lines: int | None) -> tuple[list[str], list[list]]:
    """Names of the columns, and the rows below the header."""
    sheet = _sheet(data, source, place)
    cells = [[None if cell == "" else cell for cell in row] for row in sheet.to_python(False, lines)]
    header = [[value_text(cell) or "" for cell in row] for row in _header(cells, source)]
    width = max((len(row) for row in cells), default=0)
    names = joined(header) if header else [""] * width
    names = [name or f"column_{at}" for at, name in enumerate(names, start=1)]
    begin = source.skip_lines + source.header_lines
    return names, [row for row in cells[begin:] if any(cell is not None for cell in row)]


def _header(cells: list[list], source: FileSource) -> list[list]:
    return cells[source.skip_lines : source.skip_lines + source.header_lines]


def _sheet(data: bytes, source: FileSource, place: Place) -> calamine.CalamineSheet:
    """The sheet the source names, or the only one.

    Raises:
        PermanentError: no workbook, a bomb, or several sheets of which none is named.
    """
    if data.startswith(ZIP):
        unpack_zip(data, source, place)
    elif not data.startswith(OLE):
        raise place.error("is no Excel workbook.", "Set `format` of the source to what it is.", "format")
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = book.sheet_names
        wanted = source.table if source.table is not None else (1 if len(names) == 1 else None)
        if isinstance(wanted, int) and 1 <= wanted <= len(names):
            return book.get_sheet_by_index(wanted - 1)
        if wanted in names:
            return book.get_sheet_by_name(str(wanted))
    except calamine.CalamineError as error:
        raise place.error(f"is a damaged workbook: {error}.", "Land the complete file again.") from error
    raise place.error(
        f"has the sheets {', '.join(names)}: which of them is the table?",
        "Name the sheet in `table` of the source.", "table",
    )  # fmt: skip
