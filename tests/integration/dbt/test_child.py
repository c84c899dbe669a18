"""dbt ends with the process that started it, also where that one is killed."""

import subprocess
import sys
import time

import psutil
import pytest

pytestmark = pytest.mark.integration

PARENT = """
import os, subprocess, sys, time
from pathlib import Path
from realestate_assets.dbt.project import PROJECT_DIR, dbt_command, path_variables
child = subprocess.Popen([*dbt_command(), "parse", "--no-partial-parse"], cwd=PROJECT_DIR,
                         env=os.environ | path_variables(Path(sys.argv[1])), stdout=subprocess.DEVNULL)
print(child.pid, flush=True)
time.sleep(600)
"""
# Where no signal is sent by the system, a thread looks.
ELSEWHERE = """
import os, sys, time
sys.platform = "darwin"
from realestate_assets.dbt.child import end_with_parent
end_with_parent(os.getppid())
print("ready", flush=True)
time.sleep(600)
"""
ITS_PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(600)
"""


def seconds_until_gone(pid: int, patience: float) -> float:
    started = time.monotonic()
    while time.monotonic() - started < patience:
        # A zombie that nobody collects has ended too.
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return time.monotonic() - started
        time.sleep(0.02)
    return patience


def child_of_killed(code: str, argument: str, wait: float) -> int:
    parent = subprocess.Popen([sys.executable, "-c", code, argument], stdout=subprocess.PIPE, text=True)
    pid = int(parent.stdout.readline())
    time.sleep(wait)
    assert psutil.pid_exists(pid)
    parent.kill()
    parent.communicate()
    return pid


@pytest.mark.parametrize("wait", [0, 0.5], ids=["at once", "while it imports"])
def test_a_dbt_whose_parent_is_killed_ends_and_writes_nothing(tmp_path, wait):
    pid = child_of_killed(PARENT, str(tmp_path), wait)
    assert seconds_until_gone(pid, 10) < 2
    assert not (tmp_path / "manifest.json").exists()


def test_where_the_system_sends_no_signal_the_child_notices_by_itself():
    assert seconds_until_gone(child_of_killed(ITS_PARENT, ELSEWHERE, 0), 10) < 3
