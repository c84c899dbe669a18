"""Distances on the sphere, and the nearest points by a k-d tree.

Points are put on the sphere in three dimensions instead of being projected around a middle: a middle moves
with the points it is taken from, so that one property's record would move all distances a little.
"""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

# Mean radius of the earth: 6,371.0088 km (IUGG).
EARTH_RADIUS_MILES = 3958.7613


def on_sphere(latitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
    """Degrees to (n, 3) miles from the earth's middle; straight lines between them are chords."""
    phi = np.radians(np.asarray(latitude, dtype=float))
    theta = np.radians(np.asarray(longitude, dtype=float))
    unit = np.column_stack([np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)])
    return unit * EARTH_RADIUS_MILES


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


def tree_of(points: np.ndarray) -> "cKDTree":
    """Points of `on_sphere`, sorted for `nearest_points`: kept, it is asked again and again."""
    # Heavy to import: not at each start.
    from scipy.spatial import cKDTree

    return cKDTree(points)


def nearest_points(
    points: "np.ndarray | cKDTree", queries: np.ndarray, k: int, max_miles: float
) -> tuple[np.ndarray, np.ndarray]:
    """The k nearest of `points` for each of `queries`, both of `on_sphere`.

    Args:
        points: themselves, or `tree_of` them.
        queries: whose nearest are asked for.
        k: how many.
        max_miles: none lies farther.

    Returns:
        Great-circle miles (inf where fewer than k points lie within max_miles) and row numbers of
        `points` (-1 there), both (len(queries), k), nearest first. Among equal distances the order
        follows from the order of `points` alone: sort them before.
    """
    tree = tree_of(points) if isinstance(points, np.ndarray) else points
    if tree.n == 0 or len(queries) == 0:
        shape = (len(queries), k)
        return np.full(shape, np.inf), np.full(shape, -1)
    limit = 2.0 * EARTH_RADIUS_MILES * np.sin(min(max_miles / EARTH_RADIUS_MILES, np.pi) / 2.0)
    chord, index = tree.query(queries, k=np.arange(1, k + 1), distance_upper_bound=limit)
    found = np.isfinite(chord)
    half_angle = np.arcsin(np.where(found, chord, 0.0) / (2.0 * EARTH_RADIUS_MILES))
    return np.where(found, 2.0 * EARTH_RADIUS_MILES * half_angle, np.inf), np.where(found, index, -1)
