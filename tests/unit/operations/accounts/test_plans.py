"""Months and quotas of plans."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.operations.accounts.plans import METRICS, PLANS, next_month, this_month


@pytest.mark.parametrize(("month", "after"), [("2026-11", (2026, 12)), ("2026-12", (2027, 1))])
def test_quotas_are_anew_at_the_first_moment_of_the_next_month(month, after):
    assert next_month(month) == datetime(*after, 1, tzinfo=UTC)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)))
def test_a_moment_lies_in_its_month_and_before_the_next(at):
    month = this_month(at)
    assert at < next_month(month)
    assert this_month(next_month(month)) > month


def test_each_plan_says_each_quota_and_a_larger_plan_holds_no_less():
    free, professional, enterprise = (PLANS[name].quotas for name in ("free", "professional", "enterprise"))
    assert (free["properties"], professional["properties"], enterprise["properties"]) == (100, 1000, None)
    for metric in METRICS:
        assert free[metric] < professional[metric]
        assert enterprise[metric] is None
