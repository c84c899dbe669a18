"""The lines of a text table around its rows: what stands above the header, the header, what stands below."""

import csv
import re
from collections.abc import Sequence
from typing import NamedTuple

from realestate_assets.domain.counties.sources import FileSource
from realestate_assets.domain.intake.columns import name_columns
from realestate_assets.domain.intake.file_bytes import Place
from realestate_assets.domain.intake.formats.letters import windows_text

_LINE_END = re.compile(rb"\r\n|\r|\n")


class Header(NamedTuple):
    """Raw column names, and the position behind the header's last line."""

    names: list[str]
    end: int


def read_header(data: bytes, source: FileSource, place: Place) -> Header:
    """The header of a delimited text.

    Raises:
        PermanentError: it cannot be read, or names a column twice.
    """
    lines, end = _header_lines(data, source)
    if not source.header_lines:
        first, _ = _line_at(data, end)
        width = len(_cells(first, source, place))
        return Header(name_columns([""] * width, place), end)
    return Header(name_columns(joined([_cells(line, source, place) for line in lines]), place), end)


def joined(rows: Sequence[Sequence[str]]) -> list[str]:
    """Names of a header of several rows: what stands in a column from top to bottom, joined by blanks."""
    width = max((len(row) for row in rows), default=0)
    cells = [[row[at].strip() if at < len(row) else "" for row in rows] for at in range(width)]
    return [" ".join(filter(None, column)) for column in cells]


def last_header_line(data: bytes, source: FileSource) -> bytes:
    """The last line of the header, or the first row of a file without one."""
    lines, end = _header_lines(data, source)
    return lines[-1] if lines else _line_at(data, end)[0]


def without_footer(data: bytes, begin: int, source: FileSource) -> bytes:
    """The text without the lines that the source says stand below the rows; blank lines are none."""
    end = len(data)
    for _ in range(source.footer_lines):
        end = begin + len(data[begin:end].rstrip(b"\r\n"))
        end = max(data.rfind(b"\n", begin, end), data.rfind(b"\r", begin, end), begin - 1) + 1
    return data[:end] if source.footer_lines else data


def after_skipped(data: bytes, source: FileSource) -> int:
    """The position behind the lines that the source says stand above the table."""
    at = 0
    for _ in range(source.skip_lines):
        _, at = _line_at(data, at)
    return at


def _header_lines(data: bytes, source: FileSource) -> tuple[list[bytes], int]:
    """The lines of the header, and the position behind them; blank lines above it are passed over."""
    at = after_skipped(data, source)
    lines: list[bytes] = []
    while len(lines) < source.header_lines and at < len(data):
        line, at = _line_at(data, at)
        lines += [line] if line.strip() else []
    return lines, at


def _line_at(data: bytes, at: int) -> tuple[bytes, int]:
    match = _LINE_END.search(data, at)
    return (data[at : match.start()], match.end()) if match else (data[at:], len(data))


def _cells(line: bytes, source: FileSource, place: Place) -> list[str]:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        recoded = windows_text(line)
        if recoded is None:
            raise place.error("has a header that is not UTF-8.", "Set `encoding` of the source.") from error
        text = recoded
    if source.quoting == "none":
        return text.split(source.delimiter)
    try:
        return next(csv.reader([text], delimiter=source.delimiter, strict=True), [""])
    except csv.Error as error:
        raise place.error(
            f"has an unreadable header: {error}.",
            "The header must be one line, or as many as `header_lines` says.",
        ) from error
