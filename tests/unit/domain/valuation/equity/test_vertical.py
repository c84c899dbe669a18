"""The vertical equity indicator, on the worked example of the standard's draft and on made-up values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.valuation.equity.vertical import vertical_equity

# IAAO, Standard on Ratio Studies, exposure draft of 2025, table 1: values and prices in hundreds of dollars.
VALUES = """
2400 1440 3920 1992 3408 4720 3360 2848 4360 1912 2250 1940 4816 3384 1648 2528 9450 2800 4070 4230
3068 2368 3610 2904 2352 4150 3810 3800 8750 6800 3290 4570 5160 2952 5800 8400 6400 6600 3540 8000
3900 8000 4690 10000 9200 5270 8000 7860 4960 10000 3200 9600 9520 3272
"""
PRICES = """
6900 2962.5 7875 3720 5745 7950 5595 4650 6936 2985 3500 2950 7320 4950 2370 3525 12890 3790 5400
5600 3900 3000 4500 3450 2775 4850 4420 4350 9980 7725 3650 4870 5475 3000 5800 8400 6225 6375 3400
7500 3525 7050 4100 8595 7875 4400 6480 6300 3885 7650 2437.5 7200 7050 2400
"""


def numbers(text: str) -> np.ndarray:
    return 100.0 * np.array([float(word) for word in text.split()])


def test_the_worked_example_of_the_standard_comes_out():
    found = vertical_equity(numbers(VALUES), numbers(PRICES))
    assert [group.sales for group in found.groups] == [14, 13, 14, 13]
    assert [group.median_ratio for group in found.groups] == pytest.approx(
        [0.728, 0.862, 0.755, 1.163], abs=1e-3
    )
    assert [g.median_proxy for g in found.groups] == pytest.approx(
        [302_709, 436_450, 584_538, 903_995], abs=1
    )
    ends = [end for group in found.groups for end in (group.low, group.high)]
    assert ends == pytest.approx([0.643, 0.848, 0.787, 1.041, 0.594, 1.000, 1.000, 1.248], abs=1e-3)
    # The draft works with three decimals.
    assert found.vei == pytest.approx(50.12, abs=0.25)
    assert found.significance == pytest.approx(17.51, abs=0.25)


@pytest.mark.parametrize(("n", "groups"), [(20, 2), (50, 2), (51, 4), (500, 4), (501, 10)])
def test_more_sales_make_more_groups(n, groups):
    price = np.linspace(1e5, 1e6, n)
    assert len(vertical_equity(price, price).groups) == groups


def test_fewer_than_twenty_sales_say_nothing():
    price = np.linspace(1e5, 1e6, 19)
    assert vertical_equity(price, price) is None


def test_undervaluing_the_dear_is_below_nothing_and_noise_alone_is_within_the_tolerance():
    random = np.random.default_rng(5)
    price = np.exp(random.normal(13, 0.5, 2_000))
    assert vertical_equity(price**0.8, price).vei < -10
    noisy = price * np.exp(random.normal(0, 0.1, 2_000))
    assert abs(vertical_equity(noisy, price).vei) < 10


@given(
    st.lists(st.tuples(st.floats(1e4, 1e7), st.floats(0.3, 3.0)), min_size=20, max_size=80),
    st.floats(0.1, 10),
)
def test_neither_the_level_nor_the_order_of_the_rows_matters(pairs, factor):
    price, ratio = np.array(pairs).T
    found = vertical_equity(price * ratio, price)
    again = vertical_equity(factor * price[::-1] * ratio[::-1], price[::-1])
    assert again.vei == pytest.approx(found.vei, rel=1e-6, abs=1e-6)
    assert found.significance >= 0
    assert sum(group.sales for group in found.groups) == len(pairs)
