"""ArcGIS layers: metadata and drift, pages, errors at HTTP 200, dates, quoting."""

import json
from urllib.parse import parse_qs

import pyarrow as pa
import pytest

from realestate_assets.providers.arcgis_pages import collect, collect_batches
from realestate_assets.providers.arcgis_rest import (
    Layer,
    check_columns,
    iso_dates,
    metadata_request,
    query_request,
    quoted,
    read_features,
    read_layer,
    read_reply,
)
from resources.errors import PermanentError
from resources.http.api import ApiAnswer, ApiRequest, Failure
from tests.http_server import LocalServer, json_reply
from tests.unit.providers.plain_client import PlainClient

PATH = "Parcels/FeatureServer/0"
METADATA = {
    "name": "Parcels",
    "geometryType": "esriGeometryPolygon",
    "maxRecordCount": 2,
    "advancedQueryCapabilities": {"supportsPagination": True},
    "fields": [
        {"name": "OBJECTID", "type": "esriFieldTypeOID"},
        {"name": "PIN", "type": "esriFieldTypeString"},
        {"name": "Sold", "type": "esriFieldTypeDate"},
    ],
}
LAYER = Layer(PATH, "Parcels", {"OBJECTID": "esriFieldTypeOID", "PIN": ""}, "OBJECTID", 2, True, None)


def answer(value: object) -> ApiAnswer:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return ApiAnswer(ApiRequest("Parcels", PATH), f"https://gis.example/{PATH}", status=200, body=body)


def feature(number: int) -> dict:
    return {"attributes": {"OBJECTID": number}}


def paging_server(total: int, page: int, repeat: bool = False) -> LocalServer:
    def handler(method, path, query, body, headers):
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        start = 0 if repeat else int(form.get("resultOffset", 0))
        features = [feature(n) for n in range(start, min(start + page, total))]
        return json_reply({"features": features, "exceededTransferLimit": start + page < total})

    return LocalServer(handler)


def test_a_layer_is_read_with_its_columns_and_abilities():
    layer, failure, _ = read_layer(answer(METADATA))
    assert failure is None
    assert (layer.object_id, layer.page_size, layer.can_page) == ("OBJECTID", 2, True)
    assert layer.spelling("sold") == "Sold" and layer.spelling("price") is None
    assert layer.is_date("Sold") and layer.is_number("OBJECTID") and not layer.is_number("PIN")


def test_an_old_server_says_neither_page_size_nor_paging():
    old = {"currentVersion": 10.0, "fields": METADATA["fields"]}
    layer = read_layer(answer(old))[0]
    assert (layer.page_size, layer.can_page) == (1000, False)


@pytest.mark.parametrize("reply", [{"layers": []}, [1], {"fields": [{"alias": "x"}]}, {"fields": None}])
def test_an_address_that_is_no_layer_stops_with_a_remedy(reply):
    with pytest.raises(PermanentError, match="FeatureServer/0"):
        read_layer(answer(reply))


def test_a_missing_column_is_drift_that_names_county_source_and_column():
    layer = read_layer(answer(METADATA))[0]
    check_columns(layer, ["pin", "SOLD"], "king-wa", "parcels")
    with pytest.raises(
        PermanentError, match=r"county king-wa, source parcels, field ACRES.*has PIN, Sold|OBJECTID"
    ):
        check_columns(layer, ["PIN", "ACRES"], "king-wa", "parcels")


@pytest.mark.parametrize(
    ("reply", "failure"),
    [
        ({"error": {"code": 400, "message": "Invalid query", "details": []}}, Failure.BAD_ANSWER),
        ({"error": {"code": 499, "message": "Token Required", "details": []}}, Failure.KEY_MISSING),
        ({"error": {"code": 498, "message": "Invalid Token"}}, Failure.KEY_REFUSED),
        ({"error": {"code": 500, "message": "Error performing query operation"}}, Failure.PROVIDER_FAILED),
        (b"<html>maintenance</html>", Failure.BAD_ANSWER),
        (b"", Failure.BAD_ANSWER),
    ],
)
def test_an_error_with_http_200_is_a_failure_and_not_data(reply, failure):
    assert read_reply(answer(reply))[1] is failure
    assert read_features(answer(reply))[2] is failure
    assert read_layer(answer(reply))[:2] == (None, failure)


def test_a_reply_without_features_is_drift():
    with pytest.raises(PermanentError, match="features"):
        read_features(answer({"count": 5}))


def test_geojson_marks_the_cut_among_its_properties():
    reply = {"features": [], "properties": {"exceededTransferLimit": True}}
    assert read_features(answer(reply))[:2] == ([], True)


def test_all_pages_of_all_queries_are_collected_in_order():
    with paging_server(total=5, page=2) as server:
        query = query_request(PATH, where="1=1", columns=("OBJECTID",))
        other = query_request(PATH, where="2=2")
        found = collect(PlainClient(server.url), LAYER, [query, other])
    for each in found:
        assert [f["attributes"]["OBJECTID"] for f in each.features] == [0, 1, 2, 3, 4]
        assert len(each.answers) == 3 and each.failure is None and not each.is_cut
    assert len(server.requests) == 6
    form = parse_qs(server.requests[0].body.decode())
    assert form["orderByFields"] == ["OBJECTID"] and form["outSR"] == ["4326"]
    assert server.requests[0].path == f"/{PATH}/query" and server.requests[0].method == "POST"


def test_a_service_that_repeats_its_first_page_is_a_bad_answer_and_ends():
    with paging_server(total=5, page=2, repeat=True) as server:
        found = collect(PlainClient(server.url), LAYER, [query_request(PATH)])[0]
    assert found.failure is Failure.BAD_ANSWER and found.features == []
    assert len(server.requests) == 2


def test_a_full_page_of_a_service_that_cannot_page_is_marked_as_cut():
    cannot = Layer(PATH, "", {}, None, 2, False, None)
    with paging_server(total=5, page=2) as server:
        found = collect(PlainClient(server.url), cannot, [query_request(PATH)])[0]
    assert found.is_cut and len(found.features) == 2 and len(server.requests) == 1


def test_a_failed_page_fails_its_whole_query_and_no_other():
    def handler(method, path, query, body, headers):
        form = parse_qs(body.decode())
        if form["where"] == ["bad"] and "resultOffset" in form:
            return json_reply({"error": {"code": 400, "message": "no"}})
        more = "resultOffset" not in form
        start = 0 if more else 2
        return json_reply({"features": [feature(start), feature(start + 1)], "exceededTransferLimit": more})

    with LocalServer(handler) as server:
        queries = [query_request(PATH, where="bad"), query_request(PATH, where="good")]
        bad, good = collect(PlainClient(server.url), LAYER, queries)
    assert bad.failure is Failure.BAD_ANSWER and bad.features == [] and bad.message == "400 no"
    assert len(good.features) == 4


def test_dates_are_days_of_epoch_milliseconds_also_before_1970():
    days = iso_dates(pa.array([1418601600000, -86400001, None]))
    assert days.to_pylist() == ["2014-12-15", "1969-12-30", None]


def test_quotes_inside_a_literal_are_doubled():
    assert quoted("O'Hare") == "'O''Hare'"
    assert metadata_request(PATH).params == (("f", "json"),)


def test_a_batch_that_the_service_cuts_is_asked_for_in_halves():
    cannot = Layer(PATH, "", {}, None, 4, False, None)

    def handler(method, path, query, body, headers):
        numbers = json.loads(parse_qs(body.decode())["where"][0])
        return json_reply({"features": [feature(n) for n in numbers][:4]})

    with LocalServer(handler) as server:
        batches = collect_batches(
            PlainClient(server.url),
            cannot,
            [list(range(5)), [9]],
            lambda batch: query_request(PATH, where=json.dumps(batch)),
        )
    assert sorted(batch for batch, _ in batches) == [[0, 1], [2, 3, 4], [9]]
    assert sum(len(found.features) for _, found in batches) == 6
