"""The regrid provider: what a parcel fills, whose it is, batches of points, pages, and reasons."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.counties.providers.regrid import RegridProvider
from realestate_assets.providers.regrid import Regrid
from resources.errors import PermanentError
from resources.http.api import Failure
from tests.http_server import LocalServer, json_reply, text_reply
from tests.unit.providers.api_fakes import FakeClient, enrichment_request, facts_by_key, said
from tests.unit.providers.plain_client import PlainClient

APN = "0200106971"
FULL = {
    "parcelnumb": "02001069-71",
    "geoid": "53033",
    "zoning": "SD2",
    "yearbuilt": 1926,
    "recrdareano": 2125,
    "usecode": "201",
    "parvaltype": "ASSESSED",
    "parval": 310000.0,
    "taxamt": "4120.5",
    "taxyear": "2013",
    "saleprice": 250000,
    "saledate": "2010-09-01",
    "owner": "ROE RICHARD",
    "owner2": "ROE ANN",
    "mailadd": "440 BURROUGHS",
    "mail_address2": "# 3",
    "mail_city": "PORTLAND",
    "mail_state2": "OR",
    "mail_zip": "97201",
    "address": "440 Burroughs Street",
    "fema_flood_zone": "AE",
    "fema_flood_zone_data_date": "2012-10-17",
    "lat": "47.605083",
    "lon": "-122.303037",
    "census_tract": "53033005301",
    "ll_gisacre": 0.25,
    "ll_last_refresh": "2014-01-31",
}


def square(west: float, south: float) -> dict:
    corners = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
    return {"type": "Polygon", "coordinates": [[[west + x / 100, south + y / 100] for x, y in corners]]}


def parcel(number: int = 1, geometry: dict | None = None, **fields) -> dict:
    properties = {"headline": "440 Burroughs St", "path": "/us/wa/king/1", "fields": FULL | fields}
    return {"type": "Feature", "id": number, "geometry": geometry, "properties": properties}


def reply(*parcels: dict, **more) -> dict:
    return {"parcels": {"type": "FeatureCollection", "features": list(parcels)}} | more


def provider(client, **changes) -> Regrid:
    config = RegridProvider.model_validate({"kind": "regrid", "name": "regrid"} | changes)
    return Regrid(config, client, load_counties()["king-wa"])


def ask(answer: object, *rows: dict, fields: tuple[str, ...] = Regrid.fields, status=200, **changes) -> dict:
    client = FakeClient(lambda request: answer if isinstance(answer, Failure) else said(answer, status))
    request = enrichment_request(*(rows or ({"apn": APN},)), fields=fields)
    return facts_by_key(provider(client, **changes).fetch(request))


def test_a_parcel_fills_its_fields_with_their_own_dates():
    facts = ask(reply(parcel(), disclaimers=["not a survey"], buildings={"features": []}))
    assert {field: fact["value"] for (_, field), fact in facts.items()} == {
        "zoning_code": "SD2",
        "tax_annual_usd": "4120.5",
        "last_sale_price_usd": "250000",
        "last_sale_date": "2010-09-01",
        "owner_since_date": "2010-09-01",
        "roll_living_area_sqft": "2125",
        "roll_year_built": "1926",
        "geocoded_latitude": "47.605083",
        "geocoded_longitude": "-122.303037",
        "census_tract": "53033005301",
        "owner_mailing_state": "OR",
        "parcel_area_sqft": "10890",
        "flood_zone_code": "AE",
        "is_flood_hazard_area": "true",
        "assessed_value_usd": "310000",
        "roll_market_value_usd": None,
        "roll_use_code": "201",
        "owner_name": "ROE RICHARD & ROE ANN",
        "owner_mailing_address": "440 BURROUGHS # 3, PORTLAND, OR 97201",
    }
    dates = {field: facts["p0", field]["vintage"] for field in Regrid.fields}
    assert dates["owner_name"] == dates["zoning_code"] == date(2014, 1, 31)
    assert dates["tax_annual_usd"] == dates["assessed_value_usd"] == date(2013, 12, 31)
    assert dates["flood_zone_code"] == date(2012, 10, 17)
    assert dates["last_sale_price_usd"] == date(2010, 9, 1)
    assert facts["p0", "owner_name"]["confidence"] == 0.9


@pytest.mark.parametrize(
    ("fields", "field", "value"),
    [
        ({"parvaltype": "MARKET VALUE"}, "roll_market_value_usd", "310000"),
        ({"parvaltype": "Appraised"}, "roll_market_value_usd", "310000"),
        ({"parvaltype": "TOTAL"}, "roll_market_value_usd", None),
        ({"parvaltype": "TOTAL"}, "assessed_value_usd", None),
        ({"parval": 0.0}, "assessed_value_usd", None),
        ({"saleprice": "0"}, "last_sale_price_usd", None),
        ({"yearbuilt": 0}, "roll_year_built", None),
        ({"fema_flood_zone": "X"}, "is_flood_hazard_area", "false"),
        ({"fema_flood_zone": "D"}, "is_flood_hazard_area", None),
        ({"fema_flood_zone": "AREA NOT INCLUDED"}, "is_flood_hazard_area", None),
        ({"fema_flood_zone": "AREA NOT INCLUDED"}, "flood_zone_code", None),
        ({"fema_flood_zone": None}, "is_flood_hazard_area", None),
        ({"ll_gissqft": 5607}, "parcel_area_sqft", "5607"),
        ({"ll_gisacre": "0", "gisacre": "0.5"}, "parcel_area_sqft", "21780"),
        ({"mailadd": None, "mail_address2": None}, "owner_mailing_address", None),
        ({"mail_city": " ", "mail_state2": None}, "owner_mailing_address", "440 BURROUGHS # 3, 97201"),
        ({"usecode": None, "usedesc": "Res Vacant"}, "roll_use_code", "Res Vacant"),
    ],
)
def test_text_numbers_zeros_units_and_kinds_of_value_are_read_as_what_they_mean(fields, field, value):
    fact = ask(reply(parcel(**fields)), fields=(field,))["p0", field]
    assert fact["value"] == value
    assert fact["reason_code"] == (None if value else "NULL_IN_SOURCE")


@pytest.mark.parametrize(
    "column", ["parcelnumb_no_formatting", "alt_parcelnumb2", "state_parcelnumb", "tax_id"]
)
def test_a_parcel_is_known_by_any_of_its_numbers(column):
    fields = {"parcelnumb": "R0009806", column: "020-010 6971"}
    facts = ask(reply(parcel(1, parcelnumb="OTHER"), parcel(2, zoning="HIT", **fields)))
    assert facts["p0", "zoning_code"]["value"] == "HIT"


def test_another_number_and_another_county_are_no_match():
    for fields in ({"parcelnumb": "9"}, {"geoid": "26163"}):
        assert ask(reply(parcel(**fields)))["p0", "zoning_code"]["reason_code"] == "NO_MATCH"


def test_months_of_a_parcel_share_a_call_and_its_cost():
    with LocalServer(lambda *_: json_reply(reply(parcel()))) as server:
        rows = [{"apn": APN, "month": f"2015-0{n}"} for n in (1, 2, 3)]
        request = enrichment_request(*rows, {"apn": None}, fields=Regrid.fields)
        facts = provider(PlainClient(server.url, cost_usd=0.02)).fetch(request)
    assert len(server.requests) == 1
    sent = server.requests[0]
    assert sent.path == "/parcels/apn"
    assert (sent.query["parcelnumb"], sent.query["path"]) == ([APN], ["/us/wa/king"])
    assert sum(round(cost * 1e6) for cost in facts["cost_usd"].to_pylist()) == 20_000
    found = facts_by_key(facts)
    assert found["p3", "owner_name"]["reason_code"] == "NO_KEY"
    assert found["p2", "owner_name"]["value"] == "ROE RICHARD & ROE ANN"


PLACES = [(-122.295, 47.605), (-122.195, 47.605), (-122.095, 47.605), (-121.0, 47.0)]


def by_point(*places: tuple[float, float], **more) -> list[dict]:
    return [{"apn": None, "longitude": x, "latitude": y} | more for x, y in places]


def test_points_go_many_into_one_call_and_each_gets_the_parcel_it_lies_in():
    parcels = [
        parcel(1, square(-122.30, 47.60), zoning="A", parcelnumb="1"),
        parcel(2, square(-122.20, 47.60), zoning="B", parcelnumb="2"),
        # Flats above each other: which of them is meant cannot be told.
        parcel(3, square(-122.10, 47.60), zoning="C", parcelnumb="3"),
        parcel(4, square(-122.10, 47.60), zoning="D", parcelnumb="4", address="9 ELM ST APT 2"),
    ]
    client = FakeClient(lambda request: said(reply(*parcels)))
    rows = by_point(*PLACES) + by_point(PLACES[2], street="9 ELM ST", unit="UNIT 2")
    facts = facts_by_key(provider(client).fetch(enrichment_request(*rows, fields=("zoning_code",))))
    assert [facts[f"p{n}", "zoning_code"]["value"] for n in range(5)] == ["A", "B", None, None, "D"]
    assert facts["p2", "zoning_code"]["reason_code"] == "NO_MATCH"
    assert facts["p0", "zoning_code"]["confidence"] == 0.75
    assert len(client.requests) == 1 and client.requests[0].path == "/parcels/point"
    shape = json.loads(dict(client.requests[0].params)["geojson"])
    assert shape["type"] == "MultiPoint" and len(shape["coordinates"]) == 4


def test_a_call_takes_no_more_points_than_configured_and_a_single_one_needs_no_outline():
    client = FakeClient(lambda request: said(reply(parcel(zoning=dict(request.params).get("lat", "many")))))
    rows = by_point(*PLACES)
    facts = facts_by_key(
        provider(client, points_per_call=1).fetch(enrichment_request(*rows, fields=("zoning_code",)))
    )
    assert [facts[f"p{n}", "zoning_code"]["value"] for n in range(4)] == ["47.605"] * 3 + ["47.0"]
    assert len(client.requests) == 4
    client.requests.clear()
    provider(client, points_per_call=3).fetch(enrichment_request(*rows, fields=("zoning_code",)))
    assert len(client.requests) == 2


def test_by_point_a_parcel_with_another_number_is_another_parcel():
    rows = [{"apn": APN, "longitude": -122.295, "latitude": 47.605}]
    for number, reason in (("02001069-71", None), ("7", "NO_MATCH")):
        facts = ask(reply(parcel(parcelnumb=number)), *rows, ask_by=["point"])
        assert facts["p0", "zoning_code"]["reason_code"] == reason


def test_pages_are_followed_by_the_id_of_the_last_parcel(monkeypatch):
    monkeypatch.setattr("realestate_assets.providers.regrid_calls.RECORDS_BY_POINT", 2)
    parcels = [
        parcel(n, square(-122.30 + n / 10, 47.60), zoning=f"Z{n}", parcelnumb=str(n)) for n in range(1, 6)
    ]

    def handler(request):
        after = int(dict(request.params).get("offset_id", 0))
        return said(reply(*[one for one in parcels if one["id"] > after][:2]))

    client = FakeClient(handler, cost_usd=0.02)
    rows = by_point(*((-122.295 + n / 10, 47.605) for n in range(1, 6)))
    facts = provider(client).fetch(enrichment_request(*rows, fields=("zoning_code",)))
    assert facts["value"].to_pylist() == [f"Z{n}" for n in range(1, 6)]
    assert [dict(request.params).get("offset_id") for request in client.requests] == [None, "2", "4"]
    # Each page is a call of its own and paid for.
    assert sum(round(cost * 1e6) for cost in facts["cost_usd"].to_pylist()) == 60_000


def test_pages_that_repeat_end_as_a_bad_answer(monkeypatch):
    monkeypatch.setattr("realestate_assets.providers.regrid_calls.RECORDS_BY_POINT", 1)
    client = FakeClient(lambda request: said(reply(parcel())))
    facts = provider(client).fetch(enrichment_request(*by_point(PLACES[0]), fields=("zoning_code",)))
    assert facts["reason_code"].to_pylist() == ["BAD_ANSWER"] and len(client.requests) == 2


@pytest.mark.parametrize(
    ("served", "reason"),
    [
        (json_reply(reply()), "NO_MATCH"),
        (text_reply("", status=204), "NO_MATCH"),
        (json_reply({"error": "Invalid parcelnumb"}, status=400), "BAD_ANSWER"),
        (json_reply({"status": "error", "message": "Too broad"}), "BAD_ANSWER"),
        (json_reply({}, status=404), "BAD_ANSWER"),
        (json_reply({"message": "Unauthorized"}, status=401), "KEY_REFUSED"),
        (text_reply("<html>Sign in</html>", content_type="text/html"), "BAD_ANSWER"),
        (text_reply("busy", status=503), "PROVIDER_FAILED"),
    ],
)
def test_every_way_of_answering_without_a_parcel_is_a_reason(served, reason):
    with LocalServer(lambda *_: served) as server:
        request = enrichment_request({"apn": APN}, fields=("owner_name", "zoning_code"))
        facts = facts_by_key(provider(PlainClient(server.url)).fetch(request))
    assert {fact["reason_code"] for fact in facts.values()} == {reason}
    assert {fact["value"] for fact in facts.values()} == {None}


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        ({"results": {"features": []}}, "parcels"),
        ([1], "parcels"),
        ({"parcels": {"count": 0}}, "parcels"),
        (reply({"id": 1, "properties": {"parcelnumb": "1"}}), "properties.fields"),
        (reply({"id": 1, "properties": {"fields": {"apn": "1"}}}), "parcelnumb"),
    ],
)
def test_a_reply_of_another_form_is_drift_that_names_the_key(answer, field):
    with pytest.raises(PermanentError, match=f"county king-wa, source regrid, field {field}"):
        ask(answer)


def test_a_road_that_holds_a_point_has_no_number_and_is_no_drift():
    road = {"id": 1, "properties": {"fields": {"zoning": "ROW"}}}
    facts = ask(reply(road), *by_point(PLACES[0]))
    assert facts["p0", "zoning_code"]["value"] == "ROW"


def test_a_sale_of_later_than_the_month_takes_its_owner_with_it():
    facts = ask(reply(parcel(saledate="2015-05-01")), {"apn": APN, "month": "2015-05"})
    for field in ("last_sale_price_usd", "last_sale_date", "owner_name", "owner_mailing_address"):
        assert facts["p0", field]["reason_code"] == "VINTAGE_TOO_LATE"
    assert facts["p0", "zoning_code"]["reason_code"] is None


def test_months_before_the_earliest_are_not_paid_for():
    client = FakeClient(lambda request: said(reply(parcel())))
    request = enrichment_request({"apn": APN, "month": "2014-06"}, fields=("owner_name",))
    facts = facts_by_key(provider(client, earliest_month="2015-01").fetch(request))
    assert facts["p0", "owner_name"]["reason_code"] == "VINTAGE_TOO_LATE" and not client.requests


VALUES = st.none() | st.booleans() | st.floats() | st.text(max_size=6)


@settings(max_examples=40)
@given(st.dictionaries(st.sampled_from(sorted(FULL)), VALUES))
def test_no_odd_value_breaks_a_parcel(fields):
    odd = parcel(geometry={"type": "Polygon", "coordinates": []}, **fields)
    client = FakeClient(lambda request: (200, json.dumps(reply(odd)).encode()))
    rows = [{"apn": APN}, *by_point(*PLACES[:2])]
    facts = provider(client).fetch(enrichment_request(*rows, fields=Regrid.fields))
    assert facts.num_rows == 3 * len(Regrid.fields)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ask_by": []}, "ask_by"),
        ({"path": "/us/wa/king?token=x"}, "path"),
        ({"points_per_call": 0}, "points"),
    ],
)
def test_a_configuration_that_cannot_work_is_refused(change, message):
    with pytest.raises(ValidationError, match=message):
        RegridProvider.model_validate({"kind": "regrid", "name": "regrid"} | change)
