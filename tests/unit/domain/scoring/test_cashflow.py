"""Every formula against an example worked by hand; nothing missing becomes 0."""

import inspect

import numpy as np
import pandas as pd
import pytest

from realestate_assets.domain.counties.underwriting import Underwriting
from realestate_assets.domain.scoring import carrying, cashflow
from realestate_assets.domain.scoring.costs import costs
from realestate_assets.domain.scoring.measures import homes, investment_measures

RATES = {1: 60.0, 2: 35.0, 3: 15.0, 4: 6.0, 5: 0.0}


def test_repairs_are_area_times_the_rate_of_the_condition():
    # 2,000 sq ft in condition 2: 2,000 x 35 = 70,000; condition 5 needs nothing.
    estimate = cashflow.repair_estimate([2000, 2000], [2, 5], RATES)
    assert estimate.tolist() == [70_000.0, 0.0]


def test_an_unknown_or_unlisted_condition_gives_no_repair_estimate():
    assert np.isnan(cashflow.repair_estimate([2000, 2000], [np.nan, 9], RATES)).all()


def test_the_maximum_offer_follows_the_seventy_per_cent_rule():
    # 300,000 x 0.70 - 40,000 = 170,000; it may be negative: 100,000 x 0.70 - 90,000 = -20,000.
    assert cashflow.max_allowable_offer([300_000, 100_000], [40_000, 90_000], 0.70).tolist() == pytest.approx(
        [170_000, -20_000]
    )


def noi(**changes: object) -> np.ndarray:
    settings = {
        "rent_monthly_usd": 2_000.0,
        "fixed_costs_usd": 6_400.0,
        "vacancy_rate": 0.05,
        "maintenance_rate": 0.08,
        "management_rate": 0.08,
        **changes,
    }
    return cashflow.net_operating_income(**settings)


def test_net_operating_income_adds_up_by_hand():
    # Gross 24,000; collected 22,800; maintenance 1,920; management 1,824; 22,800-4,400-2,000-1,920-1,824.
    assert noi() == pytest.approx(12_656)


def test_the_reserve_and_a_change_of_tenants_come_off_the_income():
    # 5 % of 24,000 is 1,200; a month of rent every three years is 667 a year.
    turnover = carrying.turnover_cost(2_000, 1.0, 3.0)
    assert turnover == pytest.approx(666.67, abs=0.01)
    assert noi(reserve_rate=0.05, turnover_usd=turnover) == pytest.approx(12_656 - 1_200 - 666.67, abs=0.01)


@pytest.mark.parametrize("missing", ["rent_monthly_usd", "fixed_costs_usd"])
def test_income_is_missing_where_one_of_its_parts_is(missing):
    assert np.isnan(noi(**{missing: np.nan}))


def test_the_mortgage_payment_is_the_textbook_annuity():
    # 200,000 at 6 % over 30 years: 1,199.10 a month, as in every mortgage table.
    assert cashflow.annual_debt_service(200_000, 0.06, 30) / 12 == pytest.approx(1_199.10, abs=0.005)


def test_a_loan_without_interest_is_paid_back_in_equal_parts():
    assert cashflow.annual_debt_service(120_000, 0.0, 10) == pytest.approx(12_000)


def test_the_loan_is_paid_off_after_its_term():
    balance, payment = 200_000.0, float(cashflow.annual_debt_service(200_000, 0.06, 30)) / 12
    for _ in range(360):
        balance = balance * (1 + 0.06 / 12) - payment
    assert balance == pytest.approx(0, abs=1e-4)


def test_ratios_come_out_as_worked_by_hand():
    assert cashflow.cap_rate_pct(12_656, 400_000) == pytest.approx(3.164)
    # (12,656 - 8,000) / 120,000.
    assert cashflow.cash_on_cash_pct(12_656, 8_000, 120_000) == pytest.approx(3.88)
    assert cashflow.debt_service_coverage(12_656, 8_000) == pytest.approx(1.582)
    # 400,000 / 24,000.
    assert cashflow.gross_rent_multiplier(400_000, 2_000) == pytest.approx(16.6667, abs=1e-4)
    assert cashflow.discount_to_value_pct(500_000, 450_000) == pytest.approx(10)
    assert cashflow.discount_to_value_pct(500_000, 550_000) == pytest.approx(-10)


def test_a_ratio_over_nothing_is_missing_and_not_infinite():
    assert np.isnan(cashflow.cap_rate_pct([1_000, 1_000], [0, np.nan])).all()
    assert np.isnan(cashflow.debt_service_coverage(1_000, 0))


def test_a_rental_takes_down_payment_closing_and_repairs():
    # 400,000 x (0.25 + 0.03) + 30,000.
    assert cashflow.rental_cash_invested(400_000, 30_000, 0.25, 0.03) == pytest.approx(142_000)


def test_a_flip_adds_up_by_hand():
    # 200,000 + 6,000 closing + 30,000 repairs + (2,200 + 1,000) x 6/12 = 237,600 cash.
    held = carrying.holding_cost(2_200, 1_000, 0, 0, 6)
    cash = cashflow.flip_cash_invested(200_000, 30_000, held, 0.03)
    assert cash == pytest.approx(237_600)
    # 300,000 x 0.92 - 237,600 = 38,400; 38,400 / 237,600 = 16.16 %.
    profit = cashflow.flip_profit(300_000, cash, 0.08)
    assert profit == pytest.approx(38_400)
    assert cashflow.return_on_investment_pct(profit, cash) == pytest.approx(16.1616, abs=1e-4)


def test_equity_and_loan_to_value_need_a_known_loan():
    assert cashflow.equity(500_000, 300_000) == 200_000
    assert cashflow.loan_to_value_pct(300_000, 500_000) == pytest.approx(60)
    assert np.isnan(cashflow.equity(500_000, np.nan))
    assert np.isnan(cashflow.loan_to_value_pct(np.nan, 500_000))


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (cashflow.max_allowable_offer, (300_000.0, 40_000.0, 0.7)),
        (cashflow.cap_rate_pct, (12_000.0, 400_000.0)),
        (cashflow.cash_on_cash_pct, (12_000.0, 8_000.0, 100_000.0)),
        (cashflow.debt_service_coverage, (12_000.0, 8_000.0)),
        (cashflow.gross_rent_multiplier, (400_000.0, 2_000.0)),
        (cashflow.rental_cash_invested, (400_000.0, 30_000.0, 0.25, 0.03)),
        (cashflow.flip_profit, (300_000.0, 237_600.0, 0.08)),
        (cashflow.return_on_investment_pct, (38_400.0, 237_600.0)),
        (cashflow.discount_to_value_pct, (500_000.0, 450_000.0)),
        (cashflow.repair_estimate, (2_000.0, 3.0, RATES)),
        (cashflow.annual_debt_service, (200_000.0, 0.06, 30)),
    ],
)
def test_a_missing_amount_makes_the_result_missing(function, arguments):
    assert np.isfinite(function(*arguments))
    names = list(inspect.signature(function).parameters)
    for position, name in enumerate(names):
        if name.endswith(("_usd", "area_sqft", "_code")):
            gapped = [np.nan if k == position else value for k, value in enumerate(arguments)]
            assert np.isnan(function(*gapped)), name


def one_property(**changes: object) -> pd.DataFrame:
    row = {
        "list_price_usd": 400_000.0,
        "living_area_sqft": 2_000.0,
        "condition_code": 3,
        "tax_annual_usd": None,
        "bedrooms": 2.0,
        "bedroom_rent_usd": None,
        # Gross: 2,000 without the allowance for utilities of two bedrooms.
        "zip_median_rent_usd": 2_112.0,
        "hoa_monthly_usd": None,
        **changes,
    }
    return pd.DataFrame([row]).astype("float64")


def test_the_measures_of_a_property_agree_with_the_formulas():
    terms = Underwriting()
    row = investment_measures(one_property(), [450_000.0], [500_000.0], terms).iloc[0]
    # Tax 450,000 x 1.1 % = 4,950; insurance 2,000 x 200 x 0.5 % = 2,000; reserve 1,200; re-letting 666.67:
    # 22,800 - 4,950 - 2,000 - 1,920 - 1,824 - 1,200 - 666.67.
    assert row["noi_usd"] == pytest.approx(10_239.33, abs=0.01)
    assert row["cap_rate_pct"] == pytest.approx(2.5598, abs=1e-4)
    assert row["repair_estimate_usd"] == 30_000
    assert row["max_allowable_offer_usd"] == pytest.approx(320_000)
    assert row["discount_to_value_pct"] == pytest.approx(11.1111, abs=1e-4)
    cost = costs(homes(one_property(), [450_000.0], terms), terms)
    assert cost.rental_cash_usd == pytest.approx(142_000)
    assert row["cash_on_cash_pct"] == pytest.approx(
        100 * (row["noi_usd"] - cost.debt_service_usd[0]) / cost.rental_cash_usd[0]
    )
    # Half a year of 4,950 + 2,000 + 12 x 200: 4,675; 412,000 + 30,000 + 4,675 = 446,675.
    assert cost.flip_cash_usd == pytest.approx(446_675)
    assert row["flip_profit_usd"] == pytest.approx(460_000 - 446_675)


def test_without_an_asking_price_only_what_needs_none_is_measured():
    row = investment_measures(
        one_property(list_price_usd=None), [450_000.0], [500_000.0], Underwriting()
    ).iloc[0]
    known = set(row.dropna().index)
    assert known == {
        "repair_estimate_usd",
        "max_allowable_offer_usd",
        "rent_monthly_usd",
        "rent_low_usd",
        "rent_high_usd",
        "noi_usd",
    }
