"""Money: two runs at once, runs that are killed, answers that are lost. The server counts what is paid."""

import multiprocessing
import os
import time
from collections import Counter

import pytest

from resources.http.api import Failure
from resources.http.api_policy import ApiPolicy
from resources.warehouse.resource import WarehouseResource
from tests.http_server import LocalServer, Reset, Truncated, delayed, json_reply
from tests.integration.resources.http.api_calls import (
    asks,
    ledger,
    outcomes,
    paid,
    policy,
    sent_rows,
    session,
    spent_micro_usd,
)

pytestmark = pytest.mark.integration

# Forked, not spawned: the imports of a new process take longer than the test.
FORK = multiprocessing.get_context("fork")
FINE = json_reply({"ok": True})


def ask_in_process(warehouse: WarehouseResource, rules: ApiPolicy, run: str, count: int, queue=None) -> None:
    with session(warehouse, rules, run) as api:
        answers = api.send_all(asks(count))
    if queue is not None:
        queue.put([(a.ok, a.cost_usd, str(a.failure)) for a in answers])


def start(*arguments: object) -> multiprocessing.Process:
    process = FORK.Process(target=ask_in_process, args=arguments)
    process.start()
    return process


def server_counts(server: LocalServer) -> Counter:
    return Counter(request.query["n"][0] for request in server.requests)


@pytest.mark.parametrize("period", ["day", "month"])
def test_two_runs_at_once_spend_a_dollar_and_not_a_cent_more(warehouse, period):
    """Each asks for other things, so that each call is worth paying for: 12 at eight cents are 0.96."""
    with LocalServer(lambda *_: delayed(0.02, FINE)) as server:
        rules = paid(server.url, budget={f"usd_per_{period}": 1})
        with session(warehouse, rules, "run-0"):
            pass  # the tables are there before the processes begin
        processes = []
        for run in range(2):
            queue = FORK.Queue()
            process = FORK.Process(target=_ask_own_things, args=(warehouse, rules, run, queue))
            process.start()
            processes.append((process, queue))
        answers = [answer for _, queue in processes for answer in queue.get(timeout=60)]
        for process, _ in processes:
            process.join(60)
            assert process.exitcode == 0
    assert len(server.requests) == 12
    assert set(server_counts(server).values()) == {1}
    assert Counter(failure for _, _, failure in answers) == {"None": 12, "BUDGET_SPENT": 68}
    assert sum(cost for _, cost, _ in answers) == pytest.approx(0.96)
    assert spent_micro_usd(warehouse) == 960_000
    assert outcomes(warehouse) == [("settled", "ANSWERED")] * 12


def _ask_own_things(warehouse: WarehouseResource, rules: ApiPolicy, run: int, queue: object) -> None:
    with session(warehouse, rules, f"run-{run}") as api:
        answers = api.send_all(asks(40, start=1000 * run))
    queue.put([(a.ok, a.cost_usd, str(a.failure)) for a in answers])


def test_two_runs_that_ask_the_same_pay_for_it_once(warehouse):
    with LocalServer(lambda *_: delayed(0.1, FINE)) as server:
        rules = paid(server.url, budget={"usd_per_day": 10}, timeout_seconds=60)
        with session(warehouse, rules, "run-0"):
            pass
        queues = [FORK.Queue() for _ in range(2)]
        processes = [start(warehouse, rules, f"run-{n}", 30, queue) for n, queue in enumerate(queues, 1)]
        answers = [queue.get(timeout=60) for queue in queues]
        for process in processes:
            process.join(60)
    assert all(ok for found in answers for ok, _, _ in found)
    assert len(server.requests) == 30
    assert spent_micro_usd(warehouse) == 30 * 80_000
    assert sum(cost for found in answers for _, cost, _ in found) == pytest.approx(2.40)


def wait_for_requests(server, process, count):
    """Return once the server has had so many requests; a process that ended before fails the test."""
    while len(server.requests) < count:
        assert process.is_alive() or len(server.requests) >= count, f"ended with {process.exitcode}"
        time.sleep(0.005)


def test_a_killed_run_that_is_resumed_pays_for_nothing_twice(warehouse):
    with LocalServer(lambda *_: delayed(0.05, FINE)) as server:
        rules = paid(server.url, budget={"usd_per_day": 100}, concurrency=4, timeout_seconds=60)
        with session(warehouse, rules, "run-0"):
            pass
        process = start(warehouse, rules, "run-1", 120)
        wait_for_requests(server, process, 40)
        process.kill()
        process.join()
        time.sleep(0.3)  # what the killed process had sent arrives
        paid_before = len(server.requests)
        assert 40 <= paid_before < 120
        with session(warehouse, rules, "run-2") as api:
            answers = api.send_all(asks(120))
            totals = api.totals
    assert set(server_counts(server).values()) == {1}
    failures = Counter(a.failure for a in answers if not a.ok)
    # What was under way in the four slots may have been billed, and is not asked for again.
    assert set(failures) <= {Failure.CALL_UNSETTLED}
    assert 0 < failures[Failure.CALL_UNSETTLED] <= 4
    assert "may have been billed" in next(a.message for a in answers if not a.ok)
    assert totals.cached > 0
    assert sum(a.ok for a in answers) + failures.total() == 120
    # Every call of the server is a row; what was reserved and not sent counts as spent all the same.
    rows = sent_rows(warehouse)
    assert len(server.requests) <= len(rows) <= len(server.requests) + 4
    assert spent_micro_usd(warehouse) == len(rows) * 80_000


def test_what_a_killed_run_left_open_is_asked_again_where_the_policy_says_so(warehouse):
    with LocalServer(lambda *_: delayed(0.05, FINE)) as server:
        rules = paid(server.url, budget={"usd_per_day": 100}, concurrency=4, retry_unsettled=True)
        with session(warehouse, rules, "run-0"):
            pass
        process = start(warehouse, rules, "run-1", 60)
        wait_for_requests(server, process, 20)
        process.kill()
        process.join()
        with session(warehouse, rules, "run-2") as api:
            assert all(a.ok for a in api.send_all(asks(60)))
        assert max(server_counts(server).values()) <= 2
        assert len(server_counts(server)) == 60


def test_a_reservation_of_another_machine_is_given_up_when_it_is_too_old(warehouse):
    with LocalServer(lambda *_: FINE) as server:
        rules = paid(server.url, budget={"usd_per_day": 100})
        with session(warehouse, rules) as api:
            api.send_all(asks(1))
            warehouse.execute("delete from ops.provider_responses")
            warehouse.execute(
                "update ops.provider_calls set state = 'reserved', owner = 'elsewhere:1:2', "
                "called_at = called_at - interval '3 minutes'"
            )
            assert api.send_all(asks(1))[0].failure is Failure.CALL_UNSETTLED
        assert len(server.requests) == 1


def test_a_lost_call_may_be_asked_again_once_its_answer_would_have_expired(warehouse):
    with LocalServer(lambda *_: Reset()) as server:
        rules = paid(server.url, budget={"usd_per_month": 100}, cache_ttl_days=10)
        with session(warehouse, rules) as api:
            api.send_all(asks(1))
            assert api.send_all(asks(1))[0].failure is Failure.CALL_UNSETTLED
            assert len(server.requests) == 1
            server.handler = lambda *_: FINE
            warehouse.execute("update ops.provider_calls set called_at = called_at - interval '11 days'")
            assert api.send_all(asks(1))[0].ok


@pytest.mark.parametrize("fault", [Reset(), Truncated(json_reply(list(range(99)))), None])
def test_a_paid_answer_that_is_lost_counts_as_spent_and_is_not_sent_again(warehouse, fault):
    def answer(*_: object) -> object:
        return fault if fault is not None else delayed(1.0, FINE)

    with LocalServer(answer) as server:
        rules = paid(server.url, timeout_seconds=0.4)
        for run in ("run-1", "run-2"):
            with session(warehouse, rules, run) as api:
                found = api.send_all(asks(1))[0]
                assert found.failure is Failure.CALL_UNSETTLED
        assert len(server.requests) == 1
    assert [(r["state"], r["cost_usd"]) for r in ledger(warehouse)] == [("lost", 0.08)]


def test_a_lost_paid_answer_is_tried_again_where_the_policy_says_so_and_both_are_paid(warehouse):
    replies = [Reset(), Reset(), FINE]
    with LocalServer(lambda *_: replies.pop(0)) as server:
        with session(warehouse, paid(server.url, retry_unsettled=True)) as api:
            answer = api.send_all(asks(1))[0]
        assert len(server.requests) == 3
    assert (answer.ok, answer.cost_usd) == (True, pytest.approx(0.24))
    assert spent_micro_usd(warehouse) == 240_000


def test_a_refused_call_costs_nothing_and_its_reservation_is_given_back(warehouse):
    """Twelve calls fit; twenty failures before them must not use the money up."""
    replies = [json_reply({}, 500), json_reply({}, 429)] * 10
    patient = {"attempts": 20, "concurrency": 1, "max_wait_seconds": 0.05, "breaker": {"failures": 99}}
    with (
        LocalServer(lambda *_: replies.pop() if replies else FINE) as server,
        session(warehouse, paid(server.url, **patient)) as api,
    ):
        answers = api.send_all(asks(12))
        assert all(a.ok for a in answers)
        assert api.send_all(asks(1, start=99))[0].failure is Failure.BUDGET_SPENT
        assert len(server.requests) == 32
    assert spent_micro_usd(warehouse) == 960_000


@pytest.mark.parametrize("unit", ["usd", "calls"])
@pytest.mark.parametrize("period", ["run", "day", "month"])
def test_each_bound_closes_the_provider_with_its_name(warehouse, unit, period):
    bound = {f"{unit}_per_{period}": "0.25" if unit == "usd" else 3}
    with LocalServer(lambda *_: FINE) as server:
        rules = paid(server.url, budget={"usd_per_month": 100, **bound})
        with session(warehouse, rules) as api:
            answers = api.send_all(asks(10))
            assert len(server.requests) == 3
            # What is paid for already is still there.
            assert api.send_all(asks(10))[0].cached
        with session(warehouse, rules, "run-2") as api:
            more = api.send_all(asks(3, start=50))
    assert Counter(a.failure for a in answers) == {None: 3, Failure.BUDGET_SPENT: 7}
    assert f"budget.{unit}_per_{period} of mine in providers.yaml" in answers[-1].message
    expected = None if period == "run" else Failure.BUDGET_SPENT
    assert {a.failure for a in more} == {expected}


@pytest.mark.parametrize(("age", "day_left", "month_left"), [("1 day", 3, 0), ("32 days", 3, 3)])
def test_days_and_months_begin_anew(warehouse, age, day_left, month_left):
    with LocalServer(lambda *_: FINE) as server:
        rules = {
            period: policy(server.url, name=f"by_{period}", budget={f"calls_per_{period}": 3})
            for period in ("day", "month")
        }
        for start_at, rule in enumerate(rules.values()):
            with session(warehouse, rule) as api:
                api.send_all(asks(3, start=100 * start_at))
        # On the first of a month, a day ago is the month before.
        warehouse.execute(f"update ops.provider_calls set called_at = called_at - interval '{age}'")
        if age == "1 day":
            warehouse.execute("update ops.provider_calls set called_at = now() where api = 'by_month'")
        for period, left in (("day", day_left), ("month", month_left)):
            with session(warehouse, rules[period], "run-2") as api:
                assert sum(a.ok for a in api.send_all(asks(5, start=1000))) == left
            warehouse.execute("delete from ops.provider_responses")


def test_providers_that_name_one_api_share_its_budget(warehouse):
    with LocalServer(lambda *_: FINE) as server:
        rules = policy(server.url, budget={"calls_per_day": 4})
        for number, provider in enumerate(("roll", "taxes")):
            with session(warehouse, rules, f"run-{number}", provider) as api:
                api.send_all(asks(3, start=10 * number))
        assert len(server.requests) == 4
    assert Counter(row["provider"] for row in ledger(warehouse)) == {"roll": 3, "taxes": 1}


def test_a_policy_without_a_name_is_counted_under_the_providers(warehouse):
    with LocalServer(lambda *_: FINE) as server, session(warehouse, policy(server.url, name="")) as api:
        api.send_all(asks(1))
    assert [row["api"] for row in ledger(warehouse)] == ["mine"]


def test_a_spent_budget_ends_a_long_list_at_once(warehouse):
    with LocalServer(lambda *_: FINE) as server:
        rules = policy(server.url, requests_per_second=10, budget={"calls_per_run": 2})
        with session(warehouse, rules) as api:
            begin = time.monotonic()
            answers = api.send_all(asks(5000))
            assert time.monotonic() - begin < 60  # at the pace of ten a second it would be 500
    assert Counter(a.failure for a in answers) == {None: 2, Failure.BUDGET_SPENT: 4998}


def test_the_owner_of_a_reservation_is_this_process(warehouse):
    with LocalServer(lambda *_: FINE) as server, session(warehouse, policy(server.url)) as api:
        api.send_all(asks(1))
    assert ledger(warehouse)[0]["owner"].split(":")[1] == str(os.getpid())
