"""A few processes for work that keeps Python itself busy; where there is little of it, none."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Self, TypeVar

from resources.errors import TransientError

Result = TypeVar("Result")


class WorkerProcesses:
    """Applies functions to many inputs side by side; to be used in a `with`.

    The processes are spawned, not forked: a forked copy of a process with threads may hang.
    """

    def __init__(self, expected: int, pays_from: int, workers: int = 2) -> None:
        """Decide whether processes pay: each takes 1 to 3 s to start and import."""
        # A daemonic process (a Celery prefork worker) may have no children.
        pays = workers > 1 and expected >= pays_from and not multiprocessing.current_process().daemon
        self._workers = workers if pays else 0
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        """Start the processes, where any are used."""
        if self._workers:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._workers, context, initializer=_live_as_a_helper)
        return self

    def __exit__(self, *error: object) -> None:
        """End the processes; what was not begun is dropped."""
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def map(self, function: Callable[..., Result], *inputs: Sequence) -> Iterator[Result]:
        """Results in the order of the inputs; with processes, the work begins at once.

        Args:
            function: of a module, so that a process can import it.
            inputs: one sequence an argument, all of one length; what they hold is pickled.

        Raises:
            TransientError: a process ended by force, as by the out-of-memory killer.
        """
        if self._pool is None:
            return map(function, *inputs)
        return self._told(self._pool.map(function, *inputs))

    def _told(self, results: Iterator[Result]) -> Iterator[Result]:
        try:
            yield from results
        except BrokenProcessPool as error:
            raise TransientError("A process that helped was killed; memory may be short.") from error


def _live_as_a_helper() -> None:
    """End with the process that started this one, however that ends, and leave Ctrl-C to it.

    A terminal sends Ctrl-C to all processes. A parent that is killed sends nothing: the helpers, which hold
    both ends of the queue they wait at, would wait for ever.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)
