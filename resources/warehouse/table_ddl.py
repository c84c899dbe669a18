"""DDL that brings a database to the table specs: statements are computed here and run by `warehouse`."""

from dataclasses import dataclass

from resources.errors import PermanentError
from resources.warehouse.connections import identifier
from resources.warehouse.table_spec import Column, TableSpec

SCHEMAS = ("raw", "staging", "intermediate", "marts", "ops")

# One row a column of our schemas, and one row without a column for a table that has none.
CATALOG_SQL = """
select n.nspname::text as schema, c.relname::text as table,
       obj_description(c.oid, 'pg_class') as table_comment,
       a.attname::text as column, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as required,
       col_description(c.oid, a.attnum) as comment, c.reltuples::float8 as estimate,
       (select string_agg(k.attname::text, ',' order by array_position(i.indkey::int2[], k.attnum))
          from pg_index i
          join pg_attribute k on k.attrelid = c.oid and k.attnum = any(i.indkey)
         where i.indrelid = c.oid and i.indisprimary) as key
from pg_namespace n
left join pg_class c on c.relnamespace = n.oid and c.relkind in ('r', 'p')
left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where n.nspname in (select jsonb_array_elements_text($1::jsonb))
"""


@dataclass(frozen=True)
class Found:
    """What a database holds: its schemas, and per table its catalogue rows by column name."""

    schemas: frozenset[str]
    tables: dict[tuple[str, str], dict[str, dict]]

    @classmethod
    def from_rows(cls, rows: list[dict]) -> "Found":
        """From the rows of CATALOG_SQL."""
        tables: dict[tuple[str, str], dict[str, dict]] = {}
        for row in rows:
            if row["table"] and row["column"]:
                tables.setdefault((row["schema"], row["table"]), {})[row["column"]] = row
        return cls(frozenset(row["schema"] for row in rows), tables)


def statements(specs: list[TableSpec], found: Found) -> list[str]:
    """Statements that are missing for `found` to match `specs`; none when all is as it should be.

    Raises:
        PermanentError: a column changed its type or a table its key, which is not done behind one's back.
    """
    result = [f"create schema if not exists {schema}" for schema in SCHEMAS if schema not in found.schemas]
    for spec in specs:
        columns = found.tables.get((spec.schema, spec.name))
        result += _create(spec) if columns is None else _alter(spec, columns)
    return result


def table_name(spec: TableSpec) -> str:
    """Qualified name of the table, for SQL."""
    return f"{identifier(spec.schema)}.{identifier(spec.name)}"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _definition(column: Column) -> str:
    return f"{identifier(column.name)} {column.sql_type}{'' if column.nullable else ' not null'}"


def _comment(spec: TableSpec, column: Column) -> str:
    return f"comment on column {table_name(spec)}.{column.name} is {_literal(column.description)}"


def _create(spec: TableSpec) -> list[str]:
    name = table_name(spec)
    columns = ",\n  ".join(_definition(column) for column in spec.columns)
    key = ", ".join(identifier(column) for column in spec.key)
    result = [
        f"create table if not exists {name} (\n  {columns},\n  primary key ({key})\n)",
        f"comment on table {name} is {_literal(spec.description)}",
    ]
    if "property_id" in spec.column_names:
        # The key begins with the partition; a property's history is looked up by its id alone.
        result.append(f"create index if not exists {spec.name}_property_id on {name} (property_id)")
    return result + [_comment(spec, column) for column in spec.columns]


def _alter(spec: TableSpec, columns: dict[str, dict]) -> list[str]:
    name = table_name(spec)
    any_row = next(iter(columns.values()))
    if (any_row["key"] or "") != ",".join(spec.key):
        raise _drift(spec, None, f"has the key ({any_row['key']}), the spec says ({', '.join(spec.key)})")
    result = []
    if any_row["table_comment"] != spec.description:
        result.append(f"comment on table {name} is {_literal(spec.description)}")
    for column in spec.columns:
        result += _alter_column(spec, column, columns.get(column.name))
    for extra in sorted(columns.keys() - set(spec.column_names)):
        if columns[extra]["required"]:
            result.append(f'alter table {name} alter column "{extra}" drop not null')
    return result


def _alter_column(spec: TableSpec, column: Column, row: dict | None) -> list[str]:
    name = table_name(spec)
    if row is None:
        # Postgres itself refuses a required column on a table that has rows.
        return [f"alter table {name} add column if not exists {_definition(column)}", _comment(spec, column)]
    if row["type"] != column.sql_type:
        raise _drift(spec, column.name, f"is {row['type']}, the spec says {column.sql_type}")
    result = []
    if row["required"] and column.nullable and column.name not in spec.key:
        result.append(f"alter table {name} alter column {column.name} drop not null")
    if not row["required"] and not column.nullable:
        result.append(f"alter table {name} alter column {column.name} set not null")
    if row["comment"] != column.description:
        result.append(_comment(spec, column))
    return result


def _drift(spec: TableSpec, column: str | None, what: str) -> PermanentError:
    subject = "the column" if column else "the table"
    return PermanentError(
        f"{subject} {what}.",
        source=table_name(spec),
        field=column,
        remedy=f"Migrate it by hand, or drop table {table_name(spec)} and materialize {spec.name} again.",
    )
