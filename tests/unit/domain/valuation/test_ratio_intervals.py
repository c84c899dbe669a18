import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.valuation.ratio_intervals import (
    WITH_INTERVALS,
    _cod_without,
    _mki_without,
    _prd_without,
    measure_intervals,
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


@pytest.mark.parametrize("size", [3, 4, 30, 31])
@pytest.mark.parametrize("is_tied", [False, True])
def test_the_figures_without_a_sale_are_those_of_the_study_of_the_others(size, is_tied):
    estimate, price = sales(size)
    if is_tied:
        price = np.round(price, -5)
    order = np.lexsort((price, estimate / price))
    estimate, price = estimate[order], price[order]
    others = [
        ratio_study(np.delete(estimate, k), np.delete(price, k), min_sales=0) for k in range(len(price))
    ]
    found = {
        "cod": _cod_without(estimate / price),
        "prd": _prd_without(estimate, price),
        "mki": _mki_without(estimate, price),
    }
    for name, without in found.items():
        expected = [np.nan if study[name] is None else study[name] for study in others]
        assert without == pytest.approx(expected, rel=1e-9, nan_ok=True), name


def test_intervals_hold_the_figures_and_narrow_with_more_sales():
    few, many = measure_intervals(*sales(60)), measure_intervals(*sales(6_000))
    study = ratio_study(*sales(6_000))
    for name in WITH_INTERVALS:
        low, high = many[name]
        assert low <= study[name] <= high
        assert high - low < 0.3 * (few[name][1] - few[name][0])


def skewed(random: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Sales as they are: prices skewed to the right, ratios with longer tails than the normal's."""
    price = np.exp(random.normal(12.5, 0.5, n))
    return price * np.exp(random.normal(0, 0.15, n) + 0.075 * random.standard_t(4, n)), price


@pytest.mark.parametrize("size", [20, 100])
def test_intervals_hold_the_true_figures_about_19_times_in_20(size):
    random = np.random.default_rng(8)
    true = ratio_study(*skewed(random, 1_000_000))
    drawn = [measure_intervals(*skewed(random, size)) for _ in range(1_500)]
    for name in WITH_INTERVALS:
        inside = np.mean([ends[name][0] <= true[name] <= ends[name][1] for ends in drawn])
        assert 0.93 <= inside <= 0.97, (name, inside)


def test_intervals_of_tied_prices_hold_their_figures():
    """With few distinct prices, an interval that ranks equals by their estimates leaves the figure out."""
    estimate, price = sales(60)
    price = np.round(price, -5)
    study, found = ratio_study(estimate, price), measure_intervals(estimate, price)
    assert len(np.unique(price)) < 20
    for name in WITH_INTERVALS:
        assert found[name][0] <= study[name] <= found[name][1]
    assert found["mki"][1] - found["mki"][0] < 0.3


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_pairs_does_not_matter(random):
    estimate, price = sales(50)
    rows = list(range(50))
    random.shuffle(rows)
    assert measure_intervals(estimate[rows], price[rows]) == measure_intervals(estimate, price)


def test_too_few_sales_or_equal_prices_have_no_interval():
    assert measure_intervals([1.0] * 4, [1.0] * 4) == dict.fromkeys(WITH_INTERVALS)
    equal = measure_intervals([1e5] * 30, [1e5] * 30)
    assert equal["cod"] == (0.0, 0.0)
    assert equal["prd"] == (1.0, 1.0)
    assert equal["prb"] is None and equal["mki"] is None


def test_values_that_fall_as_prices_rise_have_an_interval_around_a_figure_below_nothing():
    price = np.arange(1.0, 31.0) * 10_000
    low, high = measure_intervals(price[::-1], price)["mki"]
    assert low <= ratio_study(price[::-1], price)["mki"] <= high < 0
