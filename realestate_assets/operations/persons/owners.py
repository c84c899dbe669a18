"""Owners of record, of the market's public records: what stands of them exported, and erased for good.

First the list that later runs apply, then files, then tables: whatever a process was killed in, the next one
finds by what still stands. Nothing of it is one transaction: a run that goes on meanwhile may bring back what
it read before, and the erasure is given again after it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from realestate_assets.app.secret import ServiceSecret
from realestate_assets.app.suppression import SuppressedOwner, Suppression, key_of, mark_of, suppression_of
from realestate_assets.domain.counties.county import County
from realestate_assets.operations.persons import owner_files, owner_tables
from realestate_assets.operations.persons.report import NONE, Line, Report, merged
from realestate_assets.operations.persons.wanted import Wanted
from resources.warehouse import migration

LISTED = "on the list"
LIST_WHY = (
    "a keyed hash of the name, by which later runs take it out (GDPR art. 17(3)(b), CCPA 1798.105(d)(8))"
)
NOWHERE = (
    Line("schemas staging, intermediate and marts", NONE, 0, "no model of dbt reads a name or address"),
    Line("vector index", NONE, 0, "its texts and payloads hold what a home is, not whose"),
    Line("schema ops: events", NONE, 0, "they hold ids of homes and figures"),
)
MORE = (
    "Remarks that an agent wrote (`description`) are free text, and are not looked through.",
    "Backups made before hold what stood there, until `realestate backup --keep` drops them: after a restore "
    "of one, give this command again.",
)


def export(resources: Mapping[str, Any], counties: Mapping[str, County], who: Wanted) -> dict[str, Any]:
    """What stands of some owners: rows by column, and how much stands in files."""
    with migration.engine(resources["warehouse"].database_url()).connect() as connection:
        rows: dict[str, list[dict[str, Any]]] = {}
        for place, row in owner_tables.homes_of(connection, who):
            rows.setdefault(place, []).append(row)
    report = erase(resources, counties, who, None, is_done=False)
    return {"rows": rows, "places": report.as_json()["places"]}


def erase(
    resources: Mapping[str, Any],
    counties: Mapping[str, County],
    who: Wanted,
    secret: ServiceSecret | None,
    *,
    is_done: bool,
) -> Report:
    """What stands of some owners where, and with `is_done` its erasure.

    Args:
        resources: warehouse, lake and landing area.
        counties: configured counties, whose maps say which columns hold names.
        who: the owners.
        secret: of the service; None leaves the list alone.
        is_done: else it is a plan.

    Raises:
        PermanentError: the list was made under another secret.
        RealEstateError: a store or the database is away; what was done stays done.
    """
    lines = merged(_lines(resources, dict(counties), who, secret, is_done=is_done))
    shown = tuple(
        line if line.count or line.deed == NONE else replace(line, deed=NONE, why="") for line in lines
    )
    again = [f"realestate run --county {slug} --months FROM:TO" for slug in who.counties]
    more = [*MORE, *([f"To make marts and memos anew: {', '.join(again)}."] if is_done and again else [])]
    return Report(", ".join(sorted(who.forms)), is_done, (*shown, *NOWHERE), tuple(more))


def _lines(
    resources: Mapping[str, Any],
    counties: dict[str, County],
    who: Wanted,
    secret: ServiceSecret | None,
    *,
    is_done: bool,
) -> Iterator[Line]:
    lake, landing = resources["lake"], resources["landing"]
    url = resources["warehouse"].database_url()
    engine = migration.engine(url)
    with migration.readable(url):
        if secret is not None:
            with engine.begin() as connection:
                yield _list(connection, who, key_of(secret), is_done=is_done)
        yield owner_files.memos(lake, engine, who, is_done=is_done)
        yield owner_files.rows_as_received(lake, counties, who, is_done=is_done)
        yield from owner_files.delivered(landing, counties, who)
        with engine.begin() as connection:
            yield from owner_tables.columns(connection, who, is_done=is_done)
            yield owner_tables.rejects(connection, who, is_done=is_done)
            yield owner_tables.answers(connection, who, is_done=is_done)


def _list(connection: sa.Connection, who: Wanted, key: bytes, *, is_done: bool) -> Line:
    known = suppression_of(connection, key).hashes
    wanted = who.hashes(Suppression(key))
    if is_done:
        rows = [
            {"name_hash": name_hash, "key_mark": mark_of(key), "county": county}
            for name_hash, county in wanted
            if name_hash not in known
        ]
        if rows:
            connection.execute(insert(SuppressedOwner).values(rows).on_conflict_do_nothing())
    return Line("work.suppressed_owners", LISTED, len(wanted), LIST_WHY)
