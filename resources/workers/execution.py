"""One run in the process of a worker: taken once, heard of while it lasts, ended where it was given up.

A worker that cannot be heard of for long (a broken network, a machine that sleeps) finds its run begun anew
elsewhere when it comes back. It then ends its own: two would write the same partitions.
"""

import contextlib
import logging
import os
import signal
import threading
from collections.abc import Iterator

import dagster as dg
from dagster._cli.api import _execute_run_command_body
from dagster._utils.interrupts import capture_interrupts

from resources.errors import RealEstateError
from resources.workers.run_claims import RunClaims

BEAT_SECONDS = 5.0
# A process that is asked to stop and does not is not asked twice.
STOPPING_SECONDS = 120.0
WORKER_TAG, CODE_TAG = "realestate/worker", "realestate/code"
GIVEN_UP = (dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)

_log = logging.getLogger(__name__)


def execute(instance: dg.DagsterInstance, claims: RunClaims, run_id: str, worker: str, code: str = "") -> str:
    """Execute a run that Dagster has handed to a queue; returns a word for the worker's log.

    A message that comes a second time, or whose run was canceled or given up meanwhile, does nothing.

    Args:
        instance: where the run is known.
        claims: who works on which run.
        run_id: the run.
        worker: name@host, and
        code: the version of its code; both become tags of the run.
    """
    run = instance.get_run_by_id(run_id)
    if run is None or run.status is not dg.DagsterRunStatus.STARTING:
        return f"{run_id} does not wait any more ({run.status.value if run else 'deleted'})"
    # From here on a stop is heard: a child of Celery's ignores Ctrl-C until Dagster listens.
    with capture_interrupts():
        return _execute(instance, claims, run_id, worker, code)


def _execute(instance: dg.DagsterInstance, claims: RunClaims, run_id: str, worker: str, code: str) -> str:
    if not claims.claim(run_id, worker):
        return f"{run_id} was taken before"
    # A stop that was asked for just before had nobody to be sent to.
    run = instance.get_run_by_id(run_id)
    if run is None or run.status is not dg.DagsterRunStatus.STARTING:
        if run and run.status is dg.DagsterRunStatus.CANCELING:
            instance.report_run_canceled(run, "Canceled before it began.")
        claims.end(run_id)
        return f"{run_id} was stopped before it began"
    instance.add_run_tags(run_id, {WORKER_TAG: worker, CODE_TAG: code} if code else {WORKER_TAG: worker})
    with _beating(instance, claims, run_id):
        failed = _execute_run_command_body(
            run_id=run_id, instance=instance, write_stream_fn=lambda _: None, set_exit_code_on_failure=True
        )
    return f"{run_id} {'failed' if failed else 'is done'}"


@contextlib.contextmanager
def _beating(instance: dg.DagsterInstance, claims: RunClaims, run_id: str) -> Iterator[None]:
    over = threading.Event()
    beats = threading.Thread(
        target=_beat_until, args=(over, instance, claims, run_id), name="run-beat", daemon=True
    )
    beats.start()
    try:
        yield
    finally:
        over.set()
        beats.join(BEAT_SECONDS)
        # The run's end stands in Dagster's storage; this row is for looking after what has none.
        with contextlib.suppress(RealEstateError):
            claims.end(run_id)


def _beat_until(over: threading.Event, instance: dg.DagsterInstance, claims: RunClaims, run_id: str) -> None:
    seen_ended = 0
    while not over.wait(BEAT_SECONDS):
        try:
            claims.beat(run_id)
            run = instance.get_run_by_id(run_id)
        except Exception as error:
            # Of whatever kind: the next beat may come through, and the run itself has its own way to fail.
            _log.warning("No beat for run %s: %s", run_id, error)
            continue
        # A run that ends by itself is seen ended once at most, before this thread is.
        seen_ended = seen_ended + 1 if run is None or run.status in GIVEN_UP else 0
        if seen_ended > 1:
            _log.error("Run %s was given up elsewhere: this process ends it.", run_id)
            os.kill(os.getpid(), signal.SIGINT)
            if not over.wait(STOPPING_SECONDS):
                os.kill(os.getpid(), signal.SIGKILL)
            return
