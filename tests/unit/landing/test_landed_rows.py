"""Landed files as rows: which files count, what a replay takes for unchanged, and when the sample serves."""

import hashlib

import pytest

from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.intake.file_bytes import Place
from realestate_assets.domain.intake.raw_rows import source_files
from realestate_assets.landing.area import received_rows
from realestate_assets.landing.paths import path_of, place_of
from realestate_assets.landing.reading import is_as_received, landed_files, read
from resources.errors import PermanentError
from resources.lake.store import StoreResource
from tests.unit.domain.intake.landed import make_county, make_source

COUNTY = make_county(make_source("sales", columns={"apn": "id", "observed_date": "date"}))
DATA = b"id,date\n1,2015-03-01\n2,2015-04-02\n"
MONTHS = ["2015-03"]


@pytest.fixture
def landing(tmp_path):
    return StoreResource(root_url=str(tmp_path))


def test_a_path_and_its_place_are_one_another_with_folders_below_the_source_too():
    place = Place("king-wa", "sales", "2015/march.csv")
    assert path_of(place) == "king-wa/sales/2015/march.csv"
    assert place_of(path_of(place)) == place


def test_markers_and_the_files_of_other_sources_are_no_landed_files(landing):
    for name in ("sales/a.csv", "sales/more/b.csv", "sales/_SUCCESS", "other/c.csv"):
        landing.write_bytes(f"king-wa/{name}", DATA)
    assert [file.path for file in landed_files(landing, COUNTY)] == [
        "king-wa/sales/a.csv",
        "king-wa/sales/more/b.csv",
    ]


def test_a_landed_file_gives_its_rows_with_where_they_come_from(landing):
    landing.write_bytes("king-wa/sales/a.csv", DATA)
    rows = read(landing, COUNTY, Place("king-wa", "sales", "a.csv"))
    assert (rows.months, rows.sent, rows.broken) == (("2015-03", "2015-04"), 2, 0)
    assert rows.sha256 == hashlib.sha256(DATA).hexdigest()
    kept = rows.of_months(MONTHS)
    assert (kept.table["id"].to_pylist(), kept.sent) == (["1"], 2)
    (told,) = source_files([kept]).to_pylist()
    assert (told["rows_received"], told["file_rows"], told["is_simulated"]) == (1, 2, False)


def test_each_row_of_a_file_is_of_a_month_of_others_or_undated_for_every_month_it_is_counted_for(landing):
    landing.write_bytes("king-wa/sales/a.csv", DATA + b"3,soon\n4\n5,1999-01-01\n")
    rows = read(landing, COUNTY, Place("king-wa", "sales", "a.csv"))
    months = ["2015-03", "2015-04", "2015-05"]
    told = source_files([rows.of_months(months, months)]).to_pylist()
    counts = ("rows_received", "rows_of_other_months", "rows_undated")
    # What has no date, and what lies before the platform's months, is refused in the latest month.
    assert {row["month"]: tuple(row[name] for name in counts) for row in told} == {
        "2015-03": (1, 2, 2),
        "2015-04": (4, 1, 0),
        "2015-05": (0, 3, 2),
    }
    assert all(sum(row[name] for name in counts) == row["file_rows"] == 5 for row in told)


def test_a_file_of_no_source_is_a_permanent_error(landing):
    with pytest.raises(PermanentError, match=r"king-wa.*'deeds'"):
        read(landing, COUNTY, Place("king-wa", "deeds", "a.csv"))


def test_a_file_is_as_received_only_with_the_same_bytes(landing):
    place, digest = Place("king-wa", "sales", "a.csv"), hashlib.sha256(DATA).hexdigest()
    assert not is_as_received(landing, place, digest)
    landing.write_bytes(path_of(place), DATA)
    assert is_as_received(landing, place, digest)
    landing.write_bytes(path_of(place), DATA + b"3,2015-03-03\n")
    assert not is_as_received(landing, place, digest)


def test_the_sample_serves_only_where_nothing_has_landed_and_nothing_was_fetched(landing):
    def received(county, **said):
        files = landed_files(landing, county)
        return [rows.source.name for rows in received_rows(landing, county, MONTHS, files=files, **said)]

    king = load_counties()["king-wa"]
    assert received(king) == ["sample"]
    assert received(king, fetched=True) == []
    assert received(COUNTY) == [], "this county has no sample"
    landing.write_bytes("king-wa/king_county_sales/a.csv", DATA)
    assert received(king, left_out={"king-wa/king_county_sales/a.csv"}) == []
