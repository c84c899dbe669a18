"""Single statements of DDL for the table specs, as SQLAlchemy writes them for Postgres.

Apart from `table_ddl`, which says what is missing: most databases lack nothing, and need no SQLAlchemy.
"""

from collections.abc import Collection, Iterator
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy import schema as ddl
from sqlalchemy.dialects import postgresql

from resources.warehouse.table_metadata import sa_table
from resources.warehouse.table_spec import Column, TableSpec

# A style of parameters that leaves percent signs in comments as they are.
DIALECT = postgresql.dialect(paramstyle="named")


def create_schema(name: str) -> str:
    """Makes a schema where it is not there."""
    return _sql(ddl.CreateSchema(name, if_not_exists=True))


def create_table(spec: TableSpec) -> Iterator[str]:
    """Make a table with its comments and indexes."""
    table = _table(spec)
    yield _sql(ddl.CreateTable(table, if_not_exists=True))
    yield _sql(ddl.SetTableComment(table))
    yield from (_sql(ddl.CreateIndex(index, if_not_exists=True)) for index in table.indexes)
    yield from (_sql(ddl.SetColumnComment(column)) for column in table.columns)


def comment_on_table(spec: TableSpec) -> str:
    """Describes a table."""
    return _sql(ddl.SetTableComment(_table(spec)))


def comment_on_column(spec: TableSpec, column: Column) -> str:
    """Describes a column."""
    return _sql(ddl.SetColumnComment(_table(spec).c[column.name]))


def column_definition(spec: TableSpec, column: Column) -> str:
    """Name, type and constraints of a column."""
    return str(ddl.CreateColumn(_table(spec).c[column.name]).compile(dialect=DIALECT))


def create_indexes(spec: TableSpec, names: Collection[str]) -> Iterator[str]:
    """Make the indexes of these names."""
    chosen = (index for index in _table(spec).indexes if index.name in names)
    yield from (_sql(ddl.CreateIndex(index, if_not_exists=True)) for index in chosen)


@lru_cache
def _table(spec: TableSpec) -> sa.Table:
    return sa_table(spec, sa.MetaData())


def _sql(element: ddl.ExecutableDDLElement) -> str:
    return str(element.compile(dialect=DIALECT)).strip()
