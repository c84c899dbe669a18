"""Peak memory of a run: this process and all it started, together."""

import contextlib
import threading

import psutil

# A run's large tables live for seconds; a look takes 5 ms of them.
EVERY_SECONDS = 1.0


class PeakMemory:
    """Looks at the resident memory of this process and its descendants until it is asked for the peak.

    The kernel's own figure for children (`ru_maxrss`) is no use here: a child starts out with the figure of
    its parent. Pages that processes share count once for each, so the peak is an upper bound, but for what
    came and went between two looks.
    """

    def __init__(self) -> None:
        """Start looking."""
        self._process = psutil.Process()
        self._peak = 0
        self._ended = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="peak-memory", daemon=True)
        self._watcher.start()

    def stop(self) -> float:
        """Stop looking; the peak in MB."""
        self._ended.set()
        self._watcher.join()
        self._look()
        return round(self._peak / 1e6, 1)

    def _watch(self) -> None:
        while not self._ended.wait(EVERY_SECONDS):
            self._look()

    def _look(self) -> None:
        used = 0
        for process in (self._process, *self._process.children(recursive=True)):
            # A child may end between being listed and being looked at.
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                used += process.memory_info().rss
        self._peak = max(self._peak, used)
