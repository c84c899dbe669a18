"""The investment measures of a partition: which columns and which county assumptions feed which formula.

The formulas are in `cashflow`; the score built on them is in `scoring`.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from realestate_assets.domain.counties.county import Underwriting
from realestate_assets.domain.scoring import cashflow, holding
from realestate_assets.domain.scoring.cashflow import Floats, Values, as_floats


@dataclass(frozen=True)
class Costs:
    """Yearly and one-off amounts behind the measures, USD; the memo prints them."""

    tax_usd: Floats
    insurance_usd: Floats
    repairs_usd: Floats
    loan_usd: Floats
    debt_service_usd: Floats
    rental_cash_usd: Floats
    flip_cash_usd: Floats


def costs(
    price_usd: Values,
    living_area_sqft: Values,
    condition_code: Values,
    tax_annual_usd: Values,
    terms: Underwriting,
) -> Costs:
    """What buying and holding at this price takes, by the county's assumptions."""
    price = as_floats(price_usd)
    tax = cashflow.annual_tax(tax_annual_usd, price, terms.property_tax_rate)
    insurance = price * terms.insurance_rate
    repairs = cashflow.repair_estimate(living_area_sqft, condition_code, terms.repair_usd_per_sqft)
    loan = price * (1 - terms.down_payment_share)
    return Costs(
        tax_usd=tax,
        insurance_usd=insurance,
        repairs_usd=repairs,
        loan_usd=loan,
        debt_service_usd=cashflow.annual_debt_service(loan, terms.interest_rate, terms.loan_term_years),
        rental_cash_usd=cashflow.rental_cash_invested(
            price, repairs, terms.down_payment_share, terms.closing_cost_share
        ),
        flip_cash_usd=cashflow.flip_cash_invested(
            price,
            repairs,
            tax,
            insurance,
            closing_cost_share=terms.closing_cost_share,
            holding_months=terms.holding_months,
        ),
    )


def rental_income(
    rent_monthly_usd: Values, cost: Costs, hoa_monthly_usd: Values, terms: Underwriting
) -> Floats:
    """NOI at a rent, by the county's assumptions, USD a year."""
    return cashflow.net_operating_income(
        rent_monthly_usd,
        cost.tax_usd,
        cost.insurance_usd,
        vacancy_rate=terms.vacancy_rate,
        maintenance_rate=terms.maintenance_rate,
        management_rate=terms.management_rate,
        hoa_monthly_usd=hoa_monthly_usd,
    )


def holding_return_pct(
    noi_usd: Values, value_usd: Values, appreciation_rate: float, cost: Costs, terms: Underwriting
) -> Floats:
    """Internal rate of return of the years a rental is held, bought with the county's loan, %."""
    flows = holding.holding_cash_flows(
        cost.rental_cash_usd,
        noi_usd,
        cost.loan_usd,
        value_usd,
        years=terms.hold_years,
        interest_rate=terms.interest_rate,
        loan_term_years=terms.loan_term_years,
        appreciation_rate=appreciation_rate,
        noi_growth_rate=terms.noi_growth_rate,
        selling_cost_share=terms.selling_cost_share,
    )
    return holding.internal_rate_of_return_pct(flows)


def investment_measures(
    features: pd.DataFrame,
    value_usd: Values,
    arv_usd: Values,
    terms: Underwriting,
    value_range_usd: tuple[Values, Values] | None = None,
) -> pd.DataFrame:
    """The measures of `scores`, one row a feature row, in the same order.

    Args:
        features: rows of marts.features; the asking price is `list_price_usd`.
        value_usd: market value P50 per row.
        arv_usd: after-repair value per row.
        terms: the county's underwriting assumptions.
        value_range_usd: P10 and P90 per row, for the bear and bull case; P50 in all cases by default.
    """
    price = as_floats(features["list_price_usd"])
    cost = costs(
        price, features["living_area_sqft"], features["condition_code"], features["tax_annual_usd"], terms
    )
    rent, rent_low, rent_high = cashflow.rent_estimate(
        features["bedroom_rent_usd"], features["zip_median_rent_usd"], terms.rent_range_share
    )
    low_noi, noi, high_noi = (
        rental_income(each, cost, features["hoa_monthly_usd"], terms) for each in (rent_low, rent, rent_high)
    )
    low_value, high_value = value_range_usd or (value_usd, value_usd)
    rates = terms.appreciation_rates
    one_percent = holding.meets_one_percent_rule(rent, price)
    profit = cashflow.flip_profit(arv_usd, cost.flip_cash_usd, terms.selling_cost_share)
    # No source of loans exists yet; the columns are there so that one only has to be filled in.
    known_loan = np.full(len(features), np.nan)
    return pd.DataFrame(
        {
            "discount_to_value_pct": cashflow.discount_to_value_pct(value_usd, price),
            "repair_estimate_usd": cost.repairs_usd,
            "max_allowable_offer_usd": cashflow.max_allowable_offer(
                arv_usd, cost.repairs_usd, terms.mao_factor
            ),
            "rent_monthly_usd": rent,
            "rent_low_usd": rent_low,
            "rent_high_usd": rent_high,
            "noi_usd": noi,
            "cap_rate_pct": cashflow.cap_rate_pct(noi, price),
            "cash_on_cash_pct": cashflow.cash_on_cash_pct(noi, cost.debt_service_usd, cost.rental_cash_usd),
            "dscr": cashflow.debt_service_coverage(noi, cost.debt_service_usd),
            "gross_rent_multiplier": cashflow.gross_rent_multiplier(price, rent),
            "meets_one_percent_rule": pd.array(one_percent, dtype="Float64").astype("boolean"),
            "brrrr_cash_left_usd": holding.cash_left_after_refinance(
                cost.flip_cash_usd, arv_usd, terms.refinance_ltv, terms.refinance_cost_share
            ),
            "irr_bear_pct": holding_return_pct(low_noi, low_value, rates.bear, cost, terms),
            "irr_base_pct": holding_return_pct(noi, value_usd, rates.base, cost, terms),
            "irr_bull_pct": holding_return_pct(high_noi, high_value, rates.bull, cost, terms),
            "flip_profit_usd": profit,
            "flip_roi_pct": cashflow.return_on_investment_pct(profit, cost.flip_cash_usd),
            "equity_usd": cashflow.equity(value_usd, known_loan),
            "ltv_pct": cashflow.loan_to_value_pct(known_loan, value_usd),
        },
        index=features.index,
    )
