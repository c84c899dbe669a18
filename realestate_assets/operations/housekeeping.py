"""What piles up is removed: old runs with their events, and folders that killed processes left.

Dagster prunes ticks by itself (dagster.yaml) and runs never. A run that made the newest materialization of
some partition is kept, however old: without it the UI would call the partition missing.
"""

import shutil
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from realestate_assets.dbt.project import manifests_folder

KEEP_DAYS = 30
# So many a time: deleting a run takes some 10 ms, and a job of an hour would hold up the night.
MAX_DELETED = 2000
ENDED = (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)
# What dbt and the docs build leave in the temporary folder when they are killed.
TEMPORARY = ("realestate-dbt-*", "realestate-docs-*")
ABANDONED_SECONDS = 24 * 3600.0


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


def prune_runs(instance: dg.DagsterInstance, before: datetime, limit: int = MAX_DELETED) -> int:
    """Delete ended runs created before a time, oldest first, with their events; how many went.

    Args:
        instance: where they are kept.
        before: runs created since then stay.
        limit: at most so many.
    """
    old = dg.RunsFilter(statuses=list(ENDED), created_before=before)
    records = instance.get_run_records(old, ascending=True)
    kept = runs_to_keep(instance) if records else set()
    gone = [r.dagster_run.run_id for r in records if r.dagster_run.run_id not in kept][:limit]
    for run_id in gone:
        instance.delete_run(run_id)
    return len(gone)


def remove_abandoned_folders(folder: Path, patterns: tuple[str, ...] = TEMPORARY) -> int:
    """Remove folders of these names that nobody has written to for a day; how many went."""
    limit, gone = time.time() - ABANDONED_SECONDS, 0
    for pattern in patterns:
        for path in folder.glob(pattern):
            if path.is_dir() and _last_written(path) < limit:
                shutil.rmtree(path, ignore_errors=True)
                gone += not path.exists()
    return gone


def _last_written(folder: Path) -> float:
    try:
        return max(path.stat().st_mtime for path in (folder, *folder.rglob("*")))
    except FileNotFoundError:
        # Being removed by its own process just now.
        return time.time()


@dg.op(
    config_schema={
        "keep_days": dg.Field(int, default_value=KEEP_DAYS, description="Runs younger than this stay.")
    },
    description="Prune old runs, keeping the newest materialization of each partition, and clean folders.",
)
def clean_up(context: dg.OpExecutionContext) -> None:
    """Prune runs and remove abandoned folders."""
    before = datetime.now(UTC) - timedelta(days=context.op_config["keep_days"])
    runs = prune_runs(context.instance, before)
    folders = remove_abandoned_folders(Path(tempfile.gettempdir()))
    folders += remove_abandoned_folders(manifests_folder(), (".parse-*",))
    context.log.info(f"{runs:,} runs from before {before:%Y-%m-%d} and {folders:,} folders removed")
    context.add_output_metadata({"runs": runs, "folders": folders})


@dg.job(description="Prune old runs and their events, and folders that killed processes left.")
def housekeeping() -> None:
    """One step."""
    clean_up()
