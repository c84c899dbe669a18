import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.comparables.arv import ARV_COLUMNS, reconcile_arv, value_as_is
from realestate_assets.domain.comparables.comparables import comparables
from realestate_assets.domain.valuation.params import load_params
from tests.unit.domain.valuation.sold_homes import shuffled, sold_homes

PARAMS = load_params()


def _comps(prices: list[float], weights: list[float], repair: float = 0.0) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "property_id": "a",
            "comp_rank": range(1, len(prices) + 1),
            "adjusted_price_usd": prices,
            "adj_repair_usd": repair,
            "weight": weights,
            "adj_gross_pct": 10.0,
        }
    )


def test_close_comparables_are_adjusted_by_a_quarter_of_their_price_at_most():
    comps = _comps([300_000.0] * 4, [0.25] * 4).assign(adj_gross_pct=[0.0, 25.0, 25.1, 60.0])
    row = reconcile_arv(comps).iloc[0]
    assert (row["comparable_count"], row["close_comparable_count"]) == (4, 2)


def test_two_comparables_worked_by_hand():
    row = reconcile_arv(_comps([100_000.0, 400_000.0], [0.5, 0.5])).iloc[0]
    # The geometric mean of 100 and 400 is 200; each lies ln 2 from it.
    assert row["arv_usd"] == pytest.approx(200_000)
    assert row["arv_low_usd"] == pytest.approx(100_000)
    assert row["arv_high_usd"] == pytest.approx(400_000)
    assert row["comparable_count"] == 2


def test_repairs_to_good_condition_raise_it():
    row = reconcile_arv(_comps([300_000.0], [1.0], repair=30_000.0)).iloc[0]
    assert row["arv_usd"] == pytest.approx(330_000)


def test_the_market_value_and_the_comparables_are_reconciled_before_repairs():
    rows = _comps([300_000.0], [1.0], repair=30_000.0)
    row = reconcile_arv(rows, pd.Series({"a": 200_000.0})).iloc[0]
    share = PARAMS.comparables.arv_comparables_weight
    assert row["arv_usd"] == pytest.approx(1.1 * 300_000**share * 200_000 ** (1 - share))
    for unknown in (pd.Series({"a": np.nan}), pd.Series({"b": 200_000.0})):
        assert reconcile_arv(rows, unknown).iloc[0]["arv_usd"] == pytest.approx(330_000)


@given(st.floats(1e4, 1e7), st.floats(1e4, 1e7), st.floats(0, 1))
def test_a_reconciled_value_lies_between_the_two(value, said, weight):
    found = float(value_as_is(value, said, weight))
    assert min(value, said) * (1 - 1e-9) <= found <= max(value, said) * (1 + 1e-9)


def test_agreeing_comparables_have_the_least_range():
    row = reconcile_arv(_comps([300_000.0] * 4, [0.25] * 4)).iloc[0]
    half = PARAMS.comparables.arv_min_half_width
    assert row["arv_low_usd"] == pytest.approx(300_000 * np.exp(-half))
    assert row["arv_high_usd"] == pytest.approx(300_000 * np.exp(half))


def test_no_comparables_are_no_arv():
    none = reconcile_arv(_comps([], []))
    assert none.empty
    assert list(none) == list(ARV_COLUMNS)


def test_a_home_in_poor_condition_has_the_arv_of_the_same_home_in_good():
    history = sold_homes()
    homes = sold_homes(first="2015-03", months=1, per_month=40, seed=8)

    def arv(condition: int) -> pd.Series:
        rows = comparables(homes.assign(condition_code=condition), history, "2015-03", PARAMS)
        return reconcile_arv(rows).set_index("property_id")["arv_usd"]

    # Other sales are the closest to a home in another condition.
    assert (arv(2) / arv(4)).median() == pytest.approx(1, abs=0.03)
    assert (arv(5) / arv(4)).median() > 1


def test_the_order_of_the_rows_does_not_matter():
    homes = sold_homes(first="2015-03", months=1, per_month=20, seed=8)
    rows = comparables(homes, sold_homes(), "2015-03", PARAMS)
    pd.testing.assert_frame_equal(reconcile_arv(shuffled(rows)), reconcile_arv(rows))
