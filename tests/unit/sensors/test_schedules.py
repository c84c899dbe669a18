"""Schedules with ticks evaluated by hand: a week over a month's end, a change of the clocks and an outage."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from realestate_assets.domain.calendar.due import due_partitions, local_month
from realestate_assets.domain.calendar.ranges import RANGE_END_TAG, RANGE_START_TAG
from realestate_assets.extent import counties
from resources.partition import Partition
from sensors.requests import DUE_AT_TAG, Grid
from sensors.schedules import Due, Timing, asks_for_due, build_partition_schedule, evaluate, last_tick

TIMEZONES = {slug: county.timezone for slug, county in counties().items()}
ORDER = tuple(TIMEZONES)
NAME = "hourly"
# Clocks go back on 1 November 2026 at two o'clock; the month ends some hours before.
WEEK = [datetime(2026, 10, 28, 7, 5, tzinfo=UTC) + timedelta(hours=hour) for hour in range(24 * 7)]
OUTAGE = (datetime(2026, 11, 1, 4, 0, tzinfo=UTC), datetime(2026, 11, 1, 10, 0, tzinfo=UTC))


def month_keys(now: datetime) -> tuple[str, ...]:
    """Partitions as they are at a moment: the months of UTC up to the running one."""
    running = now.strftime("%Y-%m")
    return tuple(m for m in (f"2026-{n:02}" for n in range(1, 13)) if m <= running)


@dg.op
def nothing() -> None:
    """Does nothing."""


@dg.job
def anything() -> None:
    """Any job."""
    nothing()


def due(_: dg.DagsterInstance, now: datetime, previous: datetime | None) -> list[Due]:
    """The running month of all counties that ship."""
    return [Due(due_partitions(now, previous, TIMEZONES, month_keys(now)))]


class Clock:
    """A schedule and its runs."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance = instance

    def tick(self, now: datetime) -> list[dg.RunRequest] | dg.SkipReason:
        asks = asks_for_due(NAME, lambda: Grid(ORDER, month_keys(now), 36), due)
        return evaluate(NAME, self.instance, now, asks)

    def run(self, request: dg.RunRequest, status: dg.DagsterRunStatus = dg.DagsterRunStatus.SUCCESS) -> None:
        run = dg.DagsterRun(job_name="anything", tags=dict(request.tags), status=status)
        self.instance.add_run(run)


@pytest.fixture
def clock() -> Iterator[Clock]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield Clock(instance)


def partitions_of(request: dg.RunRequest) -> set[Partition]:
    first, last = (Partition.parse(request.tags[tag]) for tag in (RANGE_START_TAG, RANGE_END_TAG))
    chosen = ORDER[ORDER.index(first.county_slug) : ORDER.index(last.county_slug) + 1]
    months = [f"2026-{n:02}" for n in range(1, 13) if first.month <= f"2026-{n:02}" <= last.month]
    return {Partition(county, month) for county in chosen for month in months}


def test_a_week_over_a_months_end_a_time_change_and_an_outage_misses_nothing_and_repeats_nothing(clock):
    evaluated = [now for now in WEEK if not OUTAGE[0] <= now < OUTAGE[1]]
    keys, asked = [], {}
    for now in evaluated:
        requests = clock.tick(now)
        # A tick that is evaluated again before its runs exist asks for the same keys.
        assert [r.run_key for r in clock.tick(now)] == [r.run_key for r in requests]
        for request in requests:
            clock.run(request)
        # ... and so it does afterwards: Dagster drops run keys it has seen.
        assert {r.run_key for r in clock.tick(now)} <= {r.run_key for r in requests}
        keys += [request.run_key for request in requests]
        partitions = [p for request in requests for p in partitions_of(request)]
        assert len(partitions) == len(set(partitions)), "a partition stands in two runs of one tick"
        assert len(requests) <= 3, "one run a county group, not one a partition"
        asked[now] = set(partitions)
    assert len(keys) == len(set(keys))
    # Whatever month stood in a county at any hour of the week is asked for at the first tick from then on.
    for hour in WEEK:
        tick = min(now for now in evaluated if now >= hour)
        for county, timezone in TIMEZONES.items():
            assert (county, local_month(hour, timezone)) in asked[tick], (hour, county)
    # Nothing but the running month and, in its first five days, the one before.
    assert asked[WEEK[0]] == {Partition(county, "2026-10") for county in ORDER}
    assert asked[WEEK[-1]] == {
        Partition(county, month) for county in ORDER for month in ("2026-10", "2026-11")
    }


def test_at_the_turn_of_the_month_counties_are_grouped_by_what_their_calendars_say(clock):
    # Half past midnight in Miami on 1 December, half past nine in the evening in Seattle.
    requests = clock.tick(datetime(2026, 12, 1, 5, 30, tzinfo=UTC))
    assert [(r.tags[RANGE_START_TAG], r.tags[RANGE_END_TAG]) for r in requests] == [
        ("clark-nv|2026-11", "maricopa-az|2026-11"),
        ("miami-dade-fl|2026-11", "miami-dade-fl|2026-12"),
        ("orange-ca|2026-11", "travis-tx|2026-11"),
    ]


def test_a_run_that_is_still_going_keeps_the_next_tick_from_asking(clock):
    first = clock.tick(WEEK[0])
    clock.run(first[0], dg.DagsterRunStatus.STARTED)
    # The same tick again is the same request, the next one waits.
    assert [r.run_key for r in clock.tick(WEEK[0])] == [r.run_key for r in first]
    assert isinstance(clock.tick(WEEK[1]), dg.SkipReason)


def test_months_of_a_run_that_failed_are_asked_for_again(clock):
    for request in clock.tick(datetime(2026, 9, 20, 12, 5, tzinfo=UTC)):
        clock.run(request)
    for request in clock.tick(datetime(2026, 10, 20, 12, 5, tzinfo=UTC)):
        clock.run(request, dg.DagsterRunStatus.FAILURE)
    assert last_tick(clock.instance, NAME) == datetime(2026, 9, 20, 12, 5, tzinfo=UTC)
    requests = clock.tick(datetime(2026, 11, 20, 12, 5, tzinfo=UTC))
    assert {month for r in requests for _, month in partitions_of(r)} == {"2026-09", "2026-10", "2026-11"}
    assert requests[0].tags[DUE_AT_TAG] == "2026-11-20T12:05+00:00"


def test_nothing_due_is_said_and_dagster_evaluates_what_is_tested_here():
    found = iter([[Due(set())], [Due({Partition("king-wa", "2026-10")})]])
    schedule = build_partition_schedule(
        "never",
        anything,
        Timing("0 0 * * *", "UTC", running=False),
        "test",
        lambda: Grid(ORDER, ("2026-10",), 36),
        lambda *_: next(found),
    )
    assert schedule.default_status == dg.DefaultScheduleStatus.STOPPED
    with dg.instance_for_test() as instance:
        for kind in (dg.SkipReason, list):
            with dg.build_schedule_context(instance=instance, scheduled_execution_time=WEEK[0]) as context:
                assert isinstance(schedule(context), kind)
