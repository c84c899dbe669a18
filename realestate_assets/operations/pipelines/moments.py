"""Times as Dagster tells them: seconds, or milliseconds in text."""

from datetime import UTC, datetime
from typing import Any


def of_seconds(value: float | None) -> datetime | None:
    """Seconds since 1970, or none."""
    return datetime.fromtimestamp(float(value), UTC) if value else None


def of_milliseconds(value: Any) -> datetime | None:
    """Milliseconds since 1970 as text, or none."""
    return of_seconds(float(value) / 1000) if value else None
