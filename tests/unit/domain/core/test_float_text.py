"""Floats as text, digit by digit as far as their type keeps them."""

import math

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.core.convert import float_text, to_number
from realestate_assets.domain.core.parcel_numbers import read_apn


@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_a_whole_double_of_up_to_fifteen_digits_is_written_out(number):
    assert float_text(pa.array([float(number)])).to_pylist() == [str(number)]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_is_read_back_exactly(number):
    values, bad = to_number(float_text(pa.array([number])))
    assert values.to_pylist() == [number] and not bad.any()


@pytest.mark.parametrize(("kind", "exact"), [(pa.float32(), 2**24), (pa.float64(), 10**15)])
def test_a_number_beyond_its_type_does_not_look_like_one_that_is_all_there(kind, exact):
    numbers = pa.array([float(exact - 1), float(exact), exact * 37.0, None], kind)
    text = float_text(pa.chunked_array([numbers]))
    assert text.to_pylist()[0] == str(exact - 1)
    assert read_apn(text)[1].tolist() == [False, True, True, False]


def test_what_is_no_number_stays_and_fractions_are_as_arrow_has_them():
    text = float_text(pa.array([0.5, -2.0, 1e-7, math.inf, None]))
    assert text.to_pylist() == ["0.5", "-2", "1e-7", "inf", None]
