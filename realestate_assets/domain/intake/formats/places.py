"""Features with a shape as rows: their attributes, and a point inside the shape as geometry.x and geometry.y.

The columns are those that a fetched layer has: longitude and latitude in degrees, empty where a shape says no
place. A feature's own id is the column feature.id.
"""

from collections.abc import Sequence

import numpy as np
import shapely

from realestate_assets.domain.core.shapes import LARGEST_DEGREE, middles
from realestate_assets.domain.intake.file_bytes import Place

FEATURE_ID, LONGITUDE, LATITUDE = "feature.id", "geometry.x", "geometry.y"
DEGREES = ("EPSG:4326", "OGC:CRS84", "EPSG:4269")


def place_columns(shapes: np.ndarray, crs: str | None, place: Place) -> dict[str, Sequence[object]]:
    """Longitude and latitude of a point inside each shape.

    Args:
        shapes: geometries, None where a feature has none.
        crs: the system of their coordinates; None means degrees.
        place: the file.

    Raises:
        PermanentError: the system is not known, or is none and the coordinates are no degrees.
    """
    x, y = middles(np.asarray(shapely.make_valid(shapes), dtype=object))
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    nowhere = ~(np.isfinite(x) & np.isfinite(y)) | ((x == 0) & (y == 0))
    if crs is not None and crs not in DEGREES:
        # Heavy to import: not at each start.
        import pyproj
        from pyproj.exceptions import CRSError

        try:
            x, y = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(x, y)
        except CRSError as error:
            raise place.error(
                f"has coordinates of a system that is not known: {crs[:100]}.", "Export it in EPSG:4326."
            ) from error
        nowhere |= ~(np.isfinite(x) & np.isfinite(y))
    elif np.any(np.abs(np.concatenate([x[~nowhere], y[~nowhere]])) > LARGEST_DEGREE):
        raise place.error(
            "has coordinates that are no degrees, and does not say of which system they are.",
            "Land the shapefile with its .prj, or export it in EPSG:4326.",
        )
    return {LONGITUDE: _rounded(x, nowhere), LATITUDE: _rounded(y, nowhere)}


def _rounded(degrees: np.ndarray, nowhere: np.ndarray) -> list[float | None]:
    """Degrees to about a centimetre."""
    return [None if none else round(float(value), 7) for value, none in zip(degrees, nowhere, strict=True)]
