"""scikit-learn's search by brute force in the place of the product's tree of points."""

import importlib
from typing import Any

import numpy as np

from benchmarks.other_process import with_alternatives


class BruteTree:
    """What `nearest_points` asks of a tree, answered by NearestNeighbors(algorithm="brute")."""

    def __init__(self, points: np.ndarray) -> None:
        with_alternatives()
        self.n, self._points = len(points), points
        # By name: the environment of the product has none.
        neighbours: Any = importlib.import_module("sklearn.neighbors").NearestNeighbors(algorithm="brute")
        self._search: Any = neighbours.fit(points) if self.n else None

    def query(
        self, queries: np.ndarray, k: np.ndarray, distance_upper_bound: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Distances and row numbers of the `len(k)` nearest; inf and `n` where there are fewer."""
        shape = len(queries), len(k)
        distance, index = np.full(shape, np.inf), np.full(shape, self.n)
        count = min(len(k), self.n)
        nearest = self._search.kneighbors(queries, count, return_distance=False)
        # Its own distances come from dot products, which leave half of the digits.
        exact = np.linalg.norm(self._points[nearest] - queries[:, None, :], axis=2)
        order = np.argsort(exact, axis=1, kind="stable")
        exact, nearest = (np.take_along_axis(each, order, axis=1) for each in (exact, nearest))
        inside = exact < distance_upper_bound
        distance[:, :count] = np.where(inside, exact, np.inf)
        index[:, :count] = np.where(inside, nearest, self.n)
        return distance, index
