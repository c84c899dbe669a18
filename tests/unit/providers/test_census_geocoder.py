"""Coordinates from the Census batch geocoder: who is asked for, what is uploaded, how the file is read."""

import csv
import io
from datetime import date

import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.counties.providers.census import CensusGeocoderProvider
from realestate_assets.providers.census_geocoder import CensusGeocoder
from resources.errors import PermanentError
from resources.http.api import ApiRequest, Failure
from tests.unit.providers.api_fakes import FakeClient, enrichment_request, facts_by_key, said

ADDRESS = {"street": "1 PIKE ST", "city": "SEATTLE", "zip": "98101", "latitude": None, "longitude": None}
TAIL = ["59653655", "R", "53", "033", "008100", "1002"]
LATITUDE = ("geocoded_latitude",)


def geocoder(handler, **config) -> tuple[CensusGeocoder, FakeClient]:
    client = handler if isinstance(handler, FakeClient) else FakeClient(handler)
    settings = CensusGeocoderProvider(kind="census_geocoder", name="geo", **config)
    return CensusGeocoder(settings, client, load_counties()["king-wa"]), client


def uploaded(request: ApiRequest) -> list[list[str]]:
    return list(csv.reader(io.StringIO(request.upload.content.decode())))


def answer(*rows: list[str]) -> tuple[int, bytes]:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    return 200, text.getvalue().encode()


def match(
    key: str, kind: str = "Exact", place: str = "-122.3385,47.6089", tail: list[str] = TAIL
) -> list[str]:
    return [
        key,
        "1 PIKE ST, SEATTLE, WA, 98101",
        "Match",
        kind,
        "1 PIKE ST, SEATTLE, WA, 98101",
        place,
        *tail,
    ]


def all_match(request: ApiRequest) -> tuple[int, bytes]:
    return answer(*(match(row[0], place=f"-122.{row[0]},47.5") for row in reversed(uploaded(request))))


def reasons(facts) -> list:
    return facts.sort_by("property_id")["reason_code"].to_pylist()


def test_a_match_gives_coordinates_and_the_census_tract():
    provider, client = geocoder(lambda request: answer(match("0")))
    facts = facts_by_key(provider.fetch(enrichment_request(ADDRESS, fields=provider.fields)))
    assert facts["p0", "geocoded_latitude"]["value"] == "47.6089"
    assert facts["p0", "geocoded_longitude"]["value"] == "-122.3385"
    assert facts["p0", "census_tract"]["value"] == "53033008100"
    fact = facts["p0", "census_tract"]
    assert (fact["confidence"], fact["vintage"]) == (0.9, date(2024, 3, 9))
    assert fact["source_url"] == "https://api.example/geographies/addressbatch"
    assert dict(client.requests[0].form) == {"benchmark": "Public_AR_Current", "vintage": "Current_Current"}
    assert uploaded(client.requests[0]) == [["0", "1 PIKE ST", "SEATTLE", "WA", "98101"]]


def test_only_properties_without_coordinates_are_asked_for():
    provider, client = geocoder(all_match)
    known = {**ADDRESS, "latitude": 47.5, "longitude": -122.1}
    facts = provider.fetch(enrichment_request(known, ADDRESS, {**known, "longitude": None}, fields=LATITUDE))
    assert reasons(facts) == ["NOT_NEEDED", None, None]
    assert len(uploaded(client.requests[0])) == 1
    assert reasons(provider.fetch(enrichment_request(known, fields=LATITUDE))) == ["NOT_NEEDED"]
    assert len(client.requests) == 1


def test_an_address_is_uploaded_once_for_all_its_properties_and_months():
    provider, client = geocoder(all_match)
    rows = [ADDRESS, {**ADDRESS, "month": "2015-04"}, {**ADDRESS, "street": "2 PIKE ST"}]
    facts = provider.fetch(enrichment_request(*rows, fields=("geocoded_longitude",))).sort_by("property_id")
    assert facts["value"].to_pylist() == ["-122.0", "-122.0", "-122.1"]
    assert len(uploaded(client.requests[0])) == 2


def test_addresses_without_a_street_or_any_place_are_not_asked_for():
    provider, client = geocoder(all_match)
    rows = [{**ADDRESS, "street": None}, {**ADDRESS, "city": None, "zip": None}, {**ADDRESS, "city": None}]
    assert reasons(provider.fetch(enrichment_request(*rows, fields=LATITUDE))) == ["NO_KEY", "NO_KEY", None]
    assert uploaded(client.requests[0]) == [["0", "1 PIKE ST", "", "WA", "98101"]]


def test_commas_and_quotes_of_an_address_do_not_shift_its_columns():
    provider, client = geocoder(all_match)
    provider.fetch(enrichment_request({**ADDRESS, "street": '1 "A", PIKE\nST'}, fields=LATITUDE))
    assert client.requests[0].upload.content.count(b",") == 4
    assert uploaded(client.requests[0])[0][1].split() == ["1", "A", "PIKE", "ST"]


def test_ten_thousand_rows_a_call_and_answers_in_any_order():
    provider, client = geocoder(all_match)
    rows = [{**ADDRESS, "street": f"{number} PIKE ST"} for number in range(10_001)]
    facts = provider.fetch(enrichment_request(*rows, fields=("geocoded_longitude",)))
    assert [len(uploaded(request)) for request in client.requests] == [10_000, 1]
    assert facts["value"].null_count == 0
    assert len(set(facts["value"].to_pylist())) > 9_000


def test_an_inexact_match_counts_for_less():
    provider, _ = geocoder(lambda request: answer(match("0", "Non_Exact")))
    assert provider.fetch(enrichment_request(ADDRESS, fields=LATITUDE))["confidence"].to_pylist() == [0.6]


@pytest.mark.parametrize("row", [["0", "1 PIKE ST", "No_Match"], ["0", "1 PIKE ST", "Tie"]])
def test_rows_with_fewer_columns_are_no_match(row):
    provider, _ = geocoder(lambda request: answer(match("1"), row))
    rows = [ADDRESS, {**ADDRESS, "zip": "98102"}]
    facts = provider.fetch(enrichment_request(*rows, fields=LATITUDE))
    assert reasons(facts) == ["NO_MATCH", None]


def test_a_match_in_another_county_is_another_address():
    other = ["59653655", "R", "53", "061", "008100", "1002"]
    provider, _ = geocoder(lambda request: answer(match("0", tail=other)))
    facts = provider.fetch(enrichment_request(ADDRESS, fields=provider.fields))
    assert set(reasons(facts)) == {"NO_MATCH"}
    assert facts["value"].null_count == 3


def test_a_reply_without_geographies_leaves_the_tract_null_only():
    provider, _ = geocoder(lambda request: answer(match("0", tail=["59653655", "R"])))
    facts = facts_by_key(provider.fetch(enrichment_request(ADDRESS, fields=provider.fields)))
    assert facts["p0", "geocoded_latitude"]["value"] == "47.6089"
    assert facts["p0", "census_tract"]["reason_code"] == "NULL_IN_SOURCE"


def test_a_row_the_reply_left_out_is_a_fault_not_a_miss():
    provider, _ = geocoder(lambda request: answer(match("0"), match("77")))
    rows = [ADDRESS, {**ADDRESS, "zip": "98102"}]
    assert reasons(provider.fetch(enrichment_request(*rows, fields=LATITUDE))) == [None, "BAD_ANSWER"]


@pytest.mark.parametrize(
    "reply",
    [
        (200, b"<html><body>Service unavailable</body></html>"),
        (200, b""),
        (200, b'{"errors": []}'),
        (200, b'"0","1 PIKE ST","Ma\n"1'),
        (400, b"bad file"),
    ],
)
def test_what_is_no_table_is_a_failure_not_a_miss(reply):
    provider, _ = geocoder(lambda request: reply)
    assert reasons(provider.fetch(enrichment_request(ADDRESS, fields=LATITUDE))) == ["BAD_ANSWER"]


def test_a_failed_call_is_the_reason_of_its_addresses_alone():
    def handler(request):
        return Failure.BUDGET_SPENT if uploaded(request)[0][0] == "0" else all_match(request)

    provider, _ = geocoder(FakeClient(handler, cost_usd=0.01), rows_per_request=1)
    facts = provider.fetch(enrichment_request(ADDRESS, {**ADDRESS, "zip": "98102"}, fields=provider.fields))
    of_p0 = facts.filter(pc.equal(facts["property_id"], "p0"))
    assert set(of_p0["reason_code"].to_pylist()) == {"BUDGET_SPENT"}
    assert sum(facts["cost_usd"].to_pylist()) == pytest.approx(0.01)


def test_coordinates_in_no_match_at_all_are_a_change_of_columns():
    provider, _ = geocoder(lambda request: answer(match("0", place="59653655")))
    with pytest.raises(PermanentError, match="king-wa, source geo, field coordinates"):
        provider.fetch(enrichment_request(ADDRESS, fields=LATITUDE))


def test_a_refused_vintage_names_the_setting():
    provider, _ = geocoder(lambda request: said({"errors": ["Specified vintage was not found"]}, 400))
    with pytest.raises(PermanentError, match="field geography"):
        provider.fetch(enrichment_request(ADDRESS, fields=LATITUDE))


@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, "1 PIKE ST", "2 PINE ST", "3 OAK, AVE"]),
            st.sampled_from([None, "98101", "98004"]),
            st.booleans(),
        ),
        max_size=12,
    ),
    st.integers(1, 3),
)
def test_every_property_and_field_has_one_fact_and_every_null_a_reason(rows, limit):
    provider, _ = geocoder(all_match, rows_per_request=limit)
    places = [
        {
            "street": s,
            "city": None,
            "zip": z,
            **dict.fromkeys(("latitude", "longitude"), 47.0 if known else None),
        }
        for s, z, known in rows
    ]
    facts = facts_by_key(provider.fetch(enrichment_request(*places, fields=provider.fields)))
    assert len(facts) == 3 * len(rows)
    assert all((fact["value"] is None) == bool(fact["reason_code"]) for fact in facts.values())
    for place, (street, zip_code, known) in enumerate(rows):
        expected = "NOT_NEEDED" if known else None if street and zip_code else "NO_KEY"
        assert facts[f"p{place}", "geocoded_latitude"]["reason_code"] == expected
