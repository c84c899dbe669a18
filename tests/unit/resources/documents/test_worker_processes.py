"""Work side by side: in order, the same with and without processes, and a killed process is told."""

import operator
import os
import subprocess
import sys
import time

import psutil
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


PARENT = """
import os, time
from resources.documents.worker_processes import WorkerProcesses
if __name__ == "__main__":
    with WorkerProcesses(4, pays_from=4) as workers:
        print(*set(workers.map(abs, range(4))), flush=True)
        time.sleep(600)
"""


@pytest.mark.integration
def test_the_processes_end_with_one_that_is_killed(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE)
    parent.stdout.readline()
    helpers = psutil.Process(parent.pid).children(recursive=True)
    assert len(helpers) >= 2
    parent.kill()
    parent.communicate()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and any(map(_is_alive, helpers)):
        time.sleep(0.05)
    assert not any(map(_is_alive, helpers))


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
