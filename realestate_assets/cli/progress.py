"""What a run shows of itself while it goes: its steps, the time left, the memory it has taken.

The time left comes from what the steps of the last run took: they differ a thousandfold in length.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import dagster as dg
import psutil
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from realestate_assets.operations.in_process import readable_error

# Before this much of the last run's time is done, its pace says nothing about this one's.
MIN_SHARE = 0.02
# A run's large tables live for seconds; a look takes 5 ms of them.
EVERY_SECONDS = 1.0


@dataclass
class Estimate:
    """What is left of a run, told by an earlier run of the same steps.

    Attributes:
        earlier: seconds of each step in the earlier run; empty where there was none.
        done: steps of this run that have ended.
    """

    earlier: Mapping[str, float]
    done: set[str] = field(default_factory=set)

    def left(self, elapsed: float) -> float | None:
        """Seconds left after `elapsed` seconds, at this run's pace; None where nothing can be said yet."""
        whole = sum(self.earlier.values())
        behind = sum(seconds for step, seconds in self.earlier.items() if step in self.done)
        if not whole or behind / whole < MIN_SHARE:
            return None
        return (whole - behind) * elapsed / behind

    def words(self, elapsed: float) -> str:
        """What is left in words; empty where nothing can be said yet."""
        left = self.left(elapsed)
        if left is None:
            return ""
        return (
            f"about {left / 60:.0f} min left"
            if left >= 90
            else f"about {max(round(left, -1), 10):.0f} s left"
        )


def earlier_steps(instance: dg.DagsterInstance, job_name: str) -> dict[str, float]:
    """Seconds of each step in the last run of the job that succeeded; none where there is no such run."""
    wanted = dg.RunsFilter(job_name=job_name, statuses=[dg.DagsterRunStatus.SUCCESS])
    for run in instance.get_runs(wanted, limit=1):
        stats = instance.get_run_step_stats(run.run_id)
        return {s.step_key: s.end_time - s.start_time for s in stats if s.start_time and s.end_time}
    return {}


@contextmanager
def progress_of(
    console: Console, steps: int, earlier: Mapping[str, float]
) -> Iterator[Callable[[dg.EventLogEntry], None]]:
    """A progress bar on a terminal, plain lines elsewhere; yields the listener for event-log entries.

    Args:
        console: where it is shown.
        steps: how many there are.
        earlier: seconds of each step in an earlier run, for the estimate of what is left.
    """
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"), TimeElapsedColumn(), TextColumn("{task.fields[left]}"))  # noqa: E501 # fmt: skip
    started, estimate = time.monotonic(), Estimate(earlier)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("starting", total=steps, left="")

        def listen(entry: dg.EventLogEntry) -> None:
            event = entry.dagster_event
            if event is None:
                if console.is_terminal:
                    bar.update(task, description=f"{entry.step_key or ''}: {entry.user_message[:60]}")
                return
            if event.event_type_value == "STEP_START":
                left = estimate.words(time.monotonic() - started)
                bar.update(task, description=event.step_key, left=left)
                if not console.is_terminal:
                    console.print(f"  {event.step_key} … {left}".rstrip(), highlight=False)
            elif event.event_type_value == "STEP_UP_FOR_RETRY":
                error, wait = event.step_retry_data.error, event.step_retry_data.seconds_to_wait
                why = readable_error(error) if error else "it failed"
                console.print(
                    f"  {event.step_key}: {why} Tried again in {wait or 0:,.0f} s.", highlight=False
                )
            elif event.event_type_value in ("STEP_SUCCESS", "STEP_FAILURE", "STEP_SKIPPED"):
                estimate.done.add(event.step_key or "")
                bar.advance(task)

        yield listen


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
