"""Table specs as SQLAlchemy tables: what renders the DDL, and what a migration compares a database with."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from resources.warehouse.connections import identifier
from resources.warehouse.table_spec import Column, Index, TableSpec

SQL_TYPES: dict[str, sa.types.TypeEngine] = {
    "text": sa.Text(),
    "integer": sa.BigInteger(),
    "int32": sa.Integer(),
    "float": postgresql.DOUBLE_PRECISION(),
    "boolean": sa.Boolean(),
    "date": sa.Date(),
    "timestamp": postgresql.TIMESTAMP(timezone=True),
    "binary": postgresql.BYTEA(),
    "json": sa.Text(),
    "jsonb": postgresql.JSONB(),
}


def metadata_of(specs: Iterable[TableSpec]) -> sa.MetaData:
    """The tables of some specs with their columns, keys, indexes, sequences and comments.

    Raises:
        PermanentError: a name is no plain identifier.
    """
    metadata = sa.MetaData()
    add_tables(specs, metadata)
    return metadata


def add_tables(specs: Iterable[TableSpec], metadata: sa.MetaData) -> None:
    """The same, into a metadata that is there.

    Raises:
        PermanentError: a name is no plain identifier.
    """
    for spec in specs:
        sa_table(spec, metadata)
        for name in spec.sequences:
            sa.Sequence(identifier(name), schema=spec.schema, metadata=metadata)


def sa_table(spec: TableSpec, metadata: sa.MetaData) -> sa.Table:
    """One spec as a table of `metadata`."""
    table = sa.Table(
        identifier(spec.name),
        metadata,
        *(_column(column, column.name in spec.key) for column in spec.columns),
        schema=identifier(spec.schema),
        comment=spec.comment,
    )
    # In the order of the key, which is not always that of the columns.
    if spec.key:
        table.append_constraint(sa.PrimaryKeyConstraint(*(table.c[name] for name in spec.key)))
    for index in spec.indexes:
        _add_index(table, index)
    return table


def _column(column: Column, in_key: bool) -> sa.Column:
    computed = [sa.Computed(column.generated, persisted=True)] if column.generated else []
    return sa.Column(
        identifier(column.name),
        SQL_TYPES[column.kind],
        *computed,
        primary_key=in_key,
        # No number of ours is drawn from a sequence by itself.
        autoincrement=False,
        nullable=column.nullable,
        server_default=sa.text(column.default) if column.default else None,
        comment=column.description,
    )


def _add_index(table: sa.Table, index: Index) -> None:
    columns = [table.c[name].desc() if name in index.descending else table.c[name] for name in index.columns]
    where = sa.text(index.where) if index.where else None
    sa.Index(
        identifier(f"{table.name}_{index.suffix}"), *columns, unique=index.is_unique, postgresql_where=where
    )
