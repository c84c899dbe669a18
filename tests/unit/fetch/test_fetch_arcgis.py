"""Records of an ArcGIS layer: pages, counts, dates, positions, and what stops the fetch."""

import pytest

from realestate_assets.fetch.arcgis import fetch_arcgis
from resources.errors import PermanentError, TransientError
from tests.http_server import json_reply
from tests.unit.fetch.landed_apis import Layer, milliseconds, served, wanted


def record(number: int, sold: str, **rest: object) -> dict:
    return {"OBJECTID": number, "PIN": f"{number:04}", "SOLD": milliseconds(sold), "price": 1.5, **rest}


def sales(count: int = 7) -> list[dict]:
    return [record(n, f"2017-04-{n + 1:02}") for n in range(count)] + [record(99, "2017-05-01T05:00:00")]


def fetch(layer, months=("2017-04",), limit=None, **said):
    with served(layer) as (server, client):
        return fetch_arcgis(client, wanted("arcgis", limit, **said), list(months)), server.requests


def test_a_month_is_asked_for_by_its_dates_and_dates_come_out_as_text():
    found, requests = fetch(Layer(sales()), ("2017-04", "2017-05", "2017-06"))
    assert {month: len(rows) for month, rows in found.items()} == {"2017-04": 7, "2017-05": 1, "2017-06": 0}
    assert found["2017-05"] == [{"OBJECTID": 99, "pin": "0099", "sold": "2017-05-01T05:00:00Z", "price": 1.5}]
    # Layer, three counts, two months that hold something.
    assert len(requests) == 6


def test_a_number_longer_than_a_column_of_doubles_keeps_comes_as_the_float_it_was():
    long = {"price": 222623000001000040, "OBJECTID": 222623000001000040}
    short = record(1, "2017-04-01", price=123456789012345)
    found, _ = fetch(Layer([short, record(2, "2017-04-02") | long]))
    prices = [row["price"] for row in found["2017-04"]]
    assert prices == [123456789012345, 2.2262300000100003e17] and isinstance(prices[0], int)
    assert isinstance(prices[1], float) and isinstance(found["2017-04"][1]["OBJECTID"], int)


@pytest.mark.parametrize("can_page", [True, False])
def test_all_pages_are_read_and_add_up_to_the_count(can_page):
    found, requests = fetch(Layer(sales(), page=3, can_page=can_page))
    assert [row["pin"] for row in found["2017-04"]] == [f"{n:04}" for n in range(7)]
    assert len(requests) == (5 if can_page else 7)


def test_a_layer_that_never_says_that_it_cut_a_page_is_read_by_offset():
    found, requests = fetch(Layer(sales(), page=3, flags=False))
    assert [row["pin"] for row in found["2017-04"]] == [f"{n:04}" for n in range(7)]
    assert len(requests) == 5


def test_a_layer_that_takes_no_offset_and_says_nothing_is_read_by_its_ids():
    found, requests = fetch(Layer(sales(), page=3, flags=False, offsets=False))
    assert [row["pin"] for row in found["2017-04"]] == [f"{n:04}" for n in range(7)]
    assert b"objectIds=" in requests[-1].body


def test_records_that_do_not_add_up_are_asked_for_once_more_in_other_words():
    layer = Layer(sales())
    layer.miscount = [1]
    found, requests = fetch(layer)
    assert len(found["2017-04"]) == 7
    assert b"where=%28SOLD" in requests[-1].body


def test_records_that_never_add_up_stop_the_fetch():
    layer = Layer(sales())
    layer.miscount = [1, 1]
    with pytest.raises(TransientError, match="there are 9 records and 8 were sent"):
        fetch(layer)


@pytest.mark.parametrize(
    ("kind", "pattern", "dates"),
    [
        ("esriFieldTypeString", None, ["2017-04-02", "2017-05-02"]),
        ("esriFieldTypeString", "%Y%m%d", ["20170402", "20170502"]),
        ("esriFieldTypeInteger", "%Y%m%d", [20170402, 20170502]),
        ("esriFieldTypeDateOnly", None, ["2017-04-02", "2017-05-02"]),
        ("esriFieldTypeDateOnly", "DATE '%Y-%m-%d'", ["2017-04-02", "2017-05-02"]),
    ],
)
def test_dates_that_are_no_dates_are_compared_as_they_are_written(kind, pattern, dates):
    layer = Layer([{**record(n, "2000-01-01"), "SOLD": value} for n, value in enumerate(dates)])
    layer.date_kind = kind
    found, _ = fetch(layer, date_format=pattern)
    assert [row["sold"] for row in found["2017-04"]] == dates[:1]


def test_the_position_of_a_point_and_of_an_area():
    layer = Layer(sales(1))
    layer.geometry = {"x": -87.6, "y": 41.7}
    rows = fetch(layer, with_position=True)[0]["2017-04"]
    assert (rows[0]["geometry.x"], rows[0]["geometry.y"]) == (-87.6, 41.7)
    layer.geometry = {"rings": [[[-88, 41], [-88, 42], [-87, 42], [-87, 41], [-88, 41]]]}
    rows, requests = fetch(layer, with_position=True)
    assert rows["2017-04"][0]["geometry.x"] == -87.5
    assert b"outSR=4326" in requests[-1].body and b"returnGeometry=true" in requests[-1].body


def test_a_service_that_answers_in_feet_is_refused():
    layer = Layer(sales(1))
    layer.geometry = {"x": 1176000.0, "y": 1840000.0}
    with pytest.raises(PermanentError, match="its own grid"):
        fetch(layer, with_position=True)


def test_a_record_without_a_position_is_kept():
    assert fetch(Layer(sales(1)), with_position=True)[0]["2017-04"][0]["geometry.x"] is None


def test_the_limit_of_the_county_cuts_a_month():
    assert len(fetch(Layer(sales()), limit=2)[0]["2017-04"]) == 2


def test_a_column_that_is_gone_stops_the_fetch_by_its_name():
    with pytest.raises(PermanentError, match=r"county cook-il, source sales, field zip: .* no column zip"):
        fetch(Layer(sales()), columns={"apn": "pin", "observed_date": "sold", "zip": "zip"})


@pytest.mark.parametrize(
    ("error", "kind", "named"),
    [
        ({"code": 499, "message": "Token Required", "details": []}, PermanentError, "499 Token Required"),
        ({"code": 400, "message": "Invalid query"}, PermanentError, "400 Invalid query"),
        ({"code": 500, "message": "Busy"}, TransientError, "500 Busy"),
    ],
)
@pytest.mark.parametrize("at", ["layer", "query"])
def test_an_error_with_http_200_is_no_answer(error, kind, named, at):
    layer = Layer(sales())

    def handler(method, path, *rest):
        broken = path.endswith("/query") == (at == "query")
        return json_reply({"error": error}) if broken else layer(method, path, *rest)

    with pytest.raises(kind, match=named) as caught:
        fetch(handler)
    assert "source sales" in str(caught.value)
