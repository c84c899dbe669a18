"""Tables of the platform's own keeping in schema `ops`: ledgers that belong to no partition.

What a partitioned table is stands in `table_spec`; these are only ever extended, never replaced.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from adbc_driver_postgresql import dbapi

from resources.warehouse import connections as postgres
from resources.warehouse.resource import WarehouseResource

FOUND_SQL = (
    "select table_name::text as name, column_name::text as column from information_schema.columns "
    "where table_schema = 'ops' and table_name in (select jsonb_array_elements_text($1::jsonb))"
)


@dataclass(frozen=True)
class OpsTable:
    """A table of schema `ops`.

    Args:
        name: plain identifier.
        description: its grain and purpose.
        columns: name -> (Postgres type and constraint, meaning).
        indexes: statements that create what is missing.
    """

    name: str
    description: str
    columns: Mapping[str, tuple[str, str]]
    indexes: tuple[str, ...] = field(default=())


def ensure_ops_tables(warehouse: WarehouseResource, tables: Iterable[OpsTable]) -> None:
    """Make the tables, or add the columns they lack; safe from several processes at once."""
    tables = list(tables)
    wanted = {(table.name, column) for table in tables for column in table.columns}
    names = json.dumps([table.name for table in tables])
    if wanted <= {(row["name"], row["column"]) for row in warehouse.read(FOUND_SQL, (names,)).to_pylist()}:
        return
    with warehouse.connect() as connection:
        # The lock under which all our tables are made: two that create a schema at once would collide.
        lock = "select pg_advisory_xact_lock(hashtextextended('ensure_tables', 0))::text"
        postgres.query(connection, lock)
        postgres.run(connection, "create schema if not exists ops")
        for table in tables:
            _create(connection, table)


def _create(connection: dbapi.Connection, table: OpsTable) -> None:
    definitions = ", ".join(f"{name} {kind}" for name, (kind, _) in table.columns.items())
    postgres.run(connection, f"create table if not exists ops.{table.name} ({definitions})")
    postgres.run(connection, f"comment on table ops.{table.name} is {_literal(table.description)}")
    for name, (kind, meaning) in table.columns.items():
        postgres.run(connection, f"alter table ops.{table.name} add column if not exists {name} {kind}")
        postgres.run(connection, f"comment on column ops.{table.name}.{name} is {_literal(meaning)}")
    for statement in table.indexes:
        postgres.run(connection, statement)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
