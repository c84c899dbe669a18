"""Running the graph in this process: the partition ranges, the Dagster instance, the events of a run.

One Dagster run holds all chosen months of neighbouring counties: no daemon, no process a step.
"""

import contextlib
import os
import signal
import socket
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import dagster as dg
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.errors import DagsterExecutionInterruptedError
from dagster._core.execution.api import execute_run

from realestate_assets.domain.calendar.ranges import Range, neighbours, range_tags
from realestate_assets.landing.fetched import MONTHS_TO_RUN
from realestate_assets.operations.run_origin import job_origin
from realestate_assets.operations.stopping import SIGNALS, STOPPED, Stopped, raise_stopped, stop_signal
from realestate_assets.partitions import COUNTY_MONTH
from resources.readable import TABLE_SUFFIX, SerializedError

PID_TAG = "realestate/pid"
HOST_TAG = "realestate/host"
# Events that end a run.
ENDS = ("PIPELINE_SUCCESS", "PIPELINE_FAILURE", "PIPELINE_CANCELED")
# A run of the command line whose process died is not started again by the daemon: its user runs the same
# command again, and two runs would write the same partitions.
NO_RETRY = {"dagster/max_retries": "0"}
# Our own errors are written for a person: of an error chain their text is what is shown.
READABLE_ERRORS = ("PermanentError", "TransientError", "RealEstateError")


@dataclass
class StepTime:
    """A step of the run: its name, the assets it makes, how long it took."""

    step: str
    started: float
    seconds: float | None = None
    assets: list[str] = field(default_factory=list)


@dataclass
class CheckResult:
    """An asset check that did not pass."""

    asset: str
    name: str
    severity: str
    metadata: dict


@dataclass
class Outcome:
    """What the events of one or more runs said."""

    success: bool = True
    run_ids: list[str] = field(default_factory=list)
    steps: dict[str, StepTime] = field(default_factory=dict)
    failed_checks: list[CheckResult] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    # Pieces made and reused by asset, of assets that do not make again what has not changed.
    reuse: dict[str, dict[str, int]] = field(default_factory=dict)
    # What assets say of their data that stops nothing, once each.
    warnings: list[str] = field(default_factory=list)
    # Months outside the runs that got fetched records: county, month, records.
    months_to_run: list[dict] = field(default_factory=list)


def county_groups(selected: Sequence[str]) -> list[tuple[str, str]]:
    """First and last county of each unbroken stretch of the selected ones, in partition order."""
    order = COUNTY_MONTH.get_partitions_def_for_dimension("county").get_partition_keys()
    return [(group[0], group[-1]) for group in neighbours(selected, order)]


def close_orphaned_runs(instance: dg.DagsterInstance) -> int:
    """Mark runs of this machine whose process is gone as failed: the UI would show them running."""
    closed = 0
    for run in instance.get_runs(
        dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED], tags={HOST_TAG: socket.gethostname()})
    ):
        pid = run.tags.get(PID_TAG, "")
        if run.parent_run_id:
            # Executed again from the UI: it has the tags of the first run, and a process of its own.
            continue
        if pid.isdigit() and not Path(f"/proc/{pid}").exists() and not _alive(int(pid)):
            instance.report_run_failed(run, "The process of this run ended before the run did.")
            # Else its place in a pool would stay taken until the daemon looks, which may never run here.
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
            closed += 1
    return closed


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def readable_error(error: SerializedError) -> str:
    """The message of our own error in a serialized error chain, else the innermost one."""
    chain = [error]
    while (cause := chain[-1].cause) is not None:
        chain.append(cause)
    for link in chain:
        if link.cls_name in READABLE_ERRORS:
            return link.message.partition(": ")[2].strip() or link.message.strip()
    return chain[-1].message.strip()


def _metadata(evaluation: dg.AssetCheckEvaluation) -> dict:
    return {
        name: getattr(value, "value", str(value))
        for name, value in evaluation.metadata.items()
        # For the eyes: the same rows stand beside it.
        if not name.endswith(TABLE_SUFFIX)
    }


def _record_reuse(outcome: Outcome, asset: str, metadata: Mapping[str, dg.MetadataValue]) -> None:
    if {"made", "reused"} <= metadata.keys():
        counts = outcome.reuse.setdefault(asset, {"made": 0, "reused": 0})
        for name in counts:
            if isinstance(count := metadata[name].value, int):
                counts[name] += count


def _record_warnings(outcome: Outcome, metadata: Mapping[str, dg.MetadataValue]) -> None:
    """Each partition of a run carries the same ones."""
    told = metadata["warnings"].value if "warnings" in metadata else None
    if isinstance(told, Sequence):
        outcome.warnings += [str(text) for text in told if text not in outcome.warnings]


def _record_months_to_run(outcome: Outcome, metadata: Mapping[str, dg.MetadataValue]) -> None:
    told = metadata.get(MONTHS_TO_RUN)
    if told is not None and isinstance(told.value, list):
        outcome.months_to_run += told.value


def record_event(outcome: Outcome, entry: dg.EventLogEntry) -> None:
    """Take what matters from one event-log entry into the outcome."""
    event = entry.dagster_event
    if event is None:
        return
    kind, key = event.event_type_value, event.step_key or ""
    step = outcome.steps.get(key)
    if kind == "STEP_START":
        outcome.steps[key] = StepTime(key, entry.timestamp)
    elif kind in ("STEP_SUCCESS", "STEP_FAILURE") and step:
        step.seconds = round(entry.timestamp - step.started, 2)
        if kind == "STEP_FAILURE" and (error := event.step_failure_data.error):
            outcome.errors.append(readable_error(error))
    elif kind == "ASSET_MATERIALIZATION" and step:
        made = event.step_materialization_data.materialization
        name = made.asset_key.path[-1]
        if name not in step.assets:
            step.assets.append(name)
        _record_reuse(outcome, name, made.metadata)
        _record_warnings(outcome, made.metadata)
        _record_months_to_run(outcome, made.metadata)
    elif kind == "PIPELINE_FAILURE" and not outcome.errors and (error := event.job_failure_data.error):
        # A failure outside of every step: of Dagster itself, or of its storage.
        outcome.errors.append(readable_error(error))
    elif kind == "ASSET_CHECK_EVALUATION":
        check = event.asset_check_evaluation_data
        if not check.passed:
            outcome.failed_checks.append(
                CheckResult(
                    check.asset_key.path[-1], check.check_name, check.severity.value, _metadata(check)
                )
            )


def execute(
    defs: dg.Definitions,
    instance: dg.DagsterInstance,
    job_name: str,
    ranges: Sequence[Range | None],
    *,
    assets: Sequence[dg.AssetKey] | None = None,
    on_event: Callable[[dg.EventLogEntry], None] | None = None,
    ops: Mapping[str, object] | None = None,
) -> Outcome:
    """Run a job once per partition range in this process, and stop at the first run that fails.

    Args:
        defs: the code location.
        instance: where runs and events are kept.
        job_name: the job.
        ranges: first and last partition of each run; one None for a job without partitions.
        assets: only these assets of the job, with their checks.
        on_event: called with every event-log entry as it is written.
        ops: run config by op, for a job that takes any.
    """
    outcome = Outcome()
    job = defs.resolve_job_def(job_name)
    for each in ranges:
        tags = {PID_TAG: str(os.getpid()), HOST_TAG: socket.gethostname(), **NO_RETRY}
        if each:
            tags |= range_tags(each)
        run = instance.create_run_for_job(
            job_def=job,
            run_id=str(uuid.uuid4()),
            tags={**job.run_tags, **tags},
            asset_selection=frozenset(assets) if assets else None,
            remote_job_origin=job_origin(job_name),
            run_config={
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                "ops": dict(ops or {}),
            },
        )
        outcome.run_ids.append(run.run_id)
        instance.add_event_listener(run.run_id, _Listener(outcome, instance, run, on_event))
        # dbt's own lines would stand between a caller of --json and its object; Dagster keeps them as events.
        with (
            Path(os.devnull).open("w") as nowhere,
            contextlib.redirect_stdout(nowhere),
            # One time for the whole run: else each step asks for all partitions there are anew.
            dg.partition_loading_context(datetime.now(UTC), instance),
            _canceled_when_stopped(instance, run),
        ):
            try:
                result = execute_run(InMemoryJob(job), run, instance)
            finally:
                _block_ctrl_c(False)
        if not result.success:
            outcome.success = False
            break
    return outcome


class _Listener:
    """Hears each event of a run as it is written, and announces that the run is stopped where it is."""

    def __init__(
        self,
        outcome: Outcome,
        instance: dg.DagsterInstance,
        run: dg.DagsterRun,
        on_event: Callable[[dg.EventLogEntry], None] | None,
    ) -> None:
        self._outcome, self._instance, self._run, self._on_event = outcome, instance, run, on_event
        self._announced = False

    def __call__(self, entry: dg.EventLogEntry) -> None:
        """Take what matters from the entry."""
        kind = entry.dagster_event.event_type_value if entry.dagster_event else ""
        if kind in ("PIPELINE_START", "LOGS_CAPTURED"):
            # Between the two Dagster starts processes that carry the steps' output and end with this one. A
            # terminal sends Ctrl-C to them too: they inherit the block, and do not answer with tracebacks.
            _block_ctrl_c(kind == "PIPELINE_START")
        if stop_signal() is not None and kind not in ENDS:
            self._announce()
        record_event(self._outcome, entry)
        if kind == "STEP_UP_FOR_RETRY" and threading.current_thread() is threading.main_thread():
            # Dagster waits for minutes here, and would hear of no signal until then.
            for number in SIGNALS:
                signal.signal(number, self._stop_the_wait)
        if self._on_event:
            self._on_event(entry)

    def _announce(self) -> None:
        """Only a run that is known to be canceling ends as canceled."""
        if not self._announced:
            self._announced = True
            self._instance.report_run_canceling(self._run, STOPPED)

    def _stop_the_wait(self, number: int, frame: FrameType | None) -> None:
        self._announce()
        raise_stopped(number, frame)


def _block_ctrl_c(on: bool) -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK if on else signal.SIG_UNBLOCK, [signal.SIGINT])


@contextlib.contextmanager
def _canceled_when_stopped(instance: dg.DagsterInstance, run: dg.DagsterRun) -> Iterator[None]:
    """Whatever a signal interrupts in here, the run is recorded as canceled.

    Raises:
        Stopped: this process was asked to stop.
    """
    try:
        yield
    except (KeyboardInterrupt, DagsterExecutionInterruptedError) as error:
        _record_as_canceled(instance, run)
        raise Stopped(stop_signal() or signal.SIGINT) from error
    if (received := stop_signal()) is not None:
        _record_as_canceled(instance, run)
        raise Stopped(received)


def _record_as_canceled(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    """A run that ended before the signal keeps its end."""
    now = instance.get_run_by_id(run.run_id)
    if now is not None and not now.is_finished:
        instance.report_run_canceled(now, STOPPED)
    instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
