"""Parcel numbers in one spelling, and those that a spreadsheet has spoilt."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.core.parcel_numbers import normalize_apn, padded, read_apn

PARCELS = st.from_regex(r"[0-9A-Z]{1,6}([-. ][0-9A-Z]{1,6}){0,4}", fullmatch=True)


def apn(text: str | None) -> str | None:
    return normalize_apn(pa.array([text], pa.string())).to_pylist()[0]


def test_parcel_numbers_lose_separators_and_keep_leading_zeros():
    received = ["012-34 5.a", "0000000001", " 17-21-100-001-0000 ", "000-000", "-", None]
    assert normalize_apn(pa.array(received)).to_pylist() == [
        "012345A",
        "0000000001",
        "17211000010000",
        None,
        None,
        None,
    ]


@given(st.lists(st.text(max_size=12) | PARCELS, max_size=4))
def test_parcel_numbers_normalised_twice_change_no_more(texts):
    once = normalize_apn(pa.array(texts, pa.string()))
    assert normalize_apn(once).equals(once)


@given(st.integers(1, 10**15 - 1), st.integers(1, 10), st.integers(0, 4))
def test_a_whole_number_with_a_fraction_of_zeros_is_the_number(number, zeros, before):
    text = "0" * before + str(number)
    assert apn(f"{text}.{'0' * zeros}") == apn(text) == text
    assert padded(pa.array([f"{number}.0"]), 18).equals(padded(pa.array([str(number)]), 18))


@given(st.integers(1, 10**13))
def test_grouped_digits_are_the_number_too(number):
    assert apn(f"{number:,}.0") == apn(f"{number:,}") == str(number)


@pytest.mark.parametrize(
    "text",
    [
        *("2.22623E+17", "2.22623e+17", "2.22623e17", "2.0E17", "2E+17", "2e+17", " 2.2e+17 ", "2,22623E+17"),
        *("1234567890123456.0", "222623000001000040.0", "0002222623000001000040.00", "000000002.22623E+17"),
    ],
)
def test_a_number_that_lost_its_last_digits_is_refused_and_never_padded(text):
    values, bad = read_apn(pa.array([text]))
    assert values.to_pylist() == [None] and bad.tolist() == [True]
    assert padded(pa.array([text]), 20).to_pylist() == [text]


@given(st.floats(1e15, 1e22).map(float.__repr__) | st.floats(1e15, 1e22).map("{:.5E}".format))
def test_whatever_a_double_of_more_than_fifteen_digits_prints_as_is_refused(text):
    assert read_apn(pa.array([text]))[1].tolist() == [True]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12.34.567", "1234567"),
        ("025-123-045.000", "025123045000"),
        ("12.50", "1250"),
        ("2E17", "2E17"),
        ("12E-05", "12E05"),
        ("222623000001000040", "222623000001000040"),
        ("1008350041.00000000", "1008350041"),
        ("0.0", None),
    ],
)
def test_points_and_letters_of_a_real_parcel_number_stay(text, expected):
    values, bad = read_apn(pa.array([text]))
    assert values.to_pylist() == [expected] and not bad.any()


@given(st.lists(PARCELS, min_size=2, max_size=2, unique=True))
def test_two_parcel_numbers_are_one_only_with_the_same_letters_and_digits(texts):
    one, other = normalize_apn(pa.array(texts)).to_pylist()
    if one is not None and other is not None:
        assert (one == other) == (letters_and_digits(texts[0]) == letters_and_digits(texts[1]))


def letters_and_digits(text: str) -> str:
    number, _, zeros = text.partition(".")
    is_whole = number.isdigit() and zeros and not zeros.strip("0")
    return "".join(filter(str.isalnum, number if is_whole else text))
