"""Processes that are kept running: started again after a kill, ended with their supervisor."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import psutil
import pytest

from realestate_assets.operations.watch import children
from realestate_assets.operations.watch.children import Child
from realestate_assets.operations.watch.supervise import supervise

pytestmark = pytest.mark.integration
SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]


def until(condition, seconds: float = 90.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


class Clock:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_a_killed_child_is_started_again_after_a_pause_that_grows(tmp_path):
    clock = Clock()
    child = Child("The UI", SLEEPER, tmp_path, clock)
    child.start()
    pauses = []
    try:
        for _ in range(4):
            os.kill(child.process.pid, signal.SIGKILL)
            child.process.wait()
            happened = child.look()
            assert happened.startswith("The UI ended with SIGKILL; started again in ")
            pauses.append(float(happened.rpartition("in ")[2].removesuffix(" s")))
            assert child.look() == ""
            clock.at += pauses[-1]
            assert child.look() == "The UI is started again"
        assert pauses == [1, 2, 4, 8]
        clock.at += children.STEADY_SECONDS
        os.kill(child.process.pid, signal.SIGKILL)
        child.process.wait()
        assert child.look().endswith("started again in 1 s")
    finally:
        child.stop() if child.process is None else (child.process.kill(), child.process.wait())


def test_a_child_that_cannot_be_started_for_a_while_is_tried_again(tmp_path):
    clock = Clock()
    child = Child("The UI", SLEEPER, tmp_path, clock)
    child.start()
    os.kill(child.process.pid, signal.SIGKILL)
    child.process.wait()
    child.look()
    clock.at += 1
    child.folder = tmp_path / "away"
    assert child.look() == "The UI cannot be started: No such file or directory; started again in 2 s"
    assert child.look() == ""
    clock.at += 2
    child.folder = tmp_path
    try:
        assert child.look() == "The UI is started again"
    finally:
        child.process.kill()
        child.process.wait()


def test_children_end_with_a_supervisor_that_is_stopped_and_with_one_that_is_killed(tmp_path):
    code = textwrap.dedent(
        f"""
        import signal, sys, threading
        from pathlib import Path
        from realestate_assets.operations.watch.children import Child
        from realestate_assets.operations.watch.supervise import supervise
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        child = Child("One", {SLEEPER!r}, Path({str(tmp_path)!r}))
        supervise([child], {{}}, None, 3600, stop, print)
        """
    )
    for number in (signal.SIGTERM, signal.SIGKILL):
        supervisor = subprocess.Popen([sys.executable, "-c", code])
        parent = psutil.Process(supervisor.pid)
        assert until(lambda parent=parent: parent.children())
        (child,) = parent.children()
        supervisor.send_signal(number)
        supervisor.wait(60)
        assert until(lambda child=child: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def test_a_round_that_fails_is_said_and_the_next_one_is_taken():
    said, taken, stop = [], [], threading.Event()

    class Rounds:
        say = staticmethod(said.append)

        def take(self, seen):
            taken.append(seen)
            if len(taken) == 1:
                raise OSError(28, "No space left on device")
            stop.set()

    supervise([], {}, Rounds(), 0.01, stop, said.append)
    assert len(taken) == 2
    assert said == ["This round of looks was lost: OSError: [Errno 28] No space left on device"]


def test_looks_that_hang_hold_up_neither_the_others_nor_the_end():
    script = (
        "import time\n"
        "from realestate_assets.operations.watch.looks import look\n"
        "hangs = lambda: str(time.sleep(600))\n"
        "began = time.monotonic()\n"
        "found = look({'webserver': hangs, 'disk': lambda: 'room', 'lake': hangs}, patience=0.5)\n"
        "print([(beat.component, beat.is_up, beat.detail) for beat in found])\n"
        "print(time.monotonic() - began < 5)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=90, check=True
    )
    late = "no answer in 0.5 s"
    expected = [("webserver", False, late), ("disk", True, "room"), ("lake", False, late)]
    assert ran.stdout.splitlines() == [str(expected), "True"]
