"""Counties and months of the sample in one run, against a run a partition by Dagster's default executor."""

import json
import os
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from benchmarks.other_process import ROOT
from benchmarks.row import Row, timed
from benchmarks.whole_runs import call, environment, run

COUNTIES = (
    "clark-nv",
    "cook-il",
    "harris-tx",
    "king-wa",
    "maricopa-az",
    "miami-dade-fl",
    "orange-ca",
    "san-diego-ca",
    "travis-tx",
)
MONTHS = tuple(f"2024-{month:02d}" for month in range(1, 13))
# A county's month: the smallest with which a year has enough sales for a model of its own.
ROWS, FEW = 60, 2
SETTINGS = {"MEMO_LIMIT_PER_PARTITION": "2"}


def measure(
    turns: int, counties: Sequence[str] = COUNTIES, months: Sequence[str] = MONTHS, few: int = FEW
) -> list[Row]:
    """One turn: all partitions in one run; the alternative makes the first county's first `few` months."""
    mine: list[float] = []
    theirs: list[float] = []
    settings = {**SETTINGS, "SAMPLE_ROWS_PER_MONTH": str(ROWS)}
    chosen = [word for county in counties for word in ("--county", county)]
    with tempfile.TemporaryDirectory(prefix="realestate-backfill-") as name:
        folder = Path(name)
        arguments = [*chosen, "--months", f"{months[0]}:{months[-1]}"]
        timed(lambda: run(ROOT, folder / "one", arguments, **settings), mine)
        _plainly(folder / "plain", counties[0], months[:few], settings, theirs)
    count = len(counties) * len(months)
    seconds = sum(theirs) * count / few
    row = Row(
        "backfill",
        f"{len(counties)} counties, {len(months)} months, {ROWS} homes each, simulated",
        "no backfill policy and Dagster's default executor: a run a partition, a process a step",
        product_s=mine[0],
        alternative_s=seconds,
        turns=1,
        unit=f"{count} partitions",
        note=f"wall time, one turn; the alternative from {few} partitions, one after the other, scaled",
    )
    return [row]


def _plainly(
    home: Path, county: str, months: Sequence[str], settings: dict[str, str], into: list[float]
) -> None:
    bin_folder = ROOT / ".venv" / "bin"
    variables = {**environment(), **settings, "REALESTATE_HOME": str(home)}
    call([str(bin_folder / "realestate"), "migrate"], ROOT, variables)
    told = call([str(bin_folder / "realestate"), "dagster-home"], ROOT, variables)
    variables["DAGSTER_HOME"] = told.splitlines()[-1].strip()
    variables["PATH"] = os.pathsep.join([str(bin_folder), variables.get("PATH", "")])
    for month in months:
        tags = {
            "dagster/partition": f"{county}|{month}",
            "dagster/partition/county": county,
            "dagster/partition/month": month,
        }
        command = ["job", "execute", "-m", "benchmarks.default_executor", "-j", "pipeline"]
        whole = [str(bin_folder / "dagster"), *command, "--tags", json.dumps(tags)]
        timed(partial(call, whole, ROOT, variables), into)
