"""Schedules over county-months: a tick asks for what is due, in one run a county group.

A tick that is evaluated twice asks for the same run keys, so nothing runs twice. After an outage Dagster
evaluates only the newest of the ticks that were missed; what the others would have asked for is made up by
looking back to the last tick whose runs did not fail.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import dagster as dg

from resources.partition import Partition
from resources.telemetry.spans import trace_tags
from resources.telemetry.ticks import observed
from sensors.requests import AUTOMATIC, DUE_AT_TAG, REQUESTED_BY_TAG, Grid, Job, range_request

UNFINISHED = (
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
)
DONE_OR_UNDER_WAY = (*UNFINISHED, dg.DagsterRunStatus.SUCCESS)


@dataclass(frozen=True)
class Due:
    """Partitions to be made together.

    Args:
        partitions: counties and months.
        assets: these assets of the job only; None for all.
    """

    partitions: set[Partition]
    assets: tuple[dg.AssetKey, ...] | None = None


# What is due: given the instance, the tick's time and the time of the last tick that was not in vain.
DueAt = Callable[[dg.DagsterInstance, datetime, datetime | None], Sequence[Due]]

# Runs of a job without partitions by name, each with its run configuration; or why there are none.
Wanted = Callable[[dg.DagsterInstance, datetime], Mapping[str, dict] | str]
# What a tick gives to Dagster, and what finds it, given the instance and the tick's time.
Asked = list[dg.RunRequest] | dg.SkipReason
Ask = Callable[[dg.DagsterInstance, datetime], Asked]


@dataclass(frozen=True)
class Timing:
    """When a schedule ticks: cron text, IANA time zone, and whether it does so without being switched on."""

    cron: str
    timezone: str
    running: bool = True

    @property
    def status(self) -> dg.DefaultScheduleStatus:
        """The default status in Dagster's words."""
        return dg.DefaultScheduleStatus.RUNNING if self.running else dg.DefaultScheduleStatus.STOPPED


def build_partition_schedule(
    name: str, job: Job, timing: Timing, description: str, grid: Callable[[], Grid], due: DueAt
) -> dg.ScheduleDefinition:
    """A schedule that asks for one run a county group over what is due.

    Args:
        name: name of the schedule.
        job: the partitioned job.
        timing: when.
        description: what it does, and why it is running or stopped by default.
        grid: the partitions there are; asked at each tick, the running month moves.
        due: what is due at a tick.
    """
    return _schedule(name, job, timing, description, asks_for_due(name, grid, due))


def build_plain_schedule(
    name: str,
    job: Job,
    timing: Timing,
    description: str,
    wanted: Wanted,
    tags: dict[str, str] | None = None,
) -> dg.ScheduleDefinition:
    """A schedule of a job without partitions.

    Args:
        name: name of the schedule.
        job: the job.
        timing: when.
        description: what it does, and why it is running or stopped by default.
        wanted: the runs to be asked for at a tick.
        tags: run tags; by default those of automatic work.
    """

    def ask(instance: dg.DagsterInstance, now: datetime) -> Asked:
        found = wanted(instance, now)
        if isinstance(found, str):
            return dg.SkipReason(found)
        moment = _moment(now)
        run_tags = {**(AUTOMATIC if tags is None else tags), REQUESTED_BY_TAG: name, DUE_AT_TAG: moment}
        run_tags |= trace_tags()
        return [
            dg.RunRequest(run_key=f"{name}:{moment}:{key}", tags=run_tags, run_config=config)
            for key, config in found.items()
        ]

    return _schedule(name, job, timing, description, ask)


def _schedule(name: str, job: Job, timing: Timing, description: str, ask: Ask) -> dg.ScheduleDefinition:
    @dg.schedule(
        name=name,
        job=job,
        cron_schedule=timing.cron,
        execution_timezone=timing.timezone,
        default_status=timing.status,
        description=description,
    )
    @observed(name)
    def scheduled(context: dg.ScheduleEvaluationContext) -> Asked:
        return evaluate(name, context.instance, context.scheduled_execution_time, ask)

    return scheduled


def evaluate(name: str, instance: dg.DagsterInstance, at: datetime, ask: Ask) -> Asked:
    """What a tick asks for; nothing while a run of an earlier tick goes on.

    Args:
        name: name of the schedule.
        instance: where its runs are kept.
        at: the time the tick was scheduled for, which may lie back.
        ask: what is to be done then.
    """
    now = at.astimezone(UTC)
    if open_run := unfinished_run(instance, name, now):
        return dg.SkipReason(f"Run {open_run} of an earlier tick is not finished; the next tick looks again.")
    return ask(instance, now)


def asks_for_due(name: str, grid: Callable[[], Grid], due: DueAt) -> Ask:
    """Asks for one run a county group over what is due since the last tick that was not in vain."""

    def ask(instance: dg.DagsterInstance, now: datetime) -> Asked:
        found = due(instance, now, last_tick(instance, name))
        return requests_of(name, now, grid(), found) or dg.SkipReason("Nothing is due.")

    return ask


def requests_of(name: str, now: datetime, grid: Grid, found: Sequence[Due]) -> list[dg.RunRequest]:
    """The requests of a tick: the same ones however often it is evaluated."""
    moment = _moment(now)
    return [
        range_request(each, f"{name}:{moment}", name, tags={DUE_AT_TAG: moment}, assets=due.assets)
        for due in found
        for each in grid.ranges(due.partitions)
    ]


def last_tick(instance: dg.DagsterInstance, name: str) -> datetime | None:
    """Time of the newest tick of a schedule that has a run which did not fail; None where there is none."""
    filters = dg.RunsFilter(tags={REQUESTED_BY_TAG: name}, statuses=list(DONE_OR_UNDER_WAY))
    runs = instance.get_runs(filters, limit=1)
    return datetime.fromisoformat(runs[0].tags[DUE_AT_TAG]) if runs else None


def unfinished_run(instance: dg.DagsterInstance, name: str, now: datetime) -> str | None:
    """Id of a run that an earlier tick of the schedule asked for and that has not ended."""
    filters = dg.RunsFilter(tags={REQUESTED_BY_TAG: name}, statuses=list(UNFINISHED))
    moment = _moment(now)
    return next((r.run_id for r in instance.get_runs(filters) if r.tags[DUE_AT_TAG] != moment), None)


def _moment(now: datetime) -> str:
    return now.isoformat(timespec="minutes")
