"""Runs: what there were, and new ones.

A run belongs to the counties of its partitions; whoever may see some counties alone sees no run that touches
another.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from realestate_assets.domain.calendar.ranges import (
    RANGE_END_TAG,
    RANGE_START_TAG,
    group_ranges,
    range_tags,
)
from realestate_assets.operations.pipelines import queries
from realestate_assets.operations.pipelines.catalog import keys_of_steps
from realestate_assets.operations.pipelines.graphql import Dagster, NotFoundError
from realestate_assets.operations.pipelines.moments import of_seconds
from realestate_assets.operations.pipelines.switches import selector
from resources.partition import Partition

Job = Literal["pipeline", "discover", "intake", "nightly", "train", "rescore"]
PARTITION_TAG, BACKFILL_TAG = "dagster/partition", "dagster/backfill"
# Who began a run or backfill, where the service did.
TENANT_TAG = "realestate/tenant"
ENDED = frozenset({"SUCCESS", "FAILURE", "CANCELED"})


@dataclass(frozen=True)
class Run:
    """One run; `first` and `last` are the ends of its partitions, nothing where it has none."""

    run_id: str
    job: str
    status: str
    first: str | None
    last: str | None
    assets: list[str]
    created_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    parent_run_id: str | None
    backfill_id: str | None
    tags: dict[str, str]

    @property
    def ends(self) -> list[Partition]:
        """First and last partition."""
        return [Partition.parse(key) for key in (self.first, self.last) if key and "|" in key]


@dataclass(frozen=True)
class Step:
    """One step of a run."""

    name: str
    status: str | None
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True)
class Failure:
    """Why a run or a step of it failed, from what happened to what caused it."""

    step: str | None
    message: str
    causes: list[str]


def list_runs(
    dagster: Dagster,
    counties: Collection[str],
    order: Sequence[str],
    *,
    cursor: str | None,
    limit: int,
    statuses: Sequence[str] = (),
    job: str | None = None,
) -> tuple[list[Run], str | None]:
    """Runs, newest first, and the cursor of the next page; a page may hold fewer than asked for.

    Args:
        dagster: the web server.
        counties: whose runs are told.
        order: all counties in the order of the partitions: a run over two of them touches those between.
        cursor: of the page before.
        limit: most runs looked at.
        statuses: Dagster's; none means all.
        job: its name.

    Raises:
        TransientError: Dagster does not answer.
    """
    chosen: dict[str, Any] = {"statuses": list(statuses)} if statuses else {}
    chosen |= {"pipelineName": job} if job else {}
    asked = {"filter": chosen, "cursor": cursor, "limit": limit}
    found = dagster.ask(queries.RUNS, asked, field="runsOrError")["results"]
    runs = [_run(each) for each in found]
    following = runs[-1].run_id if len(found) == limit else None
    return [run for run in runs if is_within(run, counties, order)], following


def is_within(run: Run, counties: Collection[str], order: Sequence[str]) -> bool:
    """Whether a run touches none but these counties."""
    touched = [each.county_slug for each in run.ends]
    if not touched:
        return True
    if any(county not in order for county in touched):
        return False
    between = order[order.index(touched[0]) : order.index(touched[-1]) + 1]
    return set(between) <= set(counties)


def find_run(
    dagster: Dagster, run_id: str, counties: Collection[str], order: Sequence[str]
) -> tuple[Run, list[Step]]:
    """One run and its steps.

    Raises:
        NotFoundError: there is none of that id within the counties.
        TransientError: Dagster does not answer.
    """
    told = dagster.ask(queries.ONE_RUN, {"id": run_id}, field="runOrError")
    run = _run(told)
    if not is_within(run, counties, order):
        raise NotFoundError("There is no such run.")
    steps = [
        Step(s["stepKey"], s["status"], of_seconds(s["startTime"]), of_seconds(s["endTime"]))
        for s in told["stepStats"]
    ]
    return run, sorted(steps, key=lambda step: (step.started_at is None, step.started_at, step.name))


def failures(dagster: Dagster, run_id: str) -> list[Failure]:
    """Why a run failed, step by step; nothing where it did not."""
    found: list[Failure] = []
    cursor: str | None = None
    while True:
        page = dagster.ask(queries.FAILURES, {"id": run_id, "cursor": cursor}, field="logsForRun")
        for event in page["events"]:
            error = event.get("error")
            if event["__typename"] in ("ExecutionStepFailureEvent", "RunFailureEvent"):
                causes = [str(cause["message"]) for cause in (error or {}).get("causes", [])]
                first = error["message"] if error else event["message"]
                found.append(Failure(event.get("stepKey"), first.strip(), causes))
        if not page["hasMore"]:
            return found
        cursor = page["cursor"]


def launch(
    dagster: Dagster,
    job: Job,
    partitions: Collection[Partition],
    order: Sequence[str],
    *,
    limit: int,
    tags: Mapping[str, str],
    assets: Sequence[str] = (),
) -> list[Run]:
    """Put the runs that make these partitions into the queue, earlier months first.

    Args:
        dagster: the web server.
        job: whose assets are made.
        partitions: at least one.
        order: all counties in the order of the partitions.
        limit: most partitions of one run.
        tags: of the runs, beside their partitions.
        assets: of the job; none means all.

    Raises:
        PermanentError: Dagster refuses, such as for an asset that is not the job's.
        TransientError: Dagster does not answer; the runs that were begun before it stand.
    """
    begun = []
    keys = keys_of_steps(dagster, assets)
    for span in group_ranges(partitions, order, limit):
        wanted: dict[str, Any] = selector() | {"jobName": job}
        if assets:
            wanted["assetSelection"] = keys
        # A range that begins with its end would be one partition, which Dagster tells by another tag.
        first, last = span
        said = {PARTITION_TAG: first.key} if first == last else range_tags(span)
        told = [{"key": key, "value": value} for key, value in {**tags, **said}.items()]
        params = {"selector": wanted, "executionMetadata": {"tags": told}, "runConfigData": {}}
        begun.append(_run(dagster.ask(queries.LAUNCH, {"params": params}, field="launchRun")["run"]))
    return begun


def retry(dagster: Dagster, run_id: str, *, from_failure: bool, tags: Mapping[str, str]) -> Run:
    """Run again what a run did, or what of it failed.

    Raises:
        NotFoundError: there is no such run.
        PermanentError: Dagster refuses.
        TransientError: Dagster does not answer.
    """
    params = {
        "parentRunId": run_id,
        "strategy": "FROM_FAILURE" if from_failure else "ALL_STEPS",
        "extraTags": [{"key": key, "value": value} for key, value in tags.items()],
        "useParentRunTags": True,
    }
    return _run(dagster.ask(queries.RETRY, {"params": params}, field="launchRunReexecution")["run"])


def cancel(dagster: Dagster, run_id: str) -> None:
    """Ask a run to stop; repeatable.

    Raises:
        NotFoundError: there is no such run.
        PermanentError: it cannot be stopped any more.
        TransientError: Dagster does not answer.
    """
    dagster.ask(queries.CANCEL, {"id": run_id}, field="terminateRun")


def _run(told: Mapping[str, Any]) -> Run:
    tags = {tag["key"]: tag["value"] for tag in told["tags"]}
    one = tags.get(PARTITION_TAG)
    return Run(
        run_id=told["runId"],
        job=told["jobName"],
        status=told["status"],
        first=tags.get(RANGE_START_TAG, one),
        last=tags.get(RANGE_END_TAG, one),
        assets=sorted(key["path"][-1] for key in told["assetSelection"] or []),
        created_at=of_seconds(told["creationTime"]),
        started_at=of_seconds(told["startTime"]),
        ended_at=of_seconds(told["endTime"]),
        parent_run_id=told["parentRunId"],
        backfill_id=tags.get(BACKFILL_TAG),
        tags={key: value for key, value in sorted(tags.items()) if key.startswith("realestate/")},
    )
