"""Points and the outlines they lie in: from a service's geometry to `which outline holds which point`.

All coordinates are degrees, WGS 84, longitude first. Nothing here asks anybody.
"""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson
import shapely

# A server that does not know outSR answers in feet of its own grid: no longitude is that large.
LARGEST_DEGREE = 180.0


def multipoint(longitude: np.ndarray, latitude: np.ndarray) -> str:
    """Points as the esriGeometryMultipoint of a query's `geometry`."""
    points = np.column_stack([longitude, latitude]).tolist()
    return json.dumps({"points": points, "spatialReference": {"wkid": 4326}}, separators=(",", ":"))


def esri_outlines(geometries: Sequence[dict | None]) -> np.ndarray:
    """Places of features in Esri's own JSON: polygons, lines, points; None where there is none."""
    return np.array([_esri_outline(geometry or {}) for geometry in geometries], dtype=object)


def geojson_outlines(geometries: Sequence[dict | None]) -> np.ndarray:
    """Outlines of GeoJSON features; None where there is none or it cannot be read."""
    texts = [_text(geometry) if geometry else None for geometry in geometries]
    shapes = shapely.from_geojson(np.array(texts, dtype=object), on_invalid="ignore")
    shapes = np.asarray(shapely.make_valid(shapes), dtype=object)
    # 0, 0 is how services write that they know no place.
    nowhere = shapely.equals(shapes, shapely.Point(0, 0)) | shapely.is_empty(shapes)
    finite = np.isfinite(shapely.bounds(shapes)).all(axis=-1)
    shapes[nowhere | ~finite] = None
    return shapes


def pairs_inside(
    outlines: np.ndarray, longitude: np.ndarray, latitude: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Indexes of points and of the outlines that hold them, borders included; a point may lie in several."""
    there = np.flatnonzero([outline is not None for outline in outlines])
    tree = shapely.STRtree(outlines[there])
    points, found = tree.query(shapely.points(longitude, latitude), predicate="intersects")
    order = np.lexsort((there[found], points))
    return points[order], there[found][order]


def middles(outlines: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Longitude and latitude of a point inside each outline; NaN where there is none.

    The centroid of an L-shaped parcel may lie on the neighbour's.
    """
    inside = shapely.point_on_surface(outlines)
    return shapely.get_x(inside), shapely.get_y(inside)


def in_degrees(outlines: np.ndarray) -> bool:
    """False where coordinates are no degrees: the service answered in a grid of its own."""
    bounds = shapely.bounds(outlines)
    return not np.any(np.abs(bounds[np.isfinite(bounds)]) > LARGEST_DEGREE)


def _text(geometry: dict) -> bytes | None:
    try:
        return orjson.dumps(geometry)
    except TypeError:  # an integer beyond 64 bits is no coordinate
        return None


def corners(part: Any) -> np.ndarray | None:
    """Corners of a ring or line as (n, 2); None where one of them is no pair of finite numbers.

    Services write what they do not know as null, "NaN" or Infinity.
    """
    try:
        array = np.array([corner[:2] for corner in part], dtype=float)
    except (TypeError, ValueError, OverflowError):
        return None
    return array if array.ndim == 2 and array.shape[1] == 2 and np.isfinite(array).all() else None


def _esri_outline(geometry: dict) -> shapely.Geometry | None:
    if "x" in geometry:
        return _points([[geometry["x"], geometry.get("y")]])
    if geometry.get("points"):
        return _points(geometry["points"])
    if geometry.get("paths"):
        lines = [corners(path) for path in geometry["paths"]]
        known = [line for line in lines if line is not None and len(line) >= 2]
        return shapely.MultiLineString(known) if known else None
    return _polygon(geometry.get("rings") or ())


def _points(pairs: object) -> shapely.Geometry | None:
    """One point, or several as one feature; 0, 0 is how services write that they know no place."""
    places = corners(pairs)
    if places is None or not places.any(axis=1).all():
        return None
    return shapely.Point(places[0]) if len(places) == 1 else shapely.MultiPoint(places)


def _polygon(rings: Sequence[object]) -> shapely.Geometry | None:
    """What an odd number of rings covers; None where a ring cannot be read or nothing is enclosed.

    Holes are rings like any other, told apart by their direction, which not every service keeps.
    """
    outline: shapely.Geometry | None = None
    for ring in rings:
        line = corners(ring)
        if line is None:
            return None
        if len(np.unique(line, axis=0)) < 3:
            continue
        part = shapely.make_valid(shapely.Polygon(line))
        outline = part if outline is None else shapely.symmetric_difference(outline, part)
    return None if outline is None or outline.is_empty else outline
