"""How an API is called is validated before anything is sent."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from resources.http.api_policy import ApiPolicy, to_micro_usd

URL = "https://api.example.com/v1"


def test_the_defaults_are_polite_and_free():
    policy = ApiPolicy(base_url=URL)
    assert (policy.requests_per_second, policy.concurrency, policy.attempts) == (5, 4, 4)
    assert not policy.is_paid
    assert policy.budget.limits() == {}


def test_a_budget_is_counted_in_whole_micro_dollars_and_calls():
    policy = ApiPolicy(
        base_url=URL,
        cost_per_call_usd=0.08,
        budget={"usd_per_run": 1, "usd_per_month": "12.345678", "calls_per_day": 500},
    )
    assert policy.cost_micro_usd == 80_000
    assert policy.budget.limits() == {
        ("usd", "run"): 1_000_000,
        ("usd", "month"): 12_345_678,
        ("calls", "day"): 500,
    }


@given(st.integers(0, 10**12))
def test_whole_micro_dollars_survive_the_way_through_decimal(micro):
    assert to_micro_usd(Decimal(micro) / 1_000_000) == micro


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"base_url": "ftp://example.com"}, "http or https"),
        ({"base_url": "https://user:pass@example.com"}, "no user"),
        ({"base_url": "https://example.com/?token=abc"}, "keys go under"),
        ({"base_url": "http://example.com", "key": {"env": "A_KEY", "query": "key"}}, "plain http"),
        ({"key": {"env": "A_KEY"}}, "exactly one"),
        ({"key": {"env": "A_KEY", "query": "key", "header": "X-Key"}}, "exactly one"),
        ({"key": {"env": "A_KEY", "query": "key", "prefix": "Bearer "}}, "prefix"),
        ({"key": {"env": "abc-123-secret", "query": "key"}}, "pattern"),
        ({"headers": {"Authorization": "Bearer abc"}}, "credentials"),
        ({"headers": {"Host": "elsewhere"}}, "own"),
        ({"headers": {"X-Key": "abc"}, "key": {"env": "A_KEY", "header": "x-key"}}, "key's"),
        ({"cost_per_call_usd": "0.08"}, "needs a budget"),
        ({"cost_per_call_usd": "0.08", "budget": {"calls_per_day": 5}}, "needs a budget"),
        ({"cost_per_call_usd": "0.0000001", "budget": {"usd_per_day": 1}}, "six decimals"),
        ({"cost_per_call_usd": -1}, "greater than or equal"),
        ({"requests_per_minute": 3}, "Extra inputs"),
        ({"attempts": 0}, "greater than or equal"),
    ],
)
def test_a_mistake_in_an_entry_is_named(changes, words):
    with pytest.raises(ValidationError, match=words):
        ApiPolicy(**{"base_url": URL, **changes})
