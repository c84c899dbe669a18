"""The arcgis provider against what county services have really answered."""

import json
from datetime import date
from pathlib import Path

import pytest

from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.counties.providers.arcgis import ArcgisProvider
from realestate_assets.providers.arcgis import Arcgis
from realestate_assets.providers.arcgis_pages import collect
from realestate_assets.providers.arcgis_rest import Layer, query_request, read_layer, read_reply
from resources.http.api import ApiAnswer, ApiRequest, Failure
from tests.http_server import LocalServer
from tests.unit.providers.api_fakes import enrichment_request, facts_by_key
from tests.unit.providers.plain_client import PlainClient

CONTRACTS = Path(__file__).resolve().parents[2].parent / "shared" / "contracts" / "arcgis_rest"

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not CONTRACTS.exists(), reason="the captured answers beside the checkout are absent"),
]


def body(name: str) -> bytes:
    return (CONTRACTS / name).read_bytes()


def live(name: str) -> bytes:
    return json.loads(body(f"nyc_live/{name}.json"))["response_body_raw"].encode()


def serve(metadata: bytes, *pages: bytes) -> LocalServer:
    left = list(pages)

    def handler(method, path, query, sent, headers):
        reply = left.pop(0) if path.endswith("/query") else metadata
        return 200, {"Content-Type": "text/plain;charset=utf-8"}, reply

    return LocalServer(handler)


def provider(url: str, **config) -> Arcgis:
    plain = {"kind": "arcgis", "name": "parcels", "api": "gis", "layer": "Parcels/MapServer/0"}
    config = ArcgisProvider.model_validate(plain | config)
    return Arcgis(config, PlainClient(url), load_counties()["travis-tx"])


WACO = {
    "key": {"column": "PIN", "digits": 9},
    "vintage": {"year": "PROP_VAL_YR"},
    "fields": {
        "assessed_value_usd": "assessed_val",
        "roll_market_value_usd": "MARKET",
        "last_sale_date": "sl_dt",
        "last_sale_price_usd": "sl_price",
        "parcel_area_sqft": {"from": "legal_acreage", "unit": "acre"},
        "owner_name": "file_as_name",
        "owner_mailing_address": {"line": "{addr_line2}, {addr_city}, {addr_state} {addr_zip}"},
        "owner_mailing_state": "addr_state",
    },
}


def test_a_parcel_of_waco_fills_its_fields():
    with serve(body("us-tx-waco-metadata.json"), body("us-tx-waco-0.json")) as server:
        # The captured page says that there is more; the next one is empty here as it would repeat.
        server.handler = _then_nothing(server.handler)
        fields = tuple(WACO["fields"])
        request = enrichment_request({"apn": "136577001", "month": "2018-02"}, fields=fields)
        facts = facts_by_key(provider(server.url, **WACO).fetch(request))
    assert {name: facts["p0", name]["value"] for name in fields} == {
        "assessed_value_usd": "24140",
        "roll_market_value_usd": "24140",
        "last_sale_date": "2003-01-02",
        "last_sale_price_usd": None,
        "parcel_area_sqft": "5998.2119999999995",
        "owner_name": "NIETO ERIC SANCHEZ & MARIA DE LA PAZ LUJANO",
        "owner_mailing_address": "308 PULLEN ST, MCGREGOR, TX 76657",
        "owner_mailing_state": "TX",
    }
    assert facts["p0", "assessed_value_usd"]["vintage"] == date(2017, 12, 31)
    assert facts["p0", "last_sale_price_usd"]["reason_code"] == "NULL_IN_SOURCE"


def _then_nothing(handler):
    def following(method, path, query, sent, headers):
        if b"resultOffset" in sent:
            return 200, {"Content-Type": "application/json"}, b'{"features":[]}'
        return handler(method, path, query, sent, headers)

    return following


def test_address_points_of_a_version_10_0_server_come_in_degrees():
    with serve(body("us-ca-carson-metadata.json"), body("us-ca-carson-0.json")) as server:
        config = {"key": {"column": "OBJECTID"}, "fields": {"roll_use_code": "TYPE"}, "coordinates": True}
        fields = ("roll_use_code", "geocoded_latitude", "geocoded_longitude")
        facts = facts_by_key(
            provider(server.url, **config).fetch(enrichment_request({"apn": "1"}, fields=fields))
        )
    assert facts["p0", "roll_use_code"]["value"] == "R"
    # The layer itself holds feet (wkid 2229).
    assert float(facts["p0", "geocoded_latitude"]["value"]) == pytest.approx(33.832256, abs=1e-6)
    assert float(facts["p0", "geocoded_longitude"]["value"]) == pytest.approx(-118.266126, abs=1e-6)


def test_a_layer_behind_a_token_is_a_missing_key():
    with serve(body("us-tx-runnels-metadata.json")) as server:
        request = enrichment_request({}, fields=("zoning_code",))
        config = {"key": {"column": "PIN"}, "fields": {"zoning_code": "ZONE"}}
        facts = facts_by_key(provider(server.url, **config).fetch(request))
    assert facts["p0", "zoning_code"]["reason_code"] == "KEY_MISSING"


def answer(reply: bytes) -> ApiAnswer:
    return ApiAnswer(ApiRequest("layer", "A/MapServer/0"), "https://gis.example/A", status=200, body=reply)


@pytest.mark.parametrize(
    ("name", "columns", "pages", "geometry"),
    [
        ("us-al-cullman", 40, True, None),
        ("us-ca-carson", 19, False, "esriGeometryPoint"),
        ("us-ks-brown", 3, False, "esriGeometryPolyline"),
        ("us-tx-waco", 59, True, "esriGeometryPolygon"),
    ],
)
def test_layers_of_all_versions_are_described(name, columns, pages, geometry):
    layer, failure, _ = read_layer(answer(body(f"{name}-metadata.json")))
    assert failure is None
    assert (len(layer.fields), layer.can_page, layer.geometry) == (columns, pages, geometry)
    assert layer.object_id.upper() == "OBJECTID"


def test_the_three_pages_of_new_york_add_up_to_fourteen():
    layer = Layer("nylh/FeatureServer/0", "", {}, "OBJECTID", 6, True, None)
    pages = [
        live("ZF04a_page_nylh_offset0"),
        live("ZF04b_page_nylh_offset6"),
        live("ZF04c_page_nylh_offset12"),
    ]
    with serve(b"", *pages) as server:
        found = collect(PlainClient(server.url), layer, [query_request(layer.path)])[0]
    assert [f["attributes"]["OBJECTID"] for f in found.features] == list(range(1, 15))
    assert len(server.requests) == 3


def test_errors_of_new_york_come_with_http_200_and_are_failures():
    assert read_reply(answer(live("ZF06_arcgis_error_bad_field")))[1] is Failure.BAD_ANSWER
    assert "Invalid field: NOSUCHFIELD" in read_reply(answer(live("ZF06_arcgis_error_bad_field")))[2]
    assert read_reply(answer(live("MPG102_arcgis_error_http200_synthetic")))[1] is Failure.BAD_ANSWER


MAPPLUTO = {
    "fields": [
        {"name": "OBJECTID", "type": "esriFieldTypeOID"},
        {"name": "BBL", "type": "esriFieldTypeDouble"},
        {"name": "Shape__Area", "type": "esriFieldTypeDouble"},
    ],
    "geometryType": "esriGeometryPolygon",
    "advancedQueryCapabilities": {"supportsPagination": True},
}


def test_a_lot_of_new_york_is_found_by_its_number_and_an_unknown_one_is_no_match():
    config = {"key": {"column": "bbl", "digits": 10}, "fields": {"parcel_area_sqft": "Shape__Area"}}
    described = json.dumps(MAPPLUTO).encode()
    for page, number, area in (
        ("MPG02_lot_single_1008350041", "1008350041", "97113.6875"),
        ("MPG03_lot_nofeature_5999999999", "5999999999", None),
    ):
        with serve(described, _without_shape(live(page))) as server:
            request = enrichment_request({"apn": number}, fields=("parcel_area_sqft",))
            facts = facts_by_key(provider(server.url, **config).fetch(request))
        assert facts["p0", "parcel_area_sqft"]["value"] == area
        assert facts["p0", "parcel_area_sqft"]["reason_code"] == (None if area else "NO_MATCH")


def test_captured_outlines_in_feet_are_refused_where_degrees_were_asked_for():
    config = {"key": {"column": "bbl"}, "fields": {"parcel_area_sqft": "Shape__Area"}}
    page = live("MPG02_lot_single_1008350041")
    with serve(json.dumps(MAPPLUTO).encode(), page) as server:
        request = enrichment_request({"apn": "1008350041"}, fields=("parcel_area_sqft",))
        facts = facts_by_key(provider(server.url, **config).fetch(request))
    assert facts["p0", "parcel_area_sqft"]["reason_code"] == "BAD_ANSWER"


def _without_shape(page: bytes) -> bytes:
    """As it comes with returnGeometry=false, which is what the provider asks for."""
    reply = json.loads(page)
    for feature in reply["features"]:
        feature.pop("geometry", None)
    return json.dumps(reply).encode()
