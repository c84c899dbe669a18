"""What the panel of a board computes from: inputs of each deal, the county's terms, the cases of a stress.

The panel's script (templates/board/underwriting.js) puts them through the formulas of `scoring.stress`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from realestate_assets.domain.core.formats import known
from realestate_assets.domain.counties.underwriting import Underwriting
from realestate_assets.domain.scoring.stress import case_names, cases

# In cents, finer than the board's columns: what is made of a rounded rent is off by more than a dollar.
INPUTS = (
    "asking_price_usd",
    "market_value_p50_usd",
    "living_area_sqft",
    "repair_estimate_usd",
    "tax_annual_usd",
    "hoa_monthly_usd",
    "rent_monthly_usd",
    "arv_usd",
)
# Assumptions that the formulas read.
TERMS = frozenset(
    {
        "property_tax_rate",
        "insurance_rate",
        "rebuilding_usd_per_sqft",
        "vacancy_rate",
        "maintenance_rate",
        "reserve_rate",
        "management_rate",
        "turnover_rent_months",
        "tenancy_years",
        "rental_utilities_monthly_usd",
        "flip_utilities_monthly_usd",
        "down_payment_share",
        "interest_rate",
        "loan_term_years",
        "closing_cost_share",
        "selling_cost_share",
        "holding_months",
        "mao_factor",
    }
)
# Headings of the stress table, in the order in which the script fills it.
STRESS_HEADS = (
    "Net operating income",
    "Debt coverage (DSCR)",
    "Cash on cash",
    "Flip profit",
    "Flip return",
    "Maximum offer",
)


def what_if(deals: Sequence[Mapping], terms: Underwriting) -> dict[str, Any]:
    """Inputs column by column, terms and cases, ready for JSON."""
    return {
        "inputs": {name: [_cents(deal.get(name)) for deal in deals] for name in INPUTS},
        "terms": script_terms(terms),
        "cases": script_cases(terms),
    }


def script_terms(terms: Underwriting) -> dict[str, Any]:
    """The assumptions under their own names, with the rule of the state."""
    return {**terms.model_dump(include=set(TERMS)), "tax_after_sale": terms.after_sale}


def script_cases(terms: Underwriting) -> list[dict[str, Any]]:
    """The cases of the stress table with their names, the deal as it is first."""
    names = case_names(terms.stress)
    return [{**asdict(case), "name": names[case.code]} for case in cases(terms.stress)]


def _cents(value: float | None) -> float | int | None:
    amount = known(value)
    if amount is None or amount in (float("inf"), float("-inf")):
        return None
    rounded = round(amount, 2)
    return int(rounded) if rounded.is_integer() else rounded
