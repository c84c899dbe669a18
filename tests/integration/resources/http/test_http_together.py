"""Processes that ask one API at once, as workers on several machines do: limits hold over all of them."""

import multiprocessing
import time
from collections import Counter

import pytest

from resources.http.api import Failure
from resources.http.api_policy import ApiPolicy
from resources.warehouse.resource import WarehouseResource
from tests.http_server import LocalServer, delayed, json_reply
from tests.integration.resources.http.api_calls import asks, paid, policy, session

pytestmark = pytest.mark.integration

# Forked, not spawned: the imports of a new process take longer than the test.
FORK = multiprocessing.get_context("fork")
FINE = json_reply({"ok": True})
PROCESSES = 2


def _ask(warehouse: WarehouseResource, rules: ApiPolicy, number: int, count: int, queue: object) -> None:
    with session(warehouse, rules, f"run-{number}") as api:
        answers = api.send_all(asks(count, start=10_000 * number))
    queue.put([str(answer.failure) for answer in answers])


def ask_together(warehouse: WarehouseResource, rules: ApiPolicy, count: int) -> Counter:
    """How many requests came to which failure, `None` for an answer, of processes that ask so many each."""
    with session(warehouse, rules, "run-before"):
        pass  # the tables are there before the processes begin
    queue = FORK.Queue()
    processes = [
        FORK.Process(target=_ask, args=(warehouse, rules, number, count, queue))
        for number in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    found = Counter(failure for _ in processes for failure in queue.get(timeout=120))
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    return found


def test_a_budget_of_a_hundred_calls_is_a_hundred_calls_over_all_processes(warehouse):
    with LocalServer(lambda *_: delayed(0.01, FINE)) as server:
        rules = paid(server.url, budget={"calls_per_day": 100, "usd_per_day": 1000})
        found = ask_together(warehouse, rules, 80)
    assert len(server.requests) == 100
    assert found == {"None": 100, "BUDGET_SPENT": 60}


def test_a_rate_of_ten_a_second_is_kept_over_all_processes(warehouse):
    with LocalServer(lambda *_: FINE) as server:
        found = ask_together(warehouse, policy(server.url, requests_per_second=10, concurrency=4), 25)
    assert found == {"None": 50}
    times = sorted(request.at for request in server.requests)
    in_a_second = max(sum(start <= at < start + 1 for at in times) for start in times)
    assert in_a_second <= 10
    # And is used: fifty calls at nine a second.
    assert times[-1] - times[0] == pytest.approx(49 / 9, rel=0.2)


def test_an_api_that_fails_one_process_is_left_alone_by_the_others_and_tried_with_one_call(warehouse):
    rules = {"attempts": 1, "concurrency": 1, "breaker": {"failures": 4, "reset_seconds": 1}}
    with LocalServer(lambda *_: json_reply({}, 500)) as server:
        limits = policy(server.url, **rules)
        with session(warehouse, limits, "run-failing") as api:
            api.send_all(asks(4))
        assert ask_together(warehouse, limits, 20) == {str(Failure.PROVIDER_CLOSED): 40}
        assert len(server.requests) == 4
        time.sleep(1.1)
        found = ask_together(warehouse, limits, 20)
        assert found == {str(Failure.PROVIDER_FAILED): 1, str(Failure.PROVIDER_CLOSED): 39}
        assert len(server.requests) == 5
        server.handler = lambda *_: FINE
        time.sleep(1.1)
        with session(warehouse, limits, "run-trying") as api:
            assert all(answer.ok for answer in api.send_all(asks(1, start=777)))
        assert ask_together(warehouse, limits, 5) == {"None": 10}
