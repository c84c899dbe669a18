"""Discovery from an API: fetched once, landed, read like a file; nobody is asked who may not be asked."""

import dagster as dg
import pyarrow as pa
import pytest
import yaml

from realestate_assets.assets.discovery import canonical_properties, listings
from realestate_assets.settings import get_settings
from resources.errors import PermanentError
from resources.http.client import HttpClientResource
from resources.lake.io_manager import LakeIOManager
from resources.lake.store import StoreResource
from tests.http_server import LocalServer, text_reply
from tests.soda_portal import SodaPortal
from tests.unit.assets.frame_io import range_tags
from tests.unit.assets.test_discovery import Kept

pytestmark = pytest.mark.integration

KEY = "app-token-0123456789"
SALE = {
    "year": "2017.0",
    "class": "202",
    "sale_price": "45000.0",
    "doc_no": "1713249187",
    "deed_type": "Other",
    "mydec_deed_type": "Special Warranty Deed",
    "seller_name": "FANNIE MAE",
    "buyer_name": None,
    "num_parcels_sale": "2.0",
    "township_code": "21",
}


def sales(*days: str) -> pa.Table:
    rows = [
        {**SALE, "pin": f"{n + 1:014}", "sale_date": f"{day}T00:00:00.000", "row_id": str(n)}
        for n, day in enumerate(days)
    ]
    return pa.Table.from_pylist(rows)


@pytest.fixture
def portal(tmp_path, monkeypatch):
    """A portal with four sales that this machine's settings may ask."""
    tables = {"wvhk-k5uv": sales("2017-04-07", "2017-04-30", "2017-05-01", "2019-01-01")}
    with LocalServer(SodaPortal(tables)) as server:
        entry = {
            "base_url": server.url,
            "allow_private_addresses": True,
            "requests_per_second": 100,
            "attempts": 1,
            "key": {"env": "SOCRATA_APP_TOKEN", "header": "X-App-Token"},
        }
        (tmp_path / "counties").mkdir()
        (tmp_path / "counties" / "providers.yaml").write_text(yaml.safe_dump({"socrata_cook": entry}))
        monkeypatch.setenv("COUNTY_CONFIG_DIR", str(tmp_path / "counties"))
        monkeypatch.setenv("ENABLED_APIS", "socrata_cook")
        monkeypatch.setenv("SOCRATA_APP_TOKEN", KEY)
        get_settings.cache_clear()
        yield server
    get_settings.cache_clear()


@pytest.fixture
def run(tmp_path, warehouse):
    """Runs both assets over a range of Cook County's months; gives their tables."""
    store = StoreResource(root_url=str(tmp_path / "landing"))

    def over(first: str, last: str) -> dict[str, pa.Table]:
        kept = Kept()
        with dg.DagsterInstance.ephemeral() as instance:
            dg.materialize(
                [listings, canonical_properties],
                instance=instance,
                tags=range_tags("cook-il", first, last),
                resources={
                    "landing": store,
                    "lake_io": LakeIOManager(store=StoreResource(root_url=str(tmp_path / "lake"))),
                    "warehouse_io": kept,
                    "http": HttpClientResource(warehouse=warehouse),
                    "warehouse": warehouse,
                },
            )
        return kept.tables

    over.landing = store
    return over


def test_the_months_of_a_run_are_fetched_landed_and_read_like_files(portal, run):
    tables = run("2017-04", "2017-06")
    files = [
        (r["month"], r["source"], r["source_file"], r["file_rows"])
        for r in tables["source_files"].to_pylist()
    ]
    assert files == [
        ("2017-04", "cook_sales", "2017-04.jsonl", 2),
        ("2017-05", "cook_sales", "2017-05.jsonl", 1),
    ]
    first = tables["properties"].sort_by("apn").to_pylist()[0]
    assert (first["apn"], first["source_id"], first["zip"]) == ("00000000000001", "0", None)
    # The price of two parcels by one deed was asked for neither.
    assert first["parcels_in_sale"] == 2
    assert (first["sale_price_usd"], first["list_price_usd"], first["is_list_price_assumed"]) == (
        45_000.0, None, False,
    )  # fmt: skip
    assert (first["deed_type"], first["parcels_in_sale"]) == ("Special Warranty Deed", 2)
    assert (first["seller_name"], first["buyer_name"]) == ("FANNIE MAE", None)
    assert (first["property_type"], first["is_simulated"]) == ("single_family", False)
    assert tables["property_rejects"].num_rows == 0


def test_a_second_run_asks_nobody_and_gives_the_same_rows(portal, run, warehouse):
    before = run("2017-04", "2017-05")
    asked = len(portal.requests)
    bytes_before = run.landing.read_bytes("cook-il/cook_sales/2017-04.jsonl")
    after = run("2017-04", "2017-04")
    assert len(portal.requests) == asked == 3
    assert run.landing.read_bytes("cook-il/cook_sales/2017-04.jsonl") == bytes_before
    own = [row for row in before["properties"].to_pylist() if row["month"] == "2017-04"]
    assert after["properties"].to_pylist() == own
    assert {request.headers["x-app-token"] for request in portal.requests} == {KEY}
    assert KEY.encode() not in bytes_before


def test_a_county_that_is_fetched_has_no_sample_even_in_a_month_without_records(portal, run):
    assert run("2018-01", "2018-02")["properties"].num_rows == 0
    assert run.landing.list_files() == []


def test_a_portal_that_does_not_answer_stops_the_step_and_leaves_what_was_landed(portal, run):
    run("2017-04", "2017-04")
    portal.handler = lambda *_: text_reply("", 503)
    with pytest.raises(Exception, match=r"source cook_sales: the records of 2017-05 cannot be fetched"):
        run("2017-05", "2017-05")
    assert run.landing.list_files() == ["cook-il/cook_sales/2017-04.jsonl"]


def test_a_column_that_is_gone_stops_the_step_by_its_name(portal, run):
    portal.handler = SodaPortal({"wvhk-k5uv": sales("2017-04-07").drop_columns(["doc_no"])})
    with pytest.raises(PermanentError, match="county cook-il, source cook_sales, field doc_no"):
        run("2017-04", "2017-04")


def test_without_leave_nobody_is_asked_and_the_sample_serves(portal, run, monkeypatch):
    monkeypatch.delenv("ENABLED_APIS")
    get_settings.cache_clear()
    tables = run("2017-04", "2017-04")
    assert set(tables["properties"]["is_simulated"].to_pylist()) == {True}
    assert portal.requests == []
