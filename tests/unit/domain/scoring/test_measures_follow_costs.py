"""Which way the measures go: paying more, repairing more or owing more never makes a deal look better."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.counties.underwriting import Underwriting
from realestate_assets.domain.scoring.measures import investment_measures
from tests.examples import examples
from tests.unit.domain.scoring.test_properties import maybe, number

HOMES = st.fixed_dictionaries(
    {
        "list_price_usd": number(1_000, 1e8),
        "living_area_sqft": number(50, 1e5),
        "condition_code": st.integers(1, 5),
        "tax_annual_usd": maybe(number(0, 1e6)),
        "bedrooms": maybe(number(0, 8)),
        "bedroom_rent_usd": maybe(number(1, 50_000)),
        "zip_median_rent_usd": number(1, 50_000),
        "hoa_monthly_usd": maybe(number(0, 5_000)),
    }
)
WORTH = st.tuples(number(10_000, 5e7), number(10_000, 6e7))
RULES = st.sampled_from(["price", "value", "kept"])
# Below 0 a yield or a coverage says by how much the home loses; there a larger price spreads the same loss
# thinner. Nothing reads those depths: the score begins at 0, and so do these comparisons.
YIELDS = ("cap_rate_pct", "cash_on_cash_pct", "dscr")
# What is compared as it is.
PLAIN = ("flip_roi_pct", "flip_profit_usd", "discount_to_value_pct", "irr_base_pct", "noi_usd")


def measured(rows: list[dict], worth: tuple[float, float], terms: Underwriting) -> pd.DataFrame:
    """The measures of several homes of the same value and after-repair value."""
    value, arv = worth
    frame = pd.DataFrame(rows).astype("float64")
    found = investment_measures(frame, np.full(len(rows), value), np.full(len(rows), arv), terms)
    found["offer_gap_pct"] = 100 * (found["max_allowable_offer_usd"] - frame["list_price_usd"]) / arv
    for name in YIELDS:
        found[name] = found[name].clip(lower=0)
    return found


def never_rises(found: pd.DataFrame, names: tuple[str, ...]) -> None:
    for name in names:
        column = found[name].to_numpy(dtype="float64")
        least = np.maximum(1e-9, 1e-9 * np.abs(column[:-1]))
        steps = np.diff(column)
        assert (np.isnan(steps) | (steps <= least)).all(), (name, column)


@given(HOMES, WORTH, RULES, st.lists(number(1_000, 1e8), min_size=2, max_size=5))
@examples(40)
def test_a_higher_ask_never_improves_a_measure(home, worth, rule, prices):
    rows = [{**home, "list_price_usd": price} for price in sorted(prices)]
    found = measured(rows, worth, Underwriting(tax_after_sale=rule))
    never_rises(found, (*YIELDS, *PLAIN, "offer_gap_pct"))


@given(HOMES, WORTH, RULES)
@examples(40)
def test_more_repair_never_improves_a_measure(home, worth, rule):
    rows = [{**home, "condition_code": code} for code in (5, 4, 3, 2, 1)]
    found = measured(rows, worth, Underwriting(tax_after_sale=rule))
    assert (np.diff(found["repair_estimate_usd"]) >= 0).all()
    never_rises(found, (*YIELDS, *PLAIN, "offer_gap_pct"))


@pytest.mark.parametrize(
    "name",
    [
        "insurance_rate",
        "vacancy_rate",
        "maintenance_rate",
        "reserve_rate",
        "management_rate",
        "interest_rate",
        "turnover_rent_months",
        "rental_utilities_monthly_usd",
        "flip_utilities_monthly_usd",
        "rebuilding_usd_per_sqft",
        "closing_cost_share",
        "selling_cost_share",
    ],
)
@given(home=HOMES, worth=WORTH, rule=RULES, data=st.data())
@examples(10)
def test_a_dearer_assumption_never_improves_a_measure(name, home, worth, rule, data):
    tops = {"insurance_rate": 0.1, "turnover_rent_months": 12, "rebuilding_usd_per_sqft": 2_000}
    top = 5_000 if name.endswith("monthly_usd") else tops.get(name, 0.9)
    low, high = sorted(data.draw(st.lists(number(0.001, top), min_size=2, max_size=2)))
    both = [
        measured([home], worth, Underwriting(**{"tax_after_sale": rule, name: level}))
        for level in (low, high)
    ]
    never_rises(pd.concat(both), (*YIELDS, "flip_roi_pct", "flip_profit_usd", "noi_usd", "irr_base_pct"))


@given(HOMES, WORTH, RULES, st.lists(number(0, 5_000), min_size=2, max_size=4))
@examples(25)
def test_a_higher_association_fee_weighs_on_letting_flipping_and_holding(home, worth, rule, fees):
    rows = [{**home, "hoa_monthly_usd": fee} for fee in sorted(fees)]
    found = measured(rows, worth, Underwriting(tax_after_sale=rule))
    never_rises(found, (*YIELDS, *PLAIN))
    # Cash left in after refinancing is better lower.
    assert (np.diff(found["brrrr_cash_left_usd"]) >= -1e-6).all()
