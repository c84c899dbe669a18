"""Processes that are kept running: one that ends is started again, each time after a longer pause."""

import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from resources.parent_death import signal_when_parent_ends

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0
# One that ran for so long begins with the short pause again.
STEADY_SECONDS = 300.0
STOP_SECONDS = 20.0


@dataclass
class Child:
    """One process by its command.

    Args:
        name: for people.
        command: program and arguments.
        folder: where it runs.
        clock: seconds that only grow.
    """

    name: str
    command: Sequence[str]
    folder: Path
    clock: Callable[[], float] = time.monotonic
    process: subprocess.Popen[bytes] | None = None
    _ends: int = 0
    _started: float = field(default=0.0)
    _due: float = field(default=0.0)

    def start(self) -> None:
        """Start it."""
        self._started = self.clock()
        self.process = subprocess.Popen(list(self.command), cwd=self.folder, preexec_fn=_end_with_parent)

    def look(self) -> str:
        """Start it again where that is due; what happened in words, empty where it runs on."""
        if self.process is not None:
            code = self.process.poll()
            return "" if code is None else self._pause(f"ended with {_code(code)}")
        if self.clock() < self._due:
            return ""
        try:
            self.start()
        except OSError as error:
            # Such as no memory or no process left: what holds for a moment.
            return self._pause(f"cannot be started: {error.strerror}")
        return f"{self.name} is started again"

    def _pause(self, happened: str) -> str:
        steady = self.process is not None and self.clock() - self._started >= STEADY_SECONDS
        self._ends = 1 if steady else self._ends + 1
        pause = min(FIRST_PAUSE_SECONDS * 2 ** (self._ends - 1), LONGEST_PAUSE_SECONDS)
        self._due, self.process = self.clock() + pause, None
        return f"{self.name} {happened}; started again in {pause:g} s"

    def ask_to_end(self) -> None:
        """Ask it to end."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        """Wait until it has ended; one that takes too long is made to."""
        if self.process is None:
            return
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _end_with_parent() -> None:
    """Where the supervisor is killed its children are asked to end (Linux; elsewhere they go on)."""
    signal_when_parent_ends(signal.SIGTERM)


def _code(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
