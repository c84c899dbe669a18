"""The lake's IO manager: Hive layout, atomic, readable by others, lazy when asked; on a folder and on S3."""

import hashlib

import dagster as dg
import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as pads
import pyarrow.parquet as pq
import pytest

from resources.errors import PermanentError
from resources.lake.io_manager import LakeIOManager
from resources.lake.store import StoreResource
from resources.partition import Partition
from tests.unit.assets.frame_io import range_tags

pytestmark = pytest.mark.integration

PARTITIONS = dg.MultiPartitionsDefinition(
    {
        "county": dg.StaticPartitionsDefinition(["cook-il", "king-wa"]),
        "month": dg.MonthlyPartitionsDefinition("2015-01", end_date="2015-05", fmt="%Y-%m"),
    }
)
OPTIONS = {
    "partitions_def": PARTITIONS,
    "backfill_policy": dg.BackfillPolicy.multi_run(13),
    "io_manager_key": "lake_io",
}
JANUARY, FEBRUARY, MARCH = (Partition("king-wa", f"2015-0{n}") for n in (1, 2, 3))


def asset(name: str, frame) -> dg.AssetsDefinition:
    @dg.asset(name=name, **OPTIONS)
    def made():
        return frame

    return made


def sink(seen: list, annotation: type | None) -> dg.AssetsDefinition:
    def last(homes):
        seen.append(homes.to_table() if isinstance(homes, pads.Dataset) else homes)
        return pd.DataFrame({"county": [], "month": []}, dtype="str")

    if annotation:
        last.__annotations__["homes"] = annotation
    return dg.asset(**OPTIONS)(last)


def run(store: StoreResource, *assets: dg.AssetsDefinition, to: str = "2015-03") -> dg.ExecuteInProcessResult:
    return dg.materialize(
        list(assets),
        resources={"lake_io": LakeIOManager(store=store)},
        tags=range_tags("king-wa", "2015-01", to),
    )


def homes(*rows: tuple[str, int]) -> pd.DataFrame:
    return pd.DataFrame(
        {"county": "king-wa", "month": [m for m, _ in rows], "rooms": [n for _, n in rows], "note": "é\n'"}
    )


TWO_MONTHS = homes(("2015-02", 2), ("2015-01", 1), ("2015-02", 3))


@pytest.mark.parametrize("annotation", [pa.Table, pd.DataFrame, pads.Dataset, None])
def test_a_run_of_several_months_is_stored_and_loaded_by_annotation(lake, annotation):
    seen = []
    run(lake, asset("homes", TWO_MONTHS), sink(seen, annotation))
    loaded = seen[0] if isinstance(seen[0], pd.DataFrame) else seen[0].to_pandas()
    assert isinstance(seen[0], pd.DataFrame) == (annotation is pd.DataFrame)
    expected = TWO_MONTHS.sort_values("month", kind="stable", ignore_index=True)
    pd.testing.assert_frame_equal(loaded, expected)


def test_each_partition_is_one_file_that_does_not_repeat_its_path(lake):
    run(lake, asset("homes", TWO_MONTHS))
    files = [f"homes/county=king-wa/month=2015-0{month}/data.parquet" for month in (1, 2, 3)]
    assert lake.list_files() == files
    stored = pq.read_table(lake.open_input(files[1]), partitioning=None)
    assert stored.column_names == ["rooms", "note"]
    assert pq.ParquetFile(lake.open_input(files[1])).metadata.row_group(0).column(0).compression == "ZSTD"


def test_a_partition_without_rows_is_a_valid_file_with_its_schema(lake):
    run(lake, asset("homes", TWO_MONTHS))
    empty = pq.ParquetFile(lake.open_input("homes/county=king-wa/month=2015-03/data.parquet"))
    assert empty.metadata.num_rows == 0
    assert empty.schema_arrow.field("rooms").type == pa.int64()
    assert LakeIOManager(store=lake).dataset("homes", [MARCH]).to_table().num_rows == 0


def test_duckdb_reads_the_folder_as_it_is(lake):
    run(lake, asset("homes", TWO_MONTHS))
    rows = duckdb.sql(
        f"select county, month, sum(rooms) from read_parquet('{lake.uri('homes')}/*/*/*.parquet', "
        "hive_partitioning = true) group by all order by all"
    ).fetchall()
    assert rows == [("king-wa", "2015-01", 1), ("king-wa", "2015-02", 5)]


def test_every_partition_has_its_own_figures(lake):
    result = run(lake, asset("homes", TWO_MONTHS))
    events = {m.partition: m.metadata for m in result.asset_materializations_for_node("homes")}
    counts = {key: found["dagster/partition_row_count"].value for key, found in events.items()}
    assert counts == {"king-wa|2015-01": 1, "king-wa|2015-02": 2, "king-wa|2015-03": 0}
    february = events["king-wa|2015-02"]
    file = "homes/county=king-wa/month=2015-02/data.parquet"
    assert february["dagster/uri"].value == lake.uri(file)
    assert february["size_bytes"].value == lake.size(file)
    columns = [column.name for column in february["dagster/column_schema"].schema.columns]
    assert columns == ["county", "month", "rooms", "note"]


def test_the_same_rows_give_the_same_bytes_in_any_run(lake):
    def digest() -> str:
        return hashlib.sha256(lake.read_bytes("homes/county=king-wa/month=2015-01/data.parquet")).hexdigest()

    run(lake, asset("homes", TWO_MONTHS))
    whole_run = digest()
    run(lake, asset("homes", pa.Table.from_pandas(homes(("2015-01", 1)))), to="2015-01")
    assert digest() == whole_run


def test_partitions_with_different_columns_load_as_their_union(lake):
    run(lake, asset("homes", homes(("2015-01", 1)).drop(columns="note")), to="2015-01")
    later = homes(("2015-02", 2)).assign(rooms=None, price=1.5)
    run(lake, asset("homes", pd.concat([later, homes(("2015-03", 7)).assign(rooms=None)])), to="2015-03")
    run(lake, asset("homes", homes(("2015-01", 1)).drop(columns="note")), to="2015-01")
    table = LakeIOManager(store=lake).dataset("homes", [JANUARY, FEBRUARY, MARCH]).to_table()
    assert table.column_names == ["county", "month", "rooms", "note", "price"]
    assert table["rooms"].to_pylist() == [1, None, None]
    assert table["note"].to_pylist() == [None, "é\n'", "é\n'"]
    assert table["price"].to_pylist() == [None, 1.5, None]


def test_columns_that_cannot_be_united_are_named(lake):
    run(lake, asset("homes", homes(("2015-01", 1))), to="2015-01")
    other = pa.table({"county": ["king-wa"], "month": ["2015-02"], "rooms": [[1, 2]]})
    lake.write_bytes("homes/county=king-wa/month=2015-02/data.parquet", _bytes(other))
    with pytest.raises(PermanentError, match=r"rooms.*int64 and as list"):
        LakeIOManager(store=lake).dataset("homes", [JANUARY, FEBRUARY])


def _bytes(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table.drop_columns(["county", "month"]), sink)
    return sink.getvalue().to_pybytes()


def test_a_missing_partition_is_named_with_asset_key_and_file(lake):
    run(lake, asset("homes", homes(("2015-01", 1))), to="2015-01")
    wanted = r"homes has no partition king-wa\|2015-02 and 1 more: .*/month=2015-02/data.parquet"
    with pytest.raises(PermanentError, match=wanted + r".*Materialize homes for king-wa\|2015-02"):
        LakeIOManager(store=lake).dataset("homes", [JANUARY, FEBRUARY, MARCH])


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (homes(("2015-04", 1)), r"king-wa\|2015-04, which is not a partition of this run"),
        (homes(("2015-01", 1)).drop(columns="month"), "without month"),
        ({"county": "king-wa"}, "returned dict, not a pyarrow Table"),
        (homes(("2015-01", 1)).assign(note=[object()]), "cannot be stored as Parquet"),
    ],
)
def test_a_wrong_frame_is_refused_and_nothing_is_written(lake, frame, message):
    with pytest.raises(PermanentError, match=message):
        run(lake, asset("homes", frame), to="2015-02")
    assert lake.list_files() == []


def test_an_asset_without_partitions_is_refused(lake):
    @dg.asset(io_manager_key="lake_io")
    def homes_of_all():
        return TWO_MONTHS

    with pytest.raises(PermanentError, match="not partitioned by county and month"):
        dg.materialize([homes_of_all], resources={"lake_io": LakeIOManager(store=lake)})


def test_on_s3_partitions_are_stored_replaced_and_loaded_alike(s3_store):
    seen = []
    run(s3_store, asset("homes", TWO_MONTHS), sink(seen, pd.DataFrame))
    run(s3_store, asset("homes", homes(("2015-02", 9))), sink(seen, pads.Dataset))
    assert seen[0]["rooms"].tolist() == [1, 2, 3]
    assert seen[1]["rooms"].to_pylist() == [9]
    assert s3_store.list_files("homes") == [
        f"homes/county=king-wa/month=2015-0{month}/data.parquet" for month in (1, 2, 3)
    ]
    with pytest.raises(PermanentError, match=r"cook-il\|2015-01.*s3://bucket"):
        LakeIOManager(store=s3_store).dataset("homes", [Partition("cook-il", "2015-01")])
