"""What every vector index takes and gives: points of a partition, filters, hits. No index lives here."""

import math
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import numpy as np

from resources.errors import PermanentError
from resources.partition import Partition

# Payload fields with an index: county and month say the partition, the others are searched by.
KEYWORD_FIELDS = ("county", "month", "property_id", "property_type", "status", "city", "zip")
NUMBER_FIELDS = (
    "asking_price_usd", "bedrooms", "bathrooms", "living_area_sqft", "lot_area_sqft", "basement_sqft",
    "stories", "year_built", "year_renovated", "garage_spaces", "hoa_monthly_usd", "condition_code",
    "view_code", "days_on_market", "is_waterfront", "sale_day", "bird_dog_score",
)  # fmt: skip
LOCATION_FIELD = "location"
METERS_PER_MILE = 1609.344


@dataclass(frozen=True)
class Hit:
    """One property found: point id, cosine similarity, payload."""

    id: str
    score: float
    payload: dict[str, Any]


@dataclass(frozen=True)
class Range:
    """Bounds of a payload field, both included; a point without the field is outside."""

    field: str
    minimum: float | None
    maximum: float | None


@dataclass(frozen=True)
class OneOf:
    """A payload field that is one of these words."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Within:
    """A circle on the map, in degrees and miles."""

    latitude: float
    longitude: float
    miles: float


@dataclass(frozen=True)
class Known:
    """A payload field that has a value."""

    field: str


@dataclass(frozen=True)
class AnyOf:
    """One of these holds at least."""

    conditions: "tuple[Condition, ...]"


@dataclass(frozen=True)
class Not:
    """It does not hold, or is not known to."""

    condition: "Condition"


Condition = Range | OneOf | Within | Known | AnyOf | Not


@dataclass(frozen=True)
class Points:
    """The points of one partition, checked and clean."""

    partition: Partition
    ids: list[str]
    vectors: np.ndarray
    payloads: list[dict[str, Any]]


class VectorIndex(Protocol):
    """What an implementation does; see Vectors for the meaning."""

    def replace(self, points: Points) -> None:
        """Make `points` the only points of their partition."""

    def search(
        self, county_slug: str, vector: np.ndarray, limit: int, conditions: Sequence[Condition]
    ) -> list[Hit]:
        """Nearest points of a county of which all conditions hold."""

    def count(self, county_slug: str, conditions: Sequence[Condition]) -> int:
        """Points of a county of which all conditions hold."""

    def payloads(
        self, county_slug: str, conditions: Sequence[Condition], fields: Sequence[str], batch: int = 2_000
    ) -> Iterator[dict[str, Any]]:
        """These fields of all points of a county of which all conditions hold, `batch` at a time."""

    def vectors(self, county_slug: str, ids: Sequence[str]) -> dict[str, np.ndarray]:
        """Vectors of some points by id; one that is not there is left out."""

    def held(self, county_slug: str) -> AbstractContextManager[None]:
        """A block that asks several things of one county."""

    def clear(self) -> None:
        """Remove all points of all counties."""

    def rebuilt(self) -> AbstractContextManager["VectorIndex"]:
        """An empty index, which takes the place of this one when the block ends well."""


def checked_points(
    partition: Partition, ids: list[str], vectors: np.ndarray, payloads: list[dict[str, Any]]
) -> Points:
    """Points ready for any implementation.

    Raises:
        PermanentError: counts differ, an id is repeated or no UUID, a vector is not finite.
    """
    array = np.asarray(vectors, dtype=np.float32)
    if not ids:
        array = array.reshape(0, array.shape[-1] if array.ndim == 2 else 0)
    fault = _fault(ids, array, payloads)
    if fault:
        text = f"The vectors of {partition.month} cannot be stored: {fault}."
        raise PermanentError(text, county=partition.county_slug)
    clean = [_clean(payload) | partition.columns for payload in payloads]
    return Points(partition, [str(UUID(i)) for i in ids], array, clean)


def _fault(ids: list[str], array: np.ndarray, payloads: list[dict[str, Any]]) -> str | None:
    if array.ndim != 2 or not len(ids) == len(array) == len(payloads):
        return f"{len(ids)} ids, vectors of shape {array.shape} and {len(payloads)} payloads"
    if len(set(ids)) != len(ids):
        return "an id is there twice"
    if not np.isfinite(array).all():
        return "a vector is not finite"
    try:
        for each in ids:
            UUID(each)
    except (ValueError, AttributeError, TypeError):
        return f"{each!r} is not a UUID"
    return None


def _clean(payload: dict[str, Any]) -> dict[str, Any]:
    """Plain JSON values; a missing value is left out, so that no range matches it."""
    values = {k: v.item() if isinstance(v, np.generic) else v for k, v in payload.items()}
    return {k: v for k, v in values.items() if v is not None and not (isinstance(v, float) and math.isnan(v))}
