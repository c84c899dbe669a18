"""The warehouse writes whole partitions, gives back what it was given, and grows with its specs."""

import dataclasses
import datetime as dt
import json
import threading

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from realestate_assets.domain.tables import TABLES
from resources.errors import PermanentError, TransientError
from resources.partition import IN_PARTITIONS, Partition, in_partitions, partitions_json
from resources.warehouse.resource import WarehouseResource
from resources.warehouse.table_spec import Column, TableSpec

pytestmark = pytest.mark.integration

MARCH, APRIL, MAY = (
    Partition("king-wa", "2015-03"),
    Partition("king-wa", "2015-04"),
    Partition("king-wa", "2015-05"),
)
THINGS = TableSpec(
    schema="raw",
    name="things",
    description="A table of every kind.",
    key=("county", "month", "thing_id"),
    columns=(
        Column("county", "text", "County.", nullable=False),
        Column("month", "text", "Month.", nullable=False),
        Column("thing_id", "integer", "Id.", nullable=False),
        Column("note", "text", "The owner's words."),
        Column("price_usd", "float", "Price."),
        Column("is_new", "boolean", "Flag."),
        Column("sale_date", "date", "Day."),
        Column("seen_at", "timestamp", "Instant."),
        Column("facts", "json", "JSON text."),
    ),
)


def things(rows: list[dict]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=THINGS.arrow_schema)


def thing(partition: Partition, number: int, **values) -> dict:
    return {**partition.columns, "thing_id": number} | values


@pytest.fixture
def store(warehouse: WarehouseResource) -> WarehouseResource:
    warehouse.ensure_tables([THINGS])
    return warehouse


def stored(warehouse: WarehouseResource, *partitions) -> list[dict]:
    table = warehouse.read_partitions("raw", "things", list(partitions))
    return table.sort_by([(name, "ascending") for name in THINGS.key]).to_pylist()


CLASSICS = ["", "NULL", "\\N", "'", '"', "a\nb\r\n\tc", "\\", "🏡 naïve", "{}", "$1", "%s", "\ufeff", ";--"]
ANY_TEXT = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40)
NASTY = ANY_TEXT | st.sampled_from(CLASSICS)
ROW = st.fixed_dictionaries(
    {
        "note": st.none() | NASTY,
        "price_usd": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "is_new": st.none() | st.booleans(),
        "sale_date": st.none() | st.dates(),
        "seen_at": st.none() | st.datetimes(timezones=st.just(dt.UTC)),
        "facts": st.none() | NASTY,
    }
)


@pytest.fixture(scope="module")
def shared(module_warehouse: WarehouseResource) -> WarehouseResource:
    module_warehouse.ensure_tables([THINGS])
    return module_warehouse


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, max_size=20), as_pandas=st.booleans())
def test_any_frame_comes_back_as_it_was_given(shared, rows, as_pandas):
    rows = [thing(MARCH, number, **row) for number, row in enumerate(rows)]
    frame = things(rows)
    given_frame = frame.to_pandas() if as_pandas else frame
    assert shared.replace_partitions(THINGS, given_frame, [MARCH]) == {MARCH: len(rows)}
    assert stored(shared, MARCH) == frame.to_pylist()


def test_only_the_partitions_named_are_replaced(store):
    store.replace_partitions(THINGS, things([thing(MARCH, 1), thing(APRIL, 1)]), [MARCH, APRIL])
    counts = store.replace_partitions(THINGS, things([thing(APRIL, 2), thing(APRIL, 3)]), [APRIL, MAY])
    assert counts == {APRIL: 2, MAY: 0}
    rows = [(row["month"], row["thing_id"]) for row in stored(store, MARCH, APRIL, MAY)]
    assert rows == [("2015-03", 1), ("2015-04", 2), ("2015-04", 3)]


def test_the_condition_holds_for_the_rows_of_the_bound_partitions_alone(store):
    cook = Partition("cook-il", "2015-03")
    store.replace_partitions(
        THINGS, things([thing(p, 1) for p in (MARCH, APRIL, cook)]), [MARCH, APRIL, cook]
    )
    sql = f"select t.county, t.month from raw.things as t, raw.things as p where {in_partitions('t')}"
    chosen = store.read(sql, (partitions_json([MARCH, MARCH, MAY]),)).to_pylist()
    assert {Partition.of(row) for row in chosen} == {MARCH}
    assert store.read(f"select 1 from raw.things where {IN_PARTITIONS}", (partitions_json([]),)).num_rows == 0


def test_a_partition_without_rows_is_emptied(store):
    store.replace_partitions(THINGS, things([thing(MARCH, 1)]), [MARCH])
    assert store.replace_partitions(THINGS, pd.DataFrame(columns=THINGS.column_names), [MARCH]) == {MARCH: 0}
    assert stored(store, MARCH) == []


def test_a_refused_frame_changes_nothing(store):
    store.replace_partitions(THINGS, things([thing(MARCH, 1, note="old")]), [MARCH])
    with pytest.raises(PermanentError, match="not a partition of this run"):
        store.replace_partitions(THINGS, things([thing(APRIL, 1)]), [MARCH])
    with pytest.raises(PermanentError, match="NUL"):
        store.replace_partitions(THINGS, things([thing(MARCH, 1, note="a\0b")]), [MARCH])
    assert [row["note"] for row in stored(store, MARCH)] == ["old"]


def test_rows_are_read_in_order_of_partition_and_property(store):
    store.execute("create table marts.p (month text, county text, property_id text)")
    values = "('2015-04', 'king-wa', 'a'), ('2015-03', 'king-wa', 'b'), ('2015-03', 'king-wa', 'a')"
    store.execute(f"insert into marts.p values {values}")
    table = store.read_partitions("marts", "p", [APRIL, MARCH], ["property_id", "month", "county"])
    assert table.column_names == ["property_id", "month", "county"]
    assert table.to_pydict()["property_id"] == ["a", "b", "a"]


def test_parameters_are_bound_also_lists(store):
    zips = ["98004", "'; drop table raw.things; --"]
    found = store.read(
        "select v, $2::float8 as f from jsonb_array_elements_text($1::jsonb) t(v)", (json.dumps(zips), 1.5)
    )
    assert found.to_pylist() == [{"v": zips[0], "f": 1.5}, {"v": zips[1], "f": 1.5}]


@pytest.mark.parametrize("name", ["things; drop table raw.things", "Things", 'things"'])
def test_names_that_are_no_identifiers_are_refused(store, name):
    with pytest.raises(PermanentError, match="identifier"):
        store.read_partitions("raw", name, [MARCH])
    with pytest.raises(PermanentError, match="identifier"):
        store.read_partitions("raw", "things", [MARCH], [name])


def test_a_missing_table_says_what_to_do(store):
    with pytest.raises(PermanentError, match=r"marts\.features.*Materialize"):
        store.read_partitions("marts", "features", [MARCH])


def test_a_connection_is_one_transaction(store):
    with pytest.raises(ZeroDivisionError), store.connect() as connection:
        connection.cursor().execute("insert into raw.things (county, month, thing_id) values ('a', 'b', 1)")
        raise ZeroDivisionError
    with pytest.raises(PermanentError, match="division by zero"), store.connect() as connection:
        connection.cursor().execute("insert into raw.things (county, month, thing_id) values ('a', 'b', 1)")
        connection.cursor().execute("select 1 / 0")
    assert store.read("select count(*) as n from raw.things")["n"].to_pylist() == [0]


def test_times_are_utc_whatever_the_server_says(store):
    store.execute(f"alter database {store.database} set timezone = 'Asia/Kolkata'")
    text = store.read("select timestamptz '2015-03-01 00:00+00'::text as t")["t"][0].as_py()
    assert text == "2015-03-01 00:00:00+00"


def test_all_tables_of_the_platform_are_made_with_their_comments(warehouse):
    warehouse.ensure_tables(TABLES.values())
    found = warehouse.read(
        "select count(*) as n from information_schema.columns where table_schema = 'raw' and "
        "col_description((table_schema || '.' || table_name)::regclass, ordinal_position) <> ''"
    )
    assert found["n"].to_pylist() == [sum(len(spec.columns) for spec in TABLES.values())]
    schemas = warehouse.read("select nspname::text as name from pg_namespace")["name"].to_pylist()
    assert {"raw", "staging", "intermediate", "marts", "ops"} <= set(schemas)


def test_tables_made_by_many_threads_at_once_are_made_once(warehouse):
    errors = []

    def ensure():
        try:
            warehouse.ensure_tables(TABLES.values())
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=ensure) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_a_grown_spec_adds_its_column_and_keeps_the_rows(store):
    store.replace_partitions(THINGS, things([thing(MARCH, 1, note="kept")]), [MARCH])
    grown = dataclasses.replace(THINGS, columns=(*THINGS.columns, Column("rooms", "integer", "Rooms.")))
    store.ensure_tables([grown])
    store.ensure_tables([grown])
    assert [(row["note"], row["rooms"]) for row in stored(store, MARCH)] == [("kept", None)]


def test_a_grown_spec_that_needs_what_old_rows_lack_says_what_to_do(store):
    store.replace_partitions(THINGS, things([thing(MARCH, 1, note="kept")]), [MARCH])
    needed = Column("rooms", "integer", "Rooms.", nullable=False)
    grown = dataclasses.replace(THINGS, columns=(*THINGS.columns, needed))
    with pytest.raises(PermanentError, match="earlier version: drop the table"):
        store.ensure_tables([grown])
    assert [row["note"] for row in stored(store, MARCH)] == ["kept"]


def test_a_changed_type_stops_at_once(store):
    changed = [dataclasses.replace(c, kind="text") if c.name == "price_usd" else c for c in THINGS.columns]
    with pytest.raises(PermanentError, match=r"price_usd.*double precision, the spec says text"):
        store.ensure_tables([dataclasses.replace(THINGS, columns=tuple(changed))])


def test_a_lock_has_one_holder_and_a_bounded_wait(store):
    with store.lock("dbt"):
        with store.lock("another"):
            pass
        with pytest.raises(TransientError, match="'dbt' was held"), store.lock("dbt", timeout_seconds=0.3):
            pass
    with store.lock("dbt", timeout_seconds=0.3):
        pass


def test_parts_of_the_connection_serve_dbt(store):
    import psycopg2

    connection = psycopg2.connect(**store.connection_parts())
    with connection, connection.cursor() as cursor:
        cursor.execute("select current_database()")
        assert cursor.fetchone() == (store.database,)
    connection.close()
