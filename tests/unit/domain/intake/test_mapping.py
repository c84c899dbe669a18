"""Source text to typed canonical columns: units, codes, dates, and what cannot be read."""

import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.core.convert import clean, to_boolean, to_date, to_integer, to_number
from realestate_assets.domain.core.faults import Faults
from realestate_assets.domain.counties.column_map import ColumnMap
from realestate_assets.domain.intake.mapping import map_rows
from resources.errors import PermanentError


def mapped(columns, **rows):
    """Map text columns; gives the canonical table and the faults by row."""
    count = len(next(iter(rows.values())))
    raw = pa.table(
        {name: pa.array(values, pa.string()) for name, values in rows.items()}
        | {"_fault": pa.nulls(count, pa.string())}
    )
    rules = {name: ColumnMap.model_validate(rule) for name, rule in columns.items()}
    faults = Faults(count)
    return map_rows(raw, rules, faults), faults.by_row()


def column(rule, values, name="list_price_usd"):
    table, faults = mapped({name: rule, "observed_date": {"constant": "2014-05-01"}}, x=values)
    return table[name].to_pylist(), faults["reason_code"].to_dict()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,234,567.50", 1234567.5),
        (" $ 450,000 ", 450000.0),
        ("+5", 5.0),
        ("-0.5", -0.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("1.225e+006", 1225000.0),
        ("007", 7.0),
    ],
)
def test_numbers_are_read_with_dollar_sign_commas_and_exponents(text, number):
    values, bad = to_number(clean(pa.array([text])))
    assert values.to_pylist() == [number] and not bad.any()


@pytest.mark.parametrize(
    "text", ["1,23", "12a", "1.2.3", "--5", "1e9999", "inf", "0x10", "1/2", "12,34,567", "٣"]
)
def test_what_is_no_number_is_marked_and_null(text):
    values, bad = to_number(clean(pa.array([text])))
    assert values.to_pylist() == [None] and bad.all()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_python_prints_is_read_back_exactly(number):
    values, bad = to_number(pa.array([repr(number)]))
    assert values.to_pylist() == [number] and not bad.any()


@given(st.lists(st.text(max_size=12), max_size=5))
def test_no_text_makes_a_converter_fail_and_each_is_read_null_or_marked(texts):
    array = clean(pa.array(texts, pa.string()))
    for convert in (to_number, to_integer, to_date, to_boolean):
        values, bad = convert(array)
        for text, value, is_bad in zip(array.to_pylist(), values.to_pylist(), bad, strict=True):
            assert (value is None) == (text is None or bool(is_bad))


@pytest.mark.parametrize("token", ["", "  ", "NA", "n/a", "NULL", "None", "nan", "<NA>", "NaT"])
def test_every_way_of_saying_nothing_is_null_and_no_fault(token):
    assert column({"from": "x"}, [token, "5"]) == ([None, 5.0], {})


def test_null_values_of_the_map_count_as_nothing_as_text_and_as_number():
    rule = {"from": "x", "null_values": ["0", "unknown"]}
    assert column(rule, ["0", "0.0", "UNKNOWN", "7"]) == ([None, None, None, 7.0], {})
    assert column(rule, ["0", "1990.0"], "year_renovated") == ([None, 1990], {})


def test_a_whole_number_may_carry_a_zero_fraction_and_no_other():
    values, codes = column({"from": "x"}, ["2017.0", "2017.5", "1e300", "2018"], "year_built")
    assert values == [2017, None, None, 2018]
    assert codes == {1: "NUMBER_UNREADABLE", 2: "NUMBER_UNREADABLE"}


def test_dates_are_read_by_the_first_format_that_fits():
    rule = {"from": "x", "format": ["%Y%m%dT%H%M%S", "%m/%d/%Y"]}
    values, codes = column(
        rule, ["20141013T000000", "10/13/2014", "2014-10-13", "20140231T000000"], "list_date"
    )
    assert values == [dt.date(2014, 10, 13)] * 2 + [None, None]
    assert codes == {2: "DATE_UNREADABLE", 3: "DATE_UNREADABLE"}


def test_iso_dates_need_no_format_and_keep_the_day_as_written():
    texts = [
        "2014-10-13",
        "2014-10-13T23:59:59.5-08:00",
        "2014-10-13 00:00:00",
        "2014-10-13T01:02Z",
        "2014-1-3",
        "13",
    ]
    values, codes = column({"from": "x"}, texts, "list_date")
    assert values == [dt.date(2014, 10, 13)] * 4 + [None, None]
    assert set(codes) == {4, 5}


def test_a_format_with_an_offset_keeps_the_day_as_written():
    values, _ = column({"from": "x", "format": "%Y-%m-%d %H:%M %z"}, ["2014-10-13 23:00 -0800"], "list_date")
    assert values == [dt.date(2014, 10, 13)]


def test_a_date_format_that_is_none_is_a_permanent_error():
    with pytest.raises(PermanentError, match="not a date format"):
        column({"from": "x", "format": "%Q"}, ["2014"], "list_date")


def test_booleans_are_read_in_their_usual_spellings():
    values, codes = column({"from": "x"}, ["1", "No", "TRUE", "f", "Y", "0.0", "", "2"], "is_waterfront")
    assert values == [True, False, True, False, True, False, None, None]
    assert codes == {7: "BOOLEAN_UNREADABLE"}


def test_codes_are_translated_in_any_case_and_unknown_ones_are_refused_or_nulled():
    rule = {"from": "x", "codes": {"House": "single_family", "FLAT": "condo"}}
    texts = ["HOUSE", "flat", "", "tent"]
    expected = ["single_family", "condo", None, None]
    assert column(rule, texts, "property_type") == (expected, {3: "CODE_UNKNOWN"})
    for lenient in ("null", None):
        assert column(rule | {"unknown_code": lenient}, texts, "property_type") == (expected, {})


def test_codes_may_lead_to_numbers():
    values, codes = column(
        {"from": "x", "codes": {"Poor": "1", "Good": "4"}}, ["good", "poor", "?"], "condition_code"
    )
    assert values == [4, 1, None] and codes == {2: "CODE_UNKNOWN"}


def test_without_codes_a_category_must_be_one_of_ours():
    values, codes = column({"from": "x"}, ["Single Family", "multi-family", "tent"], "property_type")
    assert values == ["single_family", "multi_family", None] and codes == {2: "CODE_UNKNOWN"}


def test_units_are_converted():
    assert column({"from": "x", "unit": "acre"}, ["0.5"], "lot_area_sqft")[0] == [21780.0]
    assert column({"from": "x", "unit": "kusd"}, ["450"])[0] == [450000.0]
    assert column({"from": "x", "unit": "usd_year"}, ["1200"], "hoa_monthly_usd")[0] == [pytest.approx(100.0)]


def test_the_first_column_that_holds_a_value_wins():
    rule = {"list_price_usd": {"from": ["a", "gone", "b"]}, "observed_date": {"constant": "2014-05-01"}}
    table, _ = mapped(rule, a=["1", "", "na"], b=["9", "2", None])
    assert table["list_price_usd"].to_pylist() == [1.0, 2.0, None]


def test_a_sum_takes_what_is_there_and_is_null_where_nothing_is():
    rule = {"bathrooms": {"sum": {"full": 1, "half": 0.5}}, "observed_date": {"constant": "2014-05-01"}}
    table, faults = mapped(rule, full=["2", "1", "", "x"], half=["1", "", "", "1"])
    assert table["bathrooms"].to_pylist()[:3] == [2.5, 1.0, None]
    assert faults["reason_code"].to_dict() == {3: "NUMBER_UNREADABLE"}
    assert "'x'" in faults["reason"][3]


def test_a_constant_and_a_padded_number_are_text_of_the_wanted_form():
    rules = {
        "state": {"constant": "WA"},
        "apn": {"from": "x", "pad": 10},
        "observed_date": {"constant": "2014-05-01"},
    }
    table, _ = mapped(rules, x=["123", None, "123.0", "12.3.4"])
    assert table["state"].to_pylist() == ["WA"] * 4
    assert table["apn"].to_pylist() == ["0000000123", None, "0000000123", "000012.3.4"]


def test_an_optional_value_that_cannot_be_read_refuses_the_row_with_the_value_in_the_reason():
    _, faults = mapped({"bedrooms": {"from": "x"}, "observed_date": {"constant": "2014-05-01"}}, x=["three"])
    assert faults.loc[0, "reason"] == "bedrooms 'three' is not a number."
    assert faults.loc[0, "field"] == "bedrooms"


def test_a_missing_required_value_and_an_unreadable_one_are_told_apart():
    rules = {"bedrooms": {"from": "x", "required": True}, "observed_date": {"constant": "2014-05-01"}}
    _, faults = mapped(rules, x=["", "three", "3"])
    assert faults["reason_codes"].to_dict() == {0: "REQUIRED_MISSING", 1: "NUMBER_UNREADABLE"}


def test_a_required_code_that_is_unknown_and_nulled_counts_as_missing():
    rule = {"from": "x", "required": True, "unknown_code": "null"}
    assert column(rule, ["tent"], "property_type") == ([None], {0: "REQUIRED_MISSING"})


def test_all_faults_of_a_row_are_listed_and_the_first_one_leads():
    rules = {"observed_date": {"from": "d"}, "bedrooms": {"from": "x"}, "bathrooms": {"from": "x"}}
    _, faults = mapped(rules, d=["?"], x=["many"])
    assert faults.loc[0, "reason_codes"] == "DATE_UNREADABLE,NUMBER_UNREADABLE"
    assert faults.loc[0, "field"] == "observed_date"


def test_a_row_that_could_not_be_split_has_that_fault_only():
    raw = pa.table({"x": pa.array([None], pa.string()), "_fault": ["ROW_TOO_SHORT"]})
    faults = Faults(1)
    map_rows(raw, {"observed_date": ColumnMap.model_validate({"from": "x", "required": True})}, faults)
    assert faults.by_row()["reason_codes"].tolist() == ["ROW_TOO_SHORT"]


CASE = {
    "case": {
        "column": "status",
        "when": {"SOLD": "sold", "PENDING": ["went", "listed"]},
        "otherwise": "listed",
    }
}


def test_another_column_may_tell_where_a_value_stands():
    rows = {
        "status": ["Sold", "FOR_SALE", "PENDING", "PENDING", None, "SOLD"],
        "sold": ["2014-05-01", "2006-01-01", None, None, None, None],
        "listed": ["2014-04-01", "2014-04-02", "2014-04-03", "2014-04-04", "2014-04-05", "2014-04-06"],
        "went": [None, None, "2014-05-03", None, None, None],
    }
    table, _ = mapped({"observed_date": CASE}, **rows)
    days = [day and day.isoformat() for day in table["observed_date"].to_pylist()]
    assert days == ["2014-05-01", "2014-04-02", "2014-05-03", "2014-04-04", "2014-04-05", None]


def test_a_case_without_an_otherwise_leaves_the_others_null():
    rule = {"case": {"column": "status", "when": {"SOLD": "price"}}, "unit": "usd"}
    rows = {"status": ["SOLD", "ACTIVE"], "price": ["5", "7"], "day": ["2014-05-01"] * 2}
    table, _ = mapped({"sale_price_usd": rule, "observed_date": {"from": "day"}}, **rows)
    assert table["sale_price_usd"].to_pylist() == [5.0, None]
