"""County-months as few ranges: every partition in exactly one of them."""

from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.calendar.ranges import group_ranges, neighbours, unbroken
from resources.partition import Partition

ORDER = ["a", "b", "c", "d", "e"]
MONTHS = [f"2025-{m:02}" for m in range(1, 13)] + [f"2026-{m:02}" for m in range(1, 13)]


def inside(found):
    first, last = found
    counties = ORDER[ORDER.index(first.county_slug) : ORDER.index(last.county_slug) + 1]
    months = MONTHS[MONTHS.index(first.month) : MONTHS.index(last.month) + 1]
    return [Partition(county, month) for county in counties for month in months]


@given(st.sets(st.builds(Partition, st.sampled_from(ORDER), st.sampled_from(MONTHS))), st.integers(1, 40))
def test_every_partition_is_in_exactly_one_range_of_at_most_the_limit(partitions, limit):
    ranges = group_ranges(partitions, ORDER, limit)
    covered = [partition for found in ranges for partition in inside(found)]
    assert sorted(covered) == sorted(partitions)
    assert all(len(inside(found)) <= limit for found in ranges)


def test_neighbouring_counties_with_the_same_months_are_one_range():
    partitions = {Partition(county, month) for county in "abc" for month in ("2025-12", "2026-01")}
    assert group_ranges(partitions, ORDER, 36) == [(Partition("a", "2025-12"), Partition("c", "2026-01"))]


def test_a_gap_between_counties_or_months_makes_two_ranges():
    assert len(group_ranges({Partition("a", "2025-01"), Partition("c", "2025-01")}, ORDER, 36)) == 2
    assert len(group_ranges({Partition("a", "2025-01"), Partition("a", "2025-03")}, ORDER, 36)) == 2


def test_a_long_range_is_cut_into_runs_earlier_months_first():
    ranges = group_ranges({Partition("a", month) for month in MONTHS}, ORDER, 10)
    assert [found[0].month for found in ranges] == ["2025-01", "2025-11", "2026-09"]


def test_names_are_grouped_in_their_order():
    assert neighbours({"e", "a", "b"}, ORDER) == [["a", "b"], ["e"]]
    assert unbroken(["2026-01", "2025-12", "2026-03"]) == [["2025-12", "2026-01"], ["2026-03"]]
