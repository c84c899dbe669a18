"""Landed files to raw rows: what is refused as a whole, and that no row of the rest is lost."""

import csv
import gzip
import io
import json
import zlib

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.intake import file_bytes
from realestate_assets.domain.intake.file_bytes import Place
from realestate_assets.domain.intake.reading import split_rows
from resources.errors import PermanentError
from tests.unit.domain.intake.landed import make_source, read

HEADER = b"id,date,price\n"


def faults(table):
    return dict(zip(table["_row"].to_pylist(), table["_fault"].to_pylist(), strict=True))


def test_every_value_stays_the_text_it_was_received_as():
    table = read(b'id,date,price\n"0012", 2014-05-01 ,1.50\nNA,,"a ""b"""\n')
    assert table["id"].to_pylist() == ["0012", "NA"]
    assert table["date"].to_pylist() == [" 2014-05-01 ", ""]
    assert table["price"].to_pylist() == ["1.50", 'a "b"']
    assert table["_row"].to_pylist() == [1, 2]
    assert table["_source"].to_pylist() == ["sales"] * 2 and table["_file"].to_pylist() == ["file.csv"] * 2
    assert len(table["_file_sha256"][0].as_py()) == 64


def test_a_byte_order_mark_and_windows_line_ends_leave_no_trace():
    table = read(b"\xef\xbb\xbfid,date,price\r\n1,2014-05-01,5\r\n\r\n2,2014-05-02,6")
    assert table.column_names[0] == "id"
    assert table["price"].to_pylist() == ["5", "6"]


def test_rows_of_another_width_are_kept_as_received_under_their_row_number():
    table = read(HEADER + b"1,2014-05-01,5\n2,x\n\n3,2014-05-01,6\n4,2014-05-01,7,8\n")
    assert faults(table) == {1: None, 2: "ROW_TOO_SHORT", 3: None, 4: "ROW_TOO_LONG"}
    assert table["_fault_text"].to_pylist() == [None, "2,x", None, "4,2014-05-01,7,8"]
    assert table["id"].to_pylist() == ["1", None, "3", None]


def test_row_numbers_hold_over_many_blocks():
    rows = [b"%d,2014-05-01,%s\n" % (n, b"9" * 900) if n % 10 else b"short\n" for n in range(1, 12_001)]
    table = read(HEADER + b"".join(rows))
    assert table["_row"].to_pylist() == list(range(1, 12_001))
    sound = table.filter(pa.compute.is_null(table["_fault"]))
    assert sound["id"].to_pylist() == [str(n) for n in sound["_row"].to_pylist()]
    assert table["_fault"].null_count == 10_800


def test_text_with_line_breaks_inside_quotes_is_one_row():
    table = read(HEADER + b'1,2014-05-01,"line one\nline ""two""\n\nend"\n2,2014-05-01,5\n')
    assert table["price"].to_pylist() == ['line one\nline "two"\n\nend', "5"]
    assert table["_row"].to_pylist() == [1, 2]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # never closed: a plain CSV reader takes the rest of the file for one value
        (b'1,"2014,5\n2,b,6\n3,c,7\n', {1: "QUOTE_UNBALANCED", 2: None, 3: None}),
        # closed by the opening quote of a later row
        (b'1,"2014,5\n2,b,6\n3,"c",7\n', {1: "QUOTE_UNBALANCED", 2: None, 3: None}),
        # closed by a stray quote, so that the two broken rows look like one sound row of three columns
        (b'1,"2014,5\n2,b,6\n3,c",7\n4,d,8\n', {1: "QUOTE_UNBALANCED", 2: None, 3: None, 4: None}),
        # followed by a sound value of several lines
        (b'1,"x,5\n2,"a\nb",6\n3,c,7\n', {1: "QUOTE_UNBALANCED", 2: None, 3: None}),
        (b'1,a,"\n2,b,6\n', {1: "QUOTE_UNBALANCED", 2: None}),
    ],
)
def test_an_unbalanced_quote_costs_its_own_line_and_no_other(rows, expected):
    table = read(HEADER + rows)
    assert faults(table) == expected
    assert table["_fault_text"][0].as_py().encode() == rows.split(b"\n")[0]


def test_inch_marks_and_quotes_inside_a_value_are_no_unbalanced_quotes():
    table = read(HEADER + b'1,6" pipe,5\n2,a "big" house,6\n3,"x" y,7\n')
    assert table["date"].to_pylist() == ['6" pipe', 'a "big" house', "x y"]
    assert table["_fault"].null_count == 3


def test_rows_with_broken_encoding_are_faults_and_the_rest_of_the_file_is_read():
    table = read(HEADER + b"1,2014-05-01,caf\x81\n2,2014-05-01,caf\xc3\xa9\n3,\xff\n4,a\x00b,c\n")
    assert faults(table) == {1: "ENCODING_BROKEN", 2: None, 3: "ROW_TOO_SHORT", 4: "ENCODING_BROKEN"}
    assert table["price"].to_pylist() == [r"caf\x81", "café", None, "c"]
    assert table["_fault_text"][2].as_py() == r"3,\xff"
    assert table["date"][3].as_py() == r"a\x00b"


def test_a_source_column_with_a_name_of_ours_is_kept_beside_it():
    table = read(b"id,date,price,county,_row,\n1,2014-05-01,5,King,x,y\n")
    assert table["county_received"].to_pylist() == ["King"]
    assert table["_row_received"].to_pylist() == ["x"] and table["_row"].to_pylist() == [1]
    assert table["column_6"].to_pylist() == ["y"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty \\(0 bytes\\)"),
        (b"\xef\xbb\xbf\n\n", "only blanks"),
        (HEADER, "a header and no rows"),
        (HEADER + b"\n\r\n", "a header and no rows"),
        (b"<!DOCTYPE html><html><body>log in</body></html>", "HTML or XML page"),
        (b"  \n<html>", "HTML or XML page"),
        (b"id;date;price\n1;2;3\n", "semicolon-separated"),
        (b"id\tdate\tprice\n1\t2\t3\n", "tab-separated"),
        (b"id|date|price, usd\n1|2|3\n", "pipe-separated"),
        (b"ref,price\n1,2\n", "lacks the required columns date, id or street; it has ref, price"),
        (b"id,date,price,price\n1,2,3,4\n", "price more than once"),
        (b'id,date,"price\n1,2,3\n', "unreadable header"),
        (b"id,date,pr\x81\n1,2,3\n", "header that is not UTF-8"),
        (b"PK\x03\x04" + bytes(200), "zip archive or an Excel workbook"),
        (gzip.compress(HEADER + b"1,2,3\n", mtime=0), "gzip-compressed"),
        (b"PAR1" + bytes(100), "Parquet file"),
        ("id,date,price\n1,2,3\n".encode("utf-16"), "UTF-16"),
        ("id,date,price\n1,2,3\n".encode("utf-16-le"), "binary data"),
        (bytes(range(256)) * 8 + bytes(4000), "binary data"),
    ],
)
def test_a_file_that_is_not_what_its_source_says_is_a_permanent_error_with_names(data, message):
    with pytest.raises(PermanentError, match=message) as caught:
        read(data)
    text = str(caught.value)
    assert "king-wa" in text and "sales" in text and "file.csv" in text
    assert caught.value.remedy and (caught.value.county, caught.value.source) == ("king-wa", "sales")


def test_all_missing_columns_are_named_as_the_field():
    with pytest.raises(PermanentError) as caught:
        read(b"price,other\n1,2\n", make_source(columns={
            "apn": {"from": "id", "required": True}, "observed_date": {"from": ["date", "sold"]},
            "bedrooms": {"sum": {"a": 1, "b": 1}, "required": True}}))  # fmt: skip
    assert caught.value.field == "id, date or sold, a or b"


def test_a_header_with_commas_in_names_is_not_taken_for_another_delimiter():
    table = read(b'id;date;"price, usd, net, paid"\n1;2014-05-01;3\n', make_source(delimiter=";"))
    assert table.column_names[:3] == ["id", "date", "price, usd, net, paid"]


def test_a_file_over_its_limit_is_refused_before_it_is_read():
    class Unreadable(io.BytesIO):
        def read(self, *_):
            raise AssertionError("must not be read")

    with pytest.raises(PermanentError, match="max_bytes"):
        split_rows(
            Unreadable(b"more than 10"), make_source(max_bytes=10), Place("king-wa", "sales", "big.csv")
        )


def test_a_gzip_file_is_read_with_all_its_members():
    data = gzip.compress(HEADER + b"1,2014-05-01,5\n") + gzip.compress(b"2,2014-05-01,6\n")
    assert read(data, name="file.csv.gz")["price"].to_pylist() == ["5", "6"]


def test_a_gzip_bomb_is_met_by_the_limits_and_not_by_the_memory():
    bomb = gzip.compress(HEADER + b"0" * 200_000_000)
    for options in ({}, {"max_bytes": 5_000_000, "max_compression_ratio": 1e9}):
        with pytest.raises(PermanentError, match=r"zip bomb|max_bytes"):
            read(bomb, make_source(**options), "bomb.csv.gz")


def test_the_bomb_check_stops_soon_after_the_limit(monkeypatch):
    written = []
    real = file_bytes.check_ratio
    monkeypatch.setattr(
        file_bytes, "check_ratio", lambda total, *rest: (written.append(total), real(total, *rest))
    )
    with pytest.raises(PermanentError):
        read(gzip.compress(b"0" * 100_000_000), name="bomb.csv.gz")
    assert written[-1] < 25_000_000


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (gzip.compress(HEADER + b"1,2,3\n" * 99, mtime=0)[:-20], "cut off|damaged"),
        (HEADER + b"1,2,3\n", "is not gzip-compressed"),
        (b"\x1f\x8b" + b"\x00" * 40, "damaged"),
        (gzip.compress(b"", mtime=0), "only blanks"),
        (zlib.compress(HEADER), "is not gzip-compressed"),
    ],
)
def test_a_damaged_gzip_file_is_a_permanent_error(data, message):
    with pytest.raises(PermanentError, match=message):
        read(data, name="file.csv.gz")


def parquet(**columns) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def test_parquet_values_become_the_text_a_csv_of_them_would_hold():
    data = parquet(
        id=pa.array(["0012", None]),
        date=pa.array([16191, 16192], pa.date32()),
        price=pa.array([221900.0, 0.5]),
        beds=pa.array([3, None], pa.int64()),
        water=pa.array([True, False]),
        tags=pa.array([["a"], None]),
        kind=pa.array(["x", "y"]).dictionary_encode(),
        raw=pa.array([b"ok", b"\xff"]),
    )
    table = read(data, make_source(format="parquet"), "file.parquet")
    assert table["id"].to_pylist() == ["0012", None]
    assert table["date"].to_pylist() == ["2014-05-01", "2014-05-02"]
    assert table["price"].to_pylist() == ["221900", "0.5"]
    assert table["beds"].to_pylist() == ["3", None]
    assert table["water"].to_pylist() == ["true", "false"]
    assert table["tags"].to_pylist() == ['["a"]', None]
    assert table["kind"].to_pylist() == ["x", "y"]
    assert faults(table) == {1: None, 2: "ENCODING_BROKEN"}


def test_parcel_numbers_in_a_parquet_column_of_doubles_keep_their_digits_or_show_that_they_lost_them():
    numbers = [17211000010000.0, 123456789012345.0, 222623000001000040.0, None]
    data = parquet(id=pa.array(numbers), date=pa.array(["2014-05-01"] * 4))
    table = read(data, make_source(format="parquet"), "file.parquet")
    assert table["id"].to_pylist() == ["17211000010000", "123456789012345", "2.2262300000100003e+17", None]


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (HEADER, {}, "is not a Parquet file"),
        (parquet(id=["1"], date=["x"])[:-9] + b"\xff\xff\xff\x7fPAR1", {}, "damaged"),
        (parquet(id=["1"]), {}, "lacks the required column date"),
        (parquet(id=pa.array([], pa.string()), date=pa.array([], pa.string())), {}, "columns and no rows"),
        (parquet(id=["x" * 1000] * 30_000, date=["d"] * 30_000), {"max_bytes": 1_000_000}, "max_bytes"),
        (parquet(id=[str(n) for n in range(999_999)], date=["d"] * 999_999),
         {"max_compression_ratio": 1.1, "max_bytes": 10**9}, "zip bomb"),
    ],
)  # fmt: skip
def test_an_unfit_parquet_file_is_a_permanent_error(data, options, message):
    with pytest.raises(PermanentError, match=message):
        read(data, make_source(format="parquet", **options), "file.parquet")


def test_json_lines_keep_digits_and_refuse_bad_lines_one_by_one():
    lines = [
        b'{"id": "001", "date": "2014-05-01", "price": 1.50, "ok": true, "tags": ["a"]}',
        b"not json",
        b"[1]",
        b'{"id": 7129300520, "date": null}',
        b'{"id": "\xff"}',
        b'{"id": "\\ud800", "date": "2014-05-01"}',
        b'{"id": "a\\u0000b"}',
        b"[" * 100_000,
    ]
    table = read(
        b"\n".join(lines[:3]) + b"\r\n\n" + b"\n".join(lines[3:]), make_source(format="jsonl"), "f.jsonl"
    )
    assert table["id"].to_pylist() == [
        "001",
        None,
        None,
        "7129300520",
        None,
        r"\xed\xa0\x80",
        r"a\x00b",
        None,
    ]
    assert table["price"].to_pylist()[0] == "1.50"
    assert table["ok"].to_pylist()[0] == "true" and table["tags"].to_pylist()[0] == '["a"]'
    bad = "JSON_UNREADABLE"
    broken = "ENCODING_BROKEN"
    assert list(faults(table).values()) == [None, bad, bad, None, broken, broken, broken, bad]
    assert table["_fault_text"].to_pylist()[1] == "not json"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'[{"id": 1}]', "JSON array"),
        (b"a\nb\n", "no readable JSON object"),
        (b'{"id": "1"}\n', "lacks the required column date"),
        (b"<html></html>", "HTML"),
    ],
)
def test_a_file_that_is_no_json_lines_is_a_permanent_error(data, message):
    with pytest.raises(PermanentError, match=message):
        read(data, make_source(format="jsonl"), "f.jsonl")


def test_compressed_json_lines_are_read_too():
    data = gzip.compress(json.dumps({"id": "1", "date": "2014-05-01"}).encode())
    assert read(data, make_source(format="jsonl"), "f.jsonl.gz").num_rows == 1


DIRTY = st.text(alphabet='a1,"\n\r \t;é', max_size=120)


@given(DIRTY)
def test_whatever_the_text_every_row_is_numbered_once_and_no_byte_is_swallowed(text):
    data = HEADER + text.encode()
    try:
        table = read(data)
    except PermanentError:
        assert not text.strip("\r\n")
        return
    assert table["_row"].to_pylist() == list(range(1, table.num_rows + 1))
    # What a row of one line holds can be found again; a row of several lines is one that closes its quotes.
    lines = [line for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if line]
    spanned = sum(
        (value or "").replace("\r\n", "\n").replace("\r", "\n").count("\n")
        for name in ("id", "date", "price")
        for value in table[name].to_pylist()
    )
    assert table.num_rows <= len(lines)
    assert table.num_rows + spanned >= len(lines)
    letters = "".join(v or "" for n in ("id", "date", "price", "_fault_text") for v in table[n].to_pylist())
    assert sum(map(letters.count, "a1é")) == sum(map(text.count, "a1é"))


@given(st.binary(max_size=200))
def test_random_bytes_are_rows_or_a_permanent_error_and_nothing_else(data):
    for prefix, options in (
        (HEADER, {}),
        (b"", {}),
        (b"", {"format": "jsonl"}),
        (b"", {"format": "parquet"}),
    ):
        try:
            table = read(prefix + data, make_source(**options))
        except PermanentError:
            continue
        assert table["_row"].to_pylist() == list(range(1, table.num_rows + 1))


# Lines of a text that holds breaks carry no comma: each line with just as many as the header has, it would
# look like two broken rows.
CELL = st.one_of(st.text(alphabet='a1";é\t ,'), st.text(alphabet='a1";é\n\r'))
TABLES = st.lists(st.lists(CELL, min_size=6, max_size=6), min_size=1, max_size=6)


@given(TABLES, st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), st.sampled_from(["\n", "\r\n"]))
def test_what_a_csv_writer_wrote_is_read_back_to_the_letter(rows, quoting, line_end):
    out = io.StringIO(newline="")
    names = ["id", "date", "price", "beds", "x", "y"]
    if quoting == csv.QUOTE_MINIMAL:  # Python leaves a lone carriage return unquoted, which is a line end
        rows = [[value.replace("\r", "") for value in row] for row in rows]
    csv.writer(out, quoting=quoting, lineterminator=line_end).writerows([names, *rows])
    table = read(out.getvalue().encode())
    assert table["_fault"].null_count == len(rows)
    assert table.select(names).to_pylist() == [dict(zip(names, row, strict=True)) for row in rows]
