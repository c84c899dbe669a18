"""What a check found, for people and for programs: the rows as a table, and the same as JSON."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import dagster as dg
import pandas as pd

TABLE_SUFFIX = "_table"
# Metadata entry of a failed check: keys of all partitions that it failed for. The others it holds for.
FAILED_PARTITIONS = "failed_partitions"
# Metadata entry of a check that looks at how things stand today, whatever partitions its run was asked for.
IS_OF_TODAY = "is_of_today"


class SerializedError(Protocol):
    """An error as Dagster keeps it in its log."""

    @property
    def cls_name(self) -> str | None:
        """Name of its class."""

    @property
    def message(self) -> str:
        """`module.Class: text`."""

    @property
    def cause(self) -> "SerializedError | None":
        """What it was raised from."""


# The page shows a check among others: more rows than these belong into a query.
MAX_ROWS = 10


def shown(name: str, value: Any) -> dict[str, dg.MetadataValue]:
    """Metadata of what a check found: `name` as JSON, and `<name>_table` where there is something to read.

    Args:
        name: of the entry.
        value: rows; or a mapping of things to their rows, figures or faults; or a list of sentences.
    """
    entries: dict[str, dg.MetadataValue] = {name: dg.MetadataValue.json(value)}
    if rows := as_rows(value):
        entries[name + TABLE_SUFFIX] = dg.MetadataValue.md(markdown_table(rows))
    return entries


def blamed(partition_keys: Iterable[str]) -> dict[str, dg.MetadataValue]:
    """Metadata of a check that knows all the partitions it failed for; none where it failed for none."""
    keys = sorted(set(partition_keys))
    return {FAILED_PARTITIONS: dg.MetadataValue.json(keys)} if keys else {}


def failed_partitions(metadata: Mapping[str, dg.MetadataValue]) -> list[str] | None:
    """The keys that `blamed` wrote; None where a check did not say which partitions it failed for."""
    found = metadata.get(FAILED_PARTITIONS)
    return [str(key) for key in found.value or ()] if isinstance(found, dg.JsonMetadataValue) else None


def as_rows(value: Any) -> list[dict[str, Any]]:
    """Anything a check reports as flat rows: what a mapping names becomes the first column."""
    if isinstance(value, Mapping):
        return [
            {"": name} | (dict(shown_value) if isinstance(shown_value, Mapping) else {"value": shown_value})
            for name, shown_value in value.items()
        ]
    return [dict(row) if isinstance(row, Mapping) else {"": row} for row in value]


def markdown_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as a Markdown table; columns in the order they first appear, the first MAX_ROWS rows."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    lines = [
        "| " + " | ".join(_cell(name.replace("_", " ")) for name in columns) + " |",
        "|" + " --- |" * len(columns),
        *("| " + " | ".join(_cell(row.get(name)) for name in columns) + " |" for row in rows[:MAX_ROWS]),
    ]
    if (more := len(rows) - MAX_ROWS) > 0:
        lines += ["", f"… and {more:,} more."]
    return "\n".join(lines)


def _cell(value: Any) -> str:
    """A value in one line that cannot end its cell, nor stand as HTML."""
    if isinstance(value, Mapping):
        text = ", ".join(f"{name} {_plain(shown_value)}" for name, shown_value in value.items())
    elif isinstance(value, list | tuple | set):
        text = "; ".join(_cell(item) for item in value)
    else:
        text = _plain(value)
    for sign, written in (("&", "&amp;"), ("<", "&lt;"), ("|", "\\|"), ("\n", " ")):
        text = text.replace(sign, written)
    return text


def _plain(value: Any) -> str:
    if value is None or (not isinstance(value, Mapping | list | tuple | set) and pd.isna(value)):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.4f}".rstrip("0").rstrip(".")
    return f"{value:,}" if isinstance(value, int) else str(value)
