"""What buying and owning homes costs by the county's assumptions, and what letting them leaves.

The formulas are in `cashflow` and `carrying`; this says which of the county's assumptions feed which.
"""

from dataclasses import dataclass

import numpy as np

from realestate_assets.domain.counties.underwriting import Underwriting
from realestate_assets.domain.scoring import carrying, cashflow
from realestate_assets.domain.scoring.cashflow import Floats, Values, as_floats


@dataclass(frozen=True)
class Home:
    """What the costs of homes are made of, one entry a home or scalars; what is not known is missing."""

    price_usd: Values
    value_usd: Values
    living_area_sqft: Values
    repairs_usd: Values
    tax_annual_usd: Values
    hoa_monthly_usd: Values


@dataclass(frozen=True)
class Costs:
    """Yearly and one-off amounts behind the measures, USD; the memo prints them."""

    tax_usd: Floats
    insurance_usd: Floats
    # Nothing where no fee is known; the memo says so.
    association_usd: Floats
    let_utilities_usd: float
    flip_utilities_usd: float
    repairs_usd: Floats
    loan_usd: Floats
    debt_service_usd: Floats
    rental_cash_usd: Floats
    flip_holding_usd: Floats
    flip_cash_usd: Floats

    @property
    def fixed_usd(self) -> Floats:
        """What a let home costs a year whatever its rent."""
        return self.tax_usd + self.insurance_usd + self.association_usd + self.let_utilities_usd


def costs(home: Home, terms: Underwriting) -> Costs:
    """What buying and holding at this price takes, by the county's assumptions."""
    price, repairs = as_floats(home.price_usd), as_floats(home.repairs_usd)
    known_value = as_floats(home.value_usd)
    # A home without a value has measures and no score: the price is all that is known of its worth.
    value = np.where(np.isnan(known_value), price, known_value)
    tax = carrying.property_tax(home.tax_annual_usd, price, value, terms.property_tax_rate, terms.after_sale)
    insured = carrying.insured_value(home.living_area_sqft, value, terms.rebuilding_usd_per_sqft)
    insurance = insured * terms.insurance_rate
    association = np.nan_to_num(as_floats(home.hoa_monthly_usd)) * 12
    flip_utilities = terms.flip_utilities_monthly_usd * 12
    held = carrying.holding_cost(tax, insurance, association, flip_utilities, terms.holding_months)
    loan = price * (1 - terms.down_payment_share)
    return Costs(
        tax_usd=tax,
        insurance_usd=insurance,
        association_usd=association,
        let_utilities_usd=terms.rental_utilities_monthly_usd * 12,
        flip_utilities_usd=flip_utilities,
        repairs_usd=repairs,
        loan_usd=loan,
        debt_service_usd=cashflow.annual_debt_service(loan, terms.interest_rate, terms.loan_term_years),
        rental_cash_usd=cashflow.rental_cash_invested(
            price, repairs, terms.down_payment_share, terms.closing_cost_share
        ),
        flip_holding_usd=held,
        flip_cash_usd=cashflow.flip_cash_invested(price, repairs, held, terms.closing_cost_share),
    )


def rental_income(rent_monthly_usd: Values, cost: Costs, terms: Underwriting) -> Floats:
    """NOI at a rent, by the county's assumptions, USD a year."""
    return cashflow.net_operating_income(
        rent_monthly_usd,
        cost.fixed_usd,
        vacancy_rate=terms.vacancy_rate,
        maintenance_rate=terms.maintenance_rate,
        management_rate=terms.management_rate,
        reserve_rate=terms.reserve_rate,
        turnover_usd=carrying.turnover_cost(
            rent_monthly_usd, terms.turnover_rent_months, terms.tenancy_years
        ),
    )
