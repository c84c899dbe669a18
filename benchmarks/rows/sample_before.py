"""A run of the bundled sample, this version against an earlier one."""

import itertools
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.other_process import ROOT
from benchmarks.row import Row, Turns, timed
from benchmarks.whole_runs import EARLIER, earlier_version, run

MOST_TURNS = 2


def measure(turns: int, arguments: Sequence[str] = (), **settings: str) -> list[Row]:
    """Each run in an empty home; settings such as SAMPLE_ROWS_PER_MONTH."""
    found = against_earlier(min(turns, MOST_TURNS), arguments, **settings)
    row = Row(
        "sample_before",
        "`realestate run` of the bundled sample, simulated",
        f"the version {EARLIER} with its own lock",
        note="wall time, an empty home each turn, no warm-up",
        **found.seconds,
    )
    return [row]


def against_earlier(turns: int, arguments: Sequence[str], **settings: str) -> Turns:
    """Whole runs of both versions, in turns."""
    number = itertools.count()
    mine: list[float] = []
    theirs: list[float] = []
    with tempfile.TemporaryDirectory(prefix="realestate-runs-") as name, earlier_version() as earlier:

        def whole(folder: Path) -> None:
            run(folder, Path(name) / str(next(number)), arguments, **settings)

        for _ in range(turns):
            timed(lambda: whole(ROOT), mine)
            timed(lambda: whole(earlier), theirs)
    return Turns(mine, theirs)
