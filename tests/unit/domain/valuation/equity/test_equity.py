"""Trimming, like homes, sales chasing and verdicts."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.valuation.equity.chasing import sales_chasing
from realestate_assets.domain.valuation.equity.horizontal import horizontal_equity, like_homes
from realestate_assets.domain.valuation.equity.trimming import fences, outlying
from realestate_assets.domain.valuation.equity.verdicts import (
    MET,
    NOT_MET,
    NOT_PROVEN,
    UNKNOWN,
    verdict,
    verdicts,
)
from realestate_assets.domain.valuation.equity.vertical import vertical_equity
from realestate_assets.domain.valuation.ratio_groups import study_row

RATIOS = st.lists(st.floats(0.05, 5.0), min_size=1, max_size=80)


def test_the_fences_stand_one_and_a_half_interquartile_ranges_out():
    ratio = np.arange(1.0, 24.0)
    # 23 ratios: quartiles at the 6th and the 18th.
    assert fences(ratio) == (6 - 18, 18 + 18)
    assert outlying(np.append(ratio, 60.0)).sum() == 1


@given(RATIOS)
def test_trimming_never_takes_the_middle_half(ratios):
    values = np.array(ratios)
    low, high = np.quantile(values, [0.25, 0.75])
    assert not outlying(values)[(values >= low) & (values <= high)].any()


def test_a_group_at_another_level_shows_between_and_not_within():
    group = np.repeat(["a", "b"], 50)
    spread = np.tile([0.95, 1.05], 50)
    even = horizontal_equity(spread, group)
    uneven = horizontal_equity(spread * np.where(group == "a", 0.8, 1.2), group)
    assert even.cod_between == pytest.approx(0, abs=1e-9)
    assert uneven.cod_between == pytest.approx(20, abs=1)
    assert uneven.cod_within == pytest.approx(even.cod_within)


def test_groups_too_small_for_a_figure_are_left_out():
    assert horizontal_equity(np.ones(9), np.array(["a"] * 5 + ["b"] * 4)) is None


def test_like_homes_are_of_one_place_type_and_size():
    sales = pd.DataFrame(
        {
            "place": ["98103"] * 6 + [None],
            "property_type": ["condo"] * 6 + ["condo"],
            "living_area_sqft": [500, 600, 1000, 1100, 3000, 3100, np.nan],
        }
    )
    found = like_homes(sales)
    assert found["size"].tolist() == ["small", "small", "middle", "middle", "large", "large", "unknown"]
    assert found["place"].iloc[-1] == "unknown"


@pytest.mark.parametrize("scale", [0.06, 0.1, 0.2])
@pytest.mark.parametrize("shape", ["normal", "laplace"])
def test_honest_values_are_not_suspected_whatever_their_spread(scale, shape):
    random = np.random.default_rng(11)
    found = sales_chasing(np.exp(getattr(random, shape)(0.0, scale, 1_500)))
    assert not found.is_suspect


def test_values_set_to_a_fifth_of_the_prices_are_suspected_at_any_level():
    random = np.random.default_rng(12)
    ratio = 0.4 * np.exp(random.normal(0.0, 0.12, 1_000))
    ratio[:200] = 0.4
    found = sales_chasing(ratio)
    assert found.is_suspect and found.share > 2 * found.expected
    assert sales_chasing(ratio[:20]) is None


@pytest.mark.parametrize(
    ("figure", "ends", "said"),
    [
        (12.0, (10.0, 14.0), MET),
        (15.5, (13.0, 18.0), NOT_PROVEN),
        (19.0, (16.0, 22.0), NOT_MET),
        (19.0, (None, None), NOT_PROVEN),
        (None, (None, None), UNKNOWN),
    ],
)
def test_a_standard_is_missed_only_where_chance_cannot_be_blamed(figure, ends, said):
    assert verdict(figure, ends, (5.0, 15.0)) == said


def test_the_level_of_assessments_is_not_judged_and_their_evenness_is():
    random = np.random.default_rng(2)
    price = np.exp(random.normal(13, 0.4, 400))
    value = 0.1 * price * np.exp(random.normal(0, 0.1, 400))
    sales = pd.DataFrame({"sale_price_usd": price, "market_value_p50_usd": value})
    sales[["market_value_p10_usd", "market_value_p90_usd"]] = np.nan
    row, vertical = study_row(sales), vertical_equity(value, price)
    any_level = verdicts(row, vertical, is_market_level=False)
    assert "median_ratio" not in any_level
    assert any_level["cod"] == any_level["vei"] == MET
    assert verdicts(row, vertical, is_market_level=True)["median_ratio"] == NOT_MET
