import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.valuation.ratio_study import MEASURES, interval_coverage, ratio_study

PRICES = st.floats(1e4, 1e7)
PAIRS = st.lists(st.tuples(PRICES, st.floats(0.3, 3.0)), min_size=5, max_size=60)


def test_figures_worked_by_hand():
    # ratios 0.8, 0.9, 1.0, 1.1, 1.2 around a median of 1
    price = np.array([100.0, 100.0, 100.0, 100.0, 100.0]) * 1000
    found = ratio_study(price * [0.8, 0.9, 1.0, 1.1, 1.2], price)
    assert found["n"] == 5
    assert found["median_ratio"] == pytest.approx(1.0)
    assert found["cod"] == pytest.approx(100 * (0.2 + 0.1 + 0 + 0.1 + 0.2) / 5)
    assert found["prd"] == pytest.approx(1.0)
    assert found["mdape_pct"] == pytest.approx(10.0)
    assert found["log_r2"] is None


def test_undervaluing_the_dear_shows_in_prd_and_prb():
    ratio = np.array([1.2, 1.1, 1.0, 0.9, 0.8])
    # Prices for which the mean of price and estimate doubles from sale to sale: one step of log2 each, in
    # which the ratio falls by 0.1.
    price = 1e5 * 2.0 ** np.arange(1, 6) / (1 + ratio)
    found = ratio_study(price * ratio, price)
    assert found["prb"] == pytest.approx(-0.1)
    # Round prices: mean ratio 1; estimates 120 + 220 + 400 + 720 + 1280 = 2740, prices 3100.
    price = np.array([100.0, 200.0, 400.0, 800.0, 1600.0]) * 1000
    assert ratio_study(price * ratio, price)["prd"] == pytest.approx(3100 / 2740)


def test_missing_and_non_positive_pairs_are_left_out():
    price = [1e5, 2e5, 3e5, 4e5, 5e5, np.nan, 1e5, 0.0]
    estimate = [1e5, 2e5, 3e5, 4e5, 5e5, 1e5, np.nan, 1e5]
    found = ratio_study(estimate, price)
    assert found["n"] == 5
    assert found["cod"] == pytest.approx(0.0)
    assert found["log_r2"] == pytest.approx(1.0)


def test_below_the_least_number_of_sales_there_are_no_figures():
    assert ratio_study([1.0] * 4, [1.0] * 4) == {"n": 4, **dict.fromkeys(MEASURES)}
    assert ratio_study([], []) == {"n": 0, **dict.fromkeys(MEASURES)}
    assert ratio_study([1.0] * 9, [1.0] * 9, min_sales=10)["cod"] is None
    assert interval_coverage([1.0], [2.0], [1.5]) is None
    assert interval_coverage([], [], [], min_sales=0) is None


def test_coverage_counts_both_ends_in_and_leaves_out_what_is_unknown():
    low = [1.0, 1.0, 1.0, 1.0, np.nan, 1.0]
    high = [2.0, 2.0, 2.0, 2.0, 2.0, 2.0]
    assert interval_coverage(low, high, [1.0, 2.0, 0.5, 1.5, 1.5, 2.5]) == pytest.approx(3 / 5)


@given(PAIRS, st.floats(0.1, 10.0))
def test_scaling_all_estimates_scales_the_median_and_leaves_cod_prd_and_prb(pairs, factor):
    price, ratio = map(np.array, zip(*pairs, strict=True))
    before, after = ratio_study(price * ratio, price), ratio_study(price * ratio * factor, price)
    assert after["median_ratio"] == pytest.approx(before["median_ratio"] * factor)
    assert after["cod"] == pytest.approx(before["cod"], abs=1e-6)
    assert after["prd"] == pytest.approx(before["prd"])
    if before["prb"] is not None and after["prb"] is not None:
        assert after["prb"] == pytest.approx(before["prb"], abs=1e-6)


@given(PAIRS, st.randoms(use_true_random=False))
def test_the_order_of_the_pairs_does_not_matter(pairs, random):
    def figures(rows):
        price, ratio = map(np.array, zip(*rows, strict=True))
        return ratio_study(price * ratio, price)

    mixed = list(pairs)
    random.shuffle(mixed)
    before, after = figures(pairs), figures(mixed)
    assert before["cod"] >= 0
    for name in ("n", "median_ratio", "cod", "prd", "mdape_pct"):
        assert after[name] == pytest.approx(before[name], rel=1e-6, abs=1e-6)


def test_ki_and_mki_worked_by_hand():
    # Prices 1..5: Gini 2 x 55 / 15 - 6 over 5 = 4/15. Estimates 2, 2, 3, 4, 4: 2 x 51 / 15 - 6 over 5 = 4/25.
    found = ratio_study(np.array([2.0, 2, 3, 4, 4]) * 1e5, np.arange(1, 6.0) * 1e5)
    assert found["ki"] == pytest.approx(4 / 25 - 4 / 15)
    assert found["mki"] == pytest.approx((4 / 25) / (4 / 15))
    assert ratio_study([1.0] * 5, [1.0] * 5)["mki"] is None


@given(st.lists(st.tuples(st.sampled_from([1e5, 2e5, 3e5]), st.floats(0.5, 2.0)), min_size=5, max_size=20))
def test_equal_prices_share_a_rank_so_that_their_order_does_not_matter(pairs):
    price, ratio = map(np.array, zip(*pairs, strict=True))
    there, back = ratio_study(price * ratio, price), ratio_study((price * ratio)[::-1], price[::-1])
    assert (there["mki"] is None) == (back["mki"] is None)
    if there["mki"] is not None:
        assert there["mki"] == pytest.approx(back["mki"])
