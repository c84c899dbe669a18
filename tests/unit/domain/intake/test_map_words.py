"""The words of a column map, each on rows of a file: what comes out, and what is refused."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.core.formulas import calculate, columns_of_formula
from realestate_assets.domain.counties.column_map import ColumnMap
from tests.unit.domain.intake.landed import make_source, process

BASE = {"apn": "id", "observed_date": {"constant": "2014-05-05"}}


def mapped(field: str, rule: object, rows: list[dict[str, str]], **source) -> tuple[list, list[str]]:
    """Values of a field by row for rows of these columns, and the codes of what was refused."""
    names = list(rows[0])
    lines = [";".join(["id", *names])]
    lines += [";".join([f"100{at}", *(row[name] for name in names)]) for at, row in enumerate(rows, start=1)]
    options = {"delimiter": ";", "columns": {**BASE, field: rule}, **source}
    _, found = process({"f.csv": "\n".join(lines).encode()}, make_source(**options))
    at = {row["apn"]: row[field] for row in found.properties.to_pylist()}
    values = [at.get(f"100{number}") for number in range(1, len(rows) + 1)]
    return values, found.rejects["reason_code"].to_pylist()


@pytest.mark.parametrize(
    ("field", "rule", "row", "expected"),
    [
        ("deed_type", {"from": "a", "codes": {"NONE": "n", "NA": "m"}}, {"a": "none"}, "n"),
        ("deed_type", {"from": "a", "usual_nulls": False}, {"a": "NA"}, "NA"),
        ("deed_type", {"from": "a"}, {"a": "NA"}, None),
        ("view_code", {"from": "a", "codes": {"NONE": 0, 1: 4}}, {"a": "NONE"}, 0),
        ("view_code", {"from": "a", "codes": {"NONE": 0, 1: 4}}, {"a": "1"}, 4),
        ("lot_area_sqft", {"from": "a", "unit_column": "u"}, {"a": "2", "u": "Acres"}, 87120.0),
        ("lot_area_sqft", {"from": "a", "unit_column": "u"}, {"a": "2", "u": "Sq. Ft."}, 2.0),
        ("lot_area_sqft", {"from": "a", "unit_column": "u", "unit": "acre"}, {"a": "2", "u": ""}, 87120.0),
        ("lot_area_sqft", {"from": "a", "unit_column": "u", "unit_codes": {"A": "acre"}},
         {"a": "2", "u": "a"}, 87120.0),
        ("lot_area_sqft", {"from": "LotSizeArea"}, {"LotSizeArea": "2", "LotSizeUnits": "Acres"}, 87120.0),
        ("lot_area_sqft", {"from": "LotSizeArea"}, {"LotSizeArea": "2", "LotSizeUnits": ""}, 2.0),
        ("lot_area_sqft", {"from": "LotSizeArea", "unit": "sqft"},
         {"LotSizeArea": "2", "LotSizeUnits": "Acres"}, 2.0),
        ("sale_price_usd", {"from": "a", "decimal": ","}, {"a": "1.250.000,50"}, 1250000.5),
        ("sale_price_usd", {"from": "a"}, {"a": "USD 1,250,000"}, 1250000.0),
        ("sale_price_usd", {"from": "a"}, {"a": "1,250,000 US$"}, 1250000.0),
        ("sale_document_id", {"line": "{b}-{k:5}-{l:4}"}, {"b": "1", "k": "17.0", "l": "3"}, "1-00017-0003"),
        ("sale_document_id", {"line": "{b}-{k:5}"}, {"b": "", "k": "17"}, None),
        ("description", {"line": "{a} {b} {c}"}, {"a": "12", "b": "", "c": "Oak"}, "12 Oak"),
        ("tax_annual_usd", {"formula": "a * 2 + {b c} / 4"}, {"a": "1,000", "b c": "2"}, 2000.5),
        ("tax_annual_usd", {"formula": "a + b"}, {"a": "1", "b": ""}, None),
        ("stories", {"formula": "-(a - 10) / 2"}, {"a": "6"}, 2.0),
        ("sale_price_usd", {"from": "a", "out_of_range": "null"}, {"a": "-5"}, None),
        ("year_built", {"from": "a", "out_of_range": "null"}, {"a": "2016"}, None),
        ("year_built", {"age": {"column": "a"}}, {"a": "14"}, 2000),
        ("year_built", {"age": {"column": "a", "at": 2010}}, {"a": "14"}, 1996),
        ("list_date", {"parts": {"year": "y", "month": "m"}}, {"y": "2014", "m": "3"}, dt.date(2014, 3, 1)),
        ("list_date", {"parts": {"year": 2014, "month": "m", "day": "d"}},
         {"m": "Sept.", "d": "9"}, dt.date(2014, 9, 9)),
        ("list_date", {"parts": {"year": "y", "month": 2}}, {"y": ""}, None),
        ("list_date", {"from": "a", "format": "serial"}, {"a": "41764"}, dt.date(2014, 5, 5)),
        ("list_date", {"from": "a", "format": "serial"}, {"a": "41764.75"}, dt.date(2014, 5, 5)),
        ("list_date", {"from": "a", "format": "serial_1904"}, {"a": "40302"}, dt.date(2014, 5, 5)),
    ],
)  # fmt: skip
def test_a_word_of_the_map_gives_this_value(field, rule, row, expected):
    assert mapped(field, rule, [row]) == ([expected], [])


@pytest.mark.parametrize(
    ("field", "rule", "row", "code"),
    [
        ("lot_area_sqft", {"from": "a", "unit_column": "u"}, {"a": "2", "u": "Front Feet"}, "UNIT_UNKNOWN"),
        ("lot_area_sqft", {"from": "a", "unit_column": "u"}, {"a": "2", "u": ""}, "UNIT_UNKNOWN"),
        ("lot_area_sqft", {"from": "LotSizeArea"}, {"LotSizeArea": "2", "LotSizeUnits": "x"}, "UNIT_UNKNOWN"),
        ("sale_price_usd", {"from": "a"}, {"a": "€ 500"}, "NUMBER_UNREADABLE"),
        ("sale_price_usd", {"from": "a", "decimal": ","}, {"a": "1,250,000"}, "NUMBER_UNREADABLE"),
        ("tax_annual_usd", {"formula": "a / b"}, {"a": "1", "b": "0"}, "NUMBER_UNREADABLE"),
        ("tax_annual_usd", {"formula": "a / b"}, {"a": "1", "b": "x"}, "NUMBER_UNREADABLE"),
        ("year_built", {"formula": "a / 2"}, {"a": "4001"}, "NUMBER_UNREADABLE"),
        ("year_built", {"age": {"column": "a"}}, {"a": "-3"}, "NUMBER_UNREADABLE"),
        ("year_built", {"from": "a"}, {"a": "2016"}, "YEAR_OUT_OF_RANGE"),
        ("list_date", {"parts": {"year": "y", "month": 2, "day": 30}}, {"y": "2014"}, "DATE_UNREADABLE"),
        ("list_date", {"parts": {"year": "y", "month": 2}}, {"y": "14"}, "DATE_UNREADABLE"),
        ("list_date", {"from": "a", "format": "serial"}, {"a": "12"}, "DATE_UNREADABLE"),
        ("list_date", {"from": "a", "format": "serial"}, {"a": "2014-05-05"}, "DATE_UNREADABLE"),
    ],
)
def test_what_a_word_of_the_map_cannot_read_refuses_the_row(field, rule, row, code):
    assert mapped(field, rule, [row]) == ([None], [code])


def test_what_the_source_says_holds_for_columns_that_do_not_say_otherwise():
    rows = [{"a": "-", "b": "1,5"}, {"a": "NA", "b": "2,5"}]
    source = {"null_values": "-", "usual_nulls": False, "decimal": ","}
    assert mapped("deed_type", "a", rows, **source) == ([None, "NA"], [])
    assert mapped("deed_type", {"from": "a", "usual_nulls": True}, rows, **source) == ([None, None], [])
    assert mapped("bathrooms", "b", rows, **source) == ([1.5, 2.5], [])


def test_a_joined_number_that_lost_its_digits_is_refused_as_one():
    rule = {"line": "{a}-{b}"}
    source = {"columns": {"observed_date": {"constant": "2014-05-05"}, "apn": rule}}
    assert mapped("source_id", "a", [{"a": "2.5E+16", "b": "1"}], **source)[1] == ["APN_ROUNDED"]


@pytest.mark.parametrize(
    "formula",
    ["__import__('os')", "a.b", "a[0]", "f(a)", "a ** 9", "a if b else c", "'x'", "1 + 2", "a +", "a < b",
     "lambda: a", "a; b", "(" * 600 + "a" + ")" * 600, "a & b", "True + a", "9e99 * a"],
)  # fmt: skip
def test_a_formula_is_arithmetic_and_nothing_else(formula):
    with pytest.raises(ValueError, match="formula"):
        ColumnMap.model_validate({"formula": formula})


@given(st.text(max_size=40))
def test_no_text_does_anything_but_calculate_or_be_refused(text):
    try:
        names = columns_of_formula(text)
    except ValueError:
        return
    calculate(text, {name: __import__("numpy").array([1.0, 2.0]) for name in names})


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"from": "a", "constant": "b"}, "exactly one of"),
        ({"line": "no columns"}, "column names in braces"),
        ({"line": "{a"}, "without its partner"),
        ({"line": "{}"}, "without a column name"),
        ({"from": "a", "unit_codes": {"A": "acre"}}, "unit_column"),
        ({"from": "a", "unit_column": "u", "unit_codes": {"A": "furlong"}}, "furlong"),
        ({"from": "a", "codes": {False: "x"}}, "quotes"),
    ],
)
def test_a_map_that_cannot_be_meant_says_so(rule, message):
    with pytest.raises(ValueError, match=message):
        ColumnMap.model_validate(rule)
