"""Records of a RESO Web API: pages where the server says they are, and only there."""

from urllib.parse import urlencode

import pytest

from realestate_assets.fetch.reso import fetch_reso
from resources.errors import PermanentError, TransientError
from tests.http_server import json_reply, text_reply
from tests.unit.fetch.landed_apis import served, wanted

COLUMNS = {
    "apn": "ParcelNumber",
    "observed_date": "CloseDate",
    "latitude": "Coordinates.latitude",
}
LISTINGS = [
    {
        "@odata.id": f"Property('{n}')",
        "ListingKey": str(n),
        "ParcelNumber": f"{n:04}",
        "CloseDate": f"2017-04-{n + 1:02}",
        "Coordinates": {"type": "Point", "coordinates": [-87.5, 41.7]},
    }
    for n in range(7)
]


class Api:
    """An OData resource in pages of three; `link` makes the address of the next page."""

    def __init__(self, link=None, rows=LISTINGS, count=None):
        self.link, self.rows, self.count, self.url = link, rows, count, ""

    def __call__(self, method, path, query, body, headers):
        start = int(query.get("$skip", ["0"])[0])
        size = int(query["$top"][0]) if "$top" in query else 3
        page = {"value": self.rows[start : start + size]}
        page["@odata.count"] = len(self.rows) if self.count is None else self.count
        if self.link and start + size < len(self.rows):
            values = {**{name: given[0] for name, given in query.items()}, "$skip": start + size}
            page["@odata.nextLink"] = self.link(self.url, urlencode(values))
        return json_reply(page)


def fetch(api, months=("2017-04",), limit=None, **said):
    with served(api, "/odata") as (server, client):
        api.url = server.url
        asked = wanted("reso", limit, **{"columns": COLUMNS, **said})
        return fetch_reso(client, asked, list(months)), server.requests


@pytest.mark.parametrize(
    "link",
    [
        lambda url, query: f"{url}/odata/Property?{query}",
        lambda url, query: f"Property?{query}",
        lambda url, query: f"/odata/Property?{query}&access_token=secret",
    ],
)
def test_the_next_page_is_where_the_server_says_it_is(link):
    found, requests = fetch(Api(link))
    assert [row["ListingKey"] for row in found["2017-04"]] == [str(n) for n in range(7)]
    assert [request.query.get("$skip") for request in requests] == [None, ["3"], ["6"]]
    assert {request.path for request in requests} == {"/odata/Property"}
    assert "secret" not in str([request.query for request in requests])


def test_a_server_without_links_is_paged_by_the_size_asked_for():
    found, requests = fetch(Api(), page_rows=3)
    assert len(found["2017-04"]) == 7 and len(requests) == 3


class Silent(Api):
    """Gives two records a page whatever is asked, and says neither how many there are nor where more are."""

    def __init__(self, takes_skip=True):
        super().__init__()
        self.takes_skip = takes_skip

    def __call__(self, method, path, query, body, headers):
        start = int(query.get("$skip", ["0"])[0]) if self.takes_skip else 0
        return json_reply({"value": self.rows[start : start + 2]})


@pytest.mark.parametrize("page_rows", [None, 5])
def test_a_server_that_cuts_its_pages_in_silence_is_read_to_an_empty_one(page_rows):
    found, _ = fetch(Silent(), **({"page_rows": page_rows} if page_rows else {}))
    assert [row["ListingKey"] for row in found["2017-04"]] == [str(n) for n in range(7)]


def test_where_nobody_can_say_whether_all_came_the_fetch_is_refused():
    with pytest.raises(PermanentError, match=r"cannot be known.*@odata\.count"):
        fetch(Silent(takes_skip=False))


def test_a_count_goes_before_the_size_of_a_page():
    found, _ = fetch(Api(), page_rows=5, order="ListingKey")
    assert len(found["2017-04"]) == 7


def test_a_count_may_be_a_text_as_of_servers_that_keep_large_numbers_whole():
    assert len(fetch(Api(count="7"), page_rows=5, order="ListingKey")[0]["2017-04"]) == 7
    with pytest.raises(TransientError, match="there are 9 records and 7 were sent"):
        fetch(Api(lambda url, query: f"Property?{query}", count="9"))


def test_only_the_month_and_the_mapped_columns_are_asked_for():
    _, requests = fetch(Api(rows=[]), ("2017-12",), where="StandardStatus eq 'Closed'")
    asked = {name: values[0] for name, values in requests[0].query.items()}
    assert asked["$filter"] == (
        "CloseDate ge 2017-12-01 and CloseDate lt 2018-01-01 and (StandardStatus eq 'Closed')"
    )
    assert asked["$select"] == "ParcelNumber,CloseDate,Coordinates,ListingKey"
    assert (asked["$orderby"], asked["$count"]) == ("ListingKey", "true")


def test_a_column_with_a_time_is_compared_with_midnights_a_day_further_out():
    _, requests = fetch(Api(rows=[]), date_has_time=True)
    assert requests[0].query["$filter"] == [
        "CloseDate ge 2017-03-31T00:00:00Z and CloseDate lt 2017-05-02T00:00:00Z"
    ]


def test_points_become_longitude_and_latitude_and_remarks_of_odata_go():
    row = fetch(Api(rows=LISTINGS[:1]))[0]["2017-04"][0]
    assert row == {
        "ListingKey": "0",
        "ParcelNumber": "0000",
        "CloseDate": "2017-04-01",
        "Coordinates.longitude": -87.5,
        "Coordinates.latitude": 41.7,
    }


def test_the_limit_of_the_county_ends_the_pages():
    found, requests = fetch(Api(lambda url, query: f"Property?{query}"), limit=4)
    assert len(found["2017-04"]) == 4 and len(requests) == 2


@pytest.mark.parametrize(
    "link", [lambda *_: "https://other.example/odata/Property?x=1", lambda url, _: f"{url}/admin?x=1"]
)
def test_a_next_page_elsewhere_is_not_fetched(link):
    with pytest.raises(PermanentError, match="not in the configured API"):
        fetch(Api(link))


def test_a_next_page_that_was_read_before_ends_the_fetch():
    with pytest.raises(PermanentError, match="was read already"):
        fetch(Api(lambda url, query: "Property?x=1"))


def test_records_that_never_add_up_stop_the_fetch():
    with pytest.raises(TransientError, match="there are 9 records and 7 were sent"):
        fetch(Api(lambda url, query: f"Property?{query}", count=9))


@pytest.mark.parametrize(
    ("reply", "kind", "named"),
    [
        (
            json_reply({"error": {"code": "400", "message": "Could not find a property named 'X'."}}, 400),
            PermanentError,
            "named 'X'",
        ),
        (json_reply({"records": []}), PermanentError, "without records"),
        (json_reply({}, 404), PermanentError, "no resource Property"),
        (text_reply("<html>log in</html>"), PermanentError, "HTML"),
        (text_reply("", 401), PermanentError, "KEY_REFUSED"),
        (text_reply("", 503), TransientError, "PROVIDER_FAILED"),
    ],
)
def test_what_is_no_answer_stops_the_fetch(reply, kind, named):
    def handler(*_):
        return reply

    with served(handler) as (_, client), pytest.raises(kind, match=named):
        fetch_reso(client, wanted("reso", columns=COLUMNS), ["2017-04"])
