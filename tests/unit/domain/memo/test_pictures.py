"""The pictures of a memo: marks in their places, labels that do not meet, words for those who do not see."""

import itertools
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.counties.county import load_counties
from realestate_assets.domain.memo import map as memo_map
from realestate_assets.domain.memo import value as memo_value
from realestate_assets.domain.memo.context import build_memo_context
from realestate_assets.domain.memo.market import MONTHS
from tests.unit.domain.memo.memo_records import (
    comparable,
    contribution_rows,
    features_row,
    market_rows,
    record,
    score_row,
)

KING = load_counties(None)["king-wa"]


def context(**parts: object) -> dict:
    return build_memo_context(record(**parts), KING, "abcdef012345")


def alt(section: dict) -> str:
    return re.search(r"<title>(.*?)</title>", str(section["picture"])).group(1)


# Value and its range.


def test_the_value_picture_keeps_all_marks_inside_and_in_order():
    places = {mark["key"]: mark["x"] for mark in context()["value"]["marks"]}
    assert sorted(places, key=places.get) == ["assessed", "price", "p10", "p50", "arv", "p90"]
    assert min(places.values()) >= 0
    assert max(places.values()) <= memo_value.WIDTH


def test_the_value_picture_is_told_in_words():
    told = alt(context()["value"])
    for words in ("Low (P10) $512,300", "Market value (P50) $601,250", "Asking price, assumed $500,000"):
        assert words in told


def test_a_value_range_of_nothing_is_still_drawn():
    one = dict.fromkeys(("market_value_p10_usd", "market_value_p50_usd", "market_value_p90_usd"), 5e5)
    none = dict.fromkeys(("arv_usd", "arv_low_usd", "arv_high_usd", "flip_profit_usd"))
    page = context(score=score_row(**one, **none, asking_price_usd=5e5), features={})
    assert {mark["x"] for mark in page["value"]["marks"]} == {memo_value.WIDTH / 2}


@given(st.lists(st.floats(14, 626), min_size=1, max_size=6).map(sorted))
def test_no_two_labels_of_the_value_picture_overlap(places):
    labels = memo_value.lay_out([(x, 170.0) for x in places])
    assert [label.x for label in labels] == places
    assert all(label.left >= 0 and label.right <= memo_value.WIDTH for label in labels)
    for one, other in itertools.combinations(labels, 2):
        apart = one.right < other.left or other.right < one.left
        assert apart or one.lane != other.lane


@pytest.mark.parametrize(
    "places",
    [
        [30.0, 390.0, 430.0, 500.0, 570.0, 600.0],
        [20.0, 25.0, 60.0, 90.0, 130.0, 620.0],
        [300.0, 310.0, 320.0, 330.0, 340.0, 350.0],
    ],
)
def test_no_line_of_the_value_picture_runs_through_a_label(places):
    labels = memo_value.lay_out([(x, 170.0) for x in places])
    assert not any(a.meets(b) for a, b in itertools.combinations(labels, 2))


# The map.


def test_the_map_tells_distance_and_direction_of_each_comparable():
    found = context(comps=2)["comparables"]["map"]
    assert found["count"] == 2
    assert "number 1 0.10 miles to the north" in alt(found)
    assert re.search(r">0\.\d+ mi<", str(found["picture"])), "a scale bar"


def test_a_comparable_without_a_position_is_left_out_of_the_map():
    comps = [comparable(1, comp_latitude=None), comparable(2), comparable(3, comp_longitude=float("nan"))]
    assert context(comparables=comps)["comparables"]["map"]["count"] == 1


@pytest.mark.parametrize("features", [{"latitude": None}, {"longitude": float("nan")}])
def test_without_a_position_there_is_no_map(features):
    assert context(features=features_row(**features))["comparables"]["map"] is None


def test_eight_comparables_of_one_building_are_all_to_be_seen():
    home = (160.0, 90.0)
    places = memo_map.spread([home] * 8, 17.0, home)
    gaps = [math.dist(a, b) for a, b in itertools.combinations(places, 2)]
    assert min(gaps) > 15
    assert all(0 < x < memo_map.WIDTH and 0 < y < memo_map.HEIGHT for x, y in places)
    assert places == memo_map.spread([home] * 8, 17.0, home)


@given(st.lists(st.tuples(st.floats(47.4, 47.8), st.floats(-122.5, -121.9)), min_size=1, max_size=8))
def test_every_mark_of_the_map_lies_inside_its_frame(places):
    comps = [comparable(k + 1, comp_latitude=a, comp_longitude=b) for k, (a, b) in enumerate(places)]
    drawn = str(memo_map.map_plot((47.61, -122.19), comps)["picture"])
    for x, y in re.findall(r'<circle cx="([-\d.]+)" cy="([-\d.]+)"', drawn):
        assert 0 <= float(x) <= memo_map.WIDTH
        assert 0 <= float(y) <= memo_map.HEIGHT


# The market.


def test_the_trend_does_not_look_at_the_memos_month_or_later():
    past = market_rows(10, "2015-02")
    future = [{**row, "month": "2015-03", "median_price_per_sqft_usd": 9_999.0} for row in past[:1]]
    future += [{**row, "month": "2016-01"} for row in past[-1:]]
    assert context(market=past + future)["market"] == context(market=past)["market"]


def test_the_trend_tells_its_ends_and_counts_its_sales():
    market = context()["market"]
    assert "county $240 in May 2014, $258 in February 2015" in alt(market)
    assert "ZIP 98004 $330 in May 2014" in alt(market)
    assert (market["first"], market["last"], market["sales"]) == ("May 2014", "February 2015", "9,000")


def test_the_trend_shows_the_latest_months_alone():
    market = context(market=market_rows(40))["market"]
    assert (market["first"], market["last"]) == ("March 2013", "February 2015")
    assert MONTHS == 24


def test_months_of_few_sales_are_left_out_and_a_market_of_two_months_is_none():
    thin = [{**row, "sale_count": 2} if row["zip"] != "ALL" else row for row in market_rows()]
    assert "ZIP" not in alt(context(market=thin)["market"])
    assert context(market=market_rows(2))["market"] is None
    assert context(market=[])["market"] is None


def test_a_month_without_sales_is_a_gap_and_not_a_shift():
    rows = [row for row in market_rows() if row["month"] != "2014-08"]
    assert "in May 2014" in alt(context(market=rows)["market"])


# What drives the value.


def test_contributions_are_drawn_largest_first_and_add_up_to_the_value():
    drivers = context(contributions=contribution_rows())["drivers"]
    told = alt(drivers)
    assert drivers["adds_up"]
    assert told.startswith("Contributions to the value, from the median of the county, $450,000: ZIP median")
    assert "Living area: 2,000 sq ft +$61,250" in told
    assert "Waterfront: No -$12,500" in told
    assert "Year built: 1951 -$4,000" in told
    assert "All else together +$8,500; market value $601,250." in told


def test_a_pooled_value_starts_from_the_median_of_all_counties():
    drivers = context(contributions=contribution_rows(), score=score_row(model_kind="pooled"))["drivers"]
    assert "from the median of all counties, $450,000" in alt(drivers)
    assert drivers["place"] == "all counties"


def test_beyond_ten_contributions_the_rest_is_one():
    rows = [{"feature": "base", "feature_value": None, "contribution_usd": 1e5}]
    rows += [{"feature": f"f{k:02d}", "feature_value": "1", "contribution_usd": 100.0 + k} for k in range(13)]
    told = alt(context(contributions=rows)["drivers"])
    assert "All else together +$303" in told
    assert "F02" not in told


def test_a_sum_that_is_not_the_value_is_not_said_to_be():
    age = {"feature": "age_years", "feature_value": "64 years", "contribution_usd": -900.0}
    rows = [*contribution_rows(), age]
    assert not context(contributions=rows)["drivers"]["adds_up"]


@pytest.mark.parametrize("rows", [[], contribution_rows()[:1], contribution_rows()[1:]])
def test_without_contributions_there_is_no_such_section(rows):
    assert context(contributions=rows)["drivers"] is None
