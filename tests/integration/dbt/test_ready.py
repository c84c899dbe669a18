"""A dbt that stands ready answers as one that is started anew, and ends with whoever called it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from realestate_assets.dbt import ready
from realestate_assets.dbt.child import PARENT_VARIABLE
from realestate_assets.dbt.project import PROJECT_DIR, dbt_command, path_variables
from tests.integration.dbt.test_child import seconds_until_gone

pytestmark = pytest.mark.integration

# It stands ready for itself, calls dbt, and waits.
CALLER = """
import os, subprocess, sys, time
from pathlib import Path
from realestate_assets.dbt import ready
from realestate_assets.dbt.project import PROJECT_DIR, dbt_command, path_variables
env = os.environ | path_variables(Path(sys.argv[1])) | ready.ready_dbt()
child = subprocess.Popen([*dbt_command(), "parse", "--no-partial-parse"], cwd=PROJECT_DIR, env=env,
                         stdout=subprocess.DEVNULL)
print(child.pid, ready._standing.process.pid, ready._standing.folder, flush=True)
time.sleep(600)
"""


def called(target: Path, *args: str, **variables: str) -> subprocess.CompletedProcess:
    env = os.environ | path_variables(target) | variables
    return subprocess.run([*dbt_command(), *args], cwd=PROJECT_DIR, env=env, capture_output=True, text=True)


def begun(target: Path, *args: str) -> tuple[subprocess.Popen, psutil.Process]:
    """A call, and the fork that does it."""
    env = os.environ | path_variables(target) | ready.ready_dbt() | {PARENT_VARIABLE: str(os.getpid())}
    caller = subprocess.Popen([*dbt_command(), *args], cwd=PROJECT_DIR, env=env, stdout=subprocess.DEVNULL)
    standing = psutil.Process(ready._standing.process.pid)
    deadline = time.monotonic() + 60
    while not (forks := standing.children()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return caller, forks[0]


def test_it_prints_what_a_dbt_of_its_own_prints_and_ends_alike(tmp_path):
    variables = ready.ready_dbt()
    for args in (
        ("ls", "--quiet", "--select", "features+"),
        ("ls", "--select", "nothing_like_it"),
        ("blah",),
    ):
        by_itself = called(tmp_path / "a", *args)
        by_ready = called(tmp_path / "b", *args, **variables)
        assert by_ready.returncode == by_itself.returncode
        assert without_times(by_ready.stdout) == without_times(by_itself.stdout)
        assert by_ready.stderr == by_itself.stderr


def without_times(text: str) -> list[str]:
    """Lines but for the time before each, and what depends on what was parsed before."""
    return [line.partition("  ")[2] or line for line in text.splitlines() if "parse" not in line.lower()]


def test_two_calls_at_once_answer_each_to_its_own(tmp_path):
    variables = ready.ready_dbt()
    env = os.environ | variables
    both = [
        subprocess.Popen(
            [*dbt_command(), "ls", "--quiet", "--select", name],
            cwd=PROJECT_DIR,
            env=env | path_variables(tmp_path / name),
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("features", "deal_board")
    ]
    features, board = (call.communicate(timeout=120)[0].splitlines() for call in both)
    assert any("features" in line for line in features)
    assert any("deal_board" in line for line in board)
    assert not set(features) & set(board)


def test_a_caller_that_is_killed_takes_its_call_with_it(tmp_path):
    caller, fork = begun(tmp_path, "parse", "--no-partial-parse")
    caller.kill()
    caller.wait()
    assert seconds_until_gone(fork.pid, 20) < 5
    assert not (tmp_path / "manifest.json").exists()


def test_a_caller_that_is_told_to_stop_waits_for_its_call_to_stop(tmp_path):
    caller, fork = begun(tmp_path, "parse", "--no-partial-parse")
    caller.terminate()
    assert caller.wait(30) == -signal.SIGTERM
    assert seconds_until_gone(fork.pid, 20) < 0.1
    assert not (tmp_path / "manifest.json").exists()


def test_where_the_one_that_stood_ready_is_gone_dbt_is_imported(tmp_path):
    variables = ready.ready_dbt()
    ready._standing.process.kill()
    ready._standing.process.wait()
    assert called(tmp_path, "ls", "--quiet", "--select", "features", **variables).returncode == 0
    # And the next call has one again.
    assert ready.ready_dbt()
    assert ready._standing.process.poll() is None


def test_it_ends_with_its_parent_and_leaves_nothing(tmp_path):
    command = [sys.executable, "-c", CALLER, str(tmp_path)]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    call, standing, folder = parent.stdout.readline().split()
    assert Path(folder).stat().st_mode & 0o077 == 0
    parent.kill()
    parent.communicate()
    assert seconds_until_gone(int(call), 20) < 5
    assert seconds_until_gone(int(standing), 30) < 20
    assert not Path(folder).exists()
    assert not (tmp_path / "manifest.json").exists()
