"""How runs over workers scale: one backfill of many counties by 1, 2 and 4 workers, in turns on one machine.

    .venv/bin/python -m benchmarks.workers --workers 1 2 4 [--months 2024-01:2024-12] [--kill-every 60]

Services as the tests start them (Postgres behind PgBouncer, S3, Redis), new ones each trial. Every worker
keeps to one thread. Of each trial: wall time, ratio to the first, memory of the workers, and what would hold
more workers up: the time of each step, and of those that wait for a place in a pool.
"""

import argparse
import json
import os
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import psutil

from realestate_assets.operations.backfill import ID_TAG
from resources.warehouse import embedded
from tests.integration.command_line import finish, start
from tests.integration.what_a_run_made import differences, tables
from tests.integration.workers.installation import Installation, installation
from tests.seaweed import seaweed

ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "ARROW_IO", "NUMEXPR")}
UNDER_WAY = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.QUEUED]
# Marked by Dagster on the events of a step that waits.
WAITS = "Step blocked by limit for pool"


class Memory:
    """The most that the processes of workers held together: what they share is counted once (PSS)."""

    def __init__(self, installed: Installation) -> None:
        self._installed, self._over, self.peak = installed, threading.Event(), 0
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        """Bytes."""
        self._over.set()
        self._thread.join()
        return self.peak

    def _look(self) -> None:
        while not self._over.wait(1.0):
            self.peak = max(self.peak, sum(map(_held, self._installed.workers.values())))


def _held(worker: Any) -> int:
    held = 0
    try:
        parent = psutil.Process(worker.pid)
        for process in [parent, *parent.children(recursive=True)]:
            with process.oneshot():
                held += process.memory_full_info().pss
    except psutil.Error:
        pass
    return held


@contextmanager
def _killing(installed: Installation, every: float) -> Iterator[list[str]]:
    """A worker is lost every so many seconds, the oldest first, and another takes its place."""
    over, lost = threading.Event(), []

    def kill() -> None:
        number = 0
        while not over.wait(every):
            name = next(iter(installed.workers))
            installed.lose_worker(name)
            lost.append(name)
            number += 1
            installed.add_worker(f"next{number}", **ONE_THREAD)

    thread = threading.Thread(target=kill, daemon=True)
    if every:
        thread.start()
    try:
        yield lost
    finally:
        over.set()
        if every:
            thread.join(180)


def steps(instance: dg.DagsterInstance) -> dict[str, Any]:
    """Seconds by step over all runs, and those that steps waited for a place in a pool."""
    seconds: defaultdict[str, float] = defaultdict(float)
    waited: defaultdict[str, float] = defaultdict(float)
    for record in instance.get_run_records():
        begun: dict[str, float] = {}
        blocked: dict[str, float] = {}
        for entry in instance.all_logs(record.dagster_run.run_id):
            event, key = entry.dagster_event, entry.step_key or ""
            kind = event.event_type_value if event else ""
            if event and WAITS in (event.message or ""):
                blocked.setdefault(key, entry.timestamp)
            elif kind == "STEP_START":
                begun[key] = entry.timestamp
                if key in blocked:
                    waited[key] += entry.timestamp - blocked.pop(key)
            elif kind == "STEP_SUCCESS" and key in begun:
                seconds[key] += entry.timestamp - begun[key]
    longest = sorted(seconds.items(), key=lambda item: -item[1])
    return {
        "steps": round(sum(seconds.values()), 1),
        "longest": {key: round(value, 1) for key, value in longest[:12]},
        "waited": {key: round(value, 1) for key, value in waited.items()},
    }


def trial(
    folder: Path, s3: Any, args: argparse.Namespace, workers: int, kill_every: float
) -> tuple[dict[str, Any], dict[str, str]]:
    """One backfill; what it took, and a hash of each table."""
    home = Path(tempfile.mkdtemp(dir=folder, prefix=f"workers-{workers}-"))
    home.chmod(0o755)
    sizes = {"SAMPLE_ROWS_PER_MONTH": str(args.rows), "MEMO_LIMIT_PER_PARTITION": "2"}
    with installation(home, s3, MAX_CONCURRENT_RUNS=str(workers), **sizes) as installed:
        for number in range(workers):
            installed.add_worker(f"w{number}", **ONE_THREAD)
        installed.start("daemon")
        time.sleep(15)
        memory = Memory(installed)
        begun, idle = time.monotonic(), psutil.cpu_times().idle
        counties = [word for slug in args.county for word in ("--county", slug)]
        command = ["backfill", "--months", args.months, *counties, "--width", "12", "--json"]
        with _killing(installed, kill_every) as lost:
            report = finish(start(command, installed.env), timeout=7200)
        took = time.monotonic() - begun
        # Cores that were busy, with all services of this machine.
        busy = (psutil.cpu_count() or 1) - (psutil.cpu_times().idle - idle) / took
        with installed.dagster() as instance:
            waiting = dg.RunsFilter(statuses=UNDER_WAY, tags={ID_TAG: report["backfill"]})
            found = {
                "workers": workers,
                "seconds": round(took, 1),
                "busy_cores": round(busy, 2),
                "lost": len(lost),
                "stuck": instance.get_runs_count(waiting),
                "runs": len(report["runs"]),
                "peak_mb": round(memory.stop() / 1e6),
                **steps(instance),
            }
        hashes = tables(installed.warehouse)
    embedded.leave(home / "own")
    return found, hashes


def main() -> None:
    """Run the trials and print a JSON line of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--months", default="2024-01:2024-12")
    parser.add_argument("--county", nargs="*", default=[])
    parser.add_argument("--workers", nargs="+", type=int, default=[1, 2, 4])
    parser.add_argument("--rows", type=int, default=60)
    parser.add_argument(
        "--kill-every", type=float, default=0, help="seconds, in all trials but the first; 0: none is lost"
    )
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="realestate-bench-"))
    folder.chmod(0o755)
    first: tuple[float, dict[str, str]] | None = None
    with seaweed(folder / "s3") as s3:
        os.environ.update(s3.environment)
        for workers in args.workers:
            # What the others are compared with ran undisturbed.
            found, hashes = trial(folder, s3, args, workers, args.kill_every if first else 0)
            first = first or (found["seconds"], hashes)
            found["speed_up"] = round(first[0] / found["seconds"], 2)
            found["differs"] = sorted(differences(first[1], hashes))
            print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
