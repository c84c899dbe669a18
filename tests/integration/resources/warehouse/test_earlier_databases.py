"""A database that earlier versions made is taken over: nothing in it is lost, and it ends like a new one."""

import json
from pathlib import Path

import pytest

from realestate_assets.domain.tables import TABLES
from realestate_assets.domain.tables.ops import OPS_TABLES
from resources.warehouse.resource import WarehouseResource
from resources.warehouse.table_ddl import CATALOG_SQL, Catalog, catalog_parameters, statements

pytestmark = pytest.mark.integration

EARLIER_SQL = Path(__file__).with_name("earlier_tables.sql")
SPECS = [*TABLES.values(), *OPS_TABLES.values()]
# What had to be known in earlier versions and need not be now: homes may be placed without coordinates.
MAY_BE_NULL_NOW = {("raw", "comparables", "distance_mi")}
VALUES = {
    "text": "'kept'",
    "bigint": "7",
    "integer": "7",
    "double precision": "7.25",
    "boolean": "true",
    "date": "'2015-03-01'",
    "timestamp with time zone": "'2015-03-01 12:00+00'",
    "jsonb": """'["2015-03"]'""",
    "bytea": "'\\x00ff'",
}
# Other columns are no longer read, and stay for the version before.
KNOWN = {(spec.schema, spec.name, name) for spec in SPECS for name in spec.column_names}
COLUMNS_SQL = """
select table_schema::text as schema, table_name::text as table, column_name::text as column,
       data_type::text as type, is_nullable::text as nullable, is_generated::text as generated,
       column_default::text as default
from information_schema.columns
where table_schema in ('raw', 'ops') and table_name <> 'alembic_version' order by 1, 2, ordinal_position
"""
INDEXES_SQL = """
select schemaname::text as schema, indexname::text as name, indexdef::text as definition
from pg_indexes where schemaname in ('raw', 'ops') and tablename <> 'alembic_version' order by 1, 2
"""
HISTORY = "realestate_assets:migrations"
# Tables that the earlier version did not have.
CAME_SINCE = {
    ("raw", "rents"),
    ("raw", "rent_estimates"),
    ("raw", "equity_studies"),
    ("ops", "api_states"),
    ("ops", "run_claims"),
}
# Of tables that there were already.
INDEXES_CAME_SINCE = {"events_event_time"}
SEQUENCES_SQL = (
    "select schemaname::text || '.' || sequencename as name from pg_sequences "
    "where schemaname in ('raw', 'ops') order by 1"
)


def layout(warehouse: WarehouseResource) -> list[list[dict]]:
    return [warehouse.read(sql).to_pylist() for sql in (COLUMNS_SQL, INDEXES_SQL, SEQUENCES_SQL)]


def place(column: dict) -> tuple[str, str, str]:
    return column["schema"], column["table"], column["column"]


def rows(warehouse: WarehouseResource, columns: list[dict]) -> dict[str, list[dict]]:
    names = dict.fromkeys(f"{column['schema']}.{column['table']}" for column in columns)
    return {
        name: warehouse.read(f"select to_jsonb(t)::text as row from {name} t").to_pylist() for name in names
    }


@pytest.fixture(params=["", HISTORY], ids=["by the specs", "by the history"])
def earlier(warehouse: WarehouseResource, request: pytest.FixtureRequest) -> WarehouseResource:
    """A database as an earlier version left it, with one full row in every table."""
    warehouse = warehouse.model_copy(update={"migrations": request.param})
    statements_of_old = EARLIER_SQL.read_text().split(";\n")
    for statement in filter(None, (part.strip() for part in statements_of_old)):
        warehouse.execute(statement)
    columns = warehouse.read(COLUMNS_SQL).to_pylist()
    for table in dict.fromkeys((c["schema"], c["table"]) for c in columns):
        given = [c for c in columns if (c["schema"], c["table"]) == table and c["generated"] == "NEVER"]
        names, values = ", ".join(c["column"] for c in given), ", ".join(VALUES[c["type"]] for c in given)
        warehouse.execute(f"insert into {'.'.join(table)} ({names}) values ({values})")
    return warehouse


def test_the_earlier_statements_make_every_table_of_the_platform(earlier):
    found = {(column["schema"], column["table"]) for column in layout(earlier)[0]}
    assert found == {(spec.schema, spec.name) for spec in SPECS} - CAME_SINCE


def test_nothing_of_an_earlier_database_is_lost_or_changed(earlier):
    columns, indexes, sequences = layout(earlier)
    before = rows(earlier, columns)
    assert all(len(found) == 1 for found in before.values())
    earlier.ensure_tables(SPECS)
    columns_now, indexes_now, sequences_now = layout(earlier)
    columns_now = [column for column in columns_now if place(column)[:2] not in CAME_SINCE]
    of_new = tuple(f" on {'.'.join(table)} " for table in CAME_SINCE)
    indexes_now = [i for i in indexes_now if not any(new in i["definition"].lower() for new in of_new)]
    names = {index["name"] for index in indexes}
    assert {i["name"] for i in indexes_now if i["name"] not in names} == INDEXES_CAME_SINCE
    indexes_now = [i for i in indexes_now if i["name"] in names]
    # Columns that came since stand behind those that were there, empty.
    named = {place(column) for column in columns}
    expected = [
        column | {"nullable": "YES"} if place(column) in MAY_BE_NULL_NOW else column for column in columns
    ]
    assert [column for column in columns_now if place(column) in named] == expected
    assert all(column["nullable"] == "YES" for column in columns_now if place(column) not in named)
    assert (indexes_now, sequences_now) == (indexes, sequences)
    after = rows(earlier, columns)
    assert after.keys() == before.keys()
    for table, (row,) in before.items():
        was, now = json.loads(row["row"]), json.loads(after[table][0]["row"])
        assert now == dict.fromkeys(now) | was


def test_an_earlier_database_ends_like_a_new_one(earlier, module_warehouse):
    earlier.ensure_tables(SPECS)
    module_warehouse.ensure_tables(SPECS)
    (columns, *others), (new_columns, *new_others) = layout(earlier), layout(module_warehouse)
    # The order of the columns tells which came later, and nothing else.
    columns = [column for column in columns if place(column) in KNOWN]
    assert sorted(map(str, columns)) == sorted(map(str, new_columns))
    assert others == new_others


def test_once_taken_over_there_is_nothing_left_to_do(earlier):
    earlier.ensure_tables(SPECS)
    earlier.describe_tables(SPECS)
    with earlier.connect() as connection, connection.cursor() as cursor:
        cursor.execute(CATALOG_SQL, catalog_parameters(SPECS))
        catalog = Catalog.from_rows(cursor.fetch_arrow_table().to_pylist())
    assert statements(SPECS, catalog) == []


def test_an_index_or_column_that_an_even_earlier_version_lacked_is_made(earlier, module_warehouse):
    earlier.execute("drop index ops.landed_files_open")
    earlier.execute("drop index raw.scores_property_id")
    earlier.execute("alter table ops.provider_calls drop column cost_usd")
    earlier.execute("alter table raw.memos drop column render_key")
    earlier.execute("drop sequence ops.landed_batches")
    earlier.execute("alter table raw.memos add column long_gone text not null default 'kept'")
    earlier.execute("alter table raw.memos alter column long_gone drop default")
    earlier.ensure_tables(SPECS)
    module_warehouse.ensure_tables(SPECS)
    columns, indexes, sequences = layout(earlier)
    new_columns, new_indexes, new_sequences = layout(module_warehouse)
    assert (indexes, sequences) == (new_indexes, new_sequences)
    known = [column for column in columns if place(column) in KNOWN]
    assert sorted(map(str, known)) == sorted(map(str, new_columns))
    cost = earlier.read("select cost_usd from ops.provider_calls")
    assert cost["cost_usd"].to_pylist() == [7 / 1_000_000]
    gone = [column["nullable"] for column in columns if column["column"] == "long_gone"]
    assert gone == ["YES"]
    assert earlier.read("select long_gone from raw.memos")["long_gone"].to_pylist() == ["kept"]
