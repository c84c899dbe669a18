"""The HTTP client against a real server: what is sent, tried again, kept and refused."""

import contextlib
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from email.utils import formatdate

import pytest

from resources.errors import PermanentError
from resources.http.api import ApiRequest, Failure, Upload
from tests.http_server import LocalServer, Reset, Slow, Truncated, delayed, json_reply, text_reply
from tests.integration.resources.http.api_calls import (
    asks,
    ledger,
    outcomes,
    paid,
    policy,
    sent_rows,
    session,
)

pytestmark = pytest.mark.integration

FINE = json_reply({"ok": True})


@contextlib.contextmanager
def serving(*replies: object) -> Iterator[LocalServer]:
    """A server that gives these replies one after another, and the last one for ever."""
    left = list(replies)

    def answer(*_: object) -> object:
        reply = left.pop(0) if len(left) > 1 else left[0]
        return reply() if callable(reply) else reply

    with LocalServer(answer) as server:
        yield server


def echo(method, path, query, body, headers):
    return json_reply({"n": query.get("n", [None])[0]})


def test_answers_come_in_the_order_of_the_requests_and_equal_requests_are_sent_once(warehouse):
    requests = [*asks(20), *asks(5), *asks(20)[::-1]]
    with LocalServer(echo) as server, session(warehouse, paid(server.url, budget={"usd_per_run": 9})) as api:
        answers = api.send_all(requests)
        assert api.send_all([]) == []
    assert [a.request for a in answers] == requests
    assert [a.body for a in answers] == [b'{"n": "%s"}' % r.params[0][1].encode() for r in requests]
    assert len(server.requests) == 20
    # The first of equal requests carries the cost, so that the sum is what was paid.
    assert [a.cost_usd for a in answers] == [0.08] * 20 + [0.0] * 25
    assert api.totals.cost_micro_usd == 20 * 80_000


def test_a_second_run_takes_everything_from_the_cache_and_costs_nothing(warehouse):
    with LocalServer(echo) as server:
        rules = paid(server.url, budget={"usd_per_run": 9})
        with session(warehouse, rules) as api:
            first = api.send_all(asks(30))
        with session(warehouse, rules, "run-2") as api:
            second = api.send_all(asks(30))
            assert (api.totals.calls, api.totals.cached, api.totals.cost_usd) == (0, 30, 0.0)
        assert len(server.requests) == 30
    assert [a.body for a in second] == [a.body for a in first]
    assert [(a.retrieved_at, a.url, a.status) for a in second] == [
        (a.retrieved_at, a.url, a.status) for a in first
    ]
    assert all(a.cached and a.cost_usd == 0 for a in second)
    again = [row for row in ledger(warehouse) if row["run_id"] == "run-2"]
    assert {(r["state"], r["outcome"], r["cached"], r["sent"], r["cost_usd"]) for r in again} == {
        ("settled", "CACHED", True, False, 0.0)
    }
    assert len(again) == 30


def test_an_answer_is_asked_for_again_once_its_time_is_over(warehouse):
    with LocalServer(echo) as server:
        rules = policy(server.url, cache_ttl_days=2)
        for run in ("run-1", "run-2"):
            with session(warehouse, rules, run) as api:
                api.send_all(asks(3))
        assert len(server.requests) == 3
        kept = warehouse.read(
            "select expires_at - retrieved_at = interval '2 days' as held from ops.provider_responses"
        )
        assert kept["held"].to_pylist() == [True] * 3
        warehouse.execute("update ops.provider_responses set expires_at = now()")
        with session(warehouse, rules, "run-3") as api:
            # What is over is removed when a session begins.
            assert warehouse.read("select count(*) as n from ops.provider_responses")["n"].to_pylist() == [0]
            api.send_all(asks(3))
        assert len(server.requests) == 6


def test_nothing_is_kept_where_the_policy_says_zero_days(warehouse):
    with LocalServer(echo) as server, session(warehouse, policy(server.url, cache_ttl_days=0)) as api:
        for _ in range(2):
            api.send_all(asks(3))
        assert len(server.requests) == 6


def test_the_ledger_says_who_asked_what_when_and_how_it_went(warehouse):
    with serving(FINE) as server, session(warehouse, paid(server.url)) as api:
        api.send_all(asks(1))
    row = ledger(warehouse)[0]
    wanted = {
        "api": "mine",
        "provider": "mine",
        "county": "king-wa",
        "run_id": "run-1",
        "endpoint": "things",
        "state": "settled",
        "outcome": "ANSWERED",
        "status": 200,
        "cost_usd": 0.08,
        "cost_micro_usd": 80_000,
        "cached": False,
        "sent": True,
        "attempt": 1,
    }
    assert {name: row[name] for name in wanted} == wanted
    assert row["latency_ms"] > 0
    assert row["called_at"] <= row["settled_at"]
    assert len(row["request_key"]) == 64


def test_a_client_error_is_an_answer_that_is_not_tried_again_and_not_kept(warehouse):
    bad = text_reply("error: unknown variable 'B99'", 400)
    with serving(bad) as server:
        for _ in range(2):
            with session(warehouse, policy(server.url)) as api:
                answer = api.send_all(asks(1))[0]
        assert (answer.ok, answer.status, answer.body) == (True, 400, bad[2])
        assert len(server.requests) == 2


def test_a_paid_client_error_is_kept_since_asking_again_is_paid_again(warehouse):
    with serving(json_reply({"status": {"msg": "SuccessWithoutResult"}}, 400)) as server:
        for _ in range(2):
            with session(warehouse, paid(server.url)) as api:
                assert api.send_all(asks(1))[0].status == 400
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "reply",
    [json_reply({"error": {"code": 500}}), text_reply("<html>Under repair</html>", 200, "text/html")],
)
def test_an_error_at_http_200_reaches_the_provider_but_is_not_kept(warehouse, reply):
    with serving(reply, FINE) as server, session(warehouse, policy(server.url)) as api:
        assert api.send_all(asks(1))[0].body == reply[2]
        assert api.send_all(asks(1))[0].body == FINE[2]
        assert len(server.requests) == 2


def test_no_content_is_an_answer_with_an_empty_body(warehouse):
    with serving((204, {}, b"")) as server, session(warehouse, policy(server.url)) as api:
        for cached in (False, True):
            answer = api.send_all(asks(1))[0]
            assert (answer.ok, answer.status, answer.body, answer.cached) == (True, 204, b"", cached)


@pytest.mark.parametrize(
    "fault",
    [
        Reset(),
        Truncated(json_reply(list(range(200)))),
        (200, {"Content-Type": "application/json; charset=utf-8"}, b'{"rows": [1, 2'),
        (200, {"Content-Encoding": "gzip"}, b"\x1f\x8b\x08 no gzip"),
        json_reply({}, 500),
        json_reply({}, 503),
        json_reply({}, 408),
        json_reply({}, 429, Retry_After="0"),
    ],
    ids=["reset", "truncated", "cut-json", "broken-gzip", "500", "503", "408", "429"],
)
def test_what_may_pass_is_tried_again_and_each_try_is_a_row(warehouse, fault):
    with serving(fault, fault, FINE) as server, session(warehouse, policy(server.url)) as api:
        answer = api.send_all(asks(1))[0]
    assert (answer.ok, answer.body) == (True, FINE[2])
    assert len(server.requests) == 3
    assert [row["attempt"] for row in ledger(warehouse)] == [1, 2, 3]
    assert outcomes(warehouse)[-1] == ("settled", "ANSWERED")


def test_numbers_that_json_does_not_know_are_no_reason_to_ask_again(warehouse):
    body = b'{"x": NaN}'
    reply = (200, {"Content-Type": "application/json"}, body)
    with serving(reply) as server, session(warehouse, policy(server.url)) as api:
        assert api.send_all(asks(1))[0].body == body
        assert len(server.requests) == 1


def test_after_all_tries_the_failure_says_what_was_last_seen(warehouse):
    with serving(json_reply({}, 503)) as server, session(warehouse, policy(server.url, attempts=3)) as api:
        answer = api.send_all(asks(1))[0]
    assert (answer.failure, answer.status, answer.ok) == (Failure.PROVIDER_FAILED, 503, False)
    assert answer.message == "mine gave no answer in 3 tries; last: HTTP 503."
    assert len(server.requests) == 3


def test_a_slow_answer_ends_at_the_time_out_however_steadily_its_bytes_drip(warehouse):
    drip = Slow(json_reply(list(range(100))), 0.05)
    rules = {"timeout_seconds": 0.4, "attempts": 2}
    with serving(drip) as server, session(warehouse, policy(server.url, **rules)) as api:
        start = time.monotonic()
        answer = api.send_all(asks(1))[0]
        assert time.monotonic() - start < 3
    assert answer.failure is Failure.PROVIDER_FAILED
    assert "no answer within 0.4 s" in answer.message
    assert outcomes(warehouse) == [("lost", "TIMED_OUT")] * 2


@pytest.mark.parametrize("in_words", [False, True], ids=["seconds", "date"])
def test_a_pause_the_api_asks_for_is_kept(warehouse, in_words):
    def throttled():
        # A date has whole seconds: two ahead are more than one away.
        return json_reply({}, 429, Retry_After=formatdate(time.time() + 2, usegmt=True) if in_words else "1")

    with serving(throttled, FINE) as server, session(warehouse, policy(server.url)) as api:
        assert api.send_all(asks(1))[0].ok
    first, second = (request.at for request in server.requests)
    assert 0.95 <= second - first < 3.5


def test_an_api_that_asks_for_a_longer_pause_than_allowed_is_left_alone(warehouse):
    throttled = json_reply({}, 429, Retry_After="3600")
    rules = {"max_wait_seconds": 5, "concurrency": 1}
    with serving(throttled) as server, session(warehouse, policy(server.url, **rules)) as api:
        answers = api.send_all(asks(50))
    assert {a.failure for a in answers} == {Failure.PROVIDER_CLOSED}
    assert "3,600 s" in answers[0].message
    assert len(server.requests) == 1


def test_the_breaker_holds_calls_back_after_failures_in_a_row_and_then_tries_with_one(warehouse):
    rules = {"attempts": 1, "concurrency": 1, "breaker": {"failures": 4, "reset_seconds": 0.5}}
    with (
        serving(*[json_reply({}, 500)] * 5, FINE) as server,
        session(warehouse, policy(server.url, **rules)) as api,
    ):
        failures = Counter(a.failure for a in api.send_all(asks(40)))
        assert failures == {Failure.PROVIDER_FAILED: 4, Failure.PROVIDER_CLOSED: 36}
        time.sleep(0.6)
        failures = Counter(a.failure for a in api.send_all(asks(40)))
        assert failures == {Failure.PROVIDER_FAILED: 1, Failure.PROVIDER_CLOSED: 39}
        time.sleep(0.6)
        assert all(a.ok for a in api.send_all(asks(40)))
        assert len(server.requests) == 4 + 1 + 40


def test_an_answer_that_is_too_large_is_not_read_to_its_end(warehouse):
    large = text_reply("x" * 200_000)
    with serving(large) as server, session(warehouse, policy(server.url, max_response_bytes=1000)) as api:
        answer = api.send_all(asks(1))[0]
    assert (answer.failure, len(server.requests)) == (Failure.BAD_ANSWER, 1)
    assert "1,000 bytes" in answer.message


def test_an_address_inside_is_refused_before_anything_is_sent(warehouse):
    with serving(FINE) as server:
        rules = policy(server.url, allow_private_addresses=False)
        with (
            session(warehouse, rules) as api,
            pytest.raises(PermanentError, match=r"127\.0\.0\.1.*allow_private_addresses"),
        ):
            api.send_all(asks(1))
        assert server.requests == []


def test_a_call_that_found_no_connection_is_no_call(warehouse):
    with serving(FINE) as server:
        url = server.url
    with session(warehouse, paid(url, attempts=2)) as api:
        answer = api.send_all(asks(1))[0]
        assert (answer.failure, api.totals.calls) == (Failure.PROVIDER_FAILED, 0)
    assert outcomes(warehouse) == [("failed", "NOT_CONNECTED")] * 2
    assert sent_rows(warehouse) == []


def test_a_form_and_a_file_are_posted(warehouse):
    upload = Upload("addressFile", "rows.csv", b"1,2 Main St\n")
    requests = [
        ApiRequest("query", "query", form=(("where", "a=1"), ("f", "json"))),
        ApiRequest("batch", "batch", form=(("benchmark", "4"),), upload=upload),
    ]
    with serving(FINE) as server, session(warehouse, policy(server.url)) as api:
        assert all(a.ok for a in api.send_all(requests))
    bodies = {request.path: request.body for request in server.requests}
    assert {request.method for request in server.requests} == {"POST"}
    assert bodies["/query"] == b"where=a%3D1&f=json"
    assert b"1,2 Main St" in bodies["/batch"]


def test_no_more_calls_are_under_way_than_the_policy_allows(warehouse):
    running, most, guard = 0, 0, threading.Lock()

    def count(*_: object) -> object:
        nonlocal running, most
        with guard:
            running += 1
            most = max(most, running)
        time.sleep(0.03)
        with guard:
            running -= 1
        return FINE

    with LocalServer(count) as server, session(warehouse, policy(server.url, concurrency=3)) as api:
        api.send_all(asks(40))
    assert most == 3


def test_two_sessions_of_one_api_share_its_rate(warehouse):
    with LocalServer(echo) as server:
        rules = policy(server.url, requests_per_second=40)

        def ask(start: int) -> None:
            with session(warehouse, rules, f"run-{start}") as api:
                api.send_all(asks(40, start))

        threads = [threading.Thread(target=ask, args=(start,)) for start in (0, 100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        times = [request.at for request in server.requests]
    assert len(times) == 80
    # 80 calls at 40 a second; each session for itself would be done in one second.
    assert max(times) - min(times) >= 79 / 40


def test_calls_leave_evenly_not_in_bursts(warehouse):
    with LocalServer(echo) as server, session(warehouse, policy(server.url, requests_per_second=20)) as api:
        api.send_all(asks(12))
        times = [request.at for request in server.requests]
    # A bucket that fills up while nothing is sent would let all of them go at once.
    assert max(times) - min(times) >= 11 / 20


class StoppedError(Exception):
    """What the signal of the test raises, as Dagster does when a run is stopped."""


def test_a_run_that_is_stopped_leaves_no_open_row(warehouse):
    def stop(*_: object) -> None:
        raise StoppedError

    with LocalServer(lambda *_: delayed(1.5, FINE)) as server:
        previous = signal.signal(signal.SIGALRM, stop)
        try:
            with pytest.raises(StoppedError), session(warehouse, policy(server.url, concurrency=2)) as api:
                signal.setitimer(signal.ITIMER_REAL, 0.7)
                api.send_all(asks(10))
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, previous)
        assert outcomes(warehouse) == [("lost", "INTERRUPTED")] * 2
        assert len(server.requests) == 2
