"""Whole runs of the command line, of this version and of an earlier one, each in a home of its own."""

import contextlib
import os
import shutil
import subprocess  # nosec B404 - starts the product itself, git and make
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.other_process import ROOT

# The version that the first measurements of this table were made against, of 2026-11-22.
EARLIER = "a193f24"
# What says where data lie or services are is left to the run's own home.
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "HF_HUB_OFFLINE")
SHOWN = 200


class FailedRunError(RuntimeError):
    """A run, or what prepares one, failed."""


def run(folder: Path, home: Path, arguments: Sequence[str] = (), **settings: str) -> float:
    """Seconds of `realestate run` of the version in `folder`.

    Args:
        folder: the version's folder, with its `.venv`.
        home: where its data lie.
        arguments: of the command.
        settings: variables beside.

    Raises:
        FailedRunError: says the last of what the run said.
    """
    command = [str(folder / ".venv" / "bin" / "realestate"), "run", "--json", *arguments]
    begun = time.perf_counter()
    call(command, folder, {**environment(), "REALESTATE_HOME": str(home), **settings})
    return time.perf_counter() - begun


@contextlib.contextmanager
def earlier_version(commit: str = EARLIER) -> Iterator[Path]:
    """A folder with an earlier version, installed from its own lock; removed when the block ends.

    Raises:
        FailedRunError: the repository does not have it, or it cannot be installed here.
    """
    folder = ROOT / "build" / f"bench-{commit}"
    _remove(folder)
    call(["git", "worktree", "add", "--force", "--detach", str(folder), commit], ROOT)
    try:
        call(["make", "setup"], folder)
        yield folder
    finally:
        _remove(folder)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    call(["git", "worktree", "prune"], ROOT)


def environment() -> dict[str, str]:
    """What a run takes of the variables of this process."""
    return {name: os.environ[name] for name in KEPT if name in os.environ}


def call(command: Sequence[str], folder: Path, variables: dict[str, str] | None = None) -> str:
    """What a command says.

    Raises:
        FailedRunError: it failed; says the end of what it said.
    """
    done = subprocess.run(  # nosec B603
        command, cwd=folder, env=variables, capture_output=True, text=True
    )
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())[-SHOWN:]
        raise FailedRunError(f"{Path(command[0]).name} {' '.join(command[1:3])}: {said}")
    return done.stdout
