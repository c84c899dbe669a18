"""The points of properties as the flood map is asked about them: each once, neighbours together."""

import numpy as np
import orjson

from resources.http.api import Pairs

WGS84 = {"wkid": 4326}
# The curve runs over a grid of 65,536 x 65,536 cells laid on the points' box.
CURVE_BITS = 16
# Decimals of the outlines in a reply: 0.1 m.
OUTLINE_DECIMALS = 6


def distinct_points(
    latitude: np.ndarray, longitude: np.ndarray, decimals: int
) -> tuple[np.ndarray, np.ndarray]:
    """The points there are, and which of them each property is.

    Args:
        latitude: degrees; not a number where unknown.
        longitude: likewise.
        decimals: digits the coordinates are rounded to; equal ones are one point.

    Returns:
        Row of each property's point (-1 without coordinates), and the points, (n, 2) longitude and latitude.
        They follow a space-filling curve, so that any stretch of them lies close together.
    """
    row = np.full(len(latitude), -1)
    known = np.flatnonzero(np.isfinite(latitude) & np.isfinite(longitude))
    if not len(known):
        return row, np.empty((0, 2))
    pairs = np.round(np.column_stack([longitude[known], latitude[known]]), decimals)
    points, which = np.unique(pairs, axis=0, return_inverse=True)
    order = np.argsort(_along_curve(points), kind="stable")
    place = np.empty(len(order), dtype=int)
    place[order] = np.arange(len(order))
    row[known] = place[which.reshape(-1)]
    return row, points[order]


def multipoint(points: np.ndarray, simplify_degrees: float) -> Pairs:
    """Parameters that ask which zones any of the points lie in, with the zones' outlines."""
    form = {
        "geometry": _json({"points": points.tolist(), "spatialReference": WGS84}),
        "geometryType": "esriGeometryMultipoint",
        "inSR": "4326",
        "spatialRel": "esriSpatialRelIntersects",
        "returnGeometry": "true",
        "geometryPrecision": str(OUTLINE_DECIMALS),
    }
    if simplify_degrees:
        form["maxAllowableOffset"] = f"{simplify_degrees:.7f}"
    return tuple(form.items())


def single_point(point: np.ndarray) -> Pairs:
    """Parameters that ask which zones one point lies in; without outlines, they are not needed."""
    x, y = point.tolist()
    form = {
        "geometry": _json({"x": x, "y": y, "spatialReference": WGS84}),
        "geometryType": "esriGeometryPoint",
        "inSR": "4326",
        "spatialRel": "esriSpatialRelIntersects",
        "returnGeometry": "false",
    }
    return tuple(form.items())


def _json(value: dict) -> str:
    return orjson.dumps(value).decode()


def _along_curve(points: np.ndarray) -> np.ndarray:
    """Position of each point along a Hilbert curve through the points' box.

    Source: D. Hilbert, Über die stetige Abbildung einer Linie auf ein Flächenstück, Math. Ann. 38 (1891).
    """
    low, high = points.min(axis=0), points.max(axis=0)
    last = (1 << CURVE_BITS) - 1
    cells = (points - low) / np.where(high > low, high - low, 1.0) * last
    x, y = (column.astype("int64") for column in cells.T)
    distance = np.zeros(len(points), dtype="int64")
    for bit in reversed(range(CURVE_BITS)):
        right, upper = (x >> bit) & 1, (y >> bit) & 1
        distance += ((3 * right) ^ upper) << (2 * bit)
        # In the lower quadrants the curve is turned: mirrored in the right one, and its axes exchanged.
        mirrored = (upper == 0) & (right == 1)
        x, y = np.where(mirrored, last - x, x), np.where(mirrored, last - y, y)
        x, y = np.where(upper == 0, y, x), np.where(upper == 0, x, y)
    return distance
