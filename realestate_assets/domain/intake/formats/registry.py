"""The formats a landed file may have: a new one is a module here, an entry below, and a name in the sources.

A format knows bytes and nothing of what the columns mean.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

from realestate_assets.domain.intake.file_bytes import Place
from realestate_assets.domain.intake.formats import (
    csv,
    excel,
    fixed_width,
    geojson,
    geopackage,
    jsonl,
    parquet,
    shapefile,
)
from realestate_assets.domain.intake.raw_rows import Split


@dataclass(frozen=True)
class Format:
    """How a format is read; both functions raise a PermanentError where the file is none of it.

    Args:
        read: all bytes of a file to its rows.
        columns: names of its columns, of which no more is read than that takes.
    """

    # A format may ask for a kind of source that has its options, as CSV for its delimiter.
    read: Callable[[bytes, Any, Place], Split]
    columns: Callable[[BinaryIO, Any, Place], list[str]]


FORMATS = {
    "csv": Format(csv.read, csv.columns),
    "jsonl": Format(jsonl.read, jsonl.columns),
    "parquet": Format(parquet.read, parquet.columns),
    "excel": Format(excel.read, excel.columns),
    "geojson": Format(geojson.read, geojson.columns),
    "shapefile": Format(shapefile.read, shapefile.columns),
    "geopackage": Format(geopackage.read, geopackage.columns),
    "fixed_width": Format(fixed_width.read, fixed_width.columns),
}
