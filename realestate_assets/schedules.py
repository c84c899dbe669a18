"""The schedules of this platform: what is made when, and why each is running or stopped by default.

Night and week begin in SCHEDULE_TIMEZONE; which months are due is told by each county's own calendar. The
hours lie outside of one to three o'clock, which a change of the clocks skips or repeats.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

import dagster as dg

from realestate_assets.checks.freshness import is_fetched
from realestate_assets.domain.calendar.due import due_partitions, local_month, without_model
from realestate_assets.domain.core.months import add_months
from realestate_assets.extent import all_months, counties
from realestate_assets.jobs import (
    TRAINING,
    check_freshness,
    dbt_docs_job,
    discover,
    nightly,
    train,
    tuning_job,
)
from realestate_assets.operations.housekeeping import housekeeping
from realestate_assets.settings import get_settings
from resources.partition import Partition
from sensors.requests import Grid
from sensors.schedules import Due, Timing, build_partition_schedule, build_plain_schedule

# As many months as the benchmark values: enough sales to compare, few enough for a night.
TUNED_MONTHS = 3


def grid() -> Grid:
    """The county-months as they are now: the running month moves."""
    return Grid(tuple(counties()), all_months(), get_settings().max_partitions_per_run)


def _timing(cron: str, running: bool = True) -> Timing:
    return Timing(cron, get_settings().schedule_timezone, running)


def _materialized(instance: dg.DagsterInstance, asset: str) -> set[Partition]:
    return set(Partition.parse_all(instance.get_materialized_partitions(dg.AssetKey(asset))))


def _due(now: datetime, previous: datetime | None, slugs: Sequence[str]) -> set[Partition]:
    timezones = {slug: counties()[slug].timezone for slug in slugs}
    return due_partitions(now, previous, timezones, all_months())


def fetched_due(_: dg.DagsterInstance, now: datetime, previous: datetime | None) -> list[Due]:
    """The running month of counties that are asked of an API; files announce themselves."""
    return [Due(_due(now, previous, [slug for slug, county in counties().items() if is_fetched(county)]))]


def discovered_due(instance: dg.DagsterInstance, now: datetime, previous: datetime | None) -> list[Due]:
    """The running month where it has been discovered; with a model of its own where there is none yet."""
    found = _due(now, previous, list(counties())) & _materialized(instance, "properties")
    untrained = without_model(found, _materialized(instance, "promoted_models"))
    return [Due(found - untrained, _without_training()), Due(untrained)]


def features_due(instance: dg.DagsterInstance, now: datetime, previous: datetime | None) -> list[Due]:
    """The running month where it has features to learn beside."""
    return [Due(_due(now, previous, list(counties())) & _materialized(instance, "features"))]


@lru_cache(maxsize=1)
def _without_training() -> tuple[dg.AssetKey, ...]:
    from realestate_assets.groups import grouped_assets

    assets = list(grouped_assets())
    return tuple(sorted(nightly.selection.resolve(assets) - TRAINING.resolve(assets)))


def docs_wanted(instance: dg.DagsterInstance, _: datetime) -> dict[str, dict] | str:
    """The docs, once there is something to document."""
    made = instance.get_latest_materialization_event(dg.AssetKey("deal_board"))
    return {"docs": {}} if made else "No mart has been made yet."


def always(_: dg.DagsterInstance, __: datetime) -> dict[str, dict]:
    """One run, whatever stands in the instance."""
    return {"all": {}}


def studies_wanted(instance: dg.DagsterInstance, now: datetime) -> dict[str, dict] | str:
    """A study of each county that has features in each of the last whole months."""
    there = _materialized(instance, "features")
    found = {}
    for slug, county in counties().items():
        running = local_month(now, county.timezone)
        months = [add_months(running, -back) for back in range(TUNED_MONTHS, 0, -1)]
        if all(Partition(slug, month) in there for month in months):
            config = {"county": slug, "months": f"{months[0]}:{months[-1]}"}
            found[slug] = {"ops": {"tuning_study": {"config": config}}}
    return found or f"No county has features in each of the last {TUNED_MONTHS} months."


SCHEDULES = (
    build_partition_schedule(
        "hourly_discovery",
        discover,
        _timing("5 * * * *"),
        "Fetches and enriches the running month of every county that is asked of an API, and the month "
        "before during its first five days. Running: it asks for nothing while no API is switched on, and "
        "kept answers cost nothing.",
        grid,
        fetched_due,
    ),
    build_partition_schedule(
        "nightly_scores",
        nightly,
        _timing("15 3 * * *"),
        "Features, scores, embeddings, memos, marts and boards of the running month where it was discovered; "
        "a month without a model is given one. Running: it asks for nothing without discovered records.",
        grid,
        discovered_due,
    ),
    build_partition_schedule(
        "weekly_models",
        train,
        _timing("15 5 * * 6"),
        "Trains the running month's models on Saturdays and decides which are used. Running: values should "
        "know last month's sales; weekly, because a week's sales move them by less than their interval.",
        grid,
        features_due,
    ),
    build_plain_schedule(
        "nightly_docs",
        dbt_docs_job,
        _timing("45 5 * * *"),
        "Builds the dbt docs page after the night's marts. Running: it takes seconds.",
        docs_wanted,
    ),
    build_plain_schedule(
        "weekly_housekeeping",
        housekeeping,
        _timing("30 6 * * 0"),
        "Removes what is older than retention.yaml says: runs but for the newest of each partition, events, "
        "unused models, leftovers. Running: Dagster itself never removes a run.",
        always,
    ),
    build_plain_schedule(
        "hourly_freshness",
        check_freshness,
        _timing("40 * * * *"),
        "Runs the freshness check of each county. Running: one query, and without it nobody notices a county "
        "that stopped delivering.",
        always,
        # Not in the line of automatic runs: a long training would hide a county that went silent.
        tags={},
    ),
    build_plain_schedule(
        "monthly_tuning",
        tuning_job,
        _timing("15 6 2 * *", running=False),
        "Tries parameters of the valuation on the last three months of each county. Stopped: it takes hours "
        "of computing, and its result is a proposal that a person has to take over.",
        studies_wanted,
    ),
)
