"""How time and memory of every stage grow with the number of homes: the whole graph over simulated counties.

    .venv/bin/python -m benchmarks.growth --rows 10000 100000 [--without embeddings] [--out growth.json]
    .venv/bin/python -m benchmarks.growth --rows 1000000 --select +scores [--out growth.json]

Each size is a county of its own (the file of `benchmarks.intake`, twelve months) in a data folder of its
own, run by the job that `realestate run` runs, in a process of its own. Of each step stand the wall time,
the CPU of the process, its children and its Postgres, and the most memory that process and children held
together while it went on; checks are told together. `--out` keeps the figures, so that sizes can be
measured one after the other; the table is of all that stand there. The exponent is the slope of log CPU
over log rows between the smallest and the largest size: 1 is linear.
"""

import argparse
import json
import math
import os
import subprocess  # nosec B404 - starts this module
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
import pyarrow.csv as pacsv

from benchmarks.intake import COUNTY, MONTHS, SLUG, SOURCE, county_file, server_of, server_seconds

MEMOS_PER_MONTH = "5"
LOOK_SECONDS = 0.2


class Meter:
    """CPU of this process, its children (ended ones too) and its Postgres; the peak of memory."""

    def __init__(self, server: psutil.Process | None) -> None:
        self._own, self._server = psutil.Process(), server
        self._peak, self._lock = 0, threading.Lock()
        threading.Thread(target=self._watch, daemon=True).start()

    def cpu(self) -> float:
        """Seconds so far."""
        living = 0.0
        for child in self._own.children(recursive=True):
            try:
                living += sum(child.cpu_times()[:2])
            except psutil.NoSuchProcess:
                continue
        return sum(self._own.cpu_times()[:4]) + living + server_seconds(self._server)

    def peak_mb(self) -> float:
        """The most since it was asked last."""
        with self._lock:
            peak, self._peak = self._peak, 0
        return peak / 1e6

    def _watch(self) -> None:
        while True:
            held = 0
            for process in (self._own, *self._own.children(recursive=True)):
                try:
                    held += process.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            with self._lock:
                self._peak = max(self._peak, held)
            time.sleep(LOOK_SECONDS)


def trial(rows: int, path: Path, select: str | None, without: list[str]) -> dict:
    """Run the graph over a file, in this process; figures by step."""
    import dagster as dg

    from realestate_assets.cli.options import select_assets
    from realestate_assets.cli.request import Request
    from realestate_assets.cli.run import land_input
    from realestate_assets.definitions import build_resources, defs
    from realestate_assets.operations.dagster_home import prepare_dagster_home
    from realestate_assets.operations.in_process import execute
    from realestate_assets.operations.migrate import bring_up_to_date
    from realestate_assets.settings import get_settings
    from resources.partition import Partition

    settings = get_settings()
    resources = build_resources(settings, secret=os.environ.__getitem__)
    land_input(resources["landing"], Request((SLUG,), None, path, SOURCE), settings)
    prepare_dagster_home(settings)
    bring_up_to_date(resources, lambda text: None)
    server = server_of(str(settings.home))
    job = defs.resolve_job_def("pipeline")
    wanted = select_assets(select) or sorted(job.asset_layer.executable_asset_keys)
    assets = [key for key in wanted if key.path[-1] not in without]
    meter, making = Meter(server), set()
    steps: dict[str, dict[str, float]] = {}
    began: dict[str, tuple[float, float]] = {}

    def listen(entry: dg.EventLogEntry) -> None:
        event = entry.dagster_event
        kind, step = (event.event_type_value, event.step_key or "") if event else ("", "")
        if kind == "ASSET_MATERIALIZATION":
            making.add(step)
        if kind == "STEP_START":
            meter.peak_mb()
            began[step] = time.perf_counter(), meter.cpu()
        elif kind in ("STEP_SUCCESS", "STEP_FAILURE") and step in began:
            wall, cpu = began.pop(step)
            spent = {"wall": time.perf_counter() - wall, "cpu": meter.cpu() - cpu, "mb": meter.peak_mb()}
            steps[step] = {**spent, "makes": step in making}

    with dg.DagsterInstance.get() as instance:
        span = Partition(SLUG, MONTHS[0]), Partition(SLUG, MONTHS[1])
        outcome = execute(defs, instance, "pipeline", [span], assets=assets, on_event=listen)
    if not outcome.success:
        raise RuntimeError("; ".join(outcome.errors))
    size = "select pg_database_size(current_database()) as bytes"
    folders = {"lake": Path(settings.lake_root), "vectors": settings.vectors_root}
    kept = {name: _bytes(folder) for name, folder in folders.items()}
    kept["postgres"] = resources["warehouse"].read(size)["bytes"][0].as_py()
    return {"rows": rows, "steps": steps, "bytes": kept, "load": os.getloadavg()[0]}


def _bytes(folder: Path) -> int:
    """What the files below a folder take on the disk; they may have holes."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def by_stage(steps: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """The steps that made assets, and all checks together."""
    found: dict[str, dict[str, float]] = {}
    for step, figures in steps.items():
        stage = step if figures["makes"] else "all checks"
        told = found.setdefault(stage, {"wall": 0.0, "cpu": 0.0, "mb": 0.0})
        told["wall"] += figures["wall"]
        told["cpu"] += figures["cpu"]
        told["mb"] = max(told["mb"], figures["mb"])
    return found


def table(trials: list[dict]) -> str:
    """All sizes side by side, with the exponent of CPU."""
    trials = sorted(trials, key=lambda each: each["rows"])
    staged = [(each["rows"], by_stage(each["steps"])) for each in trials]
    order = list(dict.fromkeys(stage for _, stages in reversed(staged) for stage in stages))
    heads = [f"{rows:,}: CPU, s" for rows, _ in staged] + ["us a row, largest", "exponent"]
    heads += [f"{rows:,}: peak, MB" for rows, _ in staged]
    lines = ["| stage | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|"]
    for stage in order:
        known = [(rows, stages[stage]) for rows, stages in staged if stage in stages]
        cells = [f"{stages[stage]['cpu']:,.1f}" if stage in stages else "" for _, stages in staged]
        rows, last = known[-1]
        cells.append(f"{last['cpu'] / rows * 1e6:,.0f}")
        cells.append(f"{exponent(known):.2f}" if len(known) > 1 else "")
        cells += [f"{stages[stage]['mb']:,.0f}" if stage in stages else "" for _, stages in staged]
        lines.append(f"| {stage} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def exponent(known: list[tuple[int, dict[str, float]]]) -> float:
    """Slope of log CPU over log rows, from the smallest size to the largest."""
    (few, least), (many, most) = known[0], known[-1]
    return math.log(max(most["cpu"], 1e-3) / max(least["cpu"], 1e-3)) / math.log(many / few)


def main() -> None:
    """Measure the sizes asked for, and print the table of all that are known."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="*", default=[10_000])
    parser.add_argument("--select", help="assets, as of `realestate run --select`; default: all")
    parser.add_argument("--without", default="", help="assets that are left out, separated by commas")
    parser.add_argument("--out", type=Path, help="a file of figures that is added to")
    parser.add_argument("--trial", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    without = [name for name in chosen.without.split(",") if name]
    if chosen.trial:
        print(json.dumps(trial(chosen.trial, chosen.file, chosen.select, without)))
        return
    known = json.loads(chosen.out.read_text()) if chosen.out and chosen.out.exists() else []
    for rows in chosen.rows:
        known = [each for each in known if each["rows"] != rows] + [_in_a_folder(rows, chosen)]
        if chosen.out:
            chosen.out.write_text(json.dumps(known, indent=1))
    print(table(known))


def _in_a_folder(rows: int, chosen: argparse.Namespace) -> dict:
    with tempfile.TemporaryDirectory(prefix="realestate-growth-") as name:
        folder = Path(name)
        # The embedded Postgres runs as another user where this runs as root.
        folder.chmod(0o755)
        (folder / "counties").mkdir()
        (folder / "counties" / f"{SLUG}.yaml").write_text(COUNTY)
        path = folder / f"county-{rows}.csv"
        pacsv.write_csv(county_file(rows), path)
        own = {"REALESTATE_HOME": str(folder / "home"), "COUNTY_CONFIG_DIR": str(folder / "counties"),
               "MEMO_LIMIT_PER_PARTITION": MEMOS_PER_MONTH}  # fmt: skip
        command = [sys.executable, "-m", "benchmarks.growth", "--trial", str(rows), "--file", str(path)]
        command += ["--without", chosen.without] + (["--select", chosen.select] if chosen.select else [])
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=os.environ | own)  # nosec B603
        return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
