"""Which source of a county a file belongs to."""

import gzip
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from realestate_assets.domain.intake.source_match import match_source, peek_columns
from resources.errors import PermanentError
from tests.unit.domain.intake.landed import make_county, make_source

SALES = make_source("sales", columns={"apn": {"from": "id", "required": True}, "observed_date": "date"})
LISTINGS = make_source("listings", columns={"street": "street", "observed_date": "seen", "bedrooms": "beds"})
SEMICOLON = make_source("tax", delimiter=";", columns={"apn": "pin", "observed_date": "year"})
LINES = make_source("lines", format="jsonl", columns={"apn": "pin", "observed_date": "day"})
COLUMNAR = make_source("columnar", format="parquet", columns={"apn": "pin", "observed_date": "day"})
SOURCES = (SALES, LISTINGS, SEMICOLON, LINES, COLUMNAR)


def match(data, name="file.csv", sources=SOURCES):
    peeked = peek_columns(io.BytesIO(data), name, sources)
    return match_source(make_county(*sources), sources, name, peeked).name


def parquet() -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"pin": ["1"], "day": ["2014-05-01"]}), sink)
    return sink.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (b"id,date,x\n1,2,3\n", "a.csv", "sales"),
        (b"\xef\xbb\xbfstreet,seen\n", "a.csv", "listings"),
        (gzip.compress(b"street,seen\n1,2\n", mtime=0), "a.csv.gz", "listings"),
        (b"pin;year\n1;2\n", "a.txt", "tax"),
        (b'bad\n{"pin": 1}\n{"day": "2014-05-01"}\n', "a.jsonl", "lines"),
        (parquet(), "a.parquet", "columnar"),
    ],
)
def test_a_file_is_matched_to_the_source_whose_columns_it_has(data, name, expected):
    assert match(data, name) == expected


def test_of_several_that_fit_the_one_that_uses_more_of_the_file_is_taken_then_the_first():
    assert match(b"id,date,street,seen,beds\n") == "listings"
    assert match(b"id,date,street,seen\n") == "sales"


@pytest.mark.parametrize(
    "data",
    [b"a,b\n1,2\n", b"", b"<html>", b"PK\x03\x04", b"\x1f\x8b\x00", b"PAR1xx", b'a"b,"c\n', b"\xff,b\n"],
)
def test_a_file_that_fits_none_is_a_permanent_error_with_what_each_lacks(data):
    for name in ("file.csv", "file.csv.gz", "file.parquet"):
        with pytest.raises(PermanentError, match="fits no file source") as caught:
            match(data, name)
        assert all(f"for {source.name} it " in str(caught.value) for source in SOURCES)


def test_the_message_names_the_missing_columns():
    with pytest.raises(
        PermanentError, match="for sales it lacks id, date; for listings it lacks seen, street;"
    ):
        match(b"a,b\n1,2\n")


def test_only_the_head_of_a_large_file_is_read():
    class Counted(io.BytesIO):
        given = 0

        def read(self, *size):
            data = super().read(*size)
            self.given += len(data)
            return data

    stream = Counted(b"id,date\n" + b"1,2014-05-01\n" * 300_000)
    assert peek_columns(stream, "file.csv", [SALES])["sales"].columns == ("id", "date")
    assert stream.given == 1 << 20
