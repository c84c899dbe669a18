"""Runs over workers: as one process makes them, also where workers are lost and where a run is stopped."""

import shutil
import signal
import socket
import time

import dagster as dg
import pytest

from resources.home import PROJECT_ROOT
from resources.lake.store import StoreResource
from resources.warehouse.resource import WarehouseResource
from tests.integration.command_line import environment, finish, start
from tests.integration.what_a_run_made import differences, files, tables
from tests.integration.workers.installation import MISSING, Installation, installation

pytestmark = [
    pytest.mark.integration,
    pytest.mark.long,
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
]

HOST = socket.gethostname()
FEW_ROWS = {"SAMPLE_ROWS_PER_MONTH": "120", "MEMO_LIMIT_PER_PARTITION": "2"}
COUNTIES = ["--county", "cook-il", "--county", "harris-tx"]
MONTHS = ["--months", "2024-01:2024-02"]


def made(warehouse: WarehouseResource, lake: StoreResource) -> dict[str, str]:
    """Rows of all tables, and bytes of memos."""
    return tables(warehouse) | files(lake, "memos")


@pytest.fixture(scope="module")
def alone(new_home) -> dict[str, str]:
    """What one process makes."""
    home = new_home()
    finish(start(["run", *COUNTIES, *MONTHS, "--json"], environment(home, **FEW_ROWS)), timeout=1200)
    lake = StoreResource(root_url=str(home / "lake"))
    return made(WarehouseResource(embedded_root=str(home / "postgres")), lake)


@pytest.fixture
def workers(new_home, s3_server, monkeypatch):
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    with installation(new_home(), s3_server, MAX_CONCURRENT_RUNS="2", **FEW_ROWS) as made:
        made.add_worker("first")
        made.add_worker("second")
        made.start("daemon")
        time.sleep(20)
        yield made


def executing(installed: Installation) -> dict[str, str]:
    """Runs under way by the name of their worker."""
    found = installed.warehouse.read("select run_id, worker from ops.run_claims where ended_at is null")
    return {row["worker"].partition("@")[0]: row["run_id"] for row in found.to_pylist()}


def wait_until_both_work(installed: Installation) -> None:
    deadline = time.monotonic() + 120
    while set(executing(installed)) != {"first", "second"}:
        assert time.monotonic() < deadline
        time.sleep(0.5)


def test_two_workers_of_which_one_is_lost_make_what_one_process_makes(workers, alone):
    backfill = start(["backfill", *COUNTIES, *MONTHS, "--json"], workers.env)
    wait_until_both_work(workers)
    time.sleep(5)
    lost = executing(workers)["first"]
    workers.lose_worker("first")
    at = time.time()
    workers.add_worker("third")
    report = finish(backfill, timeout=1200)
    assert set(report["states"].values()) == {"done"}
    with workers.dagster() as instance:
        (again,) = instance.get_run_records(dg.RunsFilter(tags={"dagster/parent_run_id": lost}))
        runs = instance.get_runs()
    print(f"taken up {again.start_time - at:.0f} s after the loss")
    assert again.start_time - at < 120
    assert {run.status for run in runs if run.job_name == "pipeline"} == {
        dg.DagsterRunStatus.SUCCESS,
        dg.DagsterRunStatus.FAILURE,
    }
    assert len([run for run in runs if run.status is dg.DagsterRunStatus.FAILURE]) == 1
    assert differences(alone, made(workers.warehouse, workers.lake)) == {}
    assert not workers.warehouse.read("select 1 from ops.run_claims where ended_at is null and run_id <> $1",
                                      (lost,)).num_rows  # fmt: skip
    # Where the UI of any machine finds them.
    assert workers.lake.list_files("_logs")


def begun(workers, seen: set[str]) -> tuple[str, str]:
    """A worker that executes a run, and the run, one not seen yet."""
    deadline = time.monotonic() + 120
    while not (found := [pair for pair in executing(workers).items() if pair[1] not in seen]):
        assert time.monotonic() < deadline
        time.sleep(0.5)
    return found[0]


def status_at_the_end(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRunStatus:
    deadline = time.monotonic() + 60
    while not (run := instance.get_run_by_id(run_id)).is_finished:
        assert time.monotonic() < deadline, run.status
        time.sleep(0.5)
    return run.status


def test_a_run_that_is_stopped_in_the_ui_ends_as_canceled_and_its_worker_goes_on(workers):
    backfill = start(["backfill", "--county", "cook-il", *MONTHS, "--json"], workers.env)
    with workers.dagster() as instance:
        # One that is nearly over when it is to stop may end well: then the next is stopped.
        seen: set[str] = set()
        for _ in range(3):
            worker, run_id = begun(workers, seen)
            seen.add(run_id)
            assert instance.run_launcher.terminate(run_id)
            if (ended := status_at_the_end(instance, run_id)) is dg.DagsterRunStatus.CANCELED:
                break
            assert ended is dg.DagsterRunStatus.SUCCESS
        else:
            pytest.fail("no run was stopped")
    out, _ = backfill.communicate(timeout=120)
    assert backfill.returncode == 1 and '"failed"' in out
    assert workers.workers[worker].poll() is None
    report = finish(start(["backfill", "--county", "cook-il", *MONTHS, "--json"], workers.env), timeout=900)
    assert set(report["states"].values()) == {"done"}


def test_new_code_in_the_middle_of_a_backfill_takes_over_when_runs_begun_on_old_code_have_ended(
    new_home, s3_server, monkeypatch, tmp_path, alone
):
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    new_code = tmp_path / "new"
    for folder in ("realestate_assets", "resources", "sensors", "dbt_project", "templates"):
        shutil.copytree(PROJECT_ROOT / folder, new_code / folder)
    for file in ("realestate_os.py", "dagster.yaml", "workspace.yaml", "pyproject.toml"):
        shutil.copy(PROJECT_ROOT / file, new_code / file)
    with (new_code / "realestate_assets" / "settings.py").open("a") as changed:
        changed.write("\nOF_THE_NEW_CODE = True\n")
    with installation(new_home(), s3_server, MAX_CONCURRENT_RUNS="1", **FEW_ROWS) as made_:
        made_.add_worker("old")
        made_.start("daemon")
        time.sleep(20)
        narrow = ["--width", "1", "--json"]
        backfill = start(["backfill", *COUNTIES, *MONTHS, *narrow], made_.env)
        deadline = time.monotonic() + 120
        while not executing(made_):
            assert time.monotonic() < deadline
            time.sleep(0.5)
        begun = executing(made_)["old"]
        # As a container is stopped: it ends when the run under way has.
        made_.workers["old"].send_signal(signal.SIGTERM)
        made_.add_worker("new", PYTHONPATH=str(new_code))
        assert made_.workers["old"].wait(300) == 0
        del made_.workers["old"]
        report = finish(backfill, timeout=1500)
        assert set(report["states"].values()) == {"done"}
        with made_.dagster() as instance:
            runs = [run for run in instance.get_runs() if "realestate/backfill" in run.tags]
        by_code: dict[str, set[str]] = {}
        for run in runs:
            by_code.setdefault(run.tags["realestate/code"], set()).add(run.tags["realestate/worker"])
        assert {run.status for run in runs} == {dg.DagsterRunStatus.SUCCESS}
        assert [run.tags["realestate/worker"] for run in runs if run.run_id == begun] == [f"old@{HOST}"]
        assert sorted(map(sorted, by_code.values())) == [[f"new@{HOST}"], [f"old@{HOST}"]]
        assert differences(alone, made(made_.warehouse, made_.lake)) == {}
