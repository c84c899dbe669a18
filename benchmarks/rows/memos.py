"""Memos as PDF, against WeasyPrint in a loop: see `benchmarks.memos`."""

from benchmarks import memos
from benchmarks.row import Row


def measure(turns: int) -> list[Row]:
    """A batch a turn, of documents that neither side has seen."""
    return memos.measure(turns)
