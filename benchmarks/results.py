"""RESULTS.md: the table as Markdown, and how new rows take the place of old ones in it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from benchmarks.row import Row

PARTS = ("bench", "bench-large")
HEAD = (
    "row",
    "what",
    "against",
    "product, s",
    "alternative, s",
    "ratio",
    "asked",
    "turns",
    "measured",
    "note",
)
TITLE = """# The table of speed

Written by `make bench` and `make bench-large`; how it is made: [README](README.md#the-table). Seconds are
medians of the turns; the load is that of the machine before and after the row.
"""


@dataclass(frozen=True)
class Measured:
    """A row, the day it was measured, and the load of the machine before and after."""

    row: Row
    day: str
    load_before: float
    load_after: float


def table(measured: Iterable[Measured]) -> list[str]:
    """Lines of a Markdown table."""
    return [_line(HEAD), "|" + "---|" * len(HEAD), *(_line(_cells(each)) for each in measured)]


def merged(
    known: str, part: str, measured: list[Measured], about: Mapping[str, str], is_whole: bool = True
) -> str:
    """The file with these rows in it.

    Args:
        known: the file as it is; empty where there is none.
        part: one of PARTS, whose rows these are.
        measured: the new rows.
        about: machine, versions, command.
        is_whole: all rows of the part were measured, so that old ones go; else those stay that were not
            measured, as long as the machine is the same.
    """
    parts = {name: _section(known, name) for name in PARTS}
    lines = [_line(_cells(each)) for each in measured]
    old = parts[part]
    if not is_whole and f"- machine: {about['machine']}" in old:
        fresh = {_module(line) for line in lines}
        kept = [line for line in _rows(old) if _module(line) not in fresh]
        lines = [*kept, *lines]
    head = [f"- {name}: {value}" for name, value in about.items()]
    parts[part] = "\n".join([*head, "", _line(HEAD), "|" + "---|" * len(HEAD), *lines])
    sections = [f"## make {name}\n\n{text}\n" for name, text in parts.items() if text]
    return "\n".join([TITLE, *sections])


def _section(known: str, part: str) -> str:
    found = re.search(rf"(?ms)^## make {re.escape(part)}\n(.*?)(?=^## |\Z)", known)
    return found[1].strip() if found else ""


def _rows(section: str) -> list[str]:
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return lines[1:]


def _module(line: str) -> str:
    """The module of a row: the first word of its name."""
    return line.removeprefix("| ").split(" ")[0].rstrip(",")


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "/").replace("\n", " ") for cell in cells) + " |"


def _cells(measured: Measured) -> tuple[str, ...]:
    row = measured.row
    when = f"{measured.day}, load {measured.load_before:.1f} to {measured.load_after:.1f}"
    what = f"{row.what} ({row.unit})" if row.unit else row.what
    if row.failure:
        return row.name, what, row.alternative, "", "", "", _asked(row), "", when, f"failed: {row.failure}"
    peak = [f"peak {row.peak_mb:,.0f} MB"] if row.peak_mb else []
    note = "; ".join([*([row.note] if row.note else []), *peak])
    seconds = _seconds(row.product_s), _seconds(row.alternative_s)
    return row.name, what, row.alternative, *seconds, _ratio(row), _asked(row), str(row.turns), when, note


def _seconds(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.4f}" if value < 0.1 else f"{value:,.2f}" if value < 100 else f"{value:,.0f}"


def _ratio(row: Row) -> str:
    if row.ratio is None or row.way == "seconds":
        return ""
    return f"{row.ratio:.2f}" if row.ratio < 10 else f"{row.ratio:.0f}"


def _asked(row: Row) -> str:
    if row.asked is None:
        return ""
    words = {"quicker": "or more", "at most": "at most", "seconds": "s at most"}[row.way]
    met = {True: ": met", False: ": **not met**", None: ""}[row.is_met]
    return f"{row.asked:g} {words}{met}"
