"""The warehouse's IO manager: an asset named like a table spec fills that table, partition by partition."""

import datetime as dt

import dagster as dg
import pandas as pd
import pyarrow as pa
import pytest

from resources.errors import PermanentError
from resources.partition import Partition
from resources.warehouse.io_manager import NO_JOURNAL, WarehouseIOManager
from resources.warehouse.resource import WarehouseResource
from resources.warehouse.table_spec import Column, TableSpec
from tests.unit.assets.frame_io import range_tags

pytestmark = pytest.mark.integration

PARTITIONS = dg.MultiPartitionsDefinition(
    {
        "county": dg.StaticPartitionsDefinition(["king-wa"]),
        "month": dg.MonthlyPartitionsDefinition("2015-01", end_date="2015-05", fmt="%Y-%m"),
    }
)
OPTIONS = {
    "partitions_def": PARTITIONS,
    "backfill_policy": dg.BackfillPolicy.multi_run(13),
    "io_manager_key": "warehouse_io",
}
COLUMNS = (
    Column("county", "text", "County slug.", nullable=False),
    Column("month", "text", "Month.", nullable=False),
    Column("home_id", "text", "Id.", nullable=False),
    Column("sale_date", "date", "Day of the sale."),
)
TABLES = {
    name: TableSpec("raw", name, f"The {name}.", ("county", "month", "home_id"), COLUMNS)
    for name in ("homes", "copies", "refused")
}


def rows(*ids: str) -> pd.DataFrame:
    """Rows in an order that is not the key's."""
    return pd.DataFrame(
        [("king-wa", "2015-02", i, dt.date(2015, 2, 1)) for i in ids] + [("king-wa", "2015-01", "z", None)],
        columns=["county", "month", "home_id", "sale_date"],
    )


def run(warehouse: WarehouseResource, *assets: dg.AssetsDefinition) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        list(assets),
        resources={
            "warehouse_io": WarehouseIOManager(warehouse=warehouse, tables=TABLES, journal=NO_JOURNAL)
        },
        tags=range_tags("king-wa", "2015-01", "2015-03"),
    )


@dg.multi_asset(
    outs={
        name: dg.AssetOut(io_manager_key="warehouse_io", is_required=False) for name in ("homes", "refused")
    },
    partitions_def=PARTITIONS,
    backfill_policy=OPTIONS["backfill_policy"],
)
def discovered():
    yield dg.Output(rows("b", "a"), "homes")
    yield dg.Output(pa.Table.from_pandas(rows(), preserve_index=False), "refused")


def test_a_step_with_two_outputs_fills_two_tables_and_counts_each_partition(warehouse):
    result = run(warehouse, discovered)
    counts = {
        (event.asset_key.path[-1], event.partition): event.metadata["dagster/partition_row_count"].value
        for event in result.asset_materializations_for_node("discovered")
    }
    assert counts == {
        ("homes", "king-wa|2015-01"): 1,
        ("homes", "king-wa|2015-02"): 2,
        ("homes", "king-wa|2015-03"): 0,
        ("refused", "king-wa|2015-01"): 1,
        ("refused", "king-wa|2015-02"): 0,
        ("refused", "king-wa|2015-03"): 0,
    }


def test_the_asset_page_shows_the_table_and_the_meaning_of_its_columns(warehouse):
    result = run(warehouse, discovered)
    metadata = result.asset_materializations_for_node("discovered")[0].metadata
    assert metadata["dagster/table_name"].value.startswith("raw.")
    shown = {c.name: (c.description, c.type) for c in metadata["dagster/column_schema"].schema.columns}
    assert shown["sale_date"] == ("Day of the sale.", "date32[day]")


@pytest.mark.parametrize("annotation", [pa.Table, pd.DataFrame])
def test_a_load_gives_the_annotated_frame_in_order_of_the_key(warehouse, annotation):
    seen = []

    def copies(homes):
        seen.append(homes)
        return homes

    copies.__annotations__["homes"] = annotation
    run(warehouse, discovered, dg.asset(**OPTIONS)(copies))
    loaded = seen[0]
    assert isinstance(loaded, annotation)
    ids = loaded["home_id"].to_pylist() if annotation is pa.Table else loaded["home_id"].tolist()
    assert ids == ["z", "a", "b"]
    if annotation is pd.DataFrame:
        assert loaded["sale_date"].dt.day.tolist()[1:] == [1, 1]
    again = warehouse.read_partitions(
        "raw", "copies", [Partition("king-wa", "2015-01"), Partition("king-wa", "2015-02")]
    )
    assert again.num_rows == 3


def test_a_second_run_leaves_the_same_rows(warehouse):
    run(warehouse, discovered)
    run(warehouse, discovered)
    assert warehouse.read("select count(*) as n from raw.homes")["n"].to_pylist() == [3]


def test_an_asset_without_a_table_spec_is_refused_by_name(warehouse):
    @dg.asset(**OPTIONS)
    def features():
        return rows()

    with pytest.raises(PermanentError, match=r"features has no table spec.*domain/tables"):
        run(warehouse, features)


def test_an_asset_that_returns_nothing_is_refused(warehouse):
    @dg.asset(**OPTIONS)
    def homes():
        return None

    with pytest.raises(PermanentError, match="homes returned NoneType"):
        run(warehouse, homes)
