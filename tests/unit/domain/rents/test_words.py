"""What titles say, and that they never say the rent."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.rents.words import advertised, without_money


def told(title):
    return advertised(pd.Series([title])).iloc[0]


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Sunny 3/2 house", "single_family"),
        ("2br apt, w/d", "apartment"),
        ("New townhome with garage", "townhouse"),
        ("Treehouse Duplex", "multi_family"),
        ("Quiet place", "unknown"),
        (None, "unknown"),
    ],
)
def test_the_kind_is_read(title, kind):
    assert told(title)["kind"] == kind


def test_baths_area_and_amenities_are_read():
    row = told("Luxury 3bd/2.5ba 1450 sqft, section 8 ok, garage")
    assert (row["baths"], row["area_sqft"]) == (2.5, 1450)
    assert row[["says_luxury", "says_assisted", "says_parking"]].tolist() == [1, 1, 1]
    assert row["says_senior"] == 0


@given(st.integers(100, 99_999), st.sampled_from(["${}", "${:,}", "{}", "{:,}", "$ {}", "${}.00"]))
def test_a_rent_in_the_title_is_never_read(rent, form):
    amount = form.format(rent)
    left = without_money(pd.Series([f"Only {amount} a month"]))[0]
    assert str(rent) not in left and "only" in left and "month" in left
