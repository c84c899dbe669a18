"""Cursors: read by who wrote them, for the list they were written for."""

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.app.secret import ServiceSecret
from realestate_assets.service.paging import Order, _Seal
from realestate_assets.service.problems import ProblemError

ORDER = Order({"a": sa.column("a")}, (sa.column("b"),))
SEAL = _Seal(ServiceSecret(b"s" * 40), "a|x")
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(), st.uuids(), st.dates(),
    st.datetimes(timezones=st.just(UTC)),
    st.decimals(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False),
)  # fmt: skip


@given(VALUES, VALUES)
def test_a_cursor_gives_back_what_was_written_in_its_type(one, other):
    read = SEAL.read(SEAL.write([one, other]), ORDER)
    assert read == [one, other]
    assert [type(each) for each in read] == [type(one), type(other)]


@given(st.text(max_size=200))
def test_what_is_no_cursor_is_refused(text):
    with pytest.raises(ProblemError) as refused:
        SEAL.read(text, ORDER)
    assert refused.value.status == 422


@pytest.mark.parametrize(
    "other", [_Seal(ServiceSecret(b"t" * 40), "a|x"), _Seal(ServiceSecret(b"s" * 40), "-a|x")]
)
def test_a_cursor_of_another_list_or_secret_is_refused(other):
    values = [date(2024, 1, 1), uuid.UUID(int=1)]
    assert SEAL.read(SEAL.write(values), ORDER) == values
    with pytest.raises(ProblemError):
        other.read(SEAL.write(values), ORDER)


def test_a_moment_and_a_sum_are_no_dates_and_numbers():
    values = [datetime(2024, 1, 1, tzinfo=UTC), Decimal("1.50")]
    assert SEAL.read(SEAL.write(values), ORDER) == values
