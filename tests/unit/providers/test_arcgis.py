"""The arcgis provider: joins by number and position, vintages, drift, and reasons for what is not there."""

import json
import re
from datetime import date
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.counties.providers.arcgis import ArcgisProvider
from realestate_assets.providers.arcgis import Arcgis
from resources.errors import PermanentError
from resources.http.api import Failure
from tests.http_server import LocalServer, json_reply, text_reply
from tests.unit.providers.api_fakes import FakeClient, enrichment_request, facts_by_key, said
from tests.unit.providers.plain_client import ASKED_AT, PlainClient

LAYER = "Parcels/FeatureServer/0"
TYPES = {
    "OBJECTID": "OID",
    "PIN": "String",
    "Acres": "Double",
    "Sold": "Date",
    "Price": "Double",
    "Roll_Year": "SmallInteger",
    "Owner": "String",
    "City": "String",
}
CONFIG = {
    "kind": "arcgis",
    "name": "parcels",
    "api": "county_gis",
    "layer": LAYER,
    "key": {"column": "pin", "digits": 10, "pattern": "######-####"},
    "fields": {
        "parcel_area_sqft": {"from": "ACRES", "unit": "acre"},
        "last_sale_date": "sold",
        "last_sale_price_usd": {"from": "price", "null_values": ["0"]},
        "owner_name": "Owner",
        "owner_mailing_address": {"line": "{Owner}, {City}"},
    },
}
SOLD_2014 = 1418601600000  # 2014-12-15


def metadata(geometry: str | None = "esriGeometryPolygon", types: dict = TYPES, **more) -> dict:
    columns = [{"name": name, "type": f"esriFieldType{kind}"} for name, kind in types.items()]
    paging = {"advancedQueryCapabilities": {"supportsPagination": True}, "maxRecordCount": 3}
    return {"name": "Parcels", "fields": columns, "geometryType": geometry} | paging | more


def provider(client, **changes) -> Arcgis:
    config = ArcgisProvider.model_validate(CONFIG | changes)
    return Arcgis(config, client, load_counties()["king-wa"])


def layer_server(rows: list[dict], described: dict | None = None) -> LocalServer:
    """A layer over rows; it understands `column IN (…)`, offsets and page sizes."""
    described = described or metadata()

    def handler(method, path, query, body, headers):
        if not path.endswith("/query"):
            return json_reply(described)
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        column, listed = re.match(r"(\w+) IN \((.*)\)", form["where"]).groups()
        keys = {text.strip("'") for text in listed.split(",")}
        found = [row for row in rows if str(row["attributes"][column]) in keys]
        start, size = int(form.get("resultOffset", 0)), described["maxRecordCount"]
        more = start + size < len(found)
        return json_reply({"features": found[start : start + size], "exceededTransferLimit": more})

    return LocalServer(handler)


def row(pin: object, **more) -> dict:
    return {"attributes": dict.fromkeys(TYPES) | {"PIN": pin} | more}


FIELDS = tuple(CONFIG["fields"])


def test_parcels_are_joined_by_number_with_units_dates_and_provenance():
    full = row("012345-6789", Acres=0.25, Sold=SOLD_2014, Price=500000.0, Owner="DOE JANE", City="Kent")
    with layer_server([full, row("999999-9999", Acres=9.0)]) as server:
        request = enrichment_request({}, {"apn": "1111111111"}, {"apn": None}, fields=FIELDS)
        facts = facts_by_key(provider(PlainClient(server.url)).fetch(request))
    assert len(facts) == 15
    assert facts["p0", "parcel_area_sqft"]["value"] == "10890"
    assert facts["p0", "last_sale_date"]["value"] == "2014-12-15"
    assert facts["p0", "last_sale_price_usd"]["value"] == "500000"
    assert facts["p0", "owner_mailing_address"]["value"] == "DOE JANE, Kent"
    fact = facts["p0", "owner_name"]
    assert (fact["confidence"], fact["vintage"], fact["simulated"]) == (0.9, ASKED_AT.date(), False)
    assert fact["source_url"].endswith("/query?where=PIN%3D%27012345-6789%27&outFields=*&f=json")
    assert facts["p1", "owner_name"]["reason_code"] == "NO_MATCH"
    assert facts["p2", "owner_name"]["reason_code"] == "NO_KEY"
    form = parse_qs(server.requests[1].body.decode())
    assert form["where"] == ["PIN IN ('012345-6789','111111-1111')"]
    assert form["outSR"] == ["4326"] and len(server.requests) == 2


def test_a_roll_with_both_addresses_tells_whether_the_owner_lives_there():
    types = TYPES | dict.fromkeys(("Situs", "SCity", "SZip", "SState", "Mail"), "String")
    home = {"street": "SITUS", "city": "SCity", "zip": "SZip", "state": "SState"}
    rule = {"owner_occupied": {"home": home | {"mailing": "{MAIL}, {City}, WA {SZip}"}}}
    situs = {"Situs": "12 Elm Street", "SCity": "Kent", "SZip": "98030", "SState": "WA", "City": "Kent"}
    rows = [row("000000-0001", Mail="12 ELM ST"), row("000000-0002", Mail="99 OAK AVE")]
    for each in rows:
        each["attributes"] |= situs
    with layer_server(rows, metadata(types=types)) as server:
        request = enrichment_request({"apn": "0000000001"}, {"apn": "0000000002"}, fields=("owner_occupied",))
        facts = facts_by_key(provider(PlainClient(server.url), fields=rule).fetch(request))
    assert [facts[f"p{n}", "owner_occupied"]["value"] for n in range(2)] == ["true", "false"]


def test_many_parcels_go_into_few_requests_and_pages_are_followed():
    pins = [f"{n:010d}" for n in range(1, 8)]
    rows = [row(f"{pin[:6]}-{pin[6:]}", Owner=f"OWNER {pin}") for pin in pins]
    with layer_server(rows) as server:
        request = enrichment_request(*({"apn": pin} for pin in pins), fields=("owner_name",))
        facts = facts_by_key(provider(PlainClient(server.url), keys_per_request=4).fetch(request))
    assert [facts[f"p{n}", "owner_name"]["value"] for n in range(7)] == [f"OWNER {pin}" for pin in pins]
    # The layer's description, 4 + 3 parcels, and the second page of the four.
    assert len(server.requests) == 4


def test_a_number_column_is_asked_without_quotes_and_joined_without_leading_zeros():
    types = TYPES | {"PIN": "Double"}
    with layer_server([row(123456789, Owner="A")], metadata(types=types)) as server:
        request = enrichment_request({}, {"apn": "12AB"}, fields=("owner_name",))
        facts = facts_by_key(provider(PlainClient(server.url), key={"column": "PIN"}).fetch(request))
    assert facts["p0", "owner_name"]["value"] == "A"
    assert facts["p1", "owner_name"]["reason_code"] == "NO_KEY"
    assert parse_qs(server.requests[1].body.decode())["where"] == ["PIN IN (123456789)"]


@pytest.mark.parametrize(("kind", "reason"), [("Double", "NO_KEY"), ("BigInteger", None)])
def test_a_number_with_more_digits_than_its_column_keeps_is_not_asked_for(kind, reason):
    # As doubles this number and its neighbour are one: the answer might be the neighbour's.
    number = 222623000001000040
    with layer_server([row(number, Owner="A")], metadata(types=TYPES | {"PIN": kind})) as server:
        request = enrichment_request({"apn": str(number)}, fields=("owner_name",))
        facts = facts_by_key(provider(PlainClient(server.url), key={"column": "PIN"}).fetch(request))
    assert facts["p0", "owner_name"]["reason_code"] == reason


def test_the_latest_feature_known_at_the_month_counts_and_a_later_one_shows_its_vintage():
    pin = "012345-6789"
    rows = [row(pin, Owner=f"OF {year}", Roll_Year=year) for year in (2016, 2013, 2014)]
    months = [{"month": "2015-05"}, {"month": "2014-06"}, {"month": "2012-01"}]
    with layer_server(rows) as server:
        request = enrichment_request(*months, fields=("owner_name",))
        config = provider(PlainClient(server.url), vintage={"year": "ROLL_YEAR"})
        facts = facts_by_key(config.fetch(request))
    assert [facts[f"p{n}", "owner_name"]["value"] for n in range(3)] == ["OF 2014", "OF 2013", "OF 2013"]
    assert facts["p0", "owner_name"]["vintage"] == date(2014, 12, 31)
    assert facts["p2", "owner_name"]["vintage"] == date(2013, 12, 31)


def test_a_sale_of_later_than_the_month_is_never_handed_on_as_usable():
    with layer_server([row("012345-6789", Sold=SOLD_2014, Price=1.0)]) as server:
        request = enrichment_request(
            {"month": "2014-12"}, {"month": "2015-01"}, fields=("last_sale_price_usd",)
        )
        facts = facts_by_key(provider(PlainClient(server.url)).fetch(request))
    assert facts["p0", "last_sale_price_usd"]["reason_code"] == "VINTAGE_TOO_LATE"
    assert facts["p1", "last_sale_price_usd"]["reason_code"] is None


def test_a_renamed_column_stops_the_step_before_any_parcel_is_asked_for():
    types = {name: kind for name, kind in TYPES.items() if name != "Acres"}
    with layer_server([], metadata(types=types)) as server:
        with pytest.raises(PermanentError, match="county king-wa, source parcels, field acres"):
            provider(PlainClient(server.url)).fetch(enrichment_request({}, fields=("owner_name",)))
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (json_reply({"error": {"code": 499, "message": "Token Required"}}), "KEY_MISSING"),
        (json_reply({"error": {"code": 400, "message": "Invalid URL"}}), "BAD_ANSWER"),
        (text_reply("<html>Service Directory</html>", content_type="text/html"), "BAD_ANSWER"),
        (text_reply("", status=204), "BAD_ANSWER"),
        (text_reply("busy", status=503), "PROVIDER_FAILED"),
    ],
)
def test_an_error_at_http_200_html_and_no_body_are_reasons_and_not_data(reply, reason):
    for place in ("metadata", "query"):

        def handler(method, path, query, body, headers, place=place):
            is_query = path.endswith("/query")
            return reply if is_query == (place == "query") else json_reply(metadata())

        with LocalServer(handler) as server:
            request = enrichment_request({}, {"apn": None}, fields=("owner_name", "parcel_area_sqft"))
            facts = facts_by_key(provider(PlainClient(server.url)).fetch(request))
        assert len(facts) == 4
        assert facts["p0", "owner_name"]["reason_code"] == reason
        assert facts["p0", "owner_name"]["value"] is None


def test_only_the_parcels_of_the_failed_call_lack_their_facts():
    def handler(request):
        if not request.path.endswith("/query"):
            return said(metadata())
        where = dict(request.form)["where"]
        if "000000-0001" in where:
            return Failure.PROVIDER_FAILED
        pin = re.search(r"'(.*)'", where)[1]
        return said({"features": [row(pin, Owner="X")]})

    client = FakeClient(handler, cost_usd=0.05)
    rows = [{"apn": "0000000001"}, {"apn": "0000000002"}]
    facts = provider(client, keys_per_request=1).fetch(enrichment_request(*rows, fields=("owner_name",)))
    found = facts_by_key(facts)
    assert found["p0", "owner_name"]["reason_code"] == "PROVIDER_FAILED"
    assert found["p1", "owner_name"]["value"] == "X"
    assert found["p1", "owner_name"]["cost_usd"] == 0.05


def square(west: float, south: float) -> dict:
    corners = [(0, 0), (0, 1), (1, 1), (1, 0), (0, 0)]
    return {"rings": [[[west + x / 100, south + y / 100] for x, y in corners]]}


BY_POSITION = {"key": None, "fields": {"zoning_code": "Owner", "parcel_area_sqft": "Acres"}}


def test_properties_are_joined_by_position_where_the_layer_has_no_number():
    features = [
        {"attributes": {"Owner": "R5", "Acres": 1}, "geometry": square(-122.30, 47.60)},
        {"attributes": {"Owner": "R8", "Acres": 2}, "geometry": square(-122.20, 47.60)},
        # Two flats above each other, alike in their zone and not in their size.
        {"attributes": {"Owner": "C1", "Acres": 3}, "geometry": square(-122.10, 47.60)},
        {"attributes": {"Owner": "C1", "Acres": 4}, "geometry": square(-122.10, 47.60)},
    ]
    client = FakeClient(lambda r: said({"features": features} if r.form else metadata(maxRecordCount=1000)))
    places = [(-122.295, 47.605), (-122.195, 47.605), (-122.095, 47.605), (-121.0, 47.0), (None, None)]
    rows = [{"longitude": x, "latitude": y} for x, y in places]
    request = enrichment_request(*rows, fields=("zoning_code", "parcel_area_sqft"))
    facts = facts_by_key(provider(client, **BY_POSITION).fetch(request))
    assert [facts[f"p{n}", "zoning_code"]["value"] for n in range(5)] == ["R5", "R8", "C1", None, None]
    assert facts["p2", "parcel_area_sqft"]["value"] is None
    assert facts["p2", "parcel_area_sqft"]["reason_code"] == "NO_MATCH"
    assert facts["p3", "zoning_code"]["reason_code"] == "NO_MATCH"
    assert facts["p4", "zoning_code"]["reason_code"] == "NO_KEY"
    form = dict(client.requests[1].form)
    assert len(client.requests) == 2 and form["geometryType"] == "esriGeometryMultipoint"
    assert len(json.loads(form["geometry"])["points"]) == 4 and form["inSR"] == form["outSR"] == "4326"


def test_a_service_that_answers_in_state_plane_feet_has_not_answered():
    feature = {"attributes": {"Owner": "R5", "Acres": 1}, "geometry": {"x": 6474022.25, "y": 1748978.69}}
    client = FakeClient(lambda r: said({"features": [feature]} if r.form else metadata()))
    request = enrichment_request({"longitude": -118.2, "latitude": 33.8}, fields=("zoning_code",))
    facts = facts_by_key(provider(client, **BY_POSITION).fetch(request))
    assert facts["p0", "zoning_code"]["reason_code"] == "BAD_ANSWER"


def test_coordinates_come_from_the_shape_of_the_parcel():
    feature = row("012345-6789") | {"geometry": square(-122.30, 47.60)}
    with layer_server([feature]) as server:
        fields = ("geocoded_latitude", "geocoded_longitude")
        config = provider(PlainClient(server.url), fields={}, coordinates=True)
        facts = facts_by_key(config.fetch(enrichment_request({}, fields=fields)))
    assert float(facts["p0", "geocoded_latitude"]["value"]) == pytest.approx(47.605)
    assert float(facts["p0", "geocoded_longitude"]["value"]) == pytest.approx(-122.295)
    assert parse_qs(server.requests[1].body.decode())["returnGeometry"] == ["true"]


@pytest.mark.parametrize(
    ("geometry", "change"),
    [(None, BY_POSITION), ("esriGeometryPoint", BY_POSITION), (None, {"coordinates": True})],
)
def test_a_layer_without_the_shapes_it_takes_stops_with_a_remedy(geometry, change):
    client = FakeClient(lambda r: said(metadata(geometry=geometry)))
    with pytest.raises(PermanentError, match="field layer"):
        provider(client, **change).fetch(enrichment_request({}, fields=("zoning_code", "owner_name")))


def test_nothing_is_asked_where_no_field_of_the_provider_is_wanted():
    client = FakeClient(lambda r: said(metadata()))
    assert provider(client).fetch(enrichment_request({}, fields=("flood_zone_code",))).num_rows == 0
    assert not client.requests


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"api": None}, "api must name"),
        ({"fields": {"no_such_field": "A"}}, "not enrichment fields"),
        ({"fields": {}}, "at least one column"),
        ({"fields": {"owner_name": "OWNER'; DROP"}}, "pattern"),
        ({"fields": {"owner_name": {"line": "{}"}}}, "column names in braces"),
        ({"layer": "../secret/0"}, "pattern"),
        ({"layer": "Parcels/FeatureServer"}, "pattern"),
    ],
)
def test_a_configuration_that_cannot_work_is_refused(change, message):
    with pytest.raises(ValidationError, match=message):
        ArcgisProvider.model_validate(CONFIG | change)


def test_a_layer_is_named_with_a_slash_before_it_or_without():
    assert ArcgisProvider.model_validate(CONFIG | {"layer": f"/{LAYER}"}).layer == LAYER


@given(st.lists(st.text(max_size=20), min_size=1, max_size=5))
def test_no_parcel_number_gets_out_of_its_quotes(numbers):
    client = FakeClient(lambda r: said({"features": []} if r.form else metadata()))
    request = enrichment_request(*({"apn": text} for text in numbers), fields=("owner_name",))
    facts = provider(client, key={"column": "PIN"}).fetch(request)
    assert facts.num_rows == len(numbers)
    for sent in client.requests[1:]:
        assert re.fullmatch(r"PIN IN \('[0-9A-Z]+'(,'[0-9A-Z]+')*\)", dict(sent.form)["where"])
