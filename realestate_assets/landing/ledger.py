"""The ledger of landed files, `ops.landed_files`: what the landing sensor has seen, read and asked for."""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime

from realestate_assets.domain.intake.watch import LandedFile
from resources.ops_tables import OpsTable, ensure_ops_tables
from resources.warehouse import connections as postgres
from resources.warehouse.resource import WarehouseResource

# Files that a tick may have something to do with, beside those it lists.
OPEN = (
    "batch is null and (state in ('waiting', 'inspecting') or "
    "(state in ('admitted', 'duplicate') and affected_months <> '[]'::jsonb))"
)
LANDED_FILES = OpsTable(
    "landed_files",
    "One row a file of the landing area: its version, what became of it, and the months of its rows.",
    {
        "path": ("text primary key", "<county>/<source>/<file> below the landing root."),
        "version": ("text not null", "ETag on S3; size and modification time in a folder."),
        "size_bytes": ("bigint not null", "Its size."),
        "state": (
            "text not null",
            "waiting: may still be written; inspecting: read by a run of its own; admitted: its rows are "
            "used; duplicate: the same bytes as another; quarantined: unusable, moved to _quarantine; "
            "refused: unusable, and could not be moved.",
        ),
        "seen_at": ("timestamp with time zone not null", "When this version was first seen."),
        "sha256": ("text", "Hash of the bytes read; null before."),
        "months": ("jsonb not null", "Months of its rows, of the version last read."),
        "affected_months": ("jsonb not null", "Months to be made again for this version."),
        "row_count": ("bigint", "Rows read; null before."),
        "reason": ("text not null", "Why its rows are not used; empty otherwise."),
        "attempts": ("integer not null", "Inspections begun by runs of their own."),
        "batch": ("bigint", "Batch its runs were asked for in; null before."),
        "decided_at": ("timestamp with time zone", "When it was read or refused; null while waiting."),
    },
    (
        "create sequence if not exists ops.landed_batches",
        "create index if not exists landed_files_batch on ops.landed_files (batch)",
        "create index if not exists landed_files_sha256 on ops.landed_files (sha256) "
        "where state = 'admitted'",
        # What each tick asks for; of files that were asked for there may be very many.
        f"create index if not exists landed_files_open on ops.landed_files (path) where {OPEN}",
    ),
)
NAMES = tuple(LANDED_FILES.columns)
COLUMNS = ", ".join(NAMES)
_SELECTED = ", ".join(
    f"{name}::text as {name}" if name in ("months", "affected_months") else name for name in NAMES
)
_KINDS = ", ".join(f"{name} {kind.split(' not null')[0]}" for name, (kind, _) in LANDED_FILES.columns.items())
_RECORDS = _KINDS.replace(" primary key", "")
UPSERT_SQL = (
    f"insert into ops.landed_files ({COLUMNS}) "  # noqa: S608
    f"select {COLUMNS} from jsonb_to_recordset($1::jsonb) as given({_RECORDS}) "
    "on conflict (path) do update set "
    + ", ".join(f"{name} = excluded.{name}" for name in NAMES if name != "path")
)
# What each tick asks for: files that wait, are inspected, or were read and not asked for.
OPEN_SQL = f"select {_SELECTED} from ops.landed_files where {OPEN} order by path"  # noqa: S608
BATCH_SQL = """
with numbered as (select nextval('ops.landed_batches') as batch)
update ops.landed_files set batch = numbered.batch from numbered
where path in (select jsonb_array_elements_text($1::jsonb))
"""


class LandingLedger:
    """Reads and writes the ledger; every method is one statement."""

    def __init__(self, warehouse: WarehouseResource) -> None:
        self._warehouse = warehouse
        ensure_ops_tables(warehouse, [LANDED_FILES])

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


def known_files(warehouse: WarehouseResource, paths: Collection[str]) -> dict[str, LandedFile]:
    """What is known of files, by path; nothing where there is no ledger yet."""
    sql = "select to_regclass('ops.landed_files') is not null as there"
    with warehouse.connect() as connection:
        there = postgres.query(connection, sql)[0]["there"]
    return LandingLedger(warehouse).of_paths(paths) if there else {}


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no value of the ledger")
