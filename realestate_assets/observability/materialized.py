"""What a step made and what was found of it, gathered over the partitions of a run."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import dagster as dg

ROWS = ("dagster/partition_row_count", "dagster/row_count")
SCHEMA = "dagster/column_schema"


@dataclass
class Materialized:
    """One asset as a step made it.

    Attributes:
        asset: its name.
        rows: over all partitions; None where nobody counted.
        bytes: likewise, of files.
        files: likewise.
        columns: name, type and description, in order; empty where unknown.
    """

    asset: str
    rows: int | None = None
    bytes: int | None = None
    files: int | None = None
    columns: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, metadata: Mapping[str, dg.MetadataValue]) -> None:
        """Take what the materialization of one partition says."""
        for name in ROWS:
            if isinstance(count := getattr(metadata.get(name), "value", None), int):
                self.rows = (self.rows or 0) + count
                break
        if isinstance(size := getattr(metadata.get("size_bytes"), "value", None), int):
            self.bytes, self.files = (self.bytes or 0) + size, (self.files or 0) + 1
        schema = getattr(metadata.get(SCHEMA), "schema", None)
        if isinstance(schema, dg.TableSchema) and not self.columns:
            self.columns = columns_of(schema)


@dataclass(frozen=True)
class Verdict:
    """What a check said of an asset; severity is `ERROR` or `WARN`."""

    asset: str
    check: str
    passed: bool
    severity: str


def columns_of(schema: dg.TableSchema) -> list[tuple[str, str, str]]:
    """Name, type and description of each column."""
    return [(column.name, column.type or "", column.description or "") for column in schema.columns]
