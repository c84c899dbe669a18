"""Running the graph in this process: the partition ranges, the Dagster instance, the events of a run.

One Dagster run holds all chosen months of neighbouring counties: no daemon, no process a step.
"""

import contextlib
import os
import shutil
import socket
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg

from realestate_assets.domain.calendar.ranges import Range, neighbours, range_tags
from realestate_assets.landing.fetched import MONTHS_TO_RUN
from realestate_assets.partitions import COUNTY_MONTH
from realestate_assets.settings import Settings
from resources.home import PROJECT_ROOT
from resources.readable import TABLE_SUFFIX, SerializedError

PID_TAG = "realestate/pid"
HOST_TAG = "realestate/host"
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


def prepare_dagster_home(settings: Settings) -> Path:
    """DAGSTER_HOME with the project's dagster.yaml in it; one set from outside is left as it is."""
    if os.environ.get("DAGSTER_HOME"):
        return Path(os.environ["DAGSTER_HOME"])
    home = settings.home / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    wanted, present = PROJECT_ROOT / "dagster.yaml", home / "dagster.yaml"
    if not present.exists() or present.read_bytes() != wanted.read_bytes():
        # Written beside and renamed: another process may be reading it.
        temporary = home / f".dagster.yaml.{os.getpid()}"
        shutil.copyfile(wanted, temporary)
        temporary.replace(present)
    os.environ["DAGSTER_HOME"] = str(home)
    return home


def close_orphaned_runs(instance: dg.DagsterInstance) -> int:
    """Mark runs of this machine whose process is gone as failed: the UI would show them running."""
    closed = 0
    for run in instance.get_runs(
        dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED], tags={HOST_TAG: socket.gethostname()})
    ):
        pid = run.tags.get(PID_TAG, "")
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

    def listen(entry: dg.EventLogEntry) -> None:
        record_event(outcome, entry)
        if on_event:
            on_event(entry)

    for each in ranges:
        run_id = str(uuid.uuid4())
        outcome.run_ids.append(run_id)
        tags = {PID_TAG: str(os.getpid()), HOST_TAG: socket.gethostname()}
        if each:
            tags |= range_tags(each)
        instance.add_event_listener(run_id, listen)
        # dbt's own lines would stand between a caller of --json and its object; Dagster keeps them as events.
        with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
            result = job.execute_in_process(
                instance=instance,
                run_id=run_id,
                tags=tags,
                asset_selection=list(assets) if assets else None,
                raise_on_error=False,
                run_config={
                    "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                    "ops": dict(ops or {}),
                },
            )
        if not result.success:
            outcome.success = False
            break
    return outcome
