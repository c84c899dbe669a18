"""Pictures lie within their box and say what the figures say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.service.pages.pictures import Scale, drivers, history, line, value_band

AMOUNTS = st.floats(-1e9, 1e9)


@given(st.lists(AMOUNTS | st.none(), min_size=1))
def test_every_figure_lies_within_the_box_in_its_order(values):
    scale, known = Scale(values), sorted(value for value in values if value is not None)
    places = [scale.at(value) for value in known]
    assert all(0 <= place <= 100 for place in places)
    assert places == sorted(places)


def test_a_home_without_value_has_no_picture_and_an_unknown_ask_no_mark():
    row = {"market_value_p10_usd": 90.0, "market_value_p50_usd": 100.0, "market_value_p90_usd": 120.0}
    band = value_band(row | {"asking_price_usd": None})
    assert band["ask"] is None
    assert band["p10"] < band["p50"] < band["p90"]
    assert value_band(row | {"market_value_p50_usd": float("nan")}) is None


@given(st.lists(AMOUNTS, max_size=12))
def test_bars_follow_each_other_from_the_median_to_the_value(amounts):
    rows = [{"kind": "base", "feature": "base", "feature_value": None, "contribution_usd": 300_000.0}]
    rows += [
        {"kind": "feature", "feature": "living_area_sqft", "feature_value": "1", "contribution_usd": amount}
        for amount in amounts
    ]
    first, *bars, last = drivers(rows)
    assert first["amount"] == "$300,000"
    assert last["kind"] == "whole"
    assert [bar["kind"] for bar in bars] == [
        "gain" if sum(amounts[: k + 1], 300_000.0) >= sum(amounts[:k], 300_000.0) else "loss"
        for k in range(len(amounts))
    ]
    assert all(bar["width"] > 0 for bar in bars)


def test_without_a_base_there_is_nothing_to_begin_from():
    rows = [{"kind": "feature", "feature": "zip", "feature_value": None, "contribution_usd": 1.0}]
    assert drivers(rows) == drivers([]) == []


def month(name, value, ask=None):
    ends = {"market_value_p10_usd": value and value * 0.9, "market_value_p90_usd": value and value * 1.1}
    return {"month": name, "market_value_p50_usd": value, "asking_price_usd": ask, **ends}


def test_a_line_needs_two_months_and_runs_from_the_oldest():
    newest_first = [month("2015-03", 120.0, 110.0), month("2015-02", None), month("2015-01", 100.0)]
    told = history(newest_first)
    assert (told["first"], told["last"]) == ("January 2015", "March 2015")
    start, end = (float(point.split(",")[1]) for point in told["value"].split())
    assert end < start  # a higher figure stands higher up
    assert len(told["ask"].split()) == 1
    assert history(newest_first[:2]) is None
    assert line([1.0]) is None


@pytest.mark.parametrize("values", [[5.0, 5.0], [0.0, 0.0]])
def test_a_flat_line_lies_in_the_middle(values):
    assert {point.split(",")[1] for point in line(values).split()} == {"50.0"}
