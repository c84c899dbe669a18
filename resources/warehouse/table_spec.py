"""A table's layout, said once: it makes the DDL, conforms frames, feeds checks, dbt's sources and the docs.

Every table that Python writes has a spec. Those of the platform stand in `realestate_assets.domain.tables`,
those of the clients in `resources.ops_tables`; this module holds only what a spec is.
"""

from collections.abc import Collection
from dataclasses import dataclass

import pyarrow as pa

# kind -> (Arrow type, Postgres type). Floats are double precision, not numeric: the bulk reader returns
# numeric as text.
TYPES: dict[str, tuple[pa.DataType, str]] = {
    "text": (pa.string(), "text"),
    "integer": (pa.int64(), "bigint"),
    "int32": (pa.int32(), "integer"),
    "float": (pa.float64(), "double precision"),
    "boolean": (pa.bool_(), "boolean"),
    "date": (pa.date32(), "date"),
    "timestamp": (pa.timestamp("us", tz="UTC"), "timestamp with time zone"),
    "binary": (pa.binary(), "bytea"),
    # JSON is kept as text: the same bytes come back that went in.
    "json": (pa.string(), "text"),
    # JSON that statements look into.
    "jsonb": (pa.string(), "jsonb"),
}
PARTITION = ("county", "month")


@dataclass(frozen=True)
class Column:
    """One column.

    Args:
        name: plain identifier.
        kind: a key of TYPES.
        description: its meaning, with the unit.
        nullable: whether it may be unknown.
        minimum: least value of a number.
        maximum: greatest value of a number.
        allowed: the only values of a text.
        default: SQL expression of the value where none is given.
        generated: SQL expression that Postgres computes and stores; no writer gives it.
        is_personal: True where it says who a person is or how to reach them.
    """

    name: str
    kind: str
    description: str
    nullable: bool = True
    minimum: float | None = None
    maximum: float | None = None
    allowed: tuple[str, ...] | None = None
    default: str | None = None
    generated: str | None = None
    is_personal: bool = False

    @property
    def arrow_type(self) -> pa.DataType:
        """Arrow type of the column."""
        return TYPES[self.kind][0]

    @property
    def sql_type(self) -> str:
        """Postgres type of the column."""
        return TYPES[self.kind][1]


@dataclass(frozen=True)
class Index:
    """An index beside the primary key, known by its name alone: what changes takes another.

    Args:
        suffix: what its name ends in; the table's name goes before.
        columns: what it is over, in order.
        descending: those of them that are ordered downwards.
        where: SQL predicate of the rows it holds; empty for all.
        is_unique: whether it refuses a second row of the same values.
    """

    suffix: str
    columns: tuple[str, ...]
    descending: tuple[str, ...] = ()
    where: str = ""
    is_unique: bool = False


@dataclass(frozen=True)
class TableSpec:
    """A table: where it is, what a row is, its columns, its key, and what else the database keeps for it.

    Args:
        schema: schema it lies in.
        name: plain identifier; an asset that returns its rows has the same name.
        description: what it is for, in a sentence or two.
        key: columns of the primary key; none for a log.
        columns: in table order.
        grain: what one row is, as a sentence.
        is_partitioned: True where runs replace its rows county-month by county-month. It then begins with
            these two columns. The rest only grows.
        indexes: beside the key's own.
        sequences: of the same schema, which its statements draw numbers from.
    """

    schema: str
    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...] = ()
    grain: str = ""
    is_partitioned: bool = True
    indexes: tuple[Index, ...] = ()
    sequences: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = self.column_names
        if self.is_partitioned and tuple(names[:2]) != PARTITION:
            raise ValueError(f"{self.name}: the first columns must be county and month")
        if len(set(names)) != len(names):
            raise ValueError(f"{self.name}: a column is named twice")
        for what, used in [("key", self.key), *((f"index {i.suffix}", i.columns) for i in self.indexes)]:
            if missing := set(used) - set(names):
                raise ValueError(f"{self.name}: {what} columns {sorted(missing)} are not columns")
        if loose := [c.name for c in self.columns if c.name in self.key and c.nullable]:
            raise ValueError(f"{self.name}: key columns {loose} may be null")

    @property
    def column_names(self) -> list[str]:
        """Column names in table order."""
        return [column.name for column in self.columns]

    @property
    def given_columns(self) -> tuple[Column, ...]:
        """The columns a writer gives: all but those that Postgres generates."""
        return tuple(column for column in self.columns if column.generated is None)

    @property
    def arrow_schema(self) -> pa.Schema:
        """Arrow schema of the given columns in table order."""
        return pa.schema([pa.field(c.name, c.arrow_type, nullable=c.nullable) for c in self.given_columns])

    @property
    def comment(self) -> str:
        """Grain and purpose, as comments and documentation tell them."""
        return f"{self.grain} {self.description}".strip()

    @property
    def holds_personal_data(self) -> bool:
        """True where a column does."""
        return any(column.is_personal for column in self.columns)

    @property
    def plain_schema(self) -> pa.Schema:
        """The same without NOT NULL, which a cast cannot add; the warehouse enforces it."""
        return pa.schema([(c.name, c.arrow_type) for c in self.given_columns])

    def empty(self) -> pa.Table:
        """The table without rows."""
        return self.plain_schema.empty_table()

    def record(self, names: Collection[str] | None = None) -> str:
        """`name type, …` of some columns, or of all that are given: what `jsonb_to_recordset` reads."""
        types = {column.name: column.sql_type for column in self.given_columns}
        return ", ".join(f"{name} {types[name]}" for name in names or types)


def index_name(spec: TableSpec, index: Index) -> str:
    """Name of an index in the database."""
    return f"{spec.name}_{index.suffix}"
