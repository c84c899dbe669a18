import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.valuation.ratio_intervals import (
    BOOTSTRAPPED,
    bootstrap_intervals,
    median_interval,
)
from realestate_assets.domain.valuation.ratio_study import ratio_study


def sales(n: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    price = np.exp(random.normal(13, 0.5, n))
    return price * np.exp(random.normal(0, 0.12, n)), price


def test_ranks_of_the_medians_interval_are_those_of_the_published_table():
    # n = 10: 2nd and 9th value (97.9 %); n = 20: 6th and 15th (95.9 %); n = 5 gives none.
    assert median_interval(np.arange(1, 11)) == (2.0, 9.0)
    assert median_interval(np.arange(1, 21)) == (6.0, 15.0)
    assert median_interval([1.0] * 5) is None
    assert median_interval([]) is None


def test_the_medians_interval_holds_the_true_one_at_least_19_times_in_20():
    random = np.random.default_rng(4)
    ends = np.array([median_interval(random.normal(1, 0.2, 40)) for _ in range(2_000)])
    inside = np.mean((ends[:, 0] <= 1) & (ends[:, 1] >= 1))
    assert 0.94 <= inside <= 0.98


def test_figures_of_a_resample_are_those_of_the_sales_it_drew():
    """One resample's counts against the study of the rows written out."""
    from realestate_assets.domain.valuation.ratio_intervals import _counts, _Pairs

    estimate, price = sales(31)
    order = np.lexsort((price, estimate / price))
    estimate, price = estimate[order], price[order]
    counts = _counts(np.random.default_rng(0), 31, 3)
    found = _Pairs(estimate, price).figures(counts)
    for k, times in enumerate(counts.astype(int)):
        plain = ratio_study(np.repeat(estimate, times), np.repeat(price, times))
        for name in BOOTSTRAPPED:
            assert found[name][k] == pytest.approx(plain[name], rel=1e-9), name


def test_intervals_hold_the_figures_and_narrow_with_more_sales():
    few, many = bootstrap_intervals(*sales(60)), bootstrap_intervals(*sales(6_000))
    study = ratio_study(*sales(6_000))
    for name in BOOTSTRAPPED:
        low, high = many[name]
        assert low <= study[name] <= high
        assert high - low < 0.3 * (few[name][1] - few[name][0])


def test_the_interval_of_the_cod_holds_the_true_one_about_19_times_in_20():
    # A normal error of 0.1: COD = 100 x 0.1 x sqrt(2 / pi).
    true, hits = 10 * np.sqrt(2 / np.pi), 0
    for seed in range(150):
        random = np.random.default_rng(seed)
        price = np.exp(random.normal(13, 0.5, 200))
        low, high = bootstrap_intervals(price * random.normal(1, 0.1, 200), price, seed=seed)["cod"]
        hits += low <= true <= high
    assert 0.88 <= hits / 150 <= 0.99


@given(st.randoms(use_true_random=False))
def test_order_of_the_pairs_and_size_of_the_blocks_do_not_matter(random):
    estimate, price = sales(50)
    rows = list(range(50))
    random.shuffle(rows)
    assert bootstrap_intervals(estimate[rows], price[rows], resamples=40) == bootstrap_intervals(
        estimate, price, resamples=40
    )


def test_too_few_sales_or_equal_prices_have_no_interval():
    assert bootstrap_intervals([1.0] * 4, [1.0] * 4) == dict.fromkeys(BOOTSTRAPPED)
    assert bootstrap_intervals(*sales(50), resamples=0) == dict.fromkeys(BOOTSTRAPPED)
    equal = bootstrap_intervals([1e5] * 30, [1e5] * 30)
    assert equal["cod"] == (0.0, 0.0)
    assert equal["prb"] is None and equal["mki"] is None
