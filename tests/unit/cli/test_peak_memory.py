"""The peak of a run's memory: its own and its children's, and no child's twice."""

import subprocess
import sys

import psutil

from realestate_assets.cli.progress import PeakMemory

HOLD = "block = bytearray(b'x') * {size}; print('ready', flush=True); input()"


def hold(megabytes: int) -> subprocess.Popen:
    """A child that holds some memory until it is told to end."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD.format(size=megabytes * 1_000_000)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdout.readline() == b"ready\n"
    return child


def test_what_children_hold_at_once_counts_in_full():
    memory = PeakMemory()
    before = psutil.Process().memory_info().rss / 1e6
    children = [hold(100), hold(150)]
    peak = memory.stop()
    for child in children:
        child.communicate(b"\n")
    assert peak >= before + 250


def test_memory_given_back_still_counts():
    memory = PeakMemory()
    block = bytearray(b"x") * 200_000_000
    held = psutil.Process().memory_info().rss / 1e6
    memory._look()
    del block
    assert memory.stop() >= held - 0.1  # the peak is rounded


def test_a_small_child_of_a_large_process_counts_as_small():
    block = bytearray(b"x") * 300_000_000
    alone = PeakMemory().stop()
    child = hold(1)
    peak = PeakMemory().stop()
    child.communicate(b"\n")
    assert len(block) == 300_000_000
    assert peak < alone + 150
