"""Captured replies of Socrata portals, served as they came: each oddity, and what is made of it."""

import json
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.counties.providers.socrata import SocrataProvider
from realestate_assets.fetch.sources import fetch_months
from realestate_assets.landing.fetched import land_records
from realestate_assets.providers.base import REQUEST_COLUMNS, EnrichmentRequest
from realestate_assets.providers.socrata import Socrata
from resources.errors import PermanentError
from resources.lake.store import StoreResource
from tests.http_server import LocalServer
from tests.soda_portal import SodaPortal
from tests.unit.providers.enrich_frames import properties
from tests.unit.providers.plain_client import PlainClient

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "contracts" / "socrata"
COOK = load_counties()["cook-il"] if SHARED.exists() else None
LOT = {
    "kind": "socrata",
    "name": "pluto",
    "dataset": "64uk-42ks",
    "key": {"column": "bbl", "digits": 10, "is_text": False},
    "fields": {"owner_name": "ownername", "roll_year_built": "yearbuilt", "parcel_area_sqft": "lotarea"},
}

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not SHARED.exists(), reason="the captured replies beside the checkout are absent"),
]


def captured(name: str):
    """A reply of the collection as the server that gave it would repeat it."""
    (path,) = (SHARED / "pluto").glob(f"{name}_*.json")
    told = json.loads(path.read_text())
    body = told["response_body_raw"].encode()
    return lambda *_: (told["http_status"], {"Content-Type": "application/json"}, body)


def facts(config: dict | SocrataProvider, handler, *rows: dict) -> dict[tuple, dict]:
    config = SocrataProvider.model_validate(config) if isinstance(config, dict) else config
    with LocalServer(handler) as server:
        provider = Socrata(config, PlainClient(server.url), COOK)
        held = properties(*rows).select(REQUEST_COLUMNS)
        found = provider.fetch(EnrichmentRequest("cook-il", held, tuple(config.fields)))
    return {(fact["property_id"], fact["field"]): fact for fact in found.to_pylist()}


def cook(name: str) -> SocrataProvider:
    return next(provider for provider in COOK.enrichment.providers if provider.name == name)


def portal() -> SodaPortal:
    files = {path.name[:9]: path for path in (SHARED / "cook_county").glob("*.json")}
    rows = {dataset: json.loads(path.read_text()) for dataset, path in files.items()}
    return SodaPortal({dataset: pa.Table.from_pylist(every(held)) for dataset, held in rows.items()})


def every(rows: list[dict]) -> list[dict]:
    """Rows with all columns, which a table needs and a reply leaves out."""
    names = dict.fromkeys(name for row in rows for name in row)
    return [{name: row.get(name) for name in names} for row in rows]


def test_a_lot_is_found_by_a_number_that_comes_back_with_decimals():
    found = facts(LOT, captured("F01"), {"apn": "1000010100"})
    assert {field: fact["reason_code"] for (_, field), fact in found.items()} == dict.fromkeys(LOT["fields"])


def test_a_key_that_a_row_leaves_out_is_a_null():
    (path,) = (SHARED / "pluto").glob("F04_*.json")
    (row,) = json.loads(json.loads(path.read_text())["response_body_raw"])
    absent = "yearalter1" if "yearalter1" not in row else "notes"
    config = {**LOT, "fields": {"zoning_code": absent, "owner_name": "ownername"}}
    found = facts(config, captured("F04"), {"apn": row["bbl"].split(".")[0]})
    assert found["p0", "zoning_code"]["reason_code"] == "NULL_IN_SOURCE"


@pytest.mark.parametrize("name", ["F03", "F03b", "F02b"])
def test_an_empty_list_is_no_match(name):
    found = facts(LOT, captured(name), {"apn": "5999999999"})
    assert {fact["reason_code"] for fact in found.values()} == {"NO_MATCH"}


def test_projected_numbers_with_decimals_match_their_lots():
    config = {**LOT, "fields": {"is_tax_delinquent": {"constant": True}}}
    found = facts(config, captured("F12"), {"apn": "1000010010"}, {"apn": "1000010100"})
    assert [fact["value"] for fact in found.values()] == ["true", "true"]


def test_throttling_fails_the_facts_and_not_the_run():
    found = facts(LOT, captured("F07"), {"apn": "1000010010"})
    assert {fact["reason_code"] for fact in found.values()} == {"PROVIDER_FAILED"}


def test_a_column_that_is_gone_is_drift_and_named():
    with pytest.raises(PermanentError, match="no column nonexistent_col") as caught:
        facts(LOT, captured("F13"), {"apn": "1000010010"})
    assert (caught.value.county, caught.value.source, caught.value.field) == (
        "cook-il", "pluto", "nonexistent_col",
    )  # fmt: skip


def test_a_query_of_the_wrong_type_is_no_drift_but_permanent():
    with pytest.raises(PermanentError, match=r"refuses the query .*type-mismatch") as caught:
        facts(LOT, captured("F13b"), {"apn": "1000010010"})
    assert caught.value.field is None and len(str(caught.value)) < 500


def test_a_refused_log_in_is_a_refused_key():
    body = (SHARED / "sodapy_403_response_json.txt").read_bytes()
    found = facts(LOT, lambda *_: (403, {}, body), {"apn": "1000010010"})
    assert {fact["reason_code"] for fact in found.values()} == {"KEY_REFUSED"}


def test_the_owner_of_a_parcel_by_the_countys_own_configuration():
    found = facts(cook("cook_addresses"), portal(), {"apn": "18124170210000", "month": "2003-05"})
    assert found["p0", "owner_mailing_address"]["value"] == "STREET_9afb551e, SUMMIT, IL 60501"
    assert found["p0", "owner_since_date"]["value"] == "1999-01-01"
    assert found["p0", "owner_name"]["vintage"] == date(2002, 12, 31)


def test_taxes_offered_are_known_after_the_sale_of_the_year():
    found = facts(
        cook("cook_tax_sale"),
        portal(),
        {"apn": "24252010800000", "month": "2016-08"},
        {"apn": "24252010800000", "month": "2016-09"},
    )
    assert [found[f"p{n}", "tax_sale_year"]["value"] for n in (0, 1)] == ["2013", "2014"]
    assert found["p1", "tax_delinquent_usd"]["value"] == "6888.3"


def test_captured_sales_land_month_by_month(tmp_path):
    landing = StoreResource(root_url=str(tmp_path))
    with LocalServer(portal()) as server:
        months = ["2017-04", "2018-08"]
        found = fetch_months(PlainClient(server.url), COOK, COOK.api_sources[0], months)
    land_records(landing, COOK, COOK.api_sources[0], found, ("2014-01", "2025-12"))
    assert all(found[month] for month in months)
    first = json.loads(landing.read_bytes("cook-il/cook_sales/2017-04.jsonl").splitlines()[0])
    assert (first["year"], first["sale_price"], first["is_multisale"]) == ("2017.0", "45000.0", False)
