"""Refinancing and the return of holding, each against an example worked by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realestate_assets.domain.counties.underwriting import Cases, Underwriting
from realestate_assets.domain.scoring import cashflow, holding
from realestate_assets.domain.scoring.costs import Home, costs
from realestate_assets.domain.scoring.measures import holding_return_pct, homes, investment_measures
from tests.unit.domain.scoring.test_cashflow import one_property


def test_the_one_percent_rule_compares_a_months_rent_with_the_price():
    # 1 % of 200,000 is 2,000.
    assert holding.meets_one_percent_rule([2_000, 1_999, np.nan], 200_000)[:2].tolist() == [1.0, 0.0]
    assert np.isnan(holding.meets_one_percent_rule([2_000, np.nan], [np.nan, 200_000])).all()


def test_refinancing_leaves_in_what_the_new_loan_does_not_pay_back():
    # Loan 300,000 x 0.75 = 225,000, less 2 % costs 220,500; 237,600 - 220,500 = 17,100.
    assert holding.cash_left_after_refinance(237_600, 300_000, 0.75, 0.02) == pytest.approx(17_100)
    # Bought well: more comes out than went in.
    assert holding.cash_left_after_refinance(200_000, 300_000, 0.75, 0.02) == pytest.approx(-20_500)
    assert np.isnan(holding.cash_left_after_refinance(200_000, np.nan, 0.75, 0.02))


def test_the_balance_of_a_loan_is_that_of_every_amortisation_table():
    # 200,000 at 6 % over 30 years, after 5 years of 1,199.10 a month.
    assert holding.loan_balance(200_000, 0.06, 30, 5) == pytest.approx(186_108.71, abs=0.05)
    assert holding.loan_balance(200_000, 0.06, 30, 0) == pytest.approx(200_000)
    assert holding.loan_balance(120_000, 0.0, 10, 4) == pytest.approx(72_000)
    assert holding.loan_balance(200_000, 0.06, 5, 5) == 0


def flows(**changes: float) -> np.ndarray:
    terms = {
        "years": 5, "interest_rate": 0.0, "loan_term_years": 30, "appreciation_rate": 0.0,
        "noi_growth_rate": 0.0, "selling_cost_share": 0.08, **changes,
    }  # fmt: skip
    return holding.holding_cash_flows(142_000.0, 12_656.0, 300_000.0, 450_000.0, **terms)


def test_the_cash_flows_of_five_years_add_up_by_hand():
    # Debt 10,000 a year; sale 450,000 x 0.92 = 414,000 less 300,000 - 5 x 10,000 still owed.
    assert flows() == pytest.approx([-142_000, 2_656, 2_656, 2_656, 2_656, 2_656 + 414_000 - 250_000])
    # NOI of the third year 12,656 x 1.1^2; sale in the second at 450,000 x 1.05^2.
    assert flows(noi_growth_rate=0.1)[3] == pytest.approx(15_313.76 - 10_000)
    sold = flows(years=2, appreciation_rate=0.05)
    assert sold == pytest.approx([-142_000, 2_656, 2_656 + 496_125 * 0.92 - 280_000])


def test_a_loan_that_is_paid_off_before_the_sale_costs_nothing_afterwards():
    assert flows(loan_term_years=3)[3:].tolist() == pytest.approx(
        [12_656 - 100_000, 12_656, 12_656 + 414_000]
    )


def test_the_rate_of_return_of_textbook_examples():
    # 100 that pays 10 a year and comes back is 10 %; 1,000 for 500, 400, 300, 100 is 14.49 %.
    assert holding.internal_rate_of_return_pct([-100, 10, 10, 110]) == pytest.approx(10)
    assert holding.internal_rate_of_return_pct([-1000, 500, 400, 300, 100]) == pytest.approx(14.49, abs=0.005)
    # Half of it lost over a year.
    assert holding.internal_rate_of_return_pct([-100, 50]) == pytest.approx(-50)


def test_many_deals_at_once_are_each_as_alone():
    deals = np.array([[-100, 10, 110.0], [-100, 0, 121.0], [-100, np.nan, 121.0], [100, 10, 10.0]])
    found = holding.internal_rate_of_return_pct(deals)
    assert found[:2] == pytest.approx([10, 10])
    # A flow is missing; and nothing was put in.
    assert np.isnan(found[2:]).all()


@given(st.floats(1e3, 1e7), st.lists(st.floats(0, 1e6), min_size=1, max_size=9), st.floats(1, 1e7))
def test_at_the_rate_found_the_flows_are_worth_nothing(paid, income, sale):
    deal = np.array([-paid, *income, sale])
    rate = holding.internal_rate_of_return_pct(deal)
    if np.isfinite(rate):
        worth = sum(flow / (1 + rate / 100) ** year for year, flow in enumerate(deal))
        gross = sum(abs(flow) / (1 + rate / 100) ** year for year, flow in enumerate(deal))
        assert abs(worth) <= 1e-5 * gross


def test_the_three_cases_of_a_property_agree_with_the_formulas_and_are_ordered():
    terms = Underwriting()
    home = one_property()
    row = investment_measures(home, [450_000.0], [500_000.0], terms, ([400_000.0], [500_000.0])).iloc[0]
    assert row["irr_bear_pct"] < row["irr_base_pct"] < row["irr_bull_pct"]
    cost = costs(homes(home, [450_000.0], terms), terms)
    # NOI as worked in test_cashflow; at a rent of 1,800: 21,600 x (0.95 x 0.92 - 0.13 - 1 / 36) - 6,950.
    noi, low = row["noi_usd"], 21_600 * (0.95 * 0.92 - 0.13 - 1 / 36) - 6_950
    assert row["irr_base_pct"] == pytest.approx(holding_return_pct(noi, 450_000, 0.03, cost, terms)[0])
    assert row["irr_bear_pct"] == pytest.approx(holding_return_pct(low, 400_000, 0.0, cost, terms)[0])
    assert not row["meets_one_percent_rule"]
    left = cost.flip_cash_usd[0] - 500_000 * 0.75 * 0.98
    assert row["brrrr_cash_left_usd"] == pytest.approx(left)


def test_a_whole_five_years_worked_by_hand():
    # No loan, no costs: 100,000 paid, 6,000 a year, sold at 100,000: the return is the yield.
    terms = Underwriting(
        down_payment_share=1.0, closing_cost_share=0.0, selling_cost_share=0.0, noi_growth_rate=0.0
    )
    cost = costs(Home(100_000.0, 100_000.0, 1_000.0, 0.0, None, None), terms)
    assert float(cost.rental_cash_usd) == 100_000
    assert float(holding_return_pct(6_000.0, 100_000.0, 0.0, cost, terms)) == pytest.approx(6.0)


def test_without_a_price_or_a_value_there_is_no_return():
    for home, value in ((one_property(list_price_usd=None), 450_000.0), (one_property(), np.nan)):
        row = investment_measures(home, [value], [500_000.0], Underwriting()).iloc[0]
        assert np.isnan(row["irr_base_pct"])


def test_cases_in_the_wrong_order_are_refused():
    with pytest.raises(ValueError, match="bear <= base <= bull"):
        Cases(bear=0.05, base=0.03, bull=0.0)


def test_a_missing_amount_makes_the_balance_missing():
    assert np.isnan(holding.loan_balance(np.nan, 0.06, 30, 5))
    assert np.isnan(cashflow.annual_debt_service(np.nan, 0.06, 30))
