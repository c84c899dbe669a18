"""A county's file of a million rows taken in, and the most memory it takes."""

from dataclasses import replace

from benchmarks.row import Row
from benchmarks.rows import intake

ROWS = 1_000_000
# Each takes a minute of CPU and more.
MOST_TURNS = 2


def measure(turns: int, rows: int = ROWS) -> list[Row]:
    """As the row `intake`, without the loop."""
    (row,) = intake.measure(min(turns, MOST_TURNS), rows, loops=0)
    return [replace(row, name="intake_million")]
