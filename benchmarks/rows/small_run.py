"""What a small run takes beside its work: the seconds of `realestate run` that no step of it takes."""

import json
import os
import statistics
import subprocess  # nosec B404 - starts the product itself
import sys
import tempfile
import time
from pathlib import Path

import pyarrow.csv as pacsv

from benchmarks.intake import COUNTY, MONTHS, SLUG, county_file
from benchmarks.row import Row

ROWS, SECONDS = 10_000, 4.0


def measure(turns: int) -> list[Row]:
    """A county's file, that lies there and is taken in again, with its checks; the first run is a warm-up."""
    from realestate_assets.settings import get_settings
    from resources.warehouse import embedded

    around, whole = [], []
    with tempfile.TemporaryDirectory(prefix="realestate-small-run-") as name:
        folder = Path(name)
        # The embedded Postgres runs as another user where this runs as root.
        folder.chmod(0o755)
        (folder / "counties").mkdir()
        (folder / "counties" / f"{SLUG}.yaml").write_text(COUNTY)
        path = folder / "county.csv"
        pacsv.write_csv(county_file(ROWS), path)
        os.environ |= {"REALESTATE_HOME": str(folder / "home"), "COUNTY_CONFIG_DIR": str(folder / "counties")}
        root = get_settings().postgres_root
        # Held here, as by a service that runs: starting it is no part of a run.
        embedded.server_uri(root, "realestate")
        try:
            for turn in range(turns + 1):
                given = ["--input", str(path)] if turn == 0 else []
                took, steps = _run(given)
                if turn:
                    around.append(took - steps)
                    whole.append(took)
        finally:
            embedded.leave(root)
    return [
        Row(
            "small_run",
            f"`realestate run --select +properties` beside the work of its steps, simulated ({ROWS:,} rows)",
            product_s=statistics.median(around),
            asked=SECONDS,
            way="seconds",
            turns=turns,
            note=f"wall seconds; the whole run {statistics.median(whole):.1f} s; a warm-up",
        )
    ]


def _run(given: list[str]) -> tuple[float, float]:
    """Seconds of the command, and of the steps of its run."""
    command = [str(Path(sys.executable).with_name("realestate")), "run", "--county", SLUG]
    command += ["--months", ":".join(MONTHS), "--select", "+properties", "--json", *given]
    started = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # nosec B603
    took = time.perf_counter() - started
    report = json.loads(done.stdout.splitlines()[-1])
    return took, sum(step["seconds"] or 0.0 for step in report["steps"])
