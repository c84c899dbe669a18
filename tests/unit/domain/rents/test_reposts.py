"""Which advertisements are one home's."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from realestate_assets.domain.rents.params import load_rent_params
from realestate_assets.domain.rents.reposts import latest_of_each, repost_groups

PARAMS = load_rent_params().reposts


def ads(*rows):
    names = ("market", "town", "title", "bedrooms", "living_area_sqft", "rent_monthly_usd")
    return pd.DataFrame(rows, columns=list(names))


def groups(*rows):
    return repost_groups(ads(*rows), PARAMS).tolist()


def test_the_same_home_under_another_title_and_a_slightly_changed_rent_is_one():
    assert groups(
        ("a", "Ballard", "Charming corner flat", 2, 850, 2000),
        ("a", "(Ballard)", "Move in today, first month free", 2, 850, 2050),
        ("a", "Ballard", "Quiet and bright", 2, 850, 2600),
    ) == [0, 0, 1]


def test_what_is_joined_by_a_third_advertisement_is_one_home():
    first = ("a", "Ballard", "Charming corner flat near the locks", 2, 850, 2000)
    second = ("a", "Ballard", "Move in today", 2, 850, 2000)
    third = ("a", "Fremont", "Charming corner flat near the locks", 2, None, 2100)
    assert groups(first, second, third) == [0, 0, 0]
    assert groups(second, third) == [0, 1]


def test_unknown_bedrooms_make_no_two_homes_one():
    assert groups(("a", "Ballard", "One", None, None, 900), ("a", "Fremont", "Two", None, None, 1900)) == [
        0,
        1,
    ]


def test_markets_are_apart():
    row = ("Ballard", "Charming corner flat near the locks", 2, 850, 2000)
    assert groups(("a", *row), ("b", *row)) == [0, 1]


def test_a_unit_of_the_same_street_line_is_the_same_home():
    known = ads(
        ("a", "Ballard", "x", 2, None, 2000), ("a", "Ballard", "y", 2, None, 2500), ("a", "", "z", 2, None, 1)
    ).assign(street=["1 MAIN ST", "1 MAIN ST", None], unit=["APT 2", "APT 2", None])
    assert repost_groups(known, PARAMS).tolist() == [0, 0, 1]


def test_the_latest_stands_for_its_group():
    at = pd.to_datetime(["2015-01-03", "2015-01-01", "2015-01-03", "2015-01-02"])
    assert latest_of_each(np.array([0, 1, 0, 1]), pd.Series(at)).tolist() == [False, False, True, True]


ROW = st.tuples(
    st.sampled_from(["a", "b"]),
    st.sampled_from(["Ballard", "Fremont", ""]),
    st.sampled_from(["Charming corner flat", "2br", "", None]),
    st.sampled_from([None, 1, 2]),
    st.sampled_from([None, 700, 850]),
    st.sampled_from([1000.0, 1040.0, 1500.0]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ROW, max_size=12), st.randoms(use_true_random=False))
def test_groups_do_not_hang_on_the_order_and_never_cross_markets(rows, random):
    table = ads(*rows)
    found = repost_groups(table, PARAMS)
    order = list(range(len(rows)))
    random.shuffle(order)
    again = repost_groups(table.iloc[order].reset_index(drop=True), PARAMS)
    pairs = {(found[order[i]], again[i]) for i in range(len(order))}
    assert len(pairs) == len(set(found)) == len(set(again))
    assert table.groupby(found)["market"].nunique().max() in (1, np.nan) or not rows
    assert latest_of_each(found, pd.Series(pd.Timestamp("2015-01-01"), index=table.index)).sum() == len(
        set(found)
    )
