"""Kinds of difference between two readings of a street line."""

import pandas as pd
import pytest

from benchmarks.address_agreement import SAME, UNREAD, compared, difference


@pytest.mark.parametrize(
    ("mine", "theirs", "kind"),
    [
        (("1 MAIN ST", ""), ("1 MAIN ST", ""), SAME),
        (("1 MAIN ST", ""), None, UNREAD),
        (("1 MAIN ST", "5"), ("1 MAIN ST", "6"), "the unit"),
        (("1 MAIN ST", "5"), ("1 MAIN ST 5", ""), "a word is a unit to one of them"),
        (("1 MAIN ST W", ""), ("1 W MAIN ST", ""), "the order of words"),
        (("1 MAIN ST EXT", ""), ("1 MAIN ST", ""), "a word more or less in the street"),
        (("1 MAIN BLVD", ""), ("1 MAIN BL", ""), "the spelling of one word"),
        (("1 OAK BLVD", ""), ("1 OAKS BL", ""), "the spelling of several words"),
    ],
)
def test_a_difference_has_a_kind(mine, theirs, kind):
    assert difference(mine, theirs) == kind


def test_distinct_lines_are_compared_without_city_state_and_zip():
    lines = pd.Series(["12 Oak Street", "12 Oak Street", "7 Elm Ave # 3, Lodi, CA 95240", "", None])
    found = compared(lines, pd.Series([None] * 5, dtype=object), "CA")
    assert [line for line, *_ in found[SAME]] == ["12 Oak Street", "7 Elm Ave # 3, Lodi, CA 95240"]
    assert sum(map(len, found.values())) == 2
