"""A file that is brought in lands like a dropped one, and its rows are accounted for."""

import gzip

import dagster as dg
import pytest
import sqlalchemy as sa

from realestate_assets.app.imports import FileImport
from realestate_assets.assets.discovery import canonical_properties, listings
from realestate_assets.domain.calendar.ranges import RANGE_END_TAG, RANGE_START_TAG
from realestate_assets.domain.tables import TABLES
from realestate_assets.operations import imports
from realestate_assets.service.routers import imports as router
from resources.http.client import HttpClientResource
from resources.lake.io_manager import LakeIOManager
from resources.lake.store import StoreResource
from resources.warehouse.io_manager import NO_JOURNAL, WarehouseIOManager
from tests.integration.service.test_row_security import tenant_of

pytestmark = pytest.mark.integration
IMPORTS = "/api/v1/imports"
COLUMNS = (
    "id,date,price,bedrooms,bathrooms,sqft_living,sqft_lot,floors,waterfront,view,condition,grade,sqft_above,"
    "sqft_basement,yr_built,yr_renovated,zipcode,lat,long,sqft_living15,sqft_lot15"
)
REST = "1,1180,5650,1,0,0,3,7,1180,0,1955,0,98178,47.5112,-122.257,1340,5650"


def sale(apn, day, bedrooms=3, price=221900):
    return f"{apn},{day}T000000,{price},{bedrooms},{REST}\n"


# Four of the month, of which one cannot be true and one is another deed of a home; one of another month.
FILE = (
    COLUMNS + "\n" + sale("901", 20140603) + sale("902", 20140604) + sale("903", 20140605, bedrooms=333)
    + sale("901", 20140601, price=200000) + sale("904", 20140701)
)  # fmt: skip


@pytest.fixture(scope="module")
def landing(parts, market, tmp_path_factory) -> StoreResource:
    store = StoreResource(root_url=str(tmp_path_factory.mktemp("landing")))
    parts.resources["landing"] = store
    return store


@pytest.fixture(scope="module")
def ops(landing, as_role):
    return as_role("ops")


def bring(asked, content, name="sales.csv", county="king-wa", **more):
    data = content if isinstance(content, bytes) else content.encode()
    return asked("POST", IMPORTS, params={"county": county, "file_name": name, **more}, content=data)


def run_month(parts, landing, lake, month: str) -> None:
    """A run of the intake over a month, into the real warehouse."""
    warehouse = parts.resources["warehouse"]
    tags = {RANGE_START_TAG: f"king-wa|{month}", RANGE_END_TAG: f"king-wa|{month}"}
    tables = WarehouseIOManager(warehouse=warehouse, tables=TABLES, journal=NO_JOURNAL)
    with dg.DagsterInstance.ephemeral() as instance:
        assert dg.materialize(
            [listings, canonical_properties],
            instance=instance,
            tags=tags,
            resources={
                "landing": landing,
                "lake_io": LakeIOManager(store=lake),
                "warehouse_io": tables,
                "http": HttpClientResource(warehouse=warehouse),
                "warehouse": warehouse,
            },
        ).success


def test_a_file_lands_under_the_source_whose_columns_it_has_and_its_rows_add_up(parts, ops, landing, lake):
    made = bring(ops, FILE)
    assert made.status_code == 201, made.text
    told = made.json()
    assert (told["source"], told["row_count"], told["state"]) == ("king_county_sales", 5, "landed")
    (path,) = landing.list_files("king-wa")
    assert path.startswith("king-wa/king_county_sales/") and path.endswith("-sales.csv")
    assert landing.read_bytes(path) == FILE.encode()
    assert ops("GET", f"{IMPORTS}/{told['import_id']}").json()["rows_read"] is None
    run_month(parts, landing, lake, "2014-06")
    after = ops("GET", f"{IMPORTS}/{told['import_id']}").json()
    counts = [after[f"rows_{name}"] for name in ("read", "accepted", "duplicate", "rejected")]
    assert counts == [4, 2, 1, 1]
    rows = parts.resources["warehouse"].read(
        "select count(*) as n from raw.properties where source_file = $1", (path.rpartition("/")[2],)
    )
    assert rows["n"].to_pylist() == [after["rows_accepted"]]
    assert ops("GET", IMPORTS).json()["items"] == [after]
    landing.delete(path)


def test_a_name_that_comes_twice_writes_nothing_over(ops, landing):
    first, second = bring(ops, FILE), bring(ops, FILE + sale("905", 20140702))
    assert first.status_code == second.status_code == 201
    files = landing.list_files("king-wa")
    assert len(files) == 2 and {len(landing.read_bytes(path)) for path in files} == {
        each.json()["size_bytes"] for each in (first, second)
    }
    for path in files:
        landing.delete(path)


def test_a_compressed_file_is_taken_as_one(ops, landing):
    made = bring(ops, gzip.compress(FILE.encode()), name="sales.csv.gz")
    assert made.json()["row_count"] == 5
    for path in landing.list_files("king-wa"):
        landing.delete(path)


@pytest.mark.parametrize(
    ("content", "name", "field"),
    [
        ("a,b\n1,2\n", "sales.csv", "body"),
        (b"", "sales.csv", "body"),
        (b"%PDF-1.7", "sales.csv", "body"),
        (b"\x00\xff\xfe" * 50, "sales.csv", "body"),
        (FILE.encode("utf-16"), "sales.csv", "body"),
        (FILE, "../../etc/passwd", "query.file_name"),
        (FILE, "sales.csv.part", "query.file_name"),
        (FILE, ".hidden.csv", "query.file_name"),
        (FILE, "a/b.csv", "query.file_name"),
        (FILE, "_SUCCESS", "query.file_name"),
    ],
)
def test_what_is_no_file_of_the_county_is_refused_and_nothing_of_it_stays(
    parts, ops, landing, content, name, field
):
    refused = bring(ops, content, name=name)
    assert refused.status_code == 422, refused.text
    assert refused.json()["errors"][0]["field"] == field
    assert landing.list_files() == []


def test_a_file_that_is_too_large_is_refused(ops, landing, monkeypatch):
    monkeypatch.setattr(router, "MAX_BYTES", 100)
    assert bring(ops, FILE).status_code == 413
    assert landing.list_files() == []


@pytest.mark.parametrize("county", ["travis-tx", "nowhere-zz"])
def test_a_county_that_one_does_not_see_takes_no_file(ops, landing, county):
    assert bring(ops, FILE, county=county).status_code == 422


def test_the_market_is_everybodys_so_only_its_keeper_brings_files(landing, as_role, ops):
    refused = bring(as_role("ops", "south"), FILE, county="travis-tx")
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:realestate-os:problem:not-operator")
    assert bring(as_role("analyst"), FILE).status_code == 403
    assert landing.list_files() == []


def test_another_tenant_sees_no_import(parts, ops, as_role, landing):
    made = bring(ops, FILE).json()
    south = as_role("ops", "south")
    assert south("GET", IMPORTS).json()["items"] == []
    assert south("GET", f"{IMPORTS}/{made['import_id']}").status_code == 404
    with parts.transaction(tenant_of(parts, "south")) as session:
        assert session.scalars(sa.select(FileImport)).all() == []
    for path in landing.list_files("king-wa"):
        landing.delete(path)


def test_a_file_whose_record_cannot_be_written_does_not_stay(parts, ops, landing, monkeypatch):
    def killed(*_):
        raise KeyError("rows")

    monkeypatch.setattr(imports, "read", killed)
    assert bring(ops, FILE).status_code == 500
    assert landing.list_files() == []
