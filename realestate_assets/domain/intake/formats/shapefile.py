"""A shapefile to raw rows: a .zip of its .shp, .dbf and .shx, and the .prj that names its coordinates."""

import io
import zipfile
from typing import BinaryIO

from realestate_assets.domain.counties.sources import FileSource
from realestate_assets.domain.intake.file_bytes import Place, unpack_zip
from realestate_assets.domain.intake.formats.geofile import feature_columns, features
from realestate_assets.domain.intake.raw_rows import Split

PARTS = (".shp", ".dbf", ".shx", ".prj", ".cpg")


def read(data: bytes, source: FileSource, place: Place) -> Split:
    """All features."""
    name, packed = _alone(data, source, place)
    return features(packed, source.model_copy(update={"table": name}), place)


def columns(stream: BinaryIO, source: FileSource, place: Place) -> list[str]:
    """Columns of the table beside the shapes."""
    name, packed = _alone(stream.read(), source, place)
    return feature_columns(packed, source.model_copy(update={"table": name}), place)


def _alone(data: bytes, source: FileSource, place: Place) -> tuple[str, bytes]:
    """The shapefile's own parts as an archive of their own: nothing else in it is handed on to be opened."""
    members = unpack_zip(data, source, place)
    shapes = [name[:-4] for name in members if name.lower().endswith(".shp") and "__MACOSX" not in name]
    found = [stem for stem in shapes if source.table in (None, stem, stem.rpartition("/")[2])]
    if len(found) != 1:
        raise place.error(
            f"holds the shapefiles {', '.join(shapes) or 'none'}: which of them is the table?",
            "Name it in `table` of the source, without .shp.", "table",
        )  # fmt: skip
    parts = {
        name[len(found[0]) :].lower(): content
        for name, content in members.items()
        if name.startswith(f"{found[0]}.")
    }
    if missing := [part for part in PARTS[:3] if part not in parts]:
        raise place.error(f"lacks {', '.join(missing)} beside {found[0]}.shp.", "Zip all parts of it.")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for part in PARTS:
            if part in parts:
                archive.writestr(f"table{part}", parts[part])
    return "table", out.getvalue()
