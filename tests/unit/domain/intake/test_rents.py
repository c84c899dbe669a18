"""Rental advertisements: rents and never properties, reposts one rent, every row accounted for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from realestate_assets.domain.tables import RENTS
from resources.partition import Partition
from resources.warehouse.conform import conform
from tests.unit.domain.intake.landed import make_source, process

COLUMNS = {
    "source_id": "id",
    "observed_date": "posted",
    "rent_monthly_usd": "rent",
    "bedrooms": "beds",
    "living_area_sqft": {"from": "area", "out_of_range": "null"},
    "city": "town",
    "zip": "zip",
    "title": "title",
}
HEADER = "id,posted,rent,beds,area,town,zip,title\n"
ADS = make_source("ads", columns=COLUMNS, holds="rents")


def rents(*rows):
    raw, found = process({"ads.csv": (HEADER + "".join(f"{row}\n" for row in rows)).encode()}, ADS)
    assert raw.num_rows == found.rents.num_rows + found.rejects.num_rows
    assert found.properties.num_rows == 0
    conform(found.rents, RENTS)
    return found


def test_an_advertisement_without_a_street_is_a_rent_of_its_town():
    (row,) = rents("1,2015-03-04,1850,2,900,Ballard,98107-1234,Corner flat").rents.to_pylist()
    assert (row["rent_monthly_usd"], row["city"], row["zip"], row["title"]) == (
        1850,
        "BALLARD",
        "98107",
        "Corner flat",
    )
    assert (row["month"], row["source_row"], row["advertisements"], row["street"]) == ("2015-03", 1, 1, None)


def test_reposts_of_a_month_are_one_rent_the_latest():
    found = rents(
        "1,2015-03-04,1850,2,900,Ballard,,Corner flat",
        "2,2015-03-20,1800,2,900,Ballard,,Price drop today",
        "3,2015-04-02,1800,2,900,Ballard,,Price drop today",
    )
    kept = {row["month"]: row for row in found.rents.to_pylist()}
    assert kept["2015-03"]["source_id"] == "2" and kept["2015-03"]["advertisements"] == 2
    assert kept["2015-04"]["advertisements"] == 1
    (repost,) = found.rejects.to_pylist()
    assert (repost["disposition"], repost["reason_code"]) == ("duplicate", "REPOST")
    assert "row 2 of ads.csv" in repost["reason"]
    assert found.counts()[Partition("king-wa", "2015-03")] == {
        "accepted": 1,
        "duplicates": 1,
        "rejected": 0,
    }


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1,2015-03-04,,2,900,Ballard,,x", "REQUIRED_MISSING"),
        ("1,2015-03-04,0,2,900,Ballard,,x", "RENT_OUT_OF_RANGE"),
        ("1,2015-03-04,695000,2,900,Ballard,,x", "RENT_OUT_OF_RANGE"),
        ("1,2015-03-04,call,2,900,Ballard,,x", "NUMBER_UNREADABLE"),
        ("1,2015-03-04,1850,99,900,Ballard,,x", "BEDROOMS_OUT_OF_RANGE"),
    ],
)
def test_what_cannot_be_a_rent_is_refused_with_its_reason(row, reason):
    found = rents(row)
    assert found.rents.num_rows == 0
    assert found.rejects["reason_code"].to_pylist() == [reason]
    assert found.rejects["raw_record"][0].as_py().startswith('{"area": "900"')


def test_an_area_that_cannot_be_is_forgiven_where_the_map_says_so():
    assert rents("1,2015-03-04,1850,2,999999,Ballard,,x").rents["living_area_sqft"].to_pylist() == [None]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"observed_date": "posted", "city": "town"}, "rent_monthly_usd must be mapped"),
        ({"observed_date": "posted", "rent_monthly_usd": "rent"}, "a rent is of a place"),
        ({**COLUMNS, "sale_price_usd": "rent"}, "no column of a rent sale_price_usd"),
    ],
)
def test_a_map_that_tells_no_rent_is_refused(columns, said):
    with pytest.raises(ValidationError, match=said):
        make_source("ads", columns=columns, holds="rents")


def test_a_rent_is_no_column_of_a_listing():
    with pytest.raises(ValidationError, match="no canonical columns rent_monthly_usd, title"):
        make_source(columns={**COLUMNS, "apn": "id"}, holds="listings")


ROW = st.builds(
    "{},2015-0{}-1{},{},{},{},{},,{}".format,
    st.integers(1, 99),
    st.integers(1, 4),
    st.integers(0, 9),
    st.sampled_from(["", "0", "1500", "1540", "9000"]),
    st.sampled_from(["", "1", "2"]),
    st.sampled_from(["", "700"]),
    st.sampled_from(["Ballard", ""]),
    st.sampled_from(["Corner flat by the locks", "2br"]),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=8))
def test_every_advertisement_is_a_rent_a_repost_or_refused(rows):
    found = rents(*rows)
    duplicates = sum(row["disposition"] == "duplicate" for row in found.rejects.to_pylist())
    assert sum(found.rents["advertisements"].to_pylist()) == found.rents.num_rows + duplicates
