"""Old runs go, the newest materialization of each partition stays; only what may pass is tried again."""

import os
import time
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from realestate_assets.operations.housekeeping import (
    housekeeping,
    prune_runs,
    remove_abandoned_folders,
    runs_to_keep,
)
from resources import retries
from resources.errors import PermanentError, TransientError

pytestmark = pytest.mark.integration

PARTITIONS = dg.StaticPartitionsDefinition(["a", "b"])


@dg.asset(partitions_def=PARTITIONS)
def homes() -> None:
    """Nothing."""


@dg.asset
def page() -> None:
    """Nothing."""


def make(asset: dg.AssetsDefinition, instance: dg.DagsterInstance, partition: str | None = None) -> str:
    return dg.materialize([asset], instance=instance, partition_key=partition).run_id


def test_the_newest_run_of_each_partition_is_kept_however_old(capfd):
    soon = datetime.now(UTC) + timedelta(hours=1)
    with dg.instance_for_test() as instance:
        first_a, b, second_a = (make(homes, instance, p) for p in ("a", "b", "a"))
        pages = [make(page, instance) for _ in range(3)]
        assert runs_to_keep(instance) == {b, second_a, pages[-1]}
        assert prune_runs(instance, soon, limit=2) == 2
        # Oldest first.
        assert {run.run_id for run in instance.get_runs()} == {b, second_a, *pages[1:]}
        assert prune_runs(instance, soon) == 1
        assert {run.run_id for run in instance.get_runs()} == {b, second_a, pages[-1]}
        assert prune_runs(instance, soon) == 0
        assert instance.get_materialized_partitions(homes.key) == {"a", "b"}
        assert first_a not in {run.run_id for run in instance.get_runs()}


def test_younger_runs_and_runs_under_way_stay():
    with dg.instance_for_test() as instance:
        make(page, instance)
        make(page, instance)
        assert prune_runs(instance, datetime.now(UTC) - timedelta(days=30)) == 0
        running = instance.create_run_for_job(job_def=housekeeping, status=dg.DagsterRunStatus.STARTED)
        prune_runs(instance, datetime.now(UTC) + timedelta(hours=1))
        assert instance.get_run_by_id(running.run_id) is not None


def test_the_job_runs_by_itself(tmp_path):
    with dg.instance_for_test() as instance:
        assert housekeeping.execute_in_process(instance=instance).success


def test_folders_left_by_killed_processes_go_and_those_in_use_stay(tmp_path):
    old, used = tmp_path / "realestate-dbt-old", tmp_path / "realestate-dbt-used"
    for folder in (old, used, tmp_path / "of-somebody-else"):
        folder.mkdir()
        (folder / "file").write_text("x")
        long_ago = time.time() - 48 * 3600
        for path in (folder / "file", folder):
            os.utime(path, (long_ago, long_ago))
    (used / "file").write_text("y")
    assert remove_abandoned_folders(tmp_path) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["of-somebody-else", "realestate-dbt-used"]


class Failing:
    """Fails so often with an error, then works."""

    def __init__(self, error: Exception, times: int) -> None:
        self.error, self.times, self.calls = error, times, 0

    def __call__(self) -> None:
        self.calls += 1
        if self.calls <= self.times:
            raise self.error


@pytest.mark.parametrize(
    ("error", "times", "calls", "success"),
    [
        (TransientError("the database restarts"), 2, 3, True),
        (TransientError("the database is gone"), 9, 1 + retries.MAX_RETRIES, False),
        (PermanentError("a column is missing"), 1, 1, False),
        (ValueError("a fault of ours"), 1, 1, False),
    ],
)
def test_only_what_may_pass_by_itself_is_tried_again(error, times, calls, success):
    failing = Failing(error, times)

    @dg.asset
    @retries.retried
    def fetched(context: dg.AssetExecutionContext) -> None:
        failing()

    result = dg.materialize([fetched], raise_on_error=False)
    assert result.success is success
    assert failing.calls == calls
    if not success:
        [failure] = result.get_step_failure_events()
        assert str(error) in str(failure.step_failure_data.error.to_string())


def test_a_generator_is_tried_again_too():
    failing = Failing(TransientError("busy"), 1)

    @dg.multi_asset(specs=[dg.AssetSpec("made")])
    @retries.retried
    def several(context: dg.AssetExecutionContext):
        failing()
        yield dg.MaterializeResult(asset_key="made")

    assert dg.materialize([several]).success
    assert failing.calls == 2
