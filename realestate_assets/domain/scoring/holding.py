"""Returns of holding a property: refinancing after repairs, and the internal rate of return over some years.

Amounts are USD, rates are shares a year; a missing input makes the result missing. See `cashflow`.
"""

import numpy as np

from realestate_assets.domain.scoring.cashflow import Floats, Values, annual_debt_service, as_floats

# Rates of return that are looked for; beyond them a deal's figures are wrong, not its return.
LOWEST_RATE, HIGHEST_RATE = -0.99, 10.0
# Halvings of that span: the rate is exact to 1e-9.
HALVINGS = 34


def meets_one_percent_rule(rent_monthly_usd: Values, price_usd: Values) -> Floats:
    """1 where a month's rent is at least 1 % of the price, else 0; the investors' rule of thumb."""
    rent, price = as_floats(rent_monthly_usd), as_floats(price_usd)
    return np.where(np.isnan(rent) | np.isnan(price), np.nan, (rent >= 0.01 * price).astype(float))


def cash_left_after_refinance(
    cash_invested_usd: Values, arv_usd: Values, refinance_ltv: float, refinance_cost_share: float
) -> Floats:
    """Cash still in the deal after "buy, rehab, rent, refinance, repeat" (BRRRR), USD.

    Source: D. Greene, Buy, Rehab, Rent, Refinance, Repeat (2019): all cash put in less the new loan, which is
    a share of the after-repair value, net of its costs. Below 0 the refinancing pays out more than went in.
    """
    loan = as_floats(arv_usd) * refinance_ltv
    return as_floats(cash_invested_usd) - loan * (1 - refinance_cost_share)


def loan_balance(loan_usd: Values, interest_rate: float, term_years: int, years: int) -> Floats:
    """What is still owed after some years of level monthly payments, USD; 0 after the term.

    Source: the annuity formula, balance = L (1 + i)^k - payment ((1 + i)^k - 1) / i with the monthly rate i.
    """
    loan = as_floats(loan_usd)
    if years >= term_years:
        return loan * 0.0
    months, rate = years * 12, interest_rate / 12
    payment = annual_debt_service(loan, interest_rate, term_years) / 12
    grown = (1 + rate) ** months
    return loan * grown - payment * (months if rate == 0 else (grown - 1) / rate)


def holding_cash_flows(
    cash_invested_usd: Values,
    noi_usd: Values,
    loan_usd: Values,
    value_usd: Values,
    *,
    years: int,
    interest_rate: float,
    loan_term_years: int,
    appreciation_rate: float,
    noi_growth_rate: float,
    selling_cost_share: float,
) -> Floats:
    """Yearly cash flows of a rental that is sold in the end, USD: rows x (years + 1), the purchase first.

    Each year's is NOI, which grows from the second year on, less debt service; the last one's holds the sale
    at the value grown by the appreciation rate, less selling costs and the loan still owed.
    Source: discounted cash flow analysis, The Appraisal of Real Estate (Appraisal Institute).
    """
    flows = [-as_floats(cash_invested_usd)]
    debt = annual_debt_service(loan_usd, interest_rate, loan_term_years)
    for year in range(years):
        # The loan may be shorter than the holding.
        flows.append(as_floats(noi_usd) * (1 + noi_growth_rate) ** year - debt * (year < loan_term_years))
    sale = as_floats(value_usd) * (1 + appreciation_rate) ** years * (1 - selling_cost_share)
    flows[-1] = flows[-1] + sale - loan_balance(loan_usd, interest_rate, loan_term_years, years)
    return np.stack(np.broadcast_arrays(*flows), axis=-1)


def internal_rate_of_return_pct(flows: Values) -> Floats:
    """The rate at which yearly cash flows (rows x years, the first now) are worth nothing today, %.

    By bisection, because Newton's steps may leave the span. Missing where a flow is, or where the present
    value does not fall from above 0 to below it between LOWEST_RATE and HIGHEST_RATE.
    """
    flows = as_floats(flows)
    years = np.arange(flows.shape[-1])

    def present_value(rate: Floats) -> Floats:
        return (flows / (1 + rate)[..., None] ** years).sum(axis=-1)

    low = np.full(flows.shape[:-1], LOWEST_RATE)
    high = np.full(flows.shape[:-1], HIGHEST_RATE)
    found = (present_value(low) > 0) & (present_value(high) < 0)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        above = present_value(middle) > 0
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.where(found, 100 * (low + high) / 2, np.nan)
