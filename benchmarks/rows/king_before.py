"""The whole graph of the public King County sales file, this version against an earlier one."""

import os

from benchmarks.row import Row
from benchmarks.rows.sample_before import against_earlier
from benchmarks.whole_runs import EARLIER

MONTHS = "2014-05:2015-05"


def measure(turns: int, months: str = MONTHS) -> list[Row]:
    """One turn, however many are asked for.

    Raises:
        ValueError: nobody said where the file is.
    """
    if not (path := os.environ.get("BENCH_INPUT")):
        raise ValueError("it needs the file: make bench-large INPUT=path/to/kc_house_data.csv")
    found = against_earlier(1, ["--county", "king-wa", "--months", months, "--input", path])
    row = Row(
        "king_before",
        f"`realestate run` of King County, {months}, as published",
        f"the version {EARLIER} with its own lock",
        unit="21,613 sales" if months == MONTHS else "",
        note="wall time, one turn, an empty home each, no warm-up",
        **found.seconds,
    )
    return [row]
