"""The openaddresses provider: joins by parcel number and address, formats, and what is wrong with files."""

import gzip
import json
from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from realestate_assets.domain.core.addresses import normalize_street
from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.counties.providers.openaddresses import OpenAddressesProvider
from realestate_assets.providers.address_keys import file_lines, parcel_numbers
from realestate_assets.providers.openaddresses import OpenAddresses
from resources.errors import PermanentError
from resources.lake.store import StoreResource
from tests.unit.providers.api_fakes import enrichment_request, facts_by_key

HEAD = "LON,LAT,NUMBER,STREET,UNIT,CITY,DISTRICT,REGION,POSTCODE,ID,HASH"
LINES = [
    "-122.30,47.60,516,Centre Court,,SEATTLE,,,98104,74-1332-127,a1",
    "-122.31,47.61,0042,NW 9th Avenue,# 101,SEATTLE,,,98107-1234,,b2",
    "-122.31,47.61,0042,NW 9th Avenue,# 102,SEATTLE,,,98107-1234,,b3",
]
FIELDS = ("geocoded_latitude", "geocoded_longitude")


def provider(folder, *lines: str, head: str = HEAD, file: str = "king.csv", **changes) -> OpenAddresses:
    text = "\n".join([head, *lines]) + "\n"
    content = gzip.compress(text.encode()) if file.endswith(".gz") else text.encode()
    (folder / file).write_bytes(content)
    return reading(folder, file, **changes)


def reading(folder, file: str, **changes) -> OpenAddresses:
    plain = {"kind": "openaddresses", "name": "places", "file": file, "vintage": "2014-12-31"}
    config = OpenAddressesProvider.model_validate(plain | changes)
    return OpenAddresses(config, StoreResource(root_url=str(folder)), load_counties()["king-wa"])


def ask(source: OpenAddresses, *rows: dict) -> list[tuple]:
    """Latitude and longitude, or the reason, of each property."""
    plain = {"apn": None, "street": None, "zip": None}
    facts = facts_by_key(source.fetch(enrichment_request(*(plain | row for row in rows), fields=FIELDS)))
    assert len(facts) == 2 * len(rows)
    found = []
    for n in range(len(rows)):
        both = [facts[f"p{n}", field] for field in FIELDS]
        if both[0]["value"] is None:
            assert both[0]["reason_code"] == both[1]["reason_code"]
            found.append(both[0]["reason_code"])
        else:
            found.append(tuple(float(fact["value"]) for fact in both))
    return found


@pytest.mark.parametrize("file", ["king.csv", "king.csv.gz"])
def test_places_are_found_by_parcel_number_and_by_address(tmp_path, file):
    source = provider(tmp_path, *LINES, file=file)
    rows = [
        {"apn": "741332127"},
        {"street": "516 CENTRE CT", "zip": "98104"},
        {"street": "516 CENTRE CT", "city": "SEATTLE"},
        {"apn": "999", "street": "516 CENTRE CT", "zip": "98104"},
        {"street": "516 CENTRE CT", "zip": "98199"},
        {"apn": "999"},
        {},
    ]
    here = (47.60, -122.30)
    assert ask(source, *rows) == [here, here, here, here, "NO_MATCH", "NO_MATCH", "NO_KEY"]


def test_numbers_keep_their_zeros_and_units_any_spelling(tmp_path):
    source = provider(tmp_path, *LINES)
    rows = [
        {"street": "0042 NW 9TH AVE", "unit": "APT 101", "zip": "98107"},
        # The house counts where its doors are together.
        {"street": "0042 NW 9TH AVE", "zip": "98107"},
        {"street": "0042 NW 9TH AVE", "unit": "UNIT 999", "zip": "98107"},
    ]
    assert ask(source, *rows) == [(47.61, -122.31)] * 3


def test_facts_carry_the_file_s_date_and_address(tmp_path):
    source = provider(tmp_path, *LINES, source_url="https://openaddresses.example/king", confidence=0.8)
    facts = facts_by_key(source.fetch(enrichment_request({"apn": "741332127"}, fields=FIELDS)))
    fact = facts["p0", "geocoded_latitude"]
    assert (fact["vintage"], fact["confidence"], fact["cost_usd"]) == (date(2014, 12, 31), 0.8, 0.0)
    assert fact["source_url"] == "https://openaddresses.example/king" and fact["retrieved_at"] is not None
    assert fact["simulated"] is False


def test_a_key_of_places_too_far_apart_stands_for_none_of_them(tmp_path):
    # Without their hyphens these are one number: 72-369-6 and 723-69-6.
    lines = ["-122.30,47.60,1,A ST,,,,,,72-369-6,x", "-122.10,47.50,2,B ST,,,,,,723-69-6,y"]
    assert ask(provider(tmp_path, *lines), {"apn": "723696"}) == ["NO_MATCH"]
    groups = provider(tmp_path, *lines, id_groups=[3, 4, 3])
    assert ask(groups, {"apn": "0720369006"}, {"apn": "7230069006"}) == [(47.60, -122.30), (47.50, -122.10)]


def test_a_street_line_that_stands_in_two_places_tells_none_where_the_file_names_no_zip(tmp_path):
    lines = [
        "-122.30,47.60,1,ELM ST,,,,,,,x",
        "-122.10,47.50,1,ELM ST,,,,,,,y",
        "-122.20,47.55,2,ELM ST,,,,,,,z",
    ]
    rows = [{"street": "1 ELM ST", "zip": "98104"}, {"street": "2 ELM ST", "zip": "98104"}]
    assert ask(provider(tmp_path, *lines), *rows) == ["NO_MATCH", (47.55, -122.20)]


def test_positions_that_are_missing_or_outside_the_county_are_left_out(tmp_path):
    lines = [
        "0,0,1,A ST,,,,,98104,1,x",
        ",,2,B ST,,,,,98104,2,y",
        "-71.0,42.0,3,C ST,,,,,98104,3,z",
        LINES[0],
    ]
    rows = [{"apn": number} for number in ("1", "2", "3", "741332127")]
    assert ask(provider(tmp_path, *lines), *rows) == ["NO_MATCH"] * 3 + [(47.60, -122.30)]


@pytest.mark.parametrize(
    ("lines", "head", "changes", "message"),
    [
        (LINES, HEAD.replace("ID,", "PIN,"), {}, "field id: king.csv has no column id"),
        (LINES, HEAD.replace("LON", "X"), {}, "field lon"),
        (["1277000.5,214000.1,1,A ST,,,,,98104,1,x"], HEAD, {}, "no degrees"),
        (["-71.0,42.0,1,A ST,,,,,98104,1,x"], HEAD, {}, "county king-wa, source places, field file"),
        ([LINES[1]], HEAD, {"ask_by": ["apn"]}, "has no ID in any row"),
        (["-122.3"], HEAD, {}, "cannot be read"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_stops_with_a_remedy(tmp_path, lines, head, changes, message):
    with pytest.raises(PermanentError, match=message):
        ask(provider(tmp_path, *lines, head=head, **changes), {"apn": "1"})


def test_files_without_the_columns_nobody_asks_by_are_read(tmp_path):
    source = provider(tmp_path, "-122.30,47.60,0077", head="LON,LAT,ID", ask_by=["apn"])
    assert ask(source, {"apn": "0077"}, {"street": "1 A ST"}) == [(47.60, -122.30), "NO_KEY"]


def test_a_missing_file_leaves_nulls_with_the_reason(tmp_path):
    assert ask(reading(tmp_path, "nowhere.csv.gz"), {"apn": "1"}) == ["REFERENCE_MISSING"]


def test_the_file_is_read_once_however_often_it_is_asked(tmp_path):
    source = provider(tmp_path, *LINES)
    assert ask(source, {"apn": "741332127"}) == [(47.60, -122.30)]
    (tmp_path / "king.csv").unlink()
    assert ask(source, {"apn": "741332127"}) == [(47.60, -122.30)]


def feature(geometry: dict | None, **properties) -> dict:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


POINT = {"type": "Point", "coordinates": [-122.30, 47.60]}
OUTLINE = [[-122.2, 47.5], [-122.1, 47.5], [-122.1, 47.6], [-122.2, 47.6], [-122.2, 47.5]]


@pytest.mark.parametrize("form", ["collection", "lines"])
def test_geojson_is_read_as_a_collection_and_line_by_line(tmp_path, form):
    address = {"number": "7080", "street": "N Tower Rd", "unit": "", "city": "", "postcode": ""}
    features = [
        feature(POINT, **address, id="12"),
        feature({"type": "Polygon", "coordinates": [OUTLINE]}, **address | {"number": "1"}, id="34"),
        feature(None, **address | {"number": "2"}, id="56"),
    ]
    whole = {"type": "FeatureCollection", "features": features}
    lines = "\n".join(json.dumps(one) for one in features)
    (tmp_path / "p.geojson").write_text(json.dumps(whole) if form == "collection" else lines)
    rows = [{"apn": "12"}, {"apn": "34"}, {"apn": "56"}, {"street": "7080 N TOWER RD", "zip": "98104"}]
    found = ask(reading(tmp_path, "p.geojson"), *rows)
    assert found[0] == found[3] == (47.60, -122.30)
    assert found[1] == (pytest.approx(47.55), pytest.approx(-122.15)) and found[2] == "NO_MATCH"


def test_broken_geojson_stops_with_its_name(tmp_path):
    for content in (
        '{"type": "FeatureCollection", "features": [1',
        '{"type":"FeatureCollection","features":7}',
    ):
        (tmp_path / "p.geojson").write_text(content)
        with pytest.raises(PermanentError, match=r"p.geojson cannot be read"):
            ask(reading(tmp_path, "p.geojson"), {"apn": "1"})


STREETS = [
    "Main Street",
    "SW SCHOLLS FERRY RD",
    "Avenue of the Americas",
    "9th Ave NW",
    "O'Neil Ct",
    "E 71st Ave",
    "Farm to Market Road 1960 West",
    "Main St Unit 5",
]


@given(st.integers(1, 99_999), st.sampled_from(STREETS))
def test_number_and_street_of_a_file_give_the_line_that_a_property_has(number, street):
    columns = {"number": str(number), "street": street, "unit": None, "city": None, "postcode": None}
    texts = {name: pa.chunked_array([pa.array([value], pa.string())]) for name, value in columns.items()}
    line = file_lines(pa.table(texts), "WA")
    expected = normalize_street(f"{number} {street}", None, "WA")
    assert (line["street"][0].as_py(), line["unit"][0].as_py()) == expected


def test_groups_of_a_parcel_number_get_their_zeros_back_and_others_are_none():
    text = pa.chunked_array([["74-1339-31-2", "72-369-6", "1-2-3-4-5", "12345-1-1", "2.22E+17", None, ""]])
    expected = ["074133903102", "072036900600", None, None, None, None, None]
    assert parcel_numbers(text, (3, 4, 3, 2)).to_pylist() == expected
    assert parcel_numbers(pa.chunked_array([pa.nulls(2, pa.string())]), (3, 4)).to_pylist() == [None, None]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"file": "../king.csv"}, "below the reference folder"),
        ({"file": "king.zip"}, "must end in"),
        ({"ask_by": []}, "ask_by"),
        ({"id_groups": [0]}, "id_groups"),
    ],
)
def test_a_configuration_that_cannot_work_is_refused(change, message):
    plain = {"kind": "openaddresses", "name": "p", "file": "k.csv", "vintage": "2014-12-31"}
    with pytest.raises(ValidationError, match=message):
        OpenAddressesProvider.model_validate(plain | change)
