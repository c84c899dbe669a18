"""The ledger of landed files, `ops.landed_files`: what the landing sensor has seen, read and asked for."""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime

from realestate_assets.domain.tables.ops import LANDED_FILES, OPEN_FILES
from realestate_assets.landing.states import LandedFile
from resources.warehouse import connections as postgres
from resources.warehouse.warehouse import Warehouse

NAMES = LANDED_FILES.column_names
COLUMNS = ", ".join(NAMES)
_SELECTED = ", ".join(
    f"{name}::text as {name}" if name in ("months", "affected_months") else name for name in NAMES
)
UPSERT_SQL = (
    f"insert into ops.landed_files ({COLUMNS}) "  # noqa: S608
    f"select {COLUMNS} from jsonb_to_recordset($1::jsonb) as given({LANDED_FILES.record()}) "
    "on conflict (path) do update set "
    + ", ".join(f"{name} = excluded.{name}" for name in NAMES if name != "path")
)
# What each tick asks for: files that wait, are inspected, or were read and not asked for.
OPEN_SQL = f"select {_SELECTED} from ops.landed_files where {OPEN_FILES} order by path"  # noqa: S608
BATCH_SQL = """
with numbered as (select nextval('ops.landed_batches') as batch)
update ops.landed_files set batch = numbered.batch from numbered
where path in (select jsonb_array_elements_text($1::jsonb))
"""


class LandingLedger:
    """Reads and writes the ledger; every method is one statement."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        warehouse.ensure_tables([LANDED_FILES])

    def of_paths(self, paths: Collection[str]) -> dict[str, LandedFile]:
        """What is known of these files, by path."""
        sql = f"select {_SELECTED} from ops.landed_files where path in (select jsonb_array_elements_text($1::jsonb))"  # noqa: E501, S608
        return {file.path: file for file in self._read(sql, (json.dumps(sorted(paths)),))}

    def unasked(self) -> list[LandedFile]:
        """Files that wait, are inspected, or were read and not asked for; ordered by path."""
        return self._read(OPEN_SQL)

    def admitted_with(self, hashes: Collection[str]) -> list[LandedFile]:
        """Admitted files with one of these SHA-256."""
        where = "state = 'admitted' and sha256 in (select jsonb_array_elements_text($1::jsonb))"
        sql = f"select {_SELECTED} from ops.landed_files where {where} order by path"  # noqa: S608
        return self._read(sql, (json.dumps(sorted(hashes)),))

    def months_of(self, county_slug: str, sources: Collection[str]) -> list[str]:
        """Months of the rows that have landed for these sources of a county."""
        sql = (
            "select distinct month from ops.landed_files, jsonb_array_elements_text(months) as month "
            "where state = 'admitted' and split_part(path, '/', 1) = $1 "
            "and split_part(path, '/', 2) in (select jsonb_array_elements_text($2::jsonb))"
        )
        rows = self._warehouse.read(sql, (county_slug, json.dumps(sorted(sources)))).to_pylist()
        return sorted(row["month"] for row in rows)

    def after_batch(self, batch: int) -> list[LandedFile]:
        """Files of the batches after this one, by batch and path."""
        sql = f"select {_SELECTED} from ops.landed_files where batch > $1 order by batch, path"  # noqa: S608
        return self._read(sql, (batch,))

    def write(self, files: Sequence[LandedFile]) -> None:
        """Insert or replace rows."""
        if files:
            self._warehouse.execute(UPSERT_SQL, (json.dumps([asdict(f) for f in files], default=_text),))

    def number(self, files: Sequence[LandedFile]) -> None:
        """Put files into a batch of their own, later than all others."""
        if files:
            self._warehouse.execute(BATCH_SQL, (json.dumps([file.path for file in files]),))

    def forget(self, paths: Collection[str]) -> None:
        """Drop files that are gone before they were read."""
        if paths:
            sql = "delete from ops.landed_files where path in (select jsonb_array_elements_text($1::jsonb))"
            self._warehouse.execute(sql, (json.dumps(sorted(paths)),))

    def _read(self, sql: str, parameters: tuple = ()) -> list[LandedFile]:
        rows = self._warehouse.read(sql, parameters).to_pylist()
        return [
            LandedFile(
                **{**row, **{name: tuple(json.loads(row[name])) for name in ("months", "affected_months")}}
            )
            for row in rows
        ]


def known_files(warehouse: Warehouse, paths: Collection[str]) -> dict[str, LandedFile]:
    """What is known of files, by path; nothing where there is no ledger yet."""
    sql = "select to_regclass('ops.landed_files') is not null as there"
    with warehouse.connect() as connection:
        there = postgres.query(connection, sql)[0]["there"]
    return LandingLedger(warehouse).of_paths(paths) if there else {}


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no value of the ledger")
