"""What is older than its days is told, then removed; what is in use stays, however old."""

import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy as sa
from dagster._core.execution.backfill import BulkActionStatus, PartitionBackfill
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable

from realestate_assets.domain.tables import MODEL_PROMOTIONS, SCORES
from realestate_assets.domain.tables.ops import OPS_TABLES
from realestate_assets.operations.housekeeping import housekeeping
from realestate_assets.operations.retention import dagster_rows, old_files
from realestate_assets.operations.retention.keep import Retention
from realestate_assets.operations.retention.rules import RetentionRules, retention_rules
from resources.errors import PermanentError
from resources.lake.store import StoreResource
from resources.ops_tables import ALERTS, HEARTBEATS, PROVIDER_CALLS

pytestmark = pytest.mark.integration

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
OLD, YOUNG = NOW - timedelta(days=2000), NOW - timedelta(days=1)
PARTITIONS = dg.StaticPartitionsDefinition(["a", "b"])


@dg.asset(partitions_def=PARTITIONS)
def homes() -> None:
    """Nothing."""


@dg.asset
def page() -> None:
    """Nothing."""


@dg.asset_check(asset=page)
def sound() -> dg.AssetCheckResult:
    """Holds."""
    return dg.AssetCheckResult(passed=True)


def make(asset: dg.AssetsDefinition, instance: dg.DagsterInstance, partition: str | None = None) -> str:
    checks = [sound] if asset is page else []
    return dg.materialize([asset, *checks], instance=instance, partition_key=partition).run_id


def soon() -> datetime:
    return datetime.now(UTC) + timedelta(hours=1)


def run_ids(instance: dg.DagsterInstance) -> set[str]:
    return {run.run_id for run in instance.get_runs()}


def test_the_newest_run_of_each_partition_is_kept_however_old():
    with dg.instance_for_test() as instance:
        first_a, b, second_a = (make(homes, instance, p) for p in ("a", "b", "a"))
        pages = [make(page, instance) for _ in range(3)]
        told = dagster_rows.old_runs(instance, soon(), apply=False)
        assert (told.count, len(run_ids(instance))) == (3, 6), "telling removes nothing"
        assert dagster_rows.old_runs(instance, soon(), apply=True, limit=2).count == 2
        # Oldest first.
        assert run_ids(instance) == {b, second_a, *pages[1:]}
        assert dagster_rows.old_runs(instance, soon(), apply=True).count == 1
        assert run_ids(instance) == {b, second_a, pages[-1]}
        assert dagster_rows.old_runs(instance, soon(), apply=True).count == 0
        assert instance.get_materialized_partitions(homes.key) == {"a", "b"}
        assert first_a not in run_ids(instance)


def test_younger_runs_and_runs_under_way_stay():
    with dg.instance_for_test() as instance:
        make(page, instance)
        make(page, instance)
        assert dagster_rows.old_runs(instance, datetime.now(UTC) - timedelta(days=30), apply=True).count == 0
        running = instance.create_run_for_job(job_def=housekeeping, status=dg.DagsterRunStatus.STARTED)
        dagster_rows.old_runs(instance, soon(), apply=True)
        assert instance.get_run_by_id(running.run_id) is not None


def test_logs_of_steps_go_with_their_run_and_are_measured():
    with dg.instance_for_test() as instance:
        gone, kept = make(page, instance), make(page, instance)
        logs = {run: Path(instance.storage_directory()) / run / "compute_logs" for run in (gone, kept)}
        for folder in logs.values():
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "step.out").write_text("x" * 1000)
        assert dagster_rows.old_runs(instance, soon(), apply=True).bytes >= 1000
        assert not (logs[gone] / "step.out").exists()
        assert (logs[kept] / "step.out").exists()


def test_results_of_checks_go_with_their_runs_and_the_newest_of_each_check_stays():
    with dg.instance_for_test() as instance:
        for _ in range(3):
            make(page, instance)
        assert dagster_rows.old_check_executions(instance, soon(), apply=True).count == 0, (
            "their runs are there"
        )
        dagster_rows.old_runs(instance, soon(), apply=True)
        assert dagster_rows.old_check_executions(instance, YOUNG, apply=True).count == 0, "they are young"
        assert dagster_rows.old_check_executions(instance, soon(), apply=True).count == 2
        with instance.event_log_storage.index_connection() as connection:
            assert connection.execute(sa.select(sa.func.count(AssetCheckExecutionsTable.c.id))).scalar() == 1


def test_backfills_that_ended_go_and_those_under_way_stay():
    with dg.instance_for_test() as instance:
        for name, status in (("done", "COMPLETED_SUCCESS"), ("asked", "REQUESTED")):
            instance.add_backfill(
                PartitionBackfill(
                    backfill_id=name,
                    status=BulkActionStatus(status),
                    from_failure=False,
                    tags={"kept": "yes"},
                    backfill_timestamp=OLD.timestamp(),
                    asset_selection=[homes.key],
                    partition_names=["a"],
                )
            )
        assert dagster_rows.old_backfills(instance, NOW, apply=True).count == 1
        assert [each.backfill_id for each in instance.get_backfills()] == ["asked"]
        assert dagster_rows.old_backfills(instance, NOW, apply=True).count == 0


@pytest.fixture
def places(warehouse, tmp_path) -> dict:
    warehouse.ensure_tables(
        [*OPS_TABLES.values(), MODEL_PROMOTIONS, SCORES, ALERTS, HEARTBEATS, PROVIDER_CALLS]
    )
    stores = {name: StoreResource(root_url=str(tmp_path / name)) for name in ("lake", "landing", "reference")}
    return {"warehouse": warehouse, **stores}


def carried_out(places: dict, apply: bool, **rules: int | None) -> dict[str, tuple[int, datetime | None]]:
    """What was found of each kind that has days; kinds that are not named keep all."""
    days = dict.fromkeys(RetentionRules.model_fields) | rules
    with dg.instance_for_test() as instance:
        kept = Retention(RetentionRules(**days), instance, **places).carry_out(NOW, apply)
        return {each.kind: (each.found.count, each.found.oldest) for each in kept if each.found.count}


def test_old_rows_are_told_then_removed_and_what_is_open_stays(places):
    warehouse = places["warehouse"]
    for at in (OLD, YOUNG):
        warehouse.execute(
            "insert into ops.heartbeats (checked_at, component, is_up, detail) "
            "values ($1::timestamptz, 'lake', true, '')",
            (at.isoformat(),),
        )
        for key, closed in ((f"open {at}", None), (f"over {at}", at.isoformat())):
            warehouse.execute(
                "insert into ops.alerts (key, title, first_at, sent_at, held_back, closed_at) "
                "values ($1, 'x', $2::timestamptz, $2::timestamptz, 0, $3::timestamptz)",
                (key, at.isoformat(), closed),
            )
    rules = {"heartbeats": 30, "alerts": 90}
    told = carried_out(places, apply=False, **rules)
    assert told == {"heartbeats": (1, OLD), "alerts": (1, OLD)}
    assert carried_out(places, apply=True, **rules) == told
    assert carried_out(places, apply=True, **rules) == {}
    assert warehouse.read("select count(*) as n from ops.alerts")["n"].to_pylist() == [3]


def test_models_that_value_something_stay_and_unused_ones_go(places):
    lake, warehouse = places["lake"], places["warehouse"]
    for name in ("used", "champion", "unused", "young"):
        path = f"models/county=king-wa/{name}.json"
        lake.write_bytes(path, b"{}")
        lake.set_modified(path, int((YOUNG if name == "young" else OLD).timestamp() * 1e9))
    warehouse.execute(
        "insert into raw.model_promotions (county, month, candidate_id, champion_id, used_id, promoted, "
        "decision, reasons, judged_sales, compared_sales, candidate_metrics, champion_metrics, is_simulated) "
        "values ('king-wa', '2015-03', 'unused', 'champion', 'used', false, 'KEPT', '[]', 0, 0, '{}', '{}', "
        "false)"
    )
    assert carried_out(places, apply=True, models=400) == {"models": (1, OLD)}
    left = {Path(path).stem for path in lake.list_files("models")}
    assert left == {"used", "champion", "young"}


def test_files_put_aside_go_with_their_reasons_by_when_they_were_put_aside(places):
    landing = places["landing"]
    for name, put_aside in (("old.csv", OLD), ("new.csv", YOUNG)):
        path = f"_quarantine/king-wa/sales/{name}"
        landing.write_bytes(path, b"a,b\n")
        landing.write_bytes(f"{path}.reason.json", json.dumps({"reason": "x"}).encode())
        landing.set_modified(path, int(OLD.timestamp() * 1e9))
        landing.set_modified(f"{path}.reason.json", int(put_aside.timestamp() * 1e9))
    landing.write_bytes("king-wa/sales/data.csv", b"a,b\n")
    landing.set_modified("king-wa/sales/data.csv", int(OLD.timestamp() * 1e9))
    assert carried_out(places, apply=True, quarantine=365) == {"quarantine": (1, OLD)}
    assert landing.list_files() == [
        "_quarantine/king-wa/sales/new.csv",
        "_quarantine/king-wa/sales/new.csv.reason.json",
        "king-wa/sales/data.csv",
    ]


def test_what_killed_processes_left_goes_and_what_is_in_use_stays(places, tmp_path, monkeypatch):
    temporary = tmp_path / "tmp"
    monkeypatch.setattr(old_files.tempfile, "gettempdir", lambda: str(temporary))
    folders = {name: temporary / name for name in ("realestate-dbt-old", "realestate-dbt-used", "other")}
    long_ago = time.time() - 48 * 3600
    for folder in folders.values():
        folder.mkdir(parents=True)
        (folder / "file").write_text("x")
        for path in (folder / "file", folder):
            os.utime(path, (long_ago, long_ago))
    (folders["realestate-dbt-used"] / "file").write_text("y")
    lake = Path(places["lake"].root)
    lake.mkdir(exist_ok=True)
    for name in (".data.parquet.1.tmp", "kept.tmp"):
        (lake / name).write_text("x")
        os.utime(lake / name, (long_ago, long_ago))
    stores = [places["lake"]]
    before = datetime.now(UTC) - timedelta(days=1)
    assert old_files.leftovers(stores, before, apply=True).count == 2
    assert sorted(path.name for path in temporary.iterdir()) == ["other", "realestate-dbt-used"]
    assert [path.name for path in lake.iterdir()] == ["kept.tmp"]


def test_a_kind_without_days_keeps_all_and_a_wrong_file_is_named(places, tmp_path):
    assert carried_out(places, apply=True) == {}
    assert retention_rules(None).runs == 30
    own = tmp_path / "retention.yaml"
    own.write_text("runs: 0\n")
    with pytest.raises(PermanentError, match=r"retention\.yaml is not valid"):
        retention_rules(tmp_path)


def test_the_job_tells_and_removes(places):
    warehouse = places["warehouse"]
    warehouse.execute(
        "insert into ops.heartbeats (checked_at, component, is_up, detail) "
        "values ('2015-03-01', 'lake', true, '')"
    )
    with dg.instance_for_test() as instance:
        result = housekeeping.execute_in_process(instance=instance, resources=places)
        (output,) = (e for e in result.all_events if e.event_type_value == "STEP_OUTPUT")
        assert output.event_specific_data.metadata["heartbeats_removed"].value == 1
    assert warehouse.read("select count(*) as n from ops.heartbeats")["n"].to_pylist() == [0]
