"""Which rows are refused, with which code; prices and dates that belong together; months."""

import datetime as dt
import json

import pytest

from realestate_assets.domain.intake.canonical import canonicalise
from resources.errors import PermanentError
from tests.unit.domain.intake.landed import (
    COLUMNS,
    make_county,
    make_source,
    process,
    raw_rows,
)

SOUND = {
    "ref": "r1", "id": "0012-345", "date": "2014-05-10", "price": "500000", "beds": "3", "area": "1800",
    "street": "12 Oak Court", "unit": "", "zip": "98001", "lat": "47.5", "long": "-122.2", "asking": "",
    "sold": "2014-05-10", "listed": "", "built": "1990", "remarks": "fine",
}  # fmt: skip


def csv(*rows):
    return (
        "\n".join([",".join(SOUND), *(",".join({**SOUND, **row}.values()) for row in rows)]).encode() + b"\n"
    )


def outcome(source=None, **changes):
    """The reject of one changed row, None where it was accepted."""
    _, result = process({"f.csv": csv(changes)}, source)
    assert result.properties.num_rows + result.rejects.num_rows == 1
    return result.rejects.to_pylist()[0] if result.rejects.num_rows else None


def accepted(source=None, **changes):
    _, result = process({"f.csv": csv(changes)}, source)
    return result.properties.to_pylist()[0]


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"date": ""}, "REQUIRED_MISSING", "observed_date"),
        ({"price": "half a million"}, "NUMBER_UNREADABLE", "sale_price_usd"),
        ({"listed": "May 2014"}, "DATE_UNREADABLE", "list_date"),
        ({"price": "0"}, "PRICE_OUT_OF_RANGE", "sale_price_usd"),
        ({"price": "-5"}, "PRICE_OUT_OF_RANGE", "sale_price_usd"),
        ({"price": "100000001"}, "PRICE_OUT_OF_RANGE", "sale_price_usd"),
        ({"asking": "100000001"}, "PRICE_OUT_OF_RANGE", "list_price_usd"),
        ({"area": "0"}, "LIVING_AREA_OUT_OF_RANGE", "living_area_sqft"),
        ({"area": "100001"}, "LIVING_AREA_OUT_OF_RANGE", "living_area_sqft"),
        ({"built": "1599"}, "YEAR_OUT_OF_RANGE", "year_built"),
        ({"built": "2016"}, "YEAR_OUT_OF_RANGE", "year_built"),
        ({"lat": "46.9"}, "COORDINATES_OUTSIDE_COUNTY", "latitude"),
        ({"lat": "0", "long": "0"}, "COORDINATES_OUTSIDE_COUNTY", "latitude"),
        ({"long": "122.2"}, "COORDINATES_OUTSIDE_COUNTY", "longitude"),
        ({"beds": "33"}, "BEDROOMS_OUT_OF_RANGE", "bedrooms"),
        ({"beds": "-1"}, "BEDROOMS_OUT_OF_RANGE", "bedrooms"),
        ({"zip": "ABC"}, "ZIP_UNREADABLE", "zip"),
        ({"id": "2.22623E+17"}, "APN_ROUNDED", "apn"),
        ({"id": "222623000001000040.0"}, "APN_ROUNDED", "apn"),
        ({"id": "", "street": ""}, "IDENTITY_MISSING", None),
        ({"id": "000-000", "street": "."}, "IDENTITY_MISSING", None),
        ({"sold": "2014-05-11"}, "SALE_AFTER_OBSERVATION", "sale_date"),
        ({"date": "1999-01-01", "sold": ""}, "DATE_OUT_OF_RANGE", "observed_date"),
        ({"date": "2031-01-01"}, "DATE_OUT_OF_RANGE", "observed_date"),
    ],
)
def test_a_row_that_cannot_be_true_is_refused_with_its_reason(changes, code, field):
    _, result = process({"f.csv": csv(changes, {"id": "99", "street": "1 Elm St"})})
    reject = result.rejects.to_pylist()
    assert [(r["reason_code"], r["field"], r["disposition"], r["source_row"]) for r in reject] == [
        (code, field, "rejected", 1)
    ]
    assert reject[0]["reason"] and result.properties.num_rows == 1
    record = json.loads(reject[0]["raw_record"])
    assert record == {**SOUND, **changes}


@pytest.mark.parametrize(
    "changes",
    [
        {"price": "100000000"}, {"area": "100000"}, {"area": "1"}, {"built": "1600"}, {"built": "2015"},
        {"beds": "20"}, {"beds": "0"}, {"id": ""}, {"street": ""}, {"lat": "", "long": ""}, {"zip": ""},
        {"price": "", "asking": "5"}, {"sold": "2014-01-01"},
    ],
)  # fmt: skip
def test_values_at_the_edge_and_missing_optional_ones_are_accepted(changes):
    assert outcome(**changes) is None


def test_a_row_without_price_is_accepted_unless_the_map_requires_one():
    assert outcome(price="") is None
    source = make_source(columns={**COLUMNS, "sale_price_usd": {"from": "price", "required": True}})
    assert outcome(source, price="")["reason_code"] == "REQUIRED_MISSING"


def test_the_last_year_allowed_follows_the_record_and_not_the_clock():
    _, late = process({"f.csv": csv({"built": "2017", "date": "2016-01-05"})})
    _, early = process({"f.csv": csv({"built": "2017", "date": "2015-12-05"})})
    assert late.rejects.num_rows == 0
    assert early.rejects["reason_code"].to_pylist() == ["YEAR_OUT_OF_RANGE"]


def test_a_sale_date_without_a_price_is_left_out():
    record = accepted(price="", asking="450000")
    assert record["sale_date"] is None and record["sale_price_usd"] is None
    assert record["list_price_usd"] == 450000.0 and record["is_list_price_assumed"] is False


def test_the_recorded_price_serves_as_asking_price_where_the_source_says_so_and_is_marked():
    source = make_source(holds="sales")
    record = accepted(source)
    assert (record["list_price_usd"], record["is_list_price_assumed"]) == (500000.0, True)
    record = accepted(source, asking="510000")
    assert (record["list_price_usd"], record["is_list_price_assumed"]) == (510000.0, False)
    record = accepted(source, price="")
    assert (record["list_price_usd"], record["is_list_price_assumed"]) == (None, False)


def test_an_accepted_row_is_typed_and_normalised():
    record = accepted(zip="98001-1234")
    assert record["apn"] == "0012345" and record["street"] == "12 OAK CT" and record["zip"] == "98001"
    assert record["observed_date"] == dt.date(2014, 5, 10) and record["bedrooms"] == 3.0
    assert record["year_built"] == 1990 and record["unit"] is None and record["month"] == "2014-05"
    assert record["source"] == "sales" and record["source_row"] == 1 and record["is_simulated"] is False


def test_the_raw_record_of_a_line_that_could_not_be_split_is_the_line():
    _, result = process({"f.csv": csv({}) + b'just a "line\\\n'})
    reject = result.rejects.to_pylist()[0]
    assert json.loads(reject["raw_record"]) == {"_fault_text": 'just a "line\\'}


def test_the_raw_record_is_valid_json_whatever_the_text():
    odd = '"a ""quoted"" \\ back\nslash \x07 \x1f é"'
    _, result = process({"f.csv": csv({"remarks": odd, "beds": "99"})})
    assert (
        json.loads(result.rejects["raw_record"][0].as_py())["remarks"]
        == 'a "quoted" \\ back\nslash \x07 \x1f é'
    )


def months(data, source=None, first="2014-01", last="2016-12"):
    return raw_rows({"f.csv": data}, source or make_source(), first, last)["month"].to_pylist()


def test_a_row_without_usable_date_goes_to_the_latest_month_of_its_own_file():
    data = (
        b"id,date\n1,2014-05-01\n2,\n3,soon\n4,2099-01-01\n5,05/31/2015\n6,1999-01-01\nshort\n7,2014-07-01\n"
    )
    late = "2015-05"
    assert months(data) == ["2014-05", late, late, late, late, late, late, "2014-07"]


def test_a_file_without_any_readable_date_is_a_permanent_error_that_names_the_column():
    with pytest.raises(PermanentError, match="no readable date in the column date") as caught:
        months(b"id,date\n1,x\n2,\n")
    assert caught.value.field == "date"


def test_a_file_wholly_outside_the_platforms_months_is_a_permanent_error_with_its_span():
    with pytest.raises(PermanentError, match="2009-01-02 to 2009-03-04"):
        months(b"id,date\n1,2009-01-02\n2,2009-03-04\n")


def test_a_county_without_the_source_of_its_rows_is_a_permanent_error():
    source = make_source()
    raw = raw_rows({"f.csv": csv({})}, source)
    with pytest.raises(PermanentError, match="does not have"):
        canonicalise(raw, make_county(make_source("other")))
