"""Who works on a run: claimed once, heard of, and told to be lost when it is not."""

import threading

import dagster as dg
import pytest
from dagster._core.launcher import WorkerStatus

from resources.ops_tables import RUN_CLAIMS
from resources.workers import execution, launcher
from resources.workers.launcher import WorkerRunLauncher
from resources.workers.run_claims import RunClaims

pytestmark = pytest.mark.integration
TASK = {"dagster-celery/task_id": "t"}


@pytest.fixture
def claims(warehouse):
    warehouse.ensure_tables([RUN_CLAIMS])
    return RunClaims(warehouse)


def silence(warehouse, seconds: float) -> None:
    """As if nothing had been heard for so long, and the server had run all the while."""
    warehouse.execute(
        "update ops.run_claims set beat_at = clock_timestamp() - make_interval(secs => $1::float8)",
        (seconds,),
    )


def test_of_many_who_claim_a_run_at_once_one_gets_it(claims):
    got: list[bool] = []
    threads = [
        threading.Thread(target=lambda n=n: got.append(claims.claim("r", f"w{n}@h"))) for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [False] * 7 + [True]


def test_a_claim_tells_its_worker_its_silence_and_its_end(claims, warehouse):
    assert claims.of("r") is None
    claims.claim("r", "w@h")
    assert claims.of("r").worker == "w@h" and claims.of("r").silent < 5 and not claims.of("r").is_ended
    claims.beat("r")
    claims.end("r")
    assert claims.of("r").is_ended
    # Nothing is heard of what is over.
    silence(warehouse, 100)
    claims.beat("r")
    ended = warehouse.read("select beat_at < clock_timestamp() - interval '90 s' as so from ops.run_claims")
    assert ended["so"][0].as_py()


@pytest.fixture
def healthy(claims, monkeypatch):
    """The launcher's verdict over these claims; it asks no broker for it."""
    made = WorkerRunLauncher.__new__(WorkerRunLauncher)
    made._claims = claims
    return made.check_run_worker_health


def test_a_run_is_lost_when_its_process_is_silent_for_too_long(claims, warehouse, healthy):
    run = dg.DagsterRun("pipeline", tags=TASK)
    assert healthy(run).status is WorkerStatus.RUNNING, "nobody has taken it"
    claims.claim(run.run_id, "w@h")
    silence(warehouse, launcher.LOST_SECONDS - 10)
    assert healthy(run).status is WorkerStatus.RUNNING
    silence(warehouse, launcher.LOST_SECONDS + 10)
    # A server that has just been started was away itself: nobody could be heard.
    up = warehouse.read(
        "select extract(epoch from clock_timestamp() - pg_postmaster_start_time())::float8 as s"
    )
    expected = WorkerStatus.FAILED if up["s"][0].as_py() > launcher.LOST_SECONDS else WorkerStatus.RUNNING
    assert healthy(run).status is expected
    claims.beat(run.run_id)
    assert healthy(run).status is WorkerStatus.RUNNING


def test_a_run_of_the_command_line_is_no_workers(healthy):
    assert healthy(dg.DagsterRun("pipeline")).status is WorkerStatus.RUNNING


def test_a_message_that_comes_again_executes_nothing(claims, monkeypatch):
    executed: list[str] = []
    monkeypatch.setattr(
        execution, "_execute_run_command_body", lambda run_id, **_: executed.append(run_id) or 0
    )
    with dg.instance_for_test() as instance:
        run = instance.create_run_for_job(dg.GraphDefinition("nothing").to_job(), run_id=None)
        # Still in Dagster's queue, or canceled there.
        assert "does not wait" in execution.execute(instance, claims, run.run_id, "w@h")
        event = dg.DagsterEvent(event_type_value="PIPELINE_STARTING", job_name=run.job_name)
        instance.report_dagster_event(event, run_id=run.run_id)
        assert "is done" in execution.execute(instance, claims, run.run_id, "w@h")
        assert "was taken before" in execution.execute(instance, claims, run.run_id, "other@h")
        assert "deleted" in execution.execute(instance, claims, "0" * 8, "w@h")
    assert executed == [run.run_id]
    assert claims.of(run.run_id).is_ended
