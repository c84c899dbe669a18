"""How long is waited, and when nothing is sent at all."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.http.api_policy import Breaker
from resources.http.breaker import BreakerState
from resources.http.retry import pause_seconds, retry_after_seconds

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 2 ", 2),
        ("0.5", 0.5),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30),
        ("Sun, 01 Mar 2026 12:00:30 +0100", 0),
        ("Sun, 01 Mar 2026 11:59:00 GMT", 0),
        ("Sun, 01 Mar 2026 12:00:30", 30),
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("inf", None),
        ("1e9", None),
        ("Sun, 99 Mar 2026 12:00:30 GMT", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(header, seconds):
    assert retry_after_seconds(header, NOW) == seconds


@given(st.text(max_size=60))
def test_no_header_breaks_the_reading_of_retry_after(text):
    found = retry_after_seconds(text, NOW)
    assert found is None or found >= 0


@given(st.integers(1, 50), st.floats(0.01, 60), st.floats(0.01, 600))
def test_a_pause_stays_below_its_bounds(tries, backoff, longest):
    assert 0 <= pause_seconds(tries, None, backoff, longest) <= min(longest, backoff * 2.0 ** (tries - 1))


@given(st.integers(1, 50), st.floats(0, 60))
def test_what_the_api_asks_for_is_waited_in_full(tries, asked):
    assert asked <= pause_seconds(tries, asked, 0.5, 60) <= asked + 0.5


RULES = Breaker(failures=3, reset_seconds=10)
OPEN = BreakerState().after([False] * 3, RULES)


@given(st.lists(st.booleans(), max_size=40))
def test_the_breaker_is_open_exactly_when_the_last_calls_failed_in_a_row(healthy):
    state = BreakerState().after(healthy, RULES)
    assert (state.opened is not None) == (healthy[-3:] == [False] * 3)
    assert state.is_clean == (not healthy or healthy[-1])


@given(st.lists(st.booleans(), max_size=20), st.lists(st.booleans(), max_size=20))
def test_it_makes_no_difference_to_the_breaker_in_how_many_batches_outcomes_are_counted(first, second):
    assert BreakerState().after(first, RULES).after(second, RULES) == BreakerState().after(
        first + second, RULES
    )


@pytest.mark.parametrize(("since", "held"), [(0.0, 10.0), (9.9, 0.1), (10.0, 0.0), (99.0, 0.0)])
def test_an_open_breaker_holds_calls_back_for_its_time(since, held):
    assert replace(OPEN, opened=since).held_seconds(RULES) == pytest.approx(held)


def test_after_the_pause_one_call_tries_and_the_others_wait_for_it():
    trying = replace(OPEN, opened=12.0, trial=1.0)
    assert trying.held_seconds(RULES) == 9.0
    assert trying.after([True], RULES) == BreakerState()
    assert trying.after([False], RULES).held_seconds(RULES) == 10.0


def test_a_trial_that_never_reports_back_does_not_hold_calls_back_for_ever():
    assert replace(OPEN, opened=22.0, trial=10.0).held_seconds(RULES) == 0.0


def test_the_pause_of_a_date_far_away_is_its_distance():
    far = NOW + timedelta(days=1)
    header = far.strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert retry_after_seconds(header, NOW) == 86_400
