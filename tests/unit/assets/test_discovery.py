"""The discovery assets on landed files and on the sample: whole runs over real IO managers of the lake."""

from collections import Counter

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from realestate_assets.app.suppression import Suppression
from realestate_assets.assets import discovery
from realestate_assets.assets.discovery import canonical_properties, listings
from realestate_assets.domain.calendar.ranges import RANGE_END_TAG, RANGE_START_TAG
from realestate_assets.domain.tables import PROPERTIES, PROPERTY_REJECTS, RENTS, SOURCE_FILES
from resources.errors import PermanentError
from resources.http.client import HttpClientResource
from resources.lake.io_manager import LakeIOManager
from resources.lake.store import StoreResource
from resources.warehouse.conform import conform
from resources.warehouse.resource import WarehouseResource

SPECS = {spec.name: spec for spec in (PROPERTIES, PROPERTY_REJECTS, RENTS, SOURCE_FILES)}
COLUMNS = (
    "id,date,price,bedrooms,bathrooms,sqft_living,sqft_lot,floors,waterfront,view,condition,grade,sqft_above,"
    "sqft_basement,yr_built,yr_renovated,zipcode,lat,long,sqft_living15,sqft_lot15"
)
REST = "1,1180,5650,1,0,0,3,7,1180,0,1955,0,98178,47.5112,-122.257,1340,5650"


def sale(apn, day, bedrooms=3):
    return f"{apn},{day}T000000,221900,{bedrooms},{REST}\n"


class Kept(dg.IOManager):
    """Keeps what an asset returned, after the check a table's layout gets on its way to the warehouse."""

    def __init__(self):
        self.tables = {}

    def handle_output(self, context, obj):
        name = context.asset_key.path[-1]
        self.tables[name] = conform(obj, SPECS[name])

    def load_input(self, context):
        raise AssertionError(f"{context.asset_key} was loaded: discovery reads the landing folder only")


class Run:
    """A run of both assets over some partitions, and what it left."""

    def __init__(self, folder):
        self.landing = StoreResource(root_url=str(folder / "landing"))
        self.lake = StoreResource(root_url=str(folder / "lake"))

    def land(self, name, text, source="king_county_sales"):
        self.landing.write_bytes(
            f"king-wa/{source}/{name}", text if isinstance(text, bytes) else text.encode()
        )

    def __call__(self, first, last=None):
        kept = Kept()
        tags = {
            RANGE_START_TAG: first,
            RANGE_END_TAG: last or first,
        }
        with dg.DagsterInstance.ephemeral() as instance:
            result = dg.materialize(
                [listings, canonical_properties],
                instance=instance,
                tags=tags,
                resources={
                    "landing": self.landing,
                    "lake_io": LakeIOManager(store=self.lake),
                    "warehouse_io": kept,
                    # Never opened: without an API that may be asked nothing needs a warehouse.
                    "http": HttpClientResource(warehouse=WarehouseResource(url="postgresql://nowhere/none")),
                    "warehouse": WarehouseResource(url="postgresql://nowhere/none"),
                },
            )
            self.logs = [r.message for r in instance.all_logs(result.run_id)]
            self.metadata = {
                (event.asset_key.path[-1], event.partition): event.materialization.metadata
                for event in result.get_asset_materialization_events()
            }
        return kept.tables


@pytest.fixture
def run(tmp_path, monkeypatch):
    # The list of owners who asked to be forgotten stands in the warehouse, which there is none of here.
    monkeypatch.setattr(discovery, "suppressed_owners", lambda _: Suppression(b""))
    return Run(tmp_path)


def test_landed_files_are_read_once_and_every_row_of_the_months_is_accounted_for(run):
    run.land(
        "a.csv", COLUMNS + "\n" + sale("0000000001", 20140503) + sale("2", 20140601) + sale("3", 20140602, 33)
    )
    run.land("more/b.csv", COLUMNS + "\n" + sale("0000000001", 20140505) + "short\n" + sale("4", 20150101))
    run.land("_SUCCESS", "")
    tables = run("king-wa|2014-05", "king-wa|2014-06")
    files = [
        (r["month"], r["source_file"], r["rows_received"], r["file_rows"])
        for r in tables["source_files"].to_pylist()
    ]
    # The short row of b.csv has no date: it lies in the latest month of b.csv, outside this run.
    assert sorted(files) == [
        ("2014-05", "a.csv", 1, 3),
        ("2014-05", "more/b.csv", 1, 3),
        ("2014-06", "a.csv", 2, 3),
        ("2014-06", "more/b.csv", 0, 3),
    ]
    assert sorted(tables["properties"]["apn"].to_pylist()) == ["0000000001", "0000000002"]
    assert Counter(tables["property_rejects"]["reason_code"].to_pylist()) == {
        "OTHER_DEED": 1,
        "BEDROOMS_OUT_OF_RANGE": 1,
    }
    assert tables["properties"]["is_simulated"].to_pylist() == [False, False]
    assert sum("a.csv: 3 rows, 2014-05 to 2014-06" in message for message in run.logs) == 1
    metadata = run.metadata["properties", "king-wa|2014-06"]
    assert (metadata["received"].value, metadata["rejected"].value) == (2, 1)
    for asset in ("raw_listings", "source_files"):
        metadata = run.metadata[asset, "king-wa|2014-06"]
        counts = ("sent", "received", "of_other_months", "undated")
        assert [metadata[name].value for name in counts] == [6, 2, 3, 1]


def test_one_month_alone_leaves_the_same_rows_as_a_range(run):
    run.land("a.csv", COLUMNS + "\n" + "".join(sale(n, 20140501 + n % 3 * 100) for n in range(12)) + "x\n")
    whole = run("king-wa|2014-05", "king-wa|2014-07")
    raw = {
        m: run.lake.read_bytes(f"raw_listings/county=king-wa/month={m}/data.parquet")
        for m in ("2014-05", "2014-07")
    }
    for month, before in raw.items():
        alone = run(f"king-wa|{month}")
        for name, table in whole.items():
            assert alone[name].to_pylist() == [row for row in table.to_pylist() if row["month"] == month]
        assert run.lake.read_bytes(f"raw_listings/county=king-wa/month={month}/data.parquet") == before


def test_without_landed_files_the_sample_serves_and_is_marked_simulated(run):
    tables = run("king-wa|2015-03", "king-wa|2015-04")
    received = sum(tables["source_files"]["rows_received"].to_pylist())
    assert received == 480
    assert tables["properties"].num_rows + tables["property_rejects"].num_rows == received
    assert set(tables["properties"]["is_simulated"].to_pylist()) == {True}
    assert set(tables["source_files"]["file_rows"].to_pylist()) == {240}
    assert tables["properties"].num_rows > 400 and tables["property_rejects"].num_rows > 0
    alone = run("king-wa|2015-04")
    for name, table in tables.items():
        assert alone[name].to_pylist() == [row for row in table.to_pylist() if row["month"] == "2015-04"]


def test_one_landed_file_ends_the_use_of_the_sample_for_all_months(run):
    run.land("a.csv", COLUMNS + "\n" + sale("1", 20140503))
    tables = run("king-wa|2014-05", "king-wa|2014-06")
    assert tables["properties"].num_rows == 1
    assert tables["source_files"]["rows_received"].to_pylist() == [1, 0]


def test_partitions_without_rows_are_empty_and_readable(run):
    run.land("a.csv", COLUMNS + "\n" + sale("1", 20140503))
    tables = run("king-wa|2014-08", "king-wa|2014-09")
    counts = ("rows_received", "rows_of_other_months", "file_rows")
    told = [tuple(row[name] for name in counts) for row in tables.pop("source_files").to_pylist()]
    assert told == [(0, 1, 1)] * 2, "a file without rows of the months is counted all the same"
    assert {table.num_rows for table in tables.values()} == {0}


def test_several_counties_share_a_run_without_touching_each_other(run):
    run.land("a.csv", COLUMNS + "\n" + sale("1", 20150303))
    tables = run("king-wa|2015-03", "maricopa-az|2015-03")
    simulated = dict(
        zip(
            tables["properties"]["county"].to_pylist(),
            tables["properties"]["is_simulated"].to_pylist(),
            strict=True,
        )
    )
    assert simulated == {"king-wa": False, "maricopa-az": True}


def test_a_wrong_file_stops_the_step_with_its_name_and_stays_where_it_was(run):
    run.land("page.csv", b"<html>log in</html>")
    with pytest.raises(PermanentError, match=r"page\.csv is an HTML"):
        run("king-wa|2014-05")
    assert run.landing.read_bytes("king-wa/king_county_sales/page.csv") == b"<html>log in</html>"


def test_text_of_the_source_stays_untouched_in_the_lake(run):
    row = sale("0000000001", 20140503).replace("221900", " $221,900 ".replace(",", ""))
    run.land("a.csv", COLUMNS + "\n" + row)
    run("king-wa|2014-05")
    table = pq.read_table(run.lake.path("raw_listings/county=king-wa/month=2014-05/data.parquet"))
    assert table["price"].to_pylist() == [" $221900 "] and table["id"].to_pylist() == ["0000000001"]
    assert {table.schema.field(name).type for name in ("price", "_file", "_fault")} == {pa.string()}
