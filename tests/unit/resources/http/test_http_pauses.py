"""How long is waited, and when nothing is sent at all."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.http.api_policy import Breaker
from resources.http.breaker import CircuitBreaker
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


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(Breaker(failures=3, reset_seconds=10), clock)


def test_failures_with_answers_between_them_do_not_open_the_breaker(breaker):
    for _ in range(5):
        breaker.failed()
        breaker.failed()
        breaker.succeeded()
    assert breaker.allows_call()


def test_failures_in_a_row_hold_all_calls_back(breaker, clock):
    for _ in range(3):
        breaker.failed()
    assert breaker.rejects_calls
    assert not breaker.allows_call()
    clock.now = 9.9
    assert not breaker.allows_call()


def test_after_the_pause_one_call_tries_and_the_others_wait_for_it(breaker, clock):
    for _ in range(3):
        breaker.failed()
    clock.now = 10
    assert not breaker.rejects_calls
    assert breaker.allows_call()
    assert breaker.rejects_calls
    assert not breaker.allows_call()
    breaker.succeeded()
    assert breaker.allows_call()
    assert breaker.allows_call()


def test_a_failed_trial_opens_the_breaker_for_another_period(breaker, clock):
    for _ in range(3):
        breaker.failed()
    clock.now = 10
    assert breaker.allows_call()
    breaker.failed()
    clock.now = 19.9
    assert not breaker.allows_call()
    clock.now = 20
    assert breaker.allows_call()


def test_a_trial_that_never_reports_back_does_not_hold_calls_back_for_ever(breaker, clock):
    for _ in range(3):
        breaker.failed()
    clock.now = 10
    assert breaker.allows_call()
    clock.now = 19.9
    assert not breaker.allows_call()
    clock.now = 20
    assert breaker.allows_call()


def test_the_pause_of_a_date_far_away_is_its_distance():
    far = NOW + timedelta(days=1)
    header = far.strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert retry_after_seconds(header, NOW) == 86_400
