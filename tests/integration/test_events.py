"""The journal of what happened: written with the rows, once a fact, by whichever run finds it first."""

import uuid
from datetime import date

import dagster as dg
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from realestate_assets.domain.tables import PROPERTIES, TABLES
from realestate_assets.domain.tables.event_rows import discovered
from realestate_assets.domain.tables.events import EVENT_ROWS, EVENT_SQL
from realestate_assets.domain.tables.ops import EVENT_TYPES, OPS_TABLES
from realestate_assets.partitions import COUNTY_MONTH
from resources.partition import Partition
from resources.warehouse.io_manager import WarehouseIOManager
from resources.warehouse.journal import Journal, Note
from resources.warehouse.resource import WarehouseResource
from tests.integration.dbt.raw import DEFAULTS
from tests.unit.assets.frame_io import range_tags

pytestmark = pytest.mark.integration

MARCH = {"county": "king-wa", "month": "2015-03"}
APRIL = {"county": "king-wa", "month": "2015-04"}


def frame(table: str, rows: list[dict]) -> pd.DataFrame:
    spec = TABLES[table]
    filled = [{**dict.fromkeys(spec.column_names), **DEFAULTS.get(table, {}), **row} for row in rows]
    return pd.DataFrame(filled, columns=spec.column_names)


def home(name: str, price: float = 500_000.0, **fields: object) -> dict:
    observed = pd.Timestamp("2015-03-09").date()
    return MARCH | {"property_id": name, "list_price_usd": price, "observed_date": observed} | fields


def write(warehouse: WarehouseResource, table: str, rows: list[dict], last: str = "2015-03") -> str:
    """Replace the partitions 2015-03 to `last` of a table as an asset does; the run's id."""

    @dg.asset(name=table, partitions_def=COUNTY_MONTH, io_manager_key="warehouse_io",
              backfill_policy=dg.BackfillPolicy.multi_run(13))  # fmt: skip
    def made() -> pd.DataFrame:
        return frame(table, rows)

    manager = WarehouseIOManager(
        warehouse=warehouse, tables=TABLES, journal=Journal(tuple(OPS_TABLES.values()), EVENT_SQL, EVENT_ROWS)
    )
    result = dg.materialize(
        [made], resources={"warehouse_io": manager}, tags=range_tags("king-wa", "2015-03", last)
    )
    assert result.success
    return result.run_id


def events(warehouse: WarehouseResource) -> pd.DataFrame:
    return warehouse.read(
        "select *, payload::jsonb ->> 'list_price_usd' as price from ops.events order by event_time, event_id"
    ).to_pandas()


def test_each_property_is_told_once_however_often_it_is_found(warehouse):
    first = write(warehouse, "properties", [home("a"), home("b"), home("c") | APRIL], "2015-04")
    write(warehouse, "properties", [home("b"), home("a")])
    found = events(warehouse)
    assert sorted(found["property_id"]) == ["a", "b", "c"]
    assert set(found["event_type"]) == {"property.discovered"}
    assert set(found["correlation_id"]) == {first}
    assert dict(zip(found["property_id"], found["month"], strict=True))["c"] == "2015-04"
    for each in found["event_id"]:
        assert uuid.UUID(each).version == 8
        assert uuid.UUID(each).variant == uuid.RFC_4122


def test_only_what_changed_is_told_again(warehouse):
    write(warehouse, "properties", [home("a"), home("b")])
    later = write(warehouse, "properties", [home("a"), home("b", price=450_000.0)])
    found = events(warehouse)
    assert found[found["correlation_id"] == later][["property_id", "price"]].values.tolist() == [
        ["b", "450000"]
    ]
    assert len(found) == 3


def test_a_field_that_is_in_no_payload_still_tells_two_records_apart(warehouse):
    write(warehouse, "properties", [home("a", bedrooms=2.0)])
    write(warehouse, "properties", [home("a", bedrooms=3.0)])
    assert len(events(warehouse)) == 2


@pytest.mark.parametrize("table", sorted(EVENT_SQL))
def test_every_stage_tells_of_its_rows(warehouse, table):
    rows = {
        "properties": [home("a")],
        "property_rejects": [
            MARCH | {"source": "s", "source_file": "f.csv", "file_sha256": "0", "source_row": n,
                     "disposition": kind, "reason_code": "X", "reason_codes": "X", "reason": "Bad.",
                     "raw_record": "{}"}
            for n, kind in ((1, "rejected"), (2, "duplicate"))
        ],
        "enrichments": [MARCH | {"property_id": "a"}],
        "scores": [MARCH | {"property_id": "a"}],
        "memos": [MARCH | {"property_id": "a", "bird_dog_score": 70.0, "pdf_path": "a.pdf"}],
    }[table]  # fmt: skip
    write(warehouse, table, rows)
    found = events(warehouse)
    assert len(found) == 1, "a duplicate became no property, but it was not refused"
    assert found["event_type"][0] in EVENT_TYPES
    assert found["property_id"].dropna().tolist() == ([] if table == "property_rejects" else ["a"])
    assert found["source"][0] == table


def test_a_write_that_fails_tells_nothing(warehouse):
    write(warehouse, "properties", [home("a")])
    with pytest.raises(Exception, match="null"):
        write(warehouse, "properties", [home("b"), home(None)])
    assert events(warehouse)["property_id"].tolist() == ["a"]


VALUES = {
    "text": st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8),
    "json": st.sampled_from(['{"a": 1.50}', "{}", '{"b\\\\": "\\""}']),
    "integer": st.integers(-(2**63), 2**63 - 1),
    "float": st.one_of(
        st.floats(-1e9, 1e9), st.floats(-1e-3, 1e-3), st.floats(-1e15, 1e15),
        st.integers(-(10**14), 10**14).map(float),
        st.decimals(-180, 180, places=6, allow_nan=False).map(float),
    ),
    "boolean": st.booleans(),
    "date": st.dates(min_value=date(1000, 1, 1)),
}  # fmt: skip
DETAILS = {
    column.name: VALUES[column.kind]
    for column in PROPERTIES.columns
    if column.name not in ("county", "month", "property_id", "source_id")
}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.fixed_dictionaries({}, optional=DETAILS), min_size=1, max_size=6))
def test_events_made_of_rows_are_those_that_the_database_makes_of_its_table(warehouse, given_rows):
    partition = Partition("king-wa", "2015-03")
    rows = [home(str(at)) | given for at, given in enumerate(given_rows)]
    needed = dict.fromkeys(PROPERTIES.column_names) | DEFAULTS["properties"]
    table = pa.Table.from_pylist([needed | row for row in rows], schema=PROPERTIES.plain_schema)
    warehouse.ensure_tables([*TABLES.values(), *OPS_TABLES.values()])
    warehouse.execute("truncate ops.events")
    warehouse.replace_partitions(PROPERTIES, table, [partition], Note(EVENT_SQL["properties"], "run"))
    columns = ["county", "month", "event_id", "property_id", "payload"]
    by_database = warehouse.read(f"select {', '.join(columns)} from ops.events order by property_id")
    made = discovered(table)
    event("made of rows" if made else "left to the database")
    if made is not None:
        assert made.select(columns).to_pylist() == by_database.to_pylist()


def test_what_the_database_alone_can_write_is_left_to_it(warehouse):
    write(warehouse, "properties", [home("a", tax_annual_usd=1e300), home("b")])
    assert sorted(events(warehouse)["property_id"]) == ["a", "b"]
