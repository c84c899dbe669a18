"""A table's layout, said once: it makes the DDL, conforms frames, feeds the schema checks and the docs.

The specs themselves live in `realestate_assets.domain.tables`; this module holds only what a spec is.
"""

from dataclasses import dataclass, field

import pyarrow as pa

# kind -> (Arrow type, Postgres type). Floats are double precision, not numeric: the bulk reader returns
# numeric as text.
TYPES: dict[str, tuple[pa.DataType, str]] = {
    "text": (pa.string(), "text"),
    "integer": (pa.int64(), "bigint"),
    "float": (pa.float64(), "double precision"),
    "boolean": (pa.bool_(), "boolean"),
    "date": (pa.date32(), "date"),
    "timestamp": (pa.timestamp("us", tz="UTC"), "timestamp with time zone"),
    # JSON is kept as text: the same bytes come back that went in.
    "json": (pa.string(), "text"),
}


@dataclass(frozen=True)
class Column:
    """One column: name, kind (a key of TYPES), meaning with unit, and what values it may hold."""

    name: str
    kind: str
    description: str
    nullable: bool = True
    minimum: float | None = None
    maximum: float | None = None
    allowed: tuple[str, ...] | None = None

    @property
    def arrow_type(self) -> pa.DataType:
        """Arrow type of the column."""
        return TYPES[self.kind][0]

    @property
    def sql_type(self) -> str:
        """Postgres type of the column."""
        return TYPES[self.kind][1]


@dataclass(frozen=True)
class TableSpec:
    """A partitioned warehouse table: schema, name, columns, and the key that is unique in it.

    Every table begins with `county` and `month`, the partition it belongs to.
    """

    schema: str
    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...] = field(default_factory=tuple)

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if names[:2] != ["county", "month"]:
            raise ValueError(f"{self.name}: the first columns must be county and month")
        if len(set(names)) != len(names):
            raise ValueError(f"{self.name}: a column is named twice")
        if missing := set(self.key) - set(names):
            raise ValueError(f"{self.name}: key columns {sorted(missing)} are not columns")

    @property
    def column_names(self) -> list[str]:
        """Column names in table order."""
        return [column.name for column in self.columns]

    @property
    def arrow_schema(self) -> pa.Schema:
        """Arrow schema in table order."""
        return pa.schema([pa.field(c.name, c.arrow_type, nullable=c.nullable) for c in self.columns])
