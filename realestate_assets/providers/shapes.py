"""Points and the outlines they lie in: from a service's geometry to `which outline holds which point`.

All coordinates are degrees, WGS 84, longitude first. Nothing here asks anybody.
"""

import json
from collections.abc import Sequence

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
    """Outlines of features in Esri's own JSON; None where a feature has no rings, points as points."""
    return np.array([_esri_outline(geometry or {}) for geometry in geometries], dtype=object)


def geojson_outlines(geometries: Sequence[dict | None]) -> np.ndarray:
    """Outlines of GeoJSON features; None where there is none or it cannot be read."""
    texts = [orjson.dumps(geometry) if geometry else None for geometry in geometries]
    shapes = shapely.from_geojson(np.array(texts, dtype=object), on_invalid="ignore")
    return np.asarray(shapely.make_valid(shapes), dtype=object)


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


def _esri_outline(geometry: dict) -> shapely.Geometry | None:
    if geometry.get("x") is not None and geometry.get("y") is not None:
        return shapely.Point(geometry["x"], geometry["y"])
    rings = [ring for ring in geometry.get("rings") or () if len(ring) >= 4]
    if not rings:
        return None
    parts = [shapely.make_valid(shapely.Polygon([corner[:2] for corner in ring])) for ring in rings]
    # Holes are rings like any other, told apart by their direction, which not every service keeps: what an
    # odd number of rings covers is inside.
    outline = parts[0]
    for part in parts[1:]:
        outline = shapely.symmetric_difference(outline, part)
    return outline
