"""A run that is stopped while a worker takes it: the stop is never lost."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field

import dagster as dg
import pytest
from dagster._utils.interrupts import check_captured_interrupt

from resources.workers import execution


@dataclass
class Claims:
    """Of one worker; something happens at the moment a run is taken."""

    then: Callable[[], None]
    ended: list[str] = field(default_factory=list)

    def claim(self, run_id: str, worker: str) -> bool:
        self.then()
        return True

    def beat(self, run_id: str) -> None:
        """Nobody looks."""

    def end(self, run_id: str) -> None:
        self.ended.append(run_id)


@pytest.fixture
def instance():
    with dg.instance_for_test() as instance:
        yield instance


def starting(instance: dg.DagsterInstance) -> dg.DagsterRun:
    return instance.create_run_for_job(
        dg.GraphDefinition(name="nothing").to_job(), status=dg.DagsterRunStatus.STARTING
    )


def test_a_stop_that_was_asked_for_before_the_run_was_taken_ends_it_as_canceled(instance, monkeypatch):
    run = starting(instance)
    monkeypatch.setattr(execution, "_execute_run_command_body", lambda **_: pytest.fail("it was begun"))
    claims = Claims(lambda: instance.report_run_canceling(run))
    assert "stopped before it began" in execution.execute(instance, claims, run.run_id, "w@host")
    assert instance.get_run_by_id(run.run_id).status is dg.DagsterRunStatus.CANCELED
    assert claims.ended == [run.run_id]


def test_a_stop_that_comes_once_the_run_is_taken_waits_for_dagster_to_hear_it(instance, monkeypatch):
    # As in a child of Celery's.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        run, heard = starting(instance), []
        monkeypatch.setattr(
            execution, "_execute_run_command_body", lambda **_: heard.append(check_captured_interrupt())
        )
        claims = Claims(lambda: os.kill(os.getpid(), signal.SIGINT))
        execution.execute(instance, claims, run.run_id, "w@host")
        assert heard == [True]
    finally:
        signal.signal(signal.SIGINT, before)
