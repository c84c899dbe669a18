"""Figures of the service for Prometheus: what it answered and how long that took. One registry a service.

Those of the platform (rows, costs, ages) are told by `realestate metrics`.
"""

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from sqlalchemy.pool import QueuePool

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0, 10.0)
# What a scanner makes up would be a series each.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Figures:
    """Counts answers.

    Args:
        engine: its pool is told of.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self.registry = CollectorRegistry()
        self._answers = Counter(
            "realestate_service_requests", "Requests answered, by route and status.",
            ("method", "route", "status"), registry=self.registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "realestate_service_request_seconds", "Seconds until an answer was sent whole.",
            ("method", "route"), registry=self.registry, buckets=BUCKETS,
        )  # fmt: skip
        in_use = Gauge(
            "realestate_service_connections_in_use", "Database connections that requests hold.",
            registry=self.registry,
        )  # fmt: skip
        pool = engine.pool
        in_use.set_function(lambda: pool.checkedout() if isinstance(pool, QueuePool) else 0)

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer; its route is empty where there is none."""
        known = method if method in METHODS else "other"
        self._answers.labels(known, route or "none", str(status)).inc()
        self._seconds.labels(known, route or "none").observe(seconds)
