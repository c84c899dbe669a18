"""The attom provider against published ATTOM replies."""

from datetime import date
from pathlib import Path

import pytest

from realestate_assets.domain.counties.county import County, load_counties
from realestate_assets.domain.counties.providers.attom import AttomProvider
from realestate_assets.providers.attom import Attom
from realestate_assets.providers.attom_records import is_zip_centroid, read_properties, record_table
from resources.http.api import ApiAnswer, ApiRequest
from tests.http_server import LocalServer
from tests.unit.providers.api_fakes import enrichment_request, facts_by_key
from tests.unit.providers.plain_client import PlainClient

CONTRACTS = Path(__file__).resolve().parents[2].parent / "shared" / "contracts" / "attom"

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not CONTRACTS.exists(), reason="the published replies beside the checkout are absent"),
]


def county(state: str, fips: str) -> County:
    return load_counties()["king-wa"].model_copy(update={"state": state, "fips": fips})


def asked(name: str, where: County, row: dict) -> dict:
    """Facts of one property, the server answering with a captured body."""
    body = (CONTRACTS / f"{name}.json").read_bytes()
    config = AttomProvider(kind="attom", name="attom")
    with LocalServer(lambda *_: (200, {"Content-Type": "application/json"}, body)) as server:
        client = PlainClient(server.url, cost_usd=0.08)
        request = enrichment_request({"month": "2023-04"} | row, fields=Attom.fields)
        facts = Attom(config, client, where).fetch(request)
    assert round(sum(facts["cost_usd"].to_pylist()), 6) == 0.08
    return {field: fact for (_, field), fact in facts_by_key(facts).items()}


def test_a_house_of_denver_in_camel_case():
    row = {"street": "4529 WINONA CT", "city": "DENVER", "zip": "80212", "apn": "0219204018000"}
    facts = asked("property_basicprofile_denver", county("CO", "08031"), row)
    assert {name: fact["value"] for name, fact in facts.items()} == {
        "assessed_value_usd": "37140",
        "roll_market_value_usd": "519400",
        "tax_annual_usd": "2870.88",
        "last_sale_price_usd": None,  # Colorado discloses it; this record does not hold it
        "last_sale_date": "2021-06-28",
        "roll_living_area_sqft": "934",
        "roll_year_built": "1900",
        "roll_bedrooms": "2",
        "roll_bathrooms": "1",
        "roll_use_code": "SFR",
        "owner_mailing_address": "2829 N FRANKLIN ST, DENVER, CO 80205-4510",
        "parcel_area_sqft": "4690",
        "geocoded_latitude": "39.778926",
        "geocoded_longitude": "-105.047775",
        "census_tract": "08031000102",
        "owner_name": "REDACTED TRUST",
        "owner_mailing_state": "CO",
        "owner_since_date": "2021-06-28",
        "owner_occupied": "false",
    }
    assert facts["tax_annual_usd"]["vintage"] == date(2022, 12, 31)
    assert facts["owner_name"]["vintage"] == date(2023, 2, 15)
    assert facts["last_sale_date"]["vintage"] == date(2021, 6, 29)
    assert {fact["confidence"] for fact in facts.values() if fact["value"]} == {0.9}


def test_a_duplex_of_new_york_is_owner_occupied_and_found_by_its_street():
    row = {"street": "62 MAPLE ST", "city": "CANISTEO", "zip": "14823", "apn": None}
    facts = asked("property_basicprofile_duplex_ny", county("NY", "36101"), row)
    assert facts["owner_occupied"]["value"] == "true" and facts["owner_name"]["confidence"] == 0.9
    assert facts["census_tract"]["value"] == "36101961900" and facts["parcel_area_sqft"]["value"] == "8712"


def test_a_house_of_duval_in_lower_case_with_owner_and_price_at_the_top():
    row = {"street": "11482 LUMBERJACK CIR W", "city": "JACKSONVILLE", "zip": "32223", "apn": "1563323072"}
    facts = asked("allevents_detail_with_avm_duval", county("FL", "12031"), row)
    wanted = {
        "last_sale_price_usd": "76900",
        "roll_living_area_sqft": "1060",
        "roll_market_value_usd": "193561",
        "owner_mailing_address": "PO BOX 57172, JACKSONVILLE, FL 32241-7172",
        "owner_mailing_state": "FL",
    }
    assert {name: facts[name]["value"] for name in wanted} == wanted


def test_a_property_of_another_county_is_no_match():
    row = {"street": "4529 WINONA CT", "city": "DENVER", "zip": "80212"}
    facts = asked("property_basicprofile_denver", county("CO", "08001"), row)
    assert {fact["reason_code"] for fact in facts.values()} == {"NO_MATCH"}


def test_of_five_properties_of_a_zip_one_is_placed_by_its_zip_alone():
    body = (CONTRACTS / "property_address_postalcode_82009.json").read_bytes()
    request = ApiRequest("property/address", "/property/address")
    found, failure, _ = read_properties(ApiAnswer(request, "u", status=200, body=body), "king-wa", "attom")
    assert failure is None and len(found) == 5
    assert is_zip_centroid(record_table(found)).to_pylist() == [False, False, False, True, False]
    assert record_table(found)["apn"].to_pylist()[0] == "43281007300000"
