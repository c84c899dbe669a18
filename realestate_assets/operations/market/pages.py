"""The list of properties as one statement: what it shows, its sorts, and what tells its rows apart."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from realestate_assets.operations.market.columns import DISTANCE, KEY, SORTS, properties
from realestate_assets.operations.market.filters import (
    PropertyFilter,
    conditions,
    distance_miles,
    months_shown,
)

# Rows that an export takes from the database at a time, and gives at most: what is asked of a screen, a
# download and a mail is one list.
EXPORT_BATCH, EXPORT_LIMIT = 1000, 100_000


@dataclass(frozen=True)
class PropertyList:
    """A statement over properties without order and limit.

    Args:
        statement: selects the fields.
        sorts: sort name -> column.
        key: columns that are unique together and never null.
        partitions: county and month of each partition it looks at.
    """

    statement: sa.Select[Any]
    sorts: Mapping[str, sa.ColumnElement[Any]]
    key: Sequence[sa.ColumnElement[Any]]
    partitions: list[tuple[str, str]]


def property_list(session: Session, chosen: PropertyFilter, names: Sequence[str]) -> PropertyList:
    """The properties that fulfil the filters, of the newest month of each county where none is asked for.

    Args:
        session: of a tenant, which sees its counties alone.
        chosen: the filters.
        names: columns to show, of `columns.properties`; the key and, near a point, the distance are added.
    """
    partitions = months_shown(session, chosen)
    c = properties.c
    columns: list[sa.ColumnElement[Any]] = [c[name] for name in dict.fromkeys((*KEY, *names))]
    sorts: dict[str, sa.ColumnElement[Any]] = {name: c[name] for name in SORTS}
    if chosen.near is not None:
        sorts[DISTANCE] = distance_miles(chosen.near)
        columns.append(sorts[DISTANCE].label(DISTANCE))
    wanted = conditions(chosen, partitions) if partitions else [sa.false()]
    return PropertyList(sa.select(*columns).where(*wanted), sorts, [c[name] for name in KEY], partitions)


def count_properties(session: Session, wanted: Sequence[sa.ColumnElement[bool]]) -> int:
    """How many rows fulfil the conditions."""
    counted = sa.select(sa.func.count()).select_from(properties).where(*wanted)
    return int(session.execute(counted).scalar_one())


def exported(session: Session, found: PropertyList, limit: int = EXPORT_LIMIT) -> Iterator[dict[str, Any]]:
    """Every row of the list by its key, taken from the database in batches."""
    query = found.statement.order_by(*found.key).limit(limit)
    result = session.execute(query.execution_options(yield_per=EXPORT_BATCH))
    for row in result.mappings():
        yield dict(row)
