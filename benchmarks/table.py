"""The table of speed: `make bench` and `make bench-large`.

    .venv/bin/python -m benchmarks.table [--large] [--only addresses,starts] [--turns 5] [--input FILE]

Each row's module (`benchmarks/rows`) runs in a process of its own, so that neither imports nor memory of one
reach the next, and a row that fails is told in the table. The table goes to standard output and, row by row,
into benchmarks/RESULTS.md; the rows of the other command, and with `--only` those that did not run, stay.
"""

import argparse
import json
import os
import subprocess  # nosec B404 - starts modules of ours
import sys
import time
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from benchmarks.machine import load, machine, versions
from benchmarks.results import Measured, merged, table
from benchmarks.row import TURNS, Row

RESULTS = Path(__file__).with_name("RESULTS.md")
ROWS = (
    "embeddings", "edge", "comparables", "values", "addresses", "memos", "starts", "small_run", "intake",
    "training",
)  # fmt: skip
LARGE_ROWS = ("intake_million", "sample_before", "king_before", "run_again", "backfill")
# A row that takes longer hangs.
LIMIT_SECONDS = 3 * 3600.0


def run_row(name: str, turns: int, limit: float = LIMIT_SECONDS) -> list[Row]:
    """What the module of a row measures, in a process of its own; a row with the reason where it fails."""
    command = [sys.executable, "-m", "benchmarks.measure", name, "--turns", str(turns)]
    try:
        done = subprocess.run(  # nosec B603
            command, capture_output=True, text=True, timeout=limit
        )
    except subprocess.TimeoutExpired:
        return [Row(name, name, failure=f"not done within {limit:,.0f} s")]
    if done.returncode:
        said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        return [Row(name, name, failure=said[-1] if said else f"ended with {done.returncode}")]
    return [Row.from_dict(each) for each in json.loads(done.stdout.splitlines()[-1])]


def run_all(
    names: Iterable[str],
    turns: int,
    say: Callable[[str], None],
    run: Callable[[str, int], list[Row]] = run_row,
) -> list[Measured]:
    """All rows, one after the other."""
    measured = []
    for name in names:
        say(name)
        before = load()
        for row in run(name, turns):
            measured.append(Measured(row, date.today().isoformat(), before, load()))
    return measured


def command_of(options: argparse.Namespace) -> str:
    """What to type for the same."""
    only = f"ONLY={options.only} " if options.only else ""
    given = f" INPUT={Path(options.input).name}" if options.input else ""
    return f"{only}make {'bench-large' if options.large else 'bench'}{given}"


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--large", action="store_true", help="the rows that take long")
    parser.add_argument("--only", default="", help="names of rows, comma separated")
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--input", default="", help="kc_house_data.csv, for the row that needs it")
    options = parser.parse_args()
    known = LARGE_ROWS if options.large else ROWS
    chosen = tuple(name for name in options.only.split(",") if name) or known
    if unknown := sorted(set(chosen) - set(known)):
        parser.error(f"no row is called {', '.join(unknown)}; there are {', '.join(known)}")
    if options.input:
        os.environ["BENCH_INPUT"] = str(Path(options.input).resolve())
    begun = time.perf_counter()
    console = Console(stderr=True)
    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=len(chosen))

        def say(name: str) -> None:
            progress.update(task, description=name, completed=chosen.index(name))
            if not console.is_terminal:
                console.print(f"[{time.perf_counter() - begun:5.0f} s] {name}", highlight=False, markup=False)

        measured = run_all(chosen, options.turns, say)
        progress.update(task, completed=len(chosen))
    part = "bench-large" if options.large else "bench"
    known_results = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
    about = {"machine": machine(), "versions": versions(), "command": command_of(options)}
    text = merged(known_results, part, measured, about, is_whole=not options.only)
    RESULTS.write_text(text, encoding="utf-8")
    print("\n".join([*(f"{name}: {value}" for name, value in about.items()), "", *table(measured)]))


if __name__ == "__main__":
    main()
