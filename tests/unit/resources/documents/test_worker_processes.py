"""Work side by side: in order, the same with and without processes, and a killed process is told."""

import operator
import os

import pytest

from resources.documents.worker_processes import WorkerProcesses
from resources.errors import TransientError


@pytest.mark.parametrize("expected", [3, 4])
def test_results_come_in_the_order_of_the_inputs_with_processes_and_without(expected):
    with WorkerProcesses(expected, pays_from=4) as workers:
        assert list(workers.map(operator.sub, [9, 8, 7, 6], [1, 2, 3, 4])) == [8, 6, 4, 2]


def test_little_work_is_done_in_this_process():
    with WorkerProcesses(3, pays_from=4) as workers:
        assert list(workers.map(_pid, range(3))) == [os.getpid()] * 3


def test_much_work_is_done_in_others():
    with WorkerProcesses(4, pays_from=4) as workers:
        assert os.getpid() not in set(workers.map(_pid, range(4)))


def test_a_process_that_is_killed_is_a_failure_that_may_pass():
    with WorkerProcesses(4, pays_from=4) as workers, pytest.raises(TransientError, match="killed"):
        list(workers.map(os._exit, [1, 1]))


def test_an_error_of_the_work_itself_comes_through():
    with WorkerProcesses(4, pays_from=4) as workers, pytest.raises(ZeroDivisionError):
        list(workers.map(operator.truediv, [1], [0]))


def _pid(_: int) -> int:
    return os.getpid()
