"""Underwriting arithmetic: repairs, offer, income, debt, returns. Pure functions over arrays.

Every argument may be a scalar or an array; amounts are USD, rates are shares a year (0.07 is 7 %), results
named `_pct` are per cent. A missing input (NaN) makes the result missing: nothing turns into 0.
Which columns feed which function is decided in `measures`, not here.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
# A scalar or an array; None is missing like NaN.
Values = ArrayLike | None


def as_floats(values: Values) -> Floats:
    """Values as float64 with NaN for missing; scalars become arrays of no dimension."""
    if values is None:
        return np.array(np.nan)
    # pandas needs to be told what its own missing marker becomes.
    to_numpy = getattr(values, "to_numpy", None)
    return to_numpy(dtype="float64", na_value=np.nan) if to_numpy else np.asarray(values, dtype="float64")


def _ratio(numerator: Values, denominator: Values) -> Floats:
    """Quotient where the denominator is above 0, else missing."""
    top, bottom = as_floats(numerator), as_floats(denominator)
    usable = np.where(bottom > 0, bottom, np.nan)
    return top / usable


def repair_estimate(
    living_area_sqft: Values, condition_code: Values, usd_per_sqft: Mapping[int, float]
) -> Floats:
    """Repairs = living area x the county's rate for the condition code, USD.

    Source: per-square-foot rehab budgeting (Investor practice; the rates are county assumptions and are
    printed on the memo). A condition without a rate gives no estimate.
    """
    area, code = as_floats(living_area_sqft), as_floats(condition_code)
    rate = np.full(np.shape(code), np.nan)
    for known_code, known_rate in sorted(usd_per_sqft.items()):
        rate = np.where(code == known_code, known_rate, rate)
    return area * rate


def max_allowable_offer(arv_usd: Values, repairs_usd: Values, mao_factor: float) -> Floats:
    """ARV x factor - repairs, USD; may be negative.

    Source: the "70 % rule" of house flipping (factor 0.70), the rate set by market.
    """
    return as_floats(arv_usd) * mao_factor - as_floats(repairs_usd)


def net_operating_income(
    rent_monthly_usd: Values,
    fixed_costs_usd: Values,
    *,
    vacancy_rate: Values,
    maintenance_rate: float,
    management_rate: float,
    reserve_rate: float = 0.0,
    turnover_usd: Values = 0.0,
) -> Floats:
    """NOI = collected rent - fixed costs - maintenance - reserve - management - re-letting, USD a year.

    Source: income capitalisation (The Appraisal of Real Estate): potential gross income less vacancy, less
    operating expenses with an allowance for replacements, before debt service. Maintenance and reserve are
    shares of the gross rent, management a share of the collected rent. Fixed costs do not follow the rent:
    tax, insurance, association fee, utilities that the owner pays.
    """
    gross = as_floats(rent_monthly_usd) * 12
    collected = gross * (1 - as_floats(vacancy_rate))
    upkeep = gross * (maintenance_rate + reserve_rate) + collected * management_rate
    return collected - as_floats(fixed_costs_usd) - upkeep - as_floats(turnover_usd)


def annual_debt_service(loan_usd: Values, interest_rate: float, term_years: int) -> Floats:
    """Twelve level monthly payments, USD a year.

    Source: the annuity formula, payment = L x i / (1 - (1 + i)^-n) with the monthly rate i; L / n at 0 %.
    """
    months, monthly_rate = term_years * 12, interest_rate / 12
    factor = 1 / months if monthly_rate == 0 else monthly_rate / (1 - (1 + monthly_rate) ** -months)
    return as_floats(loan_usd) * factor * 12


def cap_rate_pct(noi_usd: Values, price_usd: Values) -> Floats:
    """NOI / price, %. Source: direct capitalisation, R = I / V."""
    return 100 * _ratio(noi_usd, price_usd)


def cash_on_cash_pct(noi_usd: Values, debt_service_usd: Values, cash_invested_usd: Values) -> Floats:
    """(NOI - debt service) / cash invested, %: the equity dividend rate, before income tax."""
    return 100 * _ratio(as_floats(noi_usd) - as_floats(debt_service_usd), cash_invested_usd)


def debt_service_coverage(noi_usd: Values, debt_service_usd: Values) -> Floats:
    """DSCR = NOI / annual debt service, the lender's ratio; missing where there is no debt."""
    return _ratio(noi_usd, debt_service_usd)


def gross_rent_multiplier(price_usd: Values, rent_monthly_usd: Values) -> Floats:
    """GRM = price / gross annual rent."""
    return _ratio(price_usd, as_floats(rent_monthly_usd) * 12)


def rental_cash_invested(
    price_usd: Values, repairs_usd: Values, down_payment_share: float, closing_cost_share: float
) -> Floats:
    """Cash a rental purchase takes: down payment + closing costs + repairs, USD."""
    return as_floats(price_usd) * (down_payment_share + closing_cost_share) + as_floats(repairs_usd)


def flip_cash_invested(
    price_usd: Values, repairs_usd: Values, holding_usd: Values, closing_cost_share: float
) -> Floats:
    """Cash of a flip bought without a loan: price + closing + repairs + what holding it costs, USD.

    Without a loan on purpose: leverage would make the return a matter of the loan, not of the property.
    """
    bought = as_floats(price_usd) * (1 + closing_cost_share)
    return bought + as_floats(repairs_usd) + as_floats(holding_usd)


def flip_profit(arv_usd: Values, cash_invested_usd: Values, selling_cost_share: float) -> Floats:
    """ARV less selling costs less all cash put in, USD."""
    return as_floats(arv_usd) * (1 - selling_cost_share) - as_floats(cash_invested_usd)


def return_on_investment_pct(profit_usd: Values, cash_invested_usd: Values) -> Floats:
    """Profit / cash invested, %."""
    return 100 * _ratio(profit_usd, cash_invested_usd)


def equity(value_usd: Values, loan_usd: Values) -> Floats:
    """Value less the loan, USD; missing where the loan is not known."""
    return as_floats(value_usd) - as_floats(loan_usd)


def loan_to_value_pct(loan_usd: Values, value_usd: Values) -> Floats:
    """Loan / value, %; missing where the loan is not known."""
    return 100 * _ratio(loan_usd, value_usd)


def discount_to_value_pct(value_usd: Values, price_usd: Values) -> Floats:
    """(Value - price) / value, %: positive where the price is below the value."""
    return 100 * _ratio(as_floats(value_usd) - as_floats(price_usd), value_usd)
