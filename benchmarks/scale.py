"""A backfill of a whole country over N workers, simulated, and beside real ones of 1, 2 and 4 workers.

    .venv/bin/python -m benchmarks.scale --check trials.jsonl --cores 2 --both-cores 1.3
    .venv/bin/python -m benchmarks.scale --homes 150000000 --workers 1 10 50 200 --growth growth.json

What is simulated is what `realestate backfill` does: three waves, each a run a county, all runs of a wave
over before the next begins; a worker takes the next run as soon as it is free. The machine shares its cores
evenly among the runs and the services (Postgres, lake, queue), which work `--services` seconds for each
second of a run.

`--check` takes the lines that `benchmarks.workers` prints: of the trial of one worker the seconds of its
runs, and of the others how long they took. `--both-cores` is what two busy threads get done beside one,
measured by `--threads`: two threads of one core are not two cores.

The country has 3,143 counties whose sizes are spread like a lognormal with the median of 14,000 homes, drawn
to the sum asked for with a fixed seed, and no county above 2,500,000.
"""

import argparse
import heapq
import json
import math
import multiprocessing
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

COUNTIES, MEDIAN_HOMES, SPREAD, LARGEST = 3143, 14_000, 1.45, 2_500_000
# Additions of a busy thread: about half a second.
SPIN = 4_000_000
TURNS = 7


@dataclass(frozen=True)
class Machines:
    """What the runs of a backfill share.

    Args:
        workers: runs at once.
        cores: of all machines together, as the operating system counts them.
        throughput: what all of them busy get done, in units of one that is busy alone.
        services: seconds that services work for each second of a run.
    """

    workers: int
    cores: float
    throughput: float
    services: float

    def rate(self, active: int) -> float:
        """Seconds of a run's work that get done in a second, while so many runs are under way."""
        busy = active * (1 + self.services)
        if busy <= 1:
            return 1.0
        # Between one busy core and all of them the gain is taken as even.
        share = min((busy - 1) / max(self.cores - 1, 1e-9), 1.0)
        done = 1 + share * (self.throughput - 1)
        return min(1.0, done / busy)


def makespan(waves: Sequence[Sequence[float]], machines: Machines) -> float:
    """Seconds until all waves are done.

    Args:
        waves: seconds of work of each run, by wave; a wave begins when the one before is over.
        machines: what they share.
    """
    clock = 0.0
    for wave in waves:
        waiting = sorted(wave)
        # Work still to be done counts from `done`, the work that each run under way has been given so far.
        done = 0.0
        under_way: list[float] = []
        while waiting or under_way:
            while waiting and len(under_way) < machines.workers:
                heapq.heappush(under_way, done + waiting.pop())
            least = heapq.heappop(under_way)
            clock += (least - done) / machines.rate(len(under_way) + 1)
            done = least
    return clock


def country(homes: int, seed: int = 1) -> np.ndarray:
    """Homes of each county of a country, largest first."""
    sizes = np.random.default_rng(seed).lognormal(math.log(MEDIAN_HOMES), SPREAD, COUNTIES)
    for _ in range(50):
        sizes = np.minimum(sizes * homes / sizes.sum(), LARGEST)
    return np.sort(sizes)[::-1]


def checked(trials: list[dict], machines: Machines, runs_a_wave: int) -> list[dict[str, float]]:
    """Each real trial beside the simulated one, whose runs take what they took one worker.

    Args:
        trials: lines of `benchmarks.workers`, the first of one worker.
        machines: all but the workers.
        runs_a_wave: counties of the trial.
    """
    alone = trials[0]
    if alone["workers"] != 1:
        raise ValueError("the first trial must be that of one worker")
    waves = alone["runs"] // runs_a_wave
    # Cores that one run keeps busy, with its share of the services.
    services = alone["busy_cores"] - 1 if "busy_cores" in alone else machines.services
    one = Machines(1, machines.cores, machines.throughput, services)
    # What one worker took, without what it waited for the cores.
    each = alone["seconds"] * one.rate(1) / alone["runs"]
    found = []
    for trial in trials:
        shared = Machines(trial["workers"], machines.cores, machines.throughput, services)
        told = makespan([[each] * runs_a_wave] * waves, shared)
        error = 100 * (told / trial["seconds"] - 1)
        found.append(
            {"workers": trial["workers"], "real": trial["seconds"], "simulated": told, "error_pct": error}
        )
    return found


def _spin(number: int) -> float:
    started = time.perf_counter()
    total = 0.0
    for value in range(SPIN):
        total += value
    # Beside the interpreter what runs compute with: products of matrices that fit the cache.
    left = np.random.default_rng(number).random((300, 300))
    for _ in range(60):
        left = np.clip(left @ left, 0, 1)
    return time.perf_counter() - started


def threads_gain(cores: int) -> float:
    """What so many busy processes get done beside one, medians of some turns."""
    with multiprocessing.get_context("spawn").Pool(cores) as pool:
        pool.map(_spin, range(cores))
        alone = sorted(pool.apply(_spin, (1,)) for _ in range(TURNS))[TURNS // 2]
        together = sorted(max(pool.map(_spin, range(cores), chunksize=1)) for _ in range(TURNS))[TURNS // 2]
    return cores * alone / together


def run_seconds(homes: np.ndarray, us_a_home: float, fixed: float) -> np.ndarray:
    """Seconds of a core that the whole graph takes for a county's year."""
    return fixed + homes * us_a_home / 1e6


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--threads", action="store_true", help="measure what all cores get done beside one")
    parser.add_argument("--check", type=Path, help="lines of benchmarks.workers")
    parser.add_argument("--counties", type=int, default=9, help="of the trials to check against")
    parser.add_argument("--cores", type=int, default=multiprocessing.cpu_count())
    parser.add_argument("--both-cores", type=float, help="what all cores get done beside one")
    parser.add_argument("--services", type=float, default=0.3, help="seconds of services a second of a run")
    parser.add_argument("--homes", type=int, nargs="*", default=[], help="homes of the country")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 10, 50, 200])
    parser.add_argument("--us-a-home", type=float, default=0.0, help="microseconds of CPU a home, all stages")
    parser.add_argument("--fixed", type=float, default=0.0, help="seconds of CPU a run, whatever its size")
    chosen = parser.parse_args()
    gain = chosen.both_cores
    if chosen.threads or (chosen.check and gain is None):
        gain = threads_gain(chosen.cores)
        print(f"{chosen.cores} busy processes get {gain:.2f} times as much done as one")
    if chosen.check:
        trials = [json.loads(line) for line in chosen.check.read_text().splitlines() if line]
        print("| workers | real, s | simulated, s | error, % |\n|---|---|---|---|")
        for row in checked(trials, Machines(1, chosen.cores, gain or 1.0, chosen.services), chosen.counties):
            told = f"{row['real']:,.0f} | {row['simulated']:,.0f} | {row['error_pct']:+.1f}"
            print(f"| {row['workers']} | {told} |")
    for homes in chosen.homes:
        seconds = run_seconds(country(homes), chosen.us_a_home, chosen.fixed)
        print(f"\n{homes:,} homes, {seconds.sum() / 3600:,.0f} core hours\n\n| workers | hours |\n|---|---|")
        for workers in chosen.workers:
            # On machines of real cores, with the services beside them.
            shared = Machines(workers, workers * 2.0, workers * 2.0, chosen.services)
            hours = makespan([list(seconds)], shared) / 3600
            print(f"| {workers} | {hours:,.1f} |")


if __name__ == "__main__":
    main()
