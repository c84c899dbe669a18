"""Flat-earth geometry at county scale: degrees to miles, and the nearest points by a k-d tree."""

import numpy as np
from scipy.spatial import cKDTree

# Mean earth radius 3,958.7613 miles x pi / 180.
MILES_PER_DEGREE = 69.0933
EARTH_RADIUS_MILES = 3958.7613


def project(latitude: np.ndarray, longitude: np.ndarray, reference: tuple[float, float]) -> np.ndarray:
    """Equirectangular projection: (n, 2) miles east and north of `reference` (latitude, longitude).

    Source: Snyder, Map Projections - A Working Manual (USGS PP 1395, 1987), section 12. Its error grows
    with the distance in latitude from the reference; within a county (60 miles) below 60 degrees it stays
    under 2 %, which does not change who is near.
    """
    reference_latitude, reference_longitude = reference
    # Wrapped, so that a county on the 180th meridian is not torn in two.
    east = (np.asarray(longitude, dtype=float) - reference_longitude + 180.0) % 360.0 - 180.0
    north = np.asarray(latitude, dtype=float) - reference_latitude
    scale = np.cos(np.radians(reference_latitude))
    return np.column_stack([east * scale, north]) * MILES_PER_DEGREE


def haversine_miles(
    latitude_1: np.ndarray, longitude_1: np.ndarray, latitude_2: np.ndarray, longitude_2: np.ndarray
) -> np.ndarray:
    """Great-circle distance in miles.

    Source: R. W. Sinnott, Virtues of the Haversine, Sky and Telescope 68 (1984).
    """
    phi_1, phi_2 = np.radians(latitude_1), np.radians(latitude_2)
    half_phi = (phi_2 - phi_1) / 2.0
    half_lambda = np.radians(np.asarray(longitude_2) - np.asarray(longitude_1)) / 2.0
    chord = np.sin(half_phi) ** 2 + np.cos(phi_1) * np.cos(phi_2) * np.sin(half_lambda) ** 2
    return 2.0 * EARTH_RADIUS_MILES * np.arcsin(np.sqrt(np.clip(chord, 0.0, 1.0)))


def nearest_points(
    points: np.ndarray, queries: np.ndarray, k: int, max_miles: float
) -> tuple[np.ndarray, np.ndarray]:
    """The k nearest of `points` for each of `queries`, both projected by the same reference.

    Returns:
        Distances in miles (inf where fewer than k points lie within max_miles) and row numbers of
        `points` (-1 there), both (len(queries), k), nearest first. Among equal distances the order
        follows from the order of `points` alone: sort them before.
    """
    if len(points) == 0 or len(queries) == 0:
        shape = (len(queries), k)
        return np.full(shape, np.inf), np.full(shape, -1)
    distance, index = cKDTree(points).query(queries, k=np.arange(1, k + 1), distance_upper_bound=max_miles)
    return distance, np.where(np.isfinite(distance), index, -1)
