"""Where properties lie: pins of a map, clusters where they are too many, places by their first letters."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.operations.market.columns import KEY, properties
from realestate_assets.operations.market.filters import PropertyFilter, conditions, degrees, months_shown
from realestate_assets.operations.market.pages import count_properties

# A browser draws so many pins well; beyond, a map is drawn slower than it is dragged.
MAX_PINS = 1000
# Cells along the longer side of what is shown.
GRID = 24
PIN_FIELDS = (
    *KEY, "latitude", "longitude", "street", "asking_price_usd", "market_value_p50_usd", "bird_dog_score",
    "score_class", "offer_state", "is_simulated",
)  # fmt: skip


@dataclass(frozen=True)
class MapView:
    """Pins, or clusters with the count of each; `total` are all that lie there and have coordinates."""

    pins: list[dict[str, Any]]
    clusters: list[dict[str, Any]]
    total: int
    without_place: int


def on_map(session: Session, chosen: PropertyFilter, max_pins: int = MAX_PINS) -> MapView:
    """What a map of the properties shows: every pin up to `max_pins`, else clusters by a grid."""
    partitions = months_shown(session, chosen)
    if not partitions:
        return MapView([], [], 0, 0)
    c = properties.c
    wanted = conditions(chosen, partitions)
    located = [*wanted, c.latitude.is_not(None), c.longitude.is_not(None)]
    total = count_properties(session, located)
    without = count_properties(session, [*wanted, sa.or_(c.latitude.is_(None), c.longitude.is_(None))])
    if total > max_pins:
        return MapView([], _clusters(session, chosen, located), total, without)
    order = [c.bird_dog_score.desc().nulls_last(), *(c[name] for name in KEY)]
    query = sa.select(*(c[name] for name in PIN_FIELDS)).where(*located).order_by(*order)
    return MapView([dict(row) for row in session.execute(query).mappings()], [], total, without)


def _clusters(
    session: Session, chosen: PropertyFilter, located: list[sa.ColumnElement[bool]]
) -> list[dict[str, Any]]:
    """Properties by cell: count, middle of those in it, median ask and best score."""
    c = properties.c
    west, south, east, north = _extent(session, chosen, located)
    size = max(east - west, north - south, 1e-6) / GRID
    column = sa.func.floor((c.longitude - west) / size).label("column")
    row = sa.func.floor((c.latitude - south) / size).label("row")
    query = (
        sa.select(
            sa.func.count().label("count"),
            sa.func.avg(c.latitude).label("latitude"),
            sa.func.avg(c.longitude).label("longitude"),
            sa.func.percentile_cont(0.5).within_group(c.asking_price_usd).label("median_asking_price_usd"),
            sa.func.max(c.bird_dog_score).label("best_score"),
        )
        .where(*located)
        .group_by(column, row)
        .order_by(column, row)
    )
    return [dict(found) for found in session.execute(query).mappings()]


def _extent(
    session: Session, chosen: PropertyFilter, located: list[sa.ColumnElement[bool]]
) -> tuple[float, float, float, float]:
    """The box that was asked for, else that of the properties."""
    if chosen.box is not None:
        west, south, east, north = degrees(chosen.box, 4)
        if west <= east:
            return west, south, east, north
    c = properties.c
    ends = (
        sa.func.min(c.longitude), sa.func.min(c.latitude), sa.func.max(c.longitude), sa.func.max(c.latitude),
    )  # fmt: skip
    west, south, east, north = session.execute(sa.select(*ends).where(*located)).one()
    return float(west), float(south), float(east), float(north)


def suggest(session: Session, text: str, limit: int) -> list[dict[str, Any]]:
    """Addresses, cities and ZIPs that begin with the text, of the newest month of each county.

    Args:
        session: of a tenant.
        text: what was typed so far.
        limit: suggestions of each kind at most.
    """
    partitions = months_shown(session, PropertyFilter())
    if not partitions:
        return []
    c = properties.c
    here = sa.tuple_(c.county, c.month).in_(partitions)
    typed = " ".join(text.upper().split())
    counted = sa.func.count().label("count")
    found: list[dict[str, Any]] = []
    for kind in ("city", "zip"):
        query = (
            sa.select(c[kind].label("text"), c.county, counted)
            .where(here, c[kind].startswith(typed, autoescape=True))
            .group_by(c[kind], c.county)
            .order_by(counted.desc(), c[kind], c.county)
            .limit(limit)
        )
        found += [{"kind": kind, "property_id": None, **row} for row in session.execute(query).mappings()]
    query = (
        sa.select(
            sa.func.concat_ws(", ", sa.func.concat_ws(" ", c.street, c.unit), c.city, c.zip).label("text"),
            c.county,
            c.property_id,
        )
        .where(here, c.street.startswith(typed, autoescape=True))
        .order_by(c.street, c.unit, c.county, c.property_id)
        .limit(limit)
    )
    return found + [{"kind": "address", "count": 1, **row} for row in session.execute(query).mappings()]
