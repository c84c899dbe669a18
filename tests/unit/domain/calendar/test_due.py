"""Which county-months are due, over month ends, changes of the clocks, and outages."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.calendar.due import (
    MAX_MONTHS,
    due_months,
    due_partitions,
    local_day,
    local_month,
    without_model,
)
from resources.partition import Partition

MONTHS = [f"{year}-{month:02}" for year in (2025, 2026, 2027) for month in range(1, 13)]
SEATTLE, MIAMI = "America/Los_Angeles", "America/New_York"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_month_begins_by_the_countys_own_calendar():
    # 05:30 in Greenwich on the first: half past midnight in Miami, still October in Seattle.
    moment = at("2026-11-01T05:30")
    assert local_month(moment, MIAMI) == "2026-11"
    assert local_month(moment, SEATTLE) == "2026-10"
    assert local_day(moment, SEATTLE) == date(2026, 10, 31)


def test_a_moment_without_a_zone_is_utc():
    assert local_day(datetime(2026, 11, 1, 5, 30), SEATTLE) == date(2026, 10, 31)


@pytest.mark.parametrize(
    ("moment", "due"),
    [
        ("2026-11-15T12:00", ["2026-11"]),
        ("2026-11-01T12:00", ["2026-10", "2026-11"]),
        ("2026-11-05T12:00", ["2026-10", "2026-11"]),
        ("2026-11-06T12:00", ["2026-11"]),
        ("2027-01-02T12:00", ["2026-12", "2027-01"]),
    ],
)
def test_the_month_before_is_due_in_the_first_five_days(moment, due):
    assert due_months(at(moment), None, SEATTLE, MONTHS) == due


def test_an_outage_of_weeks_is_made_up_for_by_the_first_tick_after_it():
    assert due_months(at("2026-11-20T12:00"), at("2026-09-20T12:00"), SEATTLE, MONTHS) == [
        "2026-09",
        "2026-10",
        "2026-11",
    ]


def test_an_outage_of_years_leaves_the_oldest_months_to_a_backfill():
    due = due_months(at("2027-06-20T12:00"), at("2025-01-20T12:00"), SEATTLE, MONTHS)
    assert len(due) == MAX_MONTHS
    assert due[-1] == "2027-06"


def test_a_month_that_is_no_partition_is_never_due():
    assert due_months(at("2026-11-15T12:00"), None, SEATTLE, MONTHS[:10]) == []


def test_a_clock_that_was_set_back_asks_for_the_running_month():
    assert due_months(at("2026-11-15T12:00"), at("2027-11-15T12:00"), SEATTLE, MONTHS) == ["2026-11"]


@given(
    st.datetimes(datetime(2025, 3, 1), datetime(2027, 11, 30)),
    st.integers(0, 24 * 200),
    st.sampled_from([SEATTLE, MIAMI, "America/Phoenix", "Pacific/Honolulu"]),
)
def test_whatever_month_stood_since_the_last_tick_is_due(now, hours, timezone):
    now = now.replace(tzinfo=UTC)
    previous = max(now - timedelta(hours=hours), at("2025-02-01T00:00"))
    due = due_months(now, previous, timezone, MONTHS)
    stood = {local_month(previous + (now - previous) * share / 40, timezone) for share in range(41)}
    assert stood <= set(due)
    assert due == sorted(due)


def test_counties_of_different_zones_are_in_different_months_at_one_moment():
    due = due_partitions(at("2026-11-07T05:30"), None, {"king-wa": SEATTLE}, MONTHS)
    assert due == {Partition("king-wa", "2026-11")}
    over_the_end = due_partitions(
        at("2026-12-01T05:30"), at("2026-12-01T04:30"), {"king-wa": SEATTLE, "miami-dade-fl": MIAMI}, MONTHS
    )
    assert over_the_end == {
        Partition("king-wa", "2026-11"),
        Partition("miami-dade-fl", "2026-11"),
        Partition("miami-dade-fl", "2026-12"),
    }


def test_partitions_without_a_model_are_told_apart():
    trained, untrained, other = (
        Partition(county, "2026-11") for county in ("cook-il", "king-wa", "harris-tx")
    )
    assert without_model({trained, untrained}, {trained, other}) == {untrained}
