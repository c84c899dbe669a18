"""The regrid provider against the replies of Regrid's own documentation."""

import json
from datetime import date
from pathlib import Path

import pytest

from realestate_assets.domain.counties.county import County, load_counties
from realestate_assets.domain.counties.providers.regrid import RegridProvider
from realestate_assets.providers.regrid import Regrid
from realestate_assets.providers.regrid_records import HELPERS, SAME
from tests.http_server import LocalServer
from tests.unit.providers.api_fakes import enrichment_request, facts_by_key
from tests.unit.providers.plain_client import PlainClient

CONTRACTS = Path(__file__).resolve().parents[2].parent / "shared" / "contracts" / "regrid"

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not CONTRACTS.exists(), reason="the published replies beside the checkout are absent"),
]


def county(slug: str, fips: str) -> County:
    update = {"slug": slug, "state": slug[-2:].upper(), "fips": fips}
    return load_counties()["king-wa"].model_copy(update=update)


def asked(name: str, where: County, row: dict, **config) -> tuple[dict, LocalServer]:
    body = (CONTRACTS / f"{name}.json").read_bytes()
    settings = RegridProvider.model_validate({"kind": "regrid", "name": "regrid"} | config)
    with LocalServer(lambda *_: (200, {"Content-Type": "application/json"}, body)) as server:
        request = enrichment_request({"month": "2024-03", "apn": None} | row, fields=Regrid.fields)
        facts = Regrid(settings, PlainClient(server.url), where).fetch(request)
    return {field: fact for (_, field), fact in facts_by_key(facts).items()}, server


def filled(facts: dict) -> dict:
    return {name: fact["value"] for name, fact in facts.items() if fact["value"] is not None}


def test_a_lot_of_wyoming_by_its_number():
    facts, server = asked(
        "docs_assessor_parcel_number_1", county("teton-wy", "56039"), {"apn": "22421621402001"}
    )
    assert filled(facts) == {
        "flood_zone_code": "X",
        "is_flood_hazard_area": "false",
        "geocoded_latitude": "43.582527",
        "geocoded_longitude": "-110.765062",
        "census_tract": "56039967602",
        "parcel_area_sqft": "770227",
        "roll_use_code": "Res Vacant Land",
        "owner_name": "7085 RYEGRASS ROAD LLC",
        "owner_mailing_address": "PO BOX 8785, WY, WY 83002-8785",
        "owner_mailing_state": "WY",
    }
    assert server.requests[0].query["path"] == ["/us/wy/teton"]
    assert facts["owner_name"]["vintage"] == date(2023, 1, 31)
    assert facts["flood_zone_code"]["vintage"] == date(2023, 10, 17)
    # The county calls its value TOTAL: neither assessed nor market, so neither.
    assert facts["assessed_value_usd"]["reason_code"] == "NULL_IN_SOURCE"


def test_a_parcel_is_known_by_its_other_numbers_too():
    facts, _ = asked("docs_assessor_parcel_number_1", county("teton-wy", "56039"), {"apn": "R0009806"})
    assert facts["owner_name"]["value"] == "7085 RYEGRASS ROAD LLC"


def test_an_office_of_detroit_by_its_position():
    row = {"latitude": 42.36511, "longitude": -83.073107}
    facts, server = asked("docs_point_1", county("wayne-mi", "26163"), row)
    assert facts["zoning_code"]["value"] == "SD2" and facts["roll_living_area_sqft"]["value"] == "142125"
    assert facts["owner_name"]["confidence"] == 0.75
    # A sale price and a value of 0.0 are how a missing one is written.
    assert facts["last_sale_price_usd"]["value"] is facts["assessed_value_usd"]["value"] is None
    assert server.requests[0].query["lat"] == ["42.36511"]


def test_of_all_parcels_of_a_block_the_one_that_holds_the_point_is_taken():
    # The second point lies in a street.
    body = json.loads((CONTRACTS / "docs_area_geometry_search_2.json").read_bytes())
    assert len(body["parcels"]["features"]) > 1
    settings = RegridProvider(kind="regrid", name="regrid")
    reply = (200, {"Content-Type": "application/json"}, json.dumps(body).encode())
    with LocalServer(lambda *_: reply) as server:
        rows = [
            {"apn": None, "latitude": y, "longitude": x} for x, y in ((-83.073992, 42.365447), (-83.08, 42.3))
        ]
        request = enrichment_request(*rows, fields=("owner_name", "parcel_area_sqft", "last_sale_date"))
        provider = Regrid(settings, PlainClient(server.url), county("wayne-mi", "26163"))
        facts = facts_by_key(provider.fetch(request))
    assert len(server.requests) == 1
    assert facts["p0", "owner_name"]["value"] == "DETROIT PUBLIC SCHOOLS"
    assert facts["p0", "parcel_area_sqft"]["value"] == "5607"
    assert facts["p0", "last_sale_date"]["vintage"] == date(2000, 9, 1)
    assert facts["p1", "owner_name"]["reason_code"] == "NO_MATCH"


def test_a_parcel_of_canada_is_nobody_s_here():
    facts, _ = asked("docs_point_2", county("king-wa", "53033"), {"latitude": 49.819, "longitude": -97.136})
    assert not filled(facts) and facts["owner_name"]["reason_code"] == "NO_MATCH"


def test_every_column_that_is_read_stands_in_regrid_s_schema():
    schema = json.loads((CONTRACTS / "docs_regrid_parcel_schema_1.json").read_bytes())["schema"]
    assert not set(HELPERS) - set(schema) and not set(SAME.values()) - set(schema)
