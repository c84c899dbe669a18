"""Parcel numbers in a dataset's spelling, and the row that counts for a month."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.counties.providers.socrata import ParcelKey, Vintage
from realestate_assets.domain.enrichment.parcel_rows import (
    UNKNOWN_DAY,
    DatedGroups,
    as_dates,
    first_days,
    key_condition,
    parcel_keys,
    row_days,
    written_keys,
)

PIN = ParcelKey(column="pin", digits=14)
HYPHENATED = ParcelKey(column="pin", digits=14, pattern="##-##-###-###-####")


def texts(*values):
    return pa.array(values, pa.string())


def day(text):
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


def test_a_hyphenated_number_and_one_without_its_zeros_are_the_same_parcel():
    keys = parcel_keys(texts("02-01-105-003-0000", "2011050030000", "02011050030000"), PIN)
    assert keys.to_pylist() == ["02011050030000"] * 3


def test_a_number_column_shows_decimals_that_are_no_part_of_the_number():
    key = ParcelKey(column="bbl", digits=10, is_text=False)
    assert parcel_keys(texts("1000010010.00000000"), key).to_pylist() == ["1000010010"]


def test_nothing_zeros_and_a_number_too_long_are_no_keys():
    assert parcel_keys(texts(None, "00-00-000-000-0000", "123456789012345"), PIN).null_count == 3


def test_keys_are_written_as_the_dataset_has_them():
    keys = parcel_keys(texts("24252010800000", None), HYPHENATED)
    assert written_keys(keys, HYPHENATED).to_pylist() == ["24-25-201-080-0000", None]
    assert written_keys(keys, PIN).to_pylist() == ["24252010800000", None]


def test_text_keys_are_quoted_and_numbers_are_not():
    assert key_condition(["01", "02"], PIN) == "pin in('01','02')"
    number = ParcelKey(column="bbl", digits=10, is_text=False)
    assert key_condition(["0000000123"], number) == "bbl in(123)"


@given(st.text(max_size=30))
def test_no_text_gets_out_of_its_quotes(text):
    for key in (PIN, HYPHENATED, ParcelKey(column="pin")):
        for written in written_keys(parcel_keys(texts(text), key), key).drop_null().to_pylist():
            assert not set(written) & set("'\"\\();%") and written.isascii()


def test_a_year_is_known_at_its_end_however_it_is_written():
    table = pa.table({"year": ["2017.0", "2018", "", None, "soon", "99999"]})
    days, years = row_days(table, Vintage(year="year"))
    assert days.tolist() == [day("2017-12-31"), day("2018-12-31"), *[UNKNOWN_DAY] * 4]
    assert years[:2].tolist() == [2017, 2018]


def test_figures_that_come_out_later_are_known_later():
    days, _ = row_days(pa.table({"y": ["2014"]}), Vintage(year="y", months_later=20))
    assert days.tolist() == [day("2016-08-31")]
    days, years = row_days(pa.table({"d": ["2014-01-31T00:00:00.000"]}), Vintage(date="d", months_later=1))
    assert (days.tolist(), years.tolist()) == ([day("2014-02-28")], [2014])


def test_the_latest_row_known_on_the_day_counts():
    parcel = np.array([0, 0, 0, 2])
    groups = DatedGroups.of(parcel, np.array([100, 200, 200, 150]))
    assert groups.first.tolist() == [0, 1, 3]
    at = groups.known_at(np.array([0, 0, 0, 1, 2, -1]), np.array([199, 200, 999, 200, 150, 200]))
    assert at.tolist() == [0, 1, 1, -1, 2, -1]


def test_where_every_row_is_later_the_first_of_them_says_so():
    groups = DatedGroups.of(np.array([0, 0]), np.array([300, 400]))
    at = groups.known_at(np.array([0]), np.array([100]))
    assert groups.days[at].tolist() == [300]


def test_without_rows_nothing_counts():
    groups = DatedGroups.of(np.array([], dtype=np.int64), np.array([], dtype=np.int64))
    assert groups.known_at(np.array([0, -1]), np.array([1, 1])).tolist() == [-1, -1]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(-1000, 1000)), max_size=30),
    st.lists(st.tuples(st.integers(-1, 4), st.integers(-1100, 1100)), min_size=1, max_size=10),
)
def test_the_pick_is_what_a_plain_search_finds(rows, asked):
    rows = sorted(rows)
    parcel, days = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True)) if rows else (
        np.array([], dtype=np.int64),
        np.array([], dtype=np.int64),
    )  # fmt: skip
    groups = DatedGroups.of(parcel, days)
    at = groups.known_at(np.array([a[0] for a in asked]), np.array([a[1] for a in asked]))
    for (wanted, limit), found in zip(asked, at.tolist(), strict=True):
        own = [d for p, d in rows if p == wanted]
        before = [d for d in own if d <= limit]
        expected = max(before) if before else min(own, default=None)
        assert (None if found < 0 else groups.days[found]) == expected


def test_months_and_day_numbers_become_dates():
    assert first_days(pa.chunked_array([["2015-05", "1970-01"]])).tolist() == [day("2015-05-01"), 0]
    assert as_dates(np.array([0, 59])).to_pylist() == [date(1970, 1, 1), date(1970, 3, 1)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"column": "pin; drop"},
        {"column": "pin", "digits": 14, "pattern": "##-##"},
        {"column": "pin", "pattern": "'#'", "digits": 1},
    ],
)
def test_a_key_that_cannot_be_written_is_refused(wrong):
    with pytest.raises(ValueError):
        ParcelKey.model_validate(wrong)
