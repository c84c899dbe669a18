"""DDL that brings a database to the table specs: statements are computed here and run by `resource`."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from resources.errors import PermanentError
from resources.warehouse.connections import identifier
from resources.warehouse.table_spec import Column, TableSpec, index_name

# Held while tables are made or upgraded: neither sees the other half done.
LOCK = "ensure_tables"
SCHEMAS = ("raw", "staging", "intermediate", "marts", "ops")

# One row a column of the tables asked for, one a sequence, and one for a schema that holds none of either.
# $1: names of schemas; $2: qualified names of tables and sequences; both JSON arrays.
CATALOG_SQL = """
select n.nspname::text as schema, c.relname::text as name, c.relkind = 'S' as is_sequence,
       obj_description(c.oid, 'pg_class') as table_comment, i.key, i.indexes,
       a.attname::text as column, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as required,
       a.attgenerated <> '' as is_generated, a.atthasdef and a.attgenerated = '' as has_default,
       col_description(c.oid, a.attnum) as comment
from pg_namespace n
left join pg_class c
    on c.relnamespace = n.oid and c.relkind in ('r', 'p', 'S')
    and n.nspname || '.' || c.relname in (select jsonb_array_elements_text($2::jsonb))
left join pg_attribute a
    on a.attrelid = c.oid and c.relkind <> 'S' and a.attnum > 0 and not a.attisdropped
left join lateral (
    select string_agg(x.relname::text, ',') as indexes,
           string_agg((
               select string_agg(k.attname::text, ',' order by array_position(p.indkey::int2[], k.attnum))
               from pg_attribute k where k.attrelid = c.oid and k.attnum = any(p.indkey)
           ), '') filter (where p.indisprimary) as key
    from pg_index p join pg_class x on x.oid = p.indexrelid
    where p.indrelid = c.oid
) i on true
where n.nspname in (select jsonb_array_elements_text($1::jsonb))
"""


@dataclass(frozen=True)
class Catalog:
    """What a database holds: its schemas, its sequences, and per table its catalogue rows by column name."""

    schemas: frozenset[str]
    sequences: frozenset[tuple[str, str]]
    tables: dict[tuple[str, str], dict[str, dict[str, Any]]]

    @classmethod
    def from_rows(cls, rows: list[dict[str, Any]]) -> "Catalog":
        """From the rows of CATALOG_SQL."""
        tables: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
        for row in rows:
            if row["name"] and not row["is_sequence"]:
                tables.setdefault((row["schema"], row["name"]), {})[row["column"]] = row
        sequences = frozenset((row["schema"], row["name"]) for row in rows if row["is_sequence"])
        return cls(frozenset(row["schema"] for row in rows), sequences, tables)


def catalog_parameters(specs: Iterable[TableSpec]) -> tuple[str, str]:
    """What CATALOG_SQL is bound to for these specs."""
    schemas, names = set(SCHEMAS), set()
    for spec in specs:
        schemas.add(spec.schema)
        names |= {f"{spec.schema}.{name}" for name in (spec.name, *spec.sequences)}
    return json.dumps(sorted(schemas)), json.dumps(sorted(names))


def statements(specs: list[TableSpec], catalog: Catalog) -> list[str]:
    """Statements that are missing for `catalog` to match `specs`; none when all is as it should be.

    Raises:
        PermanentError: a column changed its type or a table its key, which is not done behind one's back.
    """
    wanted = dict.fromkeys([*SCHEMAS, *(identifier(spec.schema) for spec in specs)])
    result: list[str] = []
    if lacking := [name for name in wanted if name not in catalog.schemas]:
        # Imports SQLAlchemy, here as below: most databases lack nothing.
        from resources.warehouse.table_sql import create_schema

        result += map(create_schema, lacking)
    for spec in specs:
        columns = catalog.tables.get((spec.schema, spec.name))
        for name in spec.sequences:
            if (spec.schema, name) not in catalog.sequences:
                result.append(f"create sequence if not exists {spec.schema}.{identifier(name)}")
        if columns is None:
            from resources.warehouse.table_sql import create_table

            result += create_table(spec)
        else:
            result += _alter(spec, columns)
    return result


def is_comment(statement: str) -> bool:
    """Whether a statement of `statements` only describes: what works without it."""
    return statement.startswith("COMMENT ON ")


def table_name(spec: TableSpec) -> str:
    """Qualified name of the table, for SQL."""
    return f"{identifier(spec.schema)}.{identifier(spec.name)}"


def _alter(spec: TableSpec, columns: dict[str, dict[str, Any]]) -> Iterator[str]:
    any_row = next(iter(columns.values()))
    if (any_row["key"] or "") != ",".join(spec.key):
        raise _drift(spec, None, f"has the key ({any_row['key']}), the spec says ({', '.join(spec.key)})")
    if any_row["table_comment"] != spec.comment:
        from resources.warehouse.table_sql import comment_on_table

        yield comment_on_table(spec)
    for column in spec.columns:
        yield from _alter_column(spec, column, columns.get(column.name))
    for extra in sorted(columns.keys() - set(spec.column_names)):
        if columns[extra]["required"]:
            yield f'alter table {table_name(spec)} alter column "{extra}" drop not null'
    there = (any_row["indexes"] or "").split(",")
    if missing := {index_name(spec, index) for index in spec.indexes}.difference(there):
        from resources.warehouse.table_sql import create_indexes

        yield from create_indexes(spec, missing)


def _alter_column(spec: TableSpec, column: Column, row: dict[str, Any] | None) -> Iterator[str]:
    alter = f"alter table {table_name(spec)}"
    if row is None:
        from resources.warehouse.table_sql import column_definition, comment_on_column

        # Postgres itself refuses a required column on a table that has rows.
        yield f"{alter} add column if not exists {column_definition(spec, column)}"
        yield comment_on_column(spec, column)
        return
    if row["type"] != column.sql_type:
        raise _drift(spec, column.name, f"is {row['type']}, the spec says {column.sql_type}")
    if row["is_generated"] != (column.generated is not None):
        words = {True: "generated", False: "given by its writer"}
        now, said = words[row["is_generated"]], words[column.generated is not None]
        raise _drift(spec, column.name, f"is {now}, the spec says {said}")
    if row["has_default"] != (column.default is not None):
        change = "drop default" if column.default is None else f"set default {column.default}"
        yield f"{alter} alter column {column.name} {change}"
    if row["required"] == column.nullable:
        yield f"{alter} alter column {column.name} {'drop' if column.nullable else 'set'} not null"
    if row["comment"] != column.description:
        from resources.warehouse.table_sql import comment_on_column

        yield comment_on_column(spec, column)


def _drift(spec: TableSpec, column: str | None, what: str) -> PermanentError:
    subject = "the column" if column else "the table"
    return PermanentError(
        f"{subject} {what}.",
        source=table_name(spec),
        field=column,
        remedy=f"Migrate it by hand, or drop table {table_name(spec)} and materialize {spec.name} again.",
    )
