"""What Dagster keeps and never removes by itself: runs with their events and logs, check results, backfills.

A run that made the newest materialization of some partition is kept, however old: without it the UI would
call the partition missing. Dagster has no call that removes check results or backfills; their tables are
those of Dagster 1.13.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import sqlalchemy as sa
from dagster._core.execution.backfill import BULK_ACTION_TERMINAL_STATUSES
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage
from dagster._core.storage.runs.schema import BackfillTagsTable, BulkActionsTable
from dagster._core.storage.runs.sql_run_storage import SqlRunStorage

from realestate_assets.operations.retention.removal import Removal

# So many a time: deleting a run takes some 10 ms, and a job of an hour would hold up the night.
MAX_DELETED = 2000
# Ids in one statement.
BATCH = 500
ENDED = (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)


def runs_to_keep(instance: dg.DagsterInstance) -> set[str]:
    """Ids of the runs that made the newest materialization of a partition of any asset."""
    kept: set[str] = set()
    for key in instance.all_asset_keys():
        newest = instance.get_latest_storage_id_by_partition(key, dg.DagsterEventType.ASSET_MATERIALIZATION)
        if ids := list(newest.values()):
            records = dg.AssetRecordsFilter(asset_key=key, storage_ids=ids)
            kept |= {r.run_id for r in instance.fetch_materializations(records, limit=len(ids)).records}
        if last := instance.get_latest_materialization_event(key):
            kept.add(last.run_id)
    return kept


def old_runs(
    instance: dg.DagsterInstance, before: datetime, apply: bool, limit: int = MAX_DELETED
) -> Removal:
    """Ended runs created before a time, oldest first, with their events and logs.

    Args:
        instance: where they are kept.
        before: runs created since then stay.
        apply: whether they are removed.
        limit: at most so many are.
    """
    old = dg.RunsFilter(statuses=list(ENDED), created_before=before)
    records = instance.get_run_records(old, ascending=True)
    kept = runs_to_keep(instance) if records else set()
    chosen = [record for record in records if record.dagster_run.run_id not in kept][:limit]
    logs = 0
    for run_id in (record.dagster_run.run_id for record in chosen):
        logs += _log_bytes(instance, run_id)
        if apply:
            instance.delete_run(run_id)
            instance.compute_log_manager.delete_logs(prefix=[run_id])
    return Removal(len(chosen), logs, chosen[0].create_timestamp if chosen else None)


def old_check_executions(instance: dg.DagsterInstance, before: datetime, apply: bool) -> Removal:
    """Results of checks of runs that are gone, but the newest of each check and partition."""
    table = AssetCheckExecutionsTable
    newest = sa.select(sa.func.max(table.c.id)).group_by(
        table.c.asset_key, table.c.check_name, table.c.partition
    )
    wanted = (
        sa.select(table.c.id, table.c.run_id, table.c.create_timestamp, _length(table.c.evaluation_event))
        .where(table.c.create_timestamp < before.astimezone(UTC).replace(tzinfo=None))
        .where(table.c.id.not_in(newest))
    )
    with _events(instance) as connection:
        rows = connection.execute(wanted).all()
    there = _runs_there(instance, sorted({row.run_id for row in rows}))
    chosen = [row for row in rows if row.run_id not in there]
    if apply:
        with _events(instance) as connection:
            for some in _parts([row.id for row in chosen]):
                connection.execute(sa.delete(table).where(table.c.id.in_(some)))
    return _removal(chosen, "create_timestamp")


def old_backfills(instance: dg.DagsterInstance, before: datetime, apply: bool) -> Removal:
    """Backfills that ended, with their tags."""
    table = BulkActionsTable
    ended = [status.value for status in BULK_ACTION_TERMINAL_STATUSES]
    wanted = sa.select(table.c.key, table.c.timestamp, _length(table.c.body)).where(
        table.c.timestamp < before.astimezone(UTC).replace(tzinfo=None), table.c.status.in_(ended)
    )
    with _runs(instance) as connection:
        chosen = connection.execute(wanted).all()
        if apply:
            for some in _parts([row.key for row in chosen]):
                connection.execute(
                    sa.delete(BackfillTagsTable).where(BackfillTagsTable.c.backfill_id.in_(some))
                )
                connection.execute(sa.delete(table).where(table.c.key.in_(some)))
    return _removal(chosen, "timestamp")


def _events(instance: dg.DagsterInstance) -> AbstractContextManager[sa.Connection]:
    storage = instance.event_log_storage
    # The one of an instance with SQLite is wrapped.
    storage = getattr(storage, "event_log_storage", storage)
    assert isinstance(storage, SqlEventLogStorage)
    return storage.index_connection()


def _runs(instance: dg.DagsterInstance) -> AbstractContextManager[sa.Connection]:
    storage = instance.run_storage
    storage = getattr(storage, "run_storage", storage)
    assert isinstance(storage, SqlRunStorage)
    return storage.connect()


def _parts(ids: list[Any]) -> Iterator[list[Any]]:
    yield from (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def _length(column: Any) -> Any:
    return sa.func.length(column).label("size")


def _removal(rows: Sequence[Any], time: str) -> Removal:
    oldest = min((getattr(row, time) for row in rows), default=None)
    # Dagster writes its times in UTC, without saying so.
    return Removal(
        len(rows), sum(row.size or 0 for row in rows), oldest.replace(tzinfo=UTC) if oldest else None
    )


def _runs_there(instance: dg.DagsterInstance, run_ids: list[str]) -> set[str]:
    return {found for some in _parts(run_ids) for found in instance.get_run_ids(dg.RunsFilter(run_ids=some))}


def _log_bytes(instance: dg.DagsterInstance, run_id: str) -> int:
    return sum(path.stat().st_size for path in _log_files(instance, run_id))


def _log_files(instance: dg.DagsterInstance, run_id: str) -> Iterator[Path]:
    """Captured output of a run's steps in a local folder; in a bucket it is not measured."""
    folder = Path(instance.storage_directory()) / run_id
    yield from (path for path in folder.rglob("*") if path.is_file())
