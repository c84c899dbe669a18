"""Moments and the day they belong to."""

import datetime as dt
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.core.convert import to_date

ZONES = ("America/Los_Angeles", "America/Chicago", "America/New_York", "America/Phoenix", "Pacific/Honolulu")


def day(text, formats=(), timezone=None):
    (found,), bad = to_date(pa.array([text]), formats, timezone)
    assert not bad.any()
    return found.as_py()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-06-01T02:30:00Z", dt.date(2024, 5, 31)),
        ("2024-06-01 02:30:00 UTC", dt.date(2024, 5, 31)),
        ("2024-06-01T02:30:00+00:00", dt.date(2024, 5, 31)),
        ("2024-05-31T19:30:00-0700", dt.date(2024, 5, 31)),
        ("2024-06-01T00:00:00Z", dt.date(2024, 6, 1)),
        ("2024-06-01T00:00:00.000Z", dt.date(2024, 6, 1)),
        ("2024-06-01T00:00:00.500Z", dt.date(2024, 5, 31)),
        ("2024-06-01T00:00:00", dt.date(2024, 6, 1)),
        ("2024-06-01T23:59:59", dt.date(2024, 6, 1)),
        ("2024-06-01", dt.date(2024, 6, 1)),
    ],
)
def test_a_moment_belongs_to_the_day_of_the_county_and_midnight_to_the_day_written(text, expected):
    assert day(text, timezone="America/Los_Angeles") == expected


def test_without_a_clock_the_day_is_the_one_written():
    assert day("2024-06-01T02:30:00Z") == dt.date(2024, 6, 1)
    assert day("05/31/2024 19:30 -0700", ("%m/%d/%Y %H:%M %z",)) == dt.date(2024, 5, 31)


@given(
    st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2035, 1, 1)),
    st.sampled_from(ZONES),
    st.sampled_from(ZONES),
)
def test_any_clock_that_a_server_writes_by_gives_the_same_day(moment, server, county):
    utc = moment.replace(tzinfo=dt.UTC, microsecond=0)
    expected = utc.astimezone(ZoneInfo(county)).date()
    for written in (utc, utc.astimezone(ZoneInfo(server))):
        # Midnight is how a day without a time is kept.
        expected_here = written.date() if written.time() == dt.time(0) else expected
        assert day(written.isoformat(), timezone=county) == expected_here
        assert (
            day(written.strftime("%d.%m.%Y %H:%M:%S %z"), ("%d.%m.%Y %H:%M:%S %z",), county) == expected_here
        )
