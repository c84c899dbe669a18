"""Features that GDAL reads to raw rows; what is handed to it is one data set of one kind, in memory."""

import warnings
from typing import Any

import numpy as np
import shapely

from realestate_assets.domain.counties.sources import FileSource
from realestate_assets.domain.intake.columns import name_columns
from realestate_assets.domain.intake.file_bytes import Place
from realestate_assets.domain.intake.formats.places import FEATURE_ID, LATITUDE, LONGITUDE, place_columns
from realestate_assets.domain.intake.formats.texts import as_split
from realestate_assets.domain.intake.raw_rows import Split


def features(data: bytes, source: FileSource, place: Place) -> Split:
    """All features: attributes, feature.id, and a point inside each shape.

    Raises:
        PermanentError: GDAL cannot read it.
    """
    meta, ids, geometry, values = _read(data, source, place)
    attributes = {name: _values(column) for name, column in zip(meta["fields"], values, strict=True)}
    places: dict[str, Any] = {}
    if geometry is not None:
        shapes = np.asarray(shapely.from_wkb(geometry, on_invalid="ignore"), dtype=object)
        places = place_columns(shapes, meta["crs"], place)
    return as_split({FEATURE_ID: ids.tolist(), **attributes, **places}, source, place)


def feature_columns(data: bytes, source: FileSource, place: Place) -> list[str]:
    """Columns of the data set."""
    meta, _, geometry, _ = _read(data, source, place, 1)
    shape = [] if geometry is None else [LONGITUDE, LATITUDE]
    return name_columns([FEATURE_ID, *meta["fields"], *shape], place)


def _read(data: bytes, source: FileSource, place: Place, rows: int | None = None) -> Any:
    # Heavy to import: not at each start.
    import pyogrio

    try:
        with warnings.catch_warnings():
            # What GDAL mends on the way (a missing .cpg, a ring that is not closed) is no news for a run.
            warnings.simplefilter("ignore")
            return pyogrio.raw.read(
                data,
                layer=None if source.table is None else str(source.table),
                encoding=source.encoding,
                force_2d=True,
                return_fids=True,
                max_features=rows,
            )
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        raise place.error(
            f"cannot be read: {str(error)[:200]}.",
            "Land it complete, or name its layer in `table`.",
        ) from error


def _values(column: np.ndarray) -> list[object]:
    """Values of a column; times with their milliseconds as text, days as days."""
    if column.dtype.kind == "M":
        texts = np.datetime_as_string(column).tolist()
        return [None if text == "NaT" else text.replace("T00:00:00.000", "") for text in texts]
    return [None if value is None else value for value in column.tolist()]
