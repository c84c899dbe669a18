"""Flood zones of a reply of the National Flood Hazard Layer, and which of them a point lies in.

A zone is a hazard area where SFHA_TF says T, and none where it says F; but zone D, whose hazard was never
studied, is unknown whatever the flag says. Areas the map leaves out and open water are no zone: a property
there is not covered, which is unknown too, never low risk.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from realestate_assets.domain.core.shapes import corners
from resources.errors import PermanentError

COLUMNS = ("FLD_ZONE", "ZONE_SUBTY", "SFHA_TF", "STATIC_BFE", "LEN_UNIT")
REQUIRED = ("FLD_ZONE", "SFHA_TF")
UNMAPPED = frozenset({"", "AREA NOT INCLUDED", "OPEN WATER", "NONE"})
UNDETERMINED = "D"
# The layer writes -9999 for none, its older parts -8888; the lowest land of the country lies at -282 feet.
LOWEST_FEET = -1_000.0
FEET_PER_METER = 3.280839895
# In the description of a zone X that is not minimal.
MODERATE = ("0.2 PCT", "1 PCT", "LEVEE")
FLAGS = {"T": "true", "F": "false"}


@dataclass(frozen=True)
class Zone:
    """What a reply says of one zone; `rings` are the closed lines of its outline, none where withheld."""

    code: str
    is_hazard: str | None
    elevation_feet: float | None
    rank: int
    rings: tuple[np.ndarray, ...]

    @property
    def is_mapped(self) -> bool:
        """False for what the map leaves out."""
        return self.rank >= 0


def read_zones(features: Sequence[dict], county_slug: str, source: str) -> list[Zone]:
    """The zones of a reply, the most hazardous first.

    Raises:
        PermanentError: a feature lacks a column that decides.
    """
    zones = []
    for feature in features:
        attributes = feature.get("attributes") or feature.get("properties") or {}
        for name in REQUIRED:
            if name not in attributes:
                raise PermanentError(
                    f"the layer has no column {name}; it has {', '.join(list(attributes)[:40]) or 'none'}.",
                    county=county_slug,
                    source=source,
                    field=name,
                    remedy="The flood map has changed its columns: compare them with this provider's module.",
                )
        zones.append(_zone(attributes, feature.get("geometry")))
    return sorted(zones, key=_severity)


def zones_of_points(zones: Sequence[Zone], points: np.ndarray, tolerance: float) -> np.ndarray:
    """Position of the most hazardous zone of each point; -1 where it lies in none.

    A point lies in a zone if an odd number of the zone's rings encloses it, whatever their direction: that
    holds for several parts, holes, and islands in holes. Outlines come simplified, so that a gap may open
    between neighbours: a point in none belongs to the zones whose line runs within the tolerance.

    Args:
        zones: most hazardous first.
        points: (n, 2) degrees.
        tolerance: degrees.
    """
    none = len(zones)
    best = np.full(len(points), none)
    owner = np.array([place for place, zone in enumerate(zones) for _ in zone.rings], dtype=int)
    if not len(owner) or not len(points):
        return np.full(len(points), -1)
    rings = _lines([ring for zone in zones for ring in zone.rings])
    tree = shapely.STRtree(shapely.points(points))
    ring, point = tree.query(shapely.polygons(rings), predicate="intersects")
    pairs, times = np.unique(np.column_stack([owner[ring], point]), axis=0, return_counts=True)
    inside = pairs[times % 2 == 1]
    np.minimum.at(best, inside[:, 1], inside[:, 0])
    if (best == none).any() and tolerance > 0:
        ring, point = tree.query(rings, predicate="dwithin", distance=tolerance)
        beside = best[point] == none
        np.minimum.at(best, point[beside], owner[ring[beside]])
    return np.where(best == none, -1, best)


def _zone(attributes: dict, geometry: dict | None) -> Zone:
    code = str(attributes["FLD_ZONE"] or "").strip().upper()
    subtype = str(attributes.get("ZONE_SUBTY") or "").upper()
    is_hazard = FLAGS.get(str(attributes["SFHA_TF"] or "").strip().upper())
    is_mapped = code not in UNMAPPED and "AREA NOT INCLUDED" not in subtype
    return Zone(
        code=code,
        is_hazard=None if code == UNDETERMINED else is_hazard,
        elevation_feet=_feet(attributes.get("STATIC_BFE"), attributes.get("LEN_UNIT")),
        rank=_rank(code, subtype, is_hazard) if is_mapped else -1,
        rings=tuple(_rings(geometry or {})),
    )


def _rank(code: str, subtype: str, is_hazard: str | None) -> int:
    """0 minimal, 1 undetermined, 2 moderate (0.2 %, behind a levee), 3 high, 4 floodway, 5 coastal waves."""
    if is_hazard == "true" or (is_hazard is None and code.startswith(("A", "V"))):
        return 5 if code.startswith("V") else 4 if "FLOODWAY" in subtype else 3
    if code == UNDETERMINED:
        return 1
    return 2 if any(mark in subtype for mark in MODERATE) else 0


def _severity(zone: Zone) -> tuple:
    """Sorts the most hazardous first; among equals the one that knows the higher water, then by name."""
    known = zone.elevation_feet is not None
    return (-zone.rank, not known, -(zone.elevation_feet or 0.0), zone.code, zone.is_hazard or "")


def _feet(value: Any, unit: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    if not LOWEST_FEET < number < -LOWEST_FEET * 100:
        return None
    return round(number * FEET_PER_METER, 2) if str(unit or "").upper().startswith("M") else number


def _rings(geometry: dict) -> Iterator[np.ndarray]:
    """Closed lines of an outline, as esri or GeoJSON writes it; what encloses nothing is left out."""
    parts = geometry.get("rings") or geometry.get("coordinates") or []
    if geometry.get("type") == "MultiPolygon":
        parts = [ring for part in parts for ring in part]
    for part in parts:
        ring = corners(part)
        if ring is not None and len(np.unique(ring, axis=0)) >= 3:
            yield ring if np.array_equal(ring[0], ring[-1]) else np.vstack([ring, ring[:1]])


def _lines(rings: Sequence[np.ndarray]) -> np.ndarray:
    """Rings of any length as shapely's, in one call."""
    lengths = [len(ring) for ring in rings]
    return shapely.linearrings(np.concatenate(rings), indices=np.repeat(np.arange(len(rings)), lengths))
