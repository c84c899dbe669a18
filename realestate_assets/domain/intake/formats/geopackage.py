"""A layer of a GeoPackage to raw rows."""

from typing import BinaryIO

from realestate_assets.domain.counties.sources import FileSource
from realestate_assets.domain.intake.file_bytes import Place
from realestate_assets.domain.intake.formats.geofile import feature_columns, features
from realestate_assets.domain.intake.raw_rows import Split

SQLITE = b"SQLite format 3\0"
# The four bytes at 68 by which a GeoPackage is known from any other database.
APPLICATIONS = (b"GPKG", b"GP10", b"GP11")


def read(data: bytes, source: FileSource, place: Place) -> Split:
    """All features of the layer."""
    return features(_checked(data, place), source, place)


def columns(stream: BinaryIO, source: FileSource, place: Place) -> list[str]:
    """Columns of the layer."""
    return feature_columns(_checked(stream.read(), place), source, place)


def _checked(data: bytes, place: Place) -> bytes:
    if not data.startswith(SQLITE) or data[68:72] not in APPLICATIONS:
        raise place.error("is no GeoPackage.", "Set `format` of the source to what it is.", "format")
    return data
