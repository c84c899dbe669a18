"""Records of a Socrata dataset as snapshots: months, drift, and the bytes that are landed."""

import json

import pyarrow as pa
import pytest

from realestate_assets.fetch.socrata import fetch_socrata
from realestate_assets.fetch.sources import fetch_months
from realestate_assets.landing.fetched import land_records
from resources.errors import PermanentError, TransientError
from resources.lake.store import StoreResource
from tests.http_server import json_reply, text_reply
from tests.soda_portal import SodaPortal
from tests.unit.fetch.landed_apis import cook, served, source, wanted

DAYS = ["2017-04-07", "2017-04-07", "2017-03-31", "2017-05-01", "2017-04-30"]
SALES = {
    "wvhk-k5uv": pa.table(
        {
            "pin": [f"{n:014}" for n in range(5)],
            "sold": [f"{day}T00:00:00.000" for day in DAYS],
            "price": ["45000.0", None, "1", "2", "3"],
            "year": ["2017.0", "2017", "2017", "2017", "2017"],
        }
    )
}


def fetch(months=("2017-04",), limit=None, handler=None, **said):
    with served(handler or SodaPortal(SALES)) as (server, client):
        return fetch_socrata(client, wanted("socrata", limit, **said), list(months)), server.requests


def test_only_the_months_of_the_run_are_asked_for_each_by_itself():
    found, requests = fetch(("2017-03", "2017-04"))
    assert [row["pin"][-1] for row in found["2017-04"]] == ["0", "1", "4"]
    assert [len(rows) for rows in found.values()] == [1, 3]
    conditions = [request.query["$where"][0] for request in requests[1:]]
    assert conditions[1] == "sold >= '2017-04-01T00:00:00.000' AND sold < '2017-05-01T00:00:00.000'"
    assert {request.query["$order"][0] for request in requests[1:]} == {"sold,:id"}


def test_an_absent_key_is_a_null_and_other_columns_are_kept_as_they_came():
    rows = fetch()[0]["2017-04"]
    assert rows[1]["price"] is None and rows[0]["price"] == "45000.0" and rows[0]["year"] == "2017.0"


def test_pages_and_the_limit_of_the_county():
    assert [len(r) for r in fetch(page_rows=1)[0].values()] == [3]
    found, requests = fetch(limit=2, page_rows=1)
    assert len(found["2017-04"]) == 2 and len(requests) == 3


def test_a_further_condition_is_added():
    assert len(fetch(where="price = '3' OR price = '2'")[0]["2017-04"]) == 1


def test_a_mapped_column_that_is_gone_stops_the_fetch_although_rows_leave_out_nulls():
    columns = {"apn": "pin", "observed_date": "sold", "deed_type": "deed_type"}
    with pytest.raises(PermanentError, match="no column deed_type") as caught:
        fetch(columns=columns)
    assert caught.value.field == "deed_type"


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (text_reply("", 429), TransientError),
        (json_reply({"message": "You must be logged in", "error": True}, 403), PermanentError),
        (text_reply("<html></html>"), PermanentError),
    ],
)
def test_a_month_that_cannot_be_had_stops_the_fetch(reply, kind):
    with pytest.raises(kind, match="source sales"):
        fetch(handler=lambda *_: reply)


def test_snapshots_hold_the_same_bytes_each_time_and_empty_months_no_file(tmp_path):
    landing = StoreResource(root_url=str(tmp_path))
    landing.write_bytes("cook-il/sales/2017-06.jsonl", b'{"pin": "1"}\n')
    months = ["2017-04", "2017-06"]
    kept = []
    with served(SodaPortal(SALES)) as (_, client):
        for _ in range(2):
            found = fetch_months(client, cook(), source("socrata"), months)
            land_records(landing, cook(), source("socrata"), found, ("2017-01", "2017-12"))
            kept.append(landing.read_bytes("cook-il/sales/2017-04.jsonl"))
    assert {month: len(records) for month, records in found.items()} == {"2017-04": 3, "2017-06": 0}
    assert landing.list_files() == ["cook-il/sales/2017-04.jsonl"]
    assert kept[0] == kept[1]
    lines = [json.loads(line) for line in kept[0].splitlines()]
    assert [list(line) for line in lines] == [["pin", "price", "sold", "year"]] * 3


def test_no_month_is_given_where_one_month_fails():
    portal = SodaPortal(SALES)

    def handler(method, path, query, body, headers):
        broken = "2017-05-01" in query.get("$where", [""])[0].split("AND")[0]
        return text_reply("", 500) if broken else portal(method, path, query, body, headers)

    with served(handler) as (_, client), pytest.raises(TransientError, match="2017-05"):
        fetch_months(client, cook(), source("socrata"), ["2017-04", "2017-05"])


def test_objects_in_a_row_become_columns():
    rows = [
        {"pin": "1", "sold": "2017-04-07", "at": {"latitude": "41.7", "human_address": "x"}, "price": "1"}
    ]
    row = fetch(handler=lambda *_: json_reply(rows))[0]["2017-04"][0]
    assert (row["at.latitude"], row["at.human_address"]) == ("41.7", "x")
