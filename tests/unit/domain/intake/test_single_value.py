"""A value that a person gives is judged as a row of a source is."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.counties.column_map import MAPPABLE_COLUMNS
from realestate_assets.domain.counties.county import Bounds
from realestate_assets.domain.intake.single_value import check_value, typed
from resources.errors import PermanentError

BOX = Bounds(south=47.0, north=48.0, west=-123.0, east=-121.0)
DAY = date(2015, 3, 10)
JSON = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=100)


@given(name=st.sampled_from(sorted(MAPPABLE_COLUMNS)), value=JSON | st.lists(st.integers(), max_size=2))
def test_whatever_is_sent_is_of_the_columns_type_or_refused(name, value):
    column = MAPPABLE_COLUMNS[name]
    kinds = {"float": float, "integer": int, "boolean": bool, "date": date, "text": str}
    try:
        found = typed(column, value)
        check_value(column, found, DAY, BOX)
    except PermanentError as error:
        assert error.field == "value"
    else:
        assert type(found) is kinds[column.kind]
        assert not column.allowed or found in column.allowed
        assert column.minimum is None or found >= column.minimum
        assert column.maximum is None or found <= column.maximum


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("latitude", 46.9, "outside the county"),
        ("year_built", 2017, "A year lies"),
        ("sale_date", date(2015, 3, 11), "after the day"),
        ("lot_area_sqft", 0.5, "is 1 at least"),
        ("bedrooms", -1.0, "lies between 0 and"),
    ],
)
def test_what_cannot_be_true_is_refused_with_the_reason(name, value, said):
    with pytest.raises(PermanentError, match=said):
        check_value(MAPPABLE_COLUMNS[name], value, DAY, BOX)


def test_what_can_be_true_is_taken():
    for name, value in {"latitude": 47.5, "year_built": 2016, "sale_date": DAY, "bedrooms": 0.0}.items():
        check_value(MAPPABLE_COLUMNS[name], value, DAY, BOX)
