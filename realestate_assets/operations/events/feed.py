"""Events that a tenant sees, in the order in which they can be followed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

EVENTS = sa.table(
    "events",
    sa.column("position", sa.BigInteger),
    sa.column("event_id", sa.Text),
    sa.column("event_type", sa.Text),
    sa.column("event_time", sa.TIMESTAMP(timezone=True)),
    sa.column("county", sa.Text),
    sa.column("month", sa.Text),
    sa.column("property_id", sa.Text),
    sa.column("correlation_id", sa.Text),
    sa.column("payload", sa.JSON),
    schema="served",
)


@dataclass(frozen=True)
class Chosen:
    """Which events are asked for; nothing means all."""

    event_types: Sequence[str] = ()
    counties: Sequence[str] = ()
    property_id: str | None = None


@dataclass(frozen=True)
class Event:
    """One event.

    Args:
        position: its place in the feed; grows.
        correlation_id: Dagster run that did it.
    """

    position: int
    event_id: str
    event_type: str
    event_time: datetime
    county: str
    month: str
    property_id: str | None
    correlation_id: str
    payload: dict[str, Any]


def events_after(session: Session, position: int, chosen: Chosen, limit: int) -> list[Event]:
    """The next events after a position, oldest first."""
    statement = (
        sa.select(*EVENTS.columns)
        .where(EVENTS.c.position > position, *_conditions(chosen))
        .order_by(EVENTS.c.position)
        .limit(limit)
    )
    return [Event(**row) for row in session.execute(statement).mappings()]


def events_before(session: Session, position: int | None, chosen: Chosen, limit: int) -> list[Event]:
    """The last events, or those before a position, newest first."""
    statement = sa.select(*EVENTS.columns).where(*_conditions(chosen))
    if position is not None:
        statement = statement.where(EVENTS.c.position < position)
    statement = statement.order_by(EVENTS.c.position.desc()).limit(limit)
    return [Event(**row) for row in session.execute(statement).mappings()]


def _conditions(chosen: Chosen) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if chosen.event_types:
        found.append(EVENTS.c.event_type.in_(chosen.event_types))
    if chosen.counties:
        found.append(EVENTS.c.county.in_(chosen.counties))
    if chosen.property_id is not None:
        found.append(EVENTS.c.property_id == chosen.property_id)
    return found
