"""Text files as counties write them: Windows-1252 rows, quotes that are letters, lines around the table."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.intake.file_bytes import Place
from realestate_assets.domain.intake.raw_rows import RawRows
from resources.errors import PermanentError
from tests.unit.domain.intake.landed import make_source, process, read

HEADER = b"id,date,street\n"


def notes(table, source=None) -> list[str]:
    return [
        note
        for note in RawRows(Place("king-wa", "sales", "f"), source or make_source(), table, 1, "").warnings
        if "no column" not in note
    ]


def test_a_row_of_windows_letters_is_read_and_said():
    table = read(HEADER + "1,2014-05-01,PEÑA\n".encode("cp1252") + b"2,2014-05-02,caf\xc3\xa9\n")
    assert table["street"].to_pylist() == ["PEÑA", "café"]
    assert table["_fault"].null_count == 2
    assert notes(table) == [
        "1 row (1) are not UTF-8 and were read as Windows-1252: set `encoding` of the source if that is wrong"
    ]


@pytest.mark.parametrize("row", [b"1,d,caf\x81\n", b"1,d,\xc3\xa9 and \xe9\n", b"1,d,a\x00\xe9\n"])
def test_a_row_that_may_be_something_else_stays_broken(row):
    assert read(HEADER + row)["_fault"].to_pylist() == ["ENCODING_BROKEN"]


@pytest.mark.parametrize("encoding", ["windows-1252", "latin-1", "cp437", "utf-16", "utf-8", "mac-roman"])
def test_a_file_is_read_by_the_encoding_that_its_source_names(encoding):
    data = "id,date,street\n1,2014-05-01,É Ñ\n".encode(encoding)
    for packed, name in ((data, "f.csv"), (gzip.compress(data), "f.csv.gz")):
        table = read(packed, make_source(encoding=encoding), name)
        assert table["street"].to_pylist() == ["É Ñ"] and not notes(table)


def test_a_byte_without_a_meaning_in_the_encoding_breaks_its_row_alone():
    table = read(HEADER + b"1,d,\x81\n2,d,\xe9\n", make_source(encoding="windows-1252"))
    assert table["_fault"].to_pylist() == ["ENCODING_BROKEN", None]
    assert table["street"][1].as_py() == "é"


def test_an_encoding_that_is_none_is_refused_where_it_is_set():
    with pytest.raises(ValueError, match="is no encoding of text"):
        make_source(encoding="rot13")


TABS = b'id\tdate\tstreet\n1\td\t"BUD" SMITH\n2\td\t"OLD MILL\n3\td\tMILL" LLC\n'


def test_quotes_in_a_file_of_tabs_are_letters_where_they_enclose_nothing():
    table = read(TABS, make_source(delimiter="\t"))
    assert table["street"].to_pylist() == ['"BUD" SMITH', '"OLD MILL', 'MILL" LLC']
    assert notes(table) == ["its quotes are read as letters: set `quoting: minimal` if they enclose values"]


def test_quotes_in_a_file_of_tabs_enclose_values_where_they_do():
    table = read(b'id\tdate\tstreet\n1\td\t"a ""b"""\n2\td\t"c\td"\n', make_source(delimiter="\t"))
    assert table["street"].to_pylist() == ['a "b"', "c\td"] and not notes(table)


def test_quoting_none_keeps_every_quote():
    table = read(HEADER + b'1,d,"a"\n2,d,"b\n3,d,""\n', make_source(quoting="none"))
    assert table["street"].to_pylist() == ['"a"', '"b', '""']
    assert table["_fault"].null_count == 3


values = st.text(
    st.characters(exclude_characters="\t\r\n\0", exclude_categories=["Cs"]), min_size=1, max_size=8
)


@given(st.lists(st.tuples(values, values), min_size=1, max_size=8))
def test_whatever_stands_between_tabs_comes_out_as_it_went_in_without_quoting(rows):
    text = "id\tdate\tstreet\n" + "".join(f"{a}\t{b}\tx\n" for a, b in rows)
    table = read(text.encode(), make_source(delimiter="\t", quoting="none"))
    assert table["id"].to_pylist() == [a for a, _ in rows]
    assert table["date"].to_pylist() == [b for _, b in rows]


def test_lines_around_the_table_are_left_out_and_header_lines_are_joined():
    data = b"County sales\n\nSale,,Situs\ndate,id,street\n2014-05-01,1,x\n2014-05-02,2,y\n\nTotal 2\nend\n"
    source = make_source(
        skip_lines=2, header_lines=2, footer_lines=2,
        columns={"apn": "id", "observed_date": "Sale date", "street": "Situs street"},
    )  # fmt: skip
    table = read(data, source)
    assert table["Sale date"].to_pylist() == ["2014-05-01", "2014-05-02"]
    assert table["Situs street"].to_pylist() == ["x", "y"]


def test_a_file_without_a_header_has_numbered_columns():
    source = make_source(header_lines=0, columns={"apn": "column_1", "observed_date": "column_2"})
    assert read(b"1,2014-05-01\n2,2014-05-02\n", source)["column_1"].to_pylist() == ["1", "2"]


def test_a_misspelt_column_is_named_with_what_is_spelled_like_it():
    source = make_source(columns={"apn": "id", "observed_date": "date", "bedrooms": "Bdrm", "city": "town"})
    table = read(b"id,date,Bdrms\n1,2014-05-01,3\n", source)
    rows = RawRows(Place("king-wa", "sales", "f"), source, table, 1, "")
    assert rows.warnings == ["it has no column Bdrm (near: Bdrms), town: left null"]
    with pytest.raises(PermanentError, match=r"lacks the required column date \(near: dates\)"):
        read(b"id,dates\n1,2014-05-01\n", source)


def test_a_column_that_comes_out_empty_is_named_with_what_it_holds():
    source = make_source(
        columns={"apn": "id", "observed_date": "date", "deed_type": "deed", "city": "town", "zip": "z"}
    )
    rows = b"".join(b"%d,2014-05-01,NONE,NULL\n" % number for number in range(1, 4))
    _, found = process({"f.csv": b"id,date,deed,town\n" + rows}, source)
    (warning,) = found.warnings
    assert warning.startswith("king-wa/sales: deed_type comes out empty in 3 of the 3 rows where deed holds")
    assert "'NONE'" in warning


@pytest.mark.parametrize("rule", [{"null_values": "none"}, {"usual_nulls": False}, {"codes": {"NONE": "x"}}])
def test_a_column_of_which_the_map_says_what_it_means_is_not_warned_of(rule):
    columns = {"apn": "id", "observed_date": "date", "zip": "z", "deed_type": {"from": "deed", **rule}}
    _, found = process({"f.csv": b"id,date,deed\n1,2014-05-01,NONE\n"}, make_source(columns=columns))
    assert found.warnings == ()


def test_a_source_that_places_no_home_says_so():
    columns = {"apn": "id", "observed_date": "date"}
    _, found = process({"f.csv": b"id,date\n1,2014-05-01\n"}, make_source(columns=columns))
    (warning,) = found.warnings
    assert warning.startswith("king-wa/sales: neither zip nor coordinates are mapped")
    assert "ENABLED_APIS=census_geocoder" in warning
