"""Filters of a list: their values are those of the tables, and what cannot be is refused."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from realestate_assets.domain.tables import PROPERTY_TYPES
from realestate_assets.domain.tables.columns import LISTING_STATUSES, OFFER_STATES
from realestate_assets.operations.market import filters
from realestate_assets.operations.market.columns import LIST_FIELDS, SORTS, properties, type_of
from realestate_assets.operations.market.filters import PropertyFilter


def test_the_values_of_a_filter_are_those_of_the_tables():
    assert get_args(filters.PropertyType) == PROPERTY_TYPES
    assert get_args(filters.ListingStatus) == LISTING_STATUSES
    assert get_args(filters.OfferState) == OFFER_STATES


def test_each_sort_field_and_range_is_a_column():
    wanted = {
        *SORTS,
        *LIST_FIELDS,
        *filters.LISTS.values(),
        *(column for column, _ in filters.RANGES.values()),
    }
    assert wanted - set(properties.c.keys()) == set()


def test_each_range_has_both_ends():
    ends = {
        f"{end}_{name}{'_' * bool(unit)}{unit}"
        for name, (_, unit) in filters.RANGES.items()
        for end in ("min", "max")
    }
    assert ends - set(PropertyFilter.model_fields) == set()


def test_a_columns_type_follows_its_spec_or_its_name():
    kinds = {
        name: type_of(name).__name__ for name in ("year_built", "is_condo", "sale_date", "zip_sale_count")
    }
    assert kinds == {
        "year_built": "BigInteger",
        "is_condo": "Boolean",
        "sale_date": "Date",
        "zip_sale_count": "Float",
    }


@pytest.mark.parametrize("box", ["1,2,3", "a,b,c,d", "0,10,1,5", "0,-95,1,5", "nan,0,1,1", "0,0,inf,1"])
def test_a_box_that_is_none_is_refused(box):
    with pytest.raises(ValidationError):
        PropertyFilter(box=box)


def test_a_point_wants_its_radius():
    with pytest.raises(ValidationError, match="go together"):
        PropertyFilter(near="47.6,-122.3")


@given(text=st.text(max_size=40))
def test_any_text_is_a_filter_or_refused(text):
    for name in ("box", "near", "month", "zip", "city", "county"):
        value = [text] if name in filters.LISTS else text
        try:
            made = PropertyFilter.model_validate({name: value})
        except ValidationError:
            continue
        assert "\x00" not in str(getattr(made, name))
