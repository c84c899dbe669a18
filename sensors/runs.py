"""What runs cover, and which later ones end the trouble of an earlier one. Reads Dagster's storage only."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from realestate_assets.domain.calendar.ranges import RANGE_END_TAG, RANGE_START_TAG
from realestate_assets.domain.core.months import add_months
from sensors.staleness import evaluation_of

PARTITION_TAG = "dagster/partition"
# Written by Dagster: whether it starts a failed run again, and the run it has started.
WILL_RETRY_TAG, RETRY_RUN_TAG = "dagster/will_retry", "dagster/auto_retry_run_id"
MOST_RUNS, MOST_EVALUATIONS = 200, 100
# A run without partitions covers this alone.
NO_PARTITION = ""


@dataclass(frozen=True)
class Scope:
    """How partitions and jobs stand to each other.

    Args:
        counties: slugs in the order of the partition definition.
        stands_in: jobs whose success says as much as that of a job, by its name.
    """

    counties: Callable[[], Sequence[str]]
    stands_in: Mapping[str, Sequence[str]]

    def covered(self, tags: Mapping[str, str]) -> set[str]:
        """Keys of the partitions of a run with these tags."""
        first = tags.get(RANGE_START_TAG) or tags.get(PARTITION_TAG, "")
        last = tags.get(RANGE_END_TAG) or first
        if "|" not in first or "|" not in last:
            return {first}
        (county, month), (last_county, last_month) = first.split("|"), last.split("|")
        order = list(self.counties())
        known = county in order and last_county in order
        between = order[order.index(county) : order.index(last_county) + 1] if known else [county]
        months = [month]
        while months[-1] < last_month:
            months.append(add_months(months[-1], 1))
        return {f"{name}|{each}" for name in between for each in months}

    def counties_of(self, tags: Mapping[str, str]) -> tuple[str, ...]:
        """Counties of a run's partitions."""
        return tuple(sorted({key.partition("|")[0] for key in self.covered(tags)} - {NO_PARTITION}))


def range_text(tags: Mapping[str, str]) -> str:
    """The partitions of a run for a person; empty where it has none."""
    first, last = tags.get(RANGE_START_TAG), tags.get(RANGE_END_TAG)
    return f"{first} to {last}" if first and first != last else first or tags.get(PARTITION_TAG, "")


def range_tags_of(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags that say which partitions a run has."""
    return {name: tags[name] for name in (RANGE_START_TAG, RANGE_END_TAG, PARTITION_TAG) if name in tags}


def selection(run: dg.DagsterRun) -> list[str] | None:
    """Names of the assets a run was asked for; None for all of its job."""
    if not run.asset_selection:
        return None
    return sorted(key.to_user_string() for key in run.asset_selection)


def succeeded_since(
    instance: dg.DagsterInstance, subject: Mapping[str, Any], since: float, scope: Scope
) -> str | None:
    """How the trouble of a failed run is over: runs of its job over all its partitions succeeded later.

    Args:
        instance: Dagster's storage.
        subject: job, assets and range tags of the failed run.
        since: when it ended, in seconds of the epoch.
        scope: what runs cover.

    Returns:
        The words for it; None where it is not over.
    """
    left = scope.covered(subject["range"])
    for name in (subject["job"], *scope.stands_in.get(subject["job"], ())):
        wanted = dg.RunsFilter(
            job_name=name,
            statuses=[dg.DagsterRunStatus.SUCCESS],
            updated_after=datetime.fromtimestamp(since, UTC),
        )
        for record in instance.get_run_records(wanted, limit=MOST_RUNS):
            run = record.dagster_run
            began_later = (record.start_time or 0) >= since
            if began_later and _holds(selection(run), subject["assets"]):
                left -= scope.covered(run.tags)
                if not left:
                    return f"Run {run.run_id[:8]} of {name} succeeded."
    return None


def _holds(made: list[str] | None, wanted: list[str] | None) -> bool:
    return made is None or (wanted is not None and set(wanted) <= set(made))


def passed_since(
    instance: dg.DagsterInstance, subject: Mapping[str, Any], since: float, scope: Scope
) -> str | None:
    """How a failed check is over: of each of its partitions the newest evaluation passed.

    Args:
        instance: Dagster's storage.
        subject: asset, check and range tags of the failed evaluation.
        since: when it was evaluated, in seconds of the epoch.
        scope: what runs cover.

    Returns:
        The words for it; None where it is not over.
    """
    key = dg.AssetCheckKey(dg.AssetKey(subject["asset"].split("/")), subject["check"])
    left = scope.covered(subject["range"])
    for record in instance.event_log_storage.get_asset_check_execution_history(key, limit=MOST_EVALUATIONS):
        check = evaluation_of(record.event)
        if check is None or record.event is None:
            continue
        if record.event.timestamp <= since:
            break
        run = instance.get_run_by_id(record.run_id)
        tags = run.tags if run else {}
        # Without partitions it looked at all that were made.
        seen = scope.covered(tags) if range_tags_of(tags) else set(left)
        if not check.passed and seen & left:
            return None
        left -= seen
        if not left:
            return f"The check passed in run {record.run_id[:8]}."
    return None


def newest_retry(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dg.DagsterRun | None:
    """The last of the runs that Dagster started by itself for a failed one; None before it has."""
    found = None
    seen = {run.run_id}
    while (run_id := run.tags.get(RETRY_RUN_TAG)) and run_id not in seen:
        seen.add(run_id)
        after = instance.get_run_by_id(run_id)
        if after is None:
            break
        found = run = after
    return found


def failed_events(
    instance: dg.DagsterInstance, run: dg.DagsterRun, kind: dg.DagsterEventType
) -> Iterable[tuple[float, dg.DagsterEvent]]:
    """Events of a kind of a run, with their time in seconds of the epoch."""
    for record in instance.get_records_for_run(run.run_id, of_type=kind).records:
        event = record.event_log_entry.dagster_event
        if event is not None:
            yield record.event_log_entry.timestamp, event
