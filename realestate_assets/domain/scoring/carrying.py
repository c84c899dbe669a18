"""What owning a home costs a year, let or empty: insurance, property tax, re-letting. Pure functions.

None of it follows the ask, except where the law makes the price the tax base: a higher ask makes no home
dearer to insure. Amounts are USD, rates shares a year; a missing input makes the result missing.
"""

import numpy as np

from realestate_assets.domain.counties.tax_rules import TaxAfterSale
from realestate_assets.domain.scoring.cashflow import Floats, Values, as_floats


def insured_value(
    living_area_sqft: Values, value_usd: Values, rebuilding_usd_per_sqft: float | None
) -> Floats:
    """What a policy insures, USD: the cost of rebuilding; the market value where it is not known.

    Source: replacement cost coverage (ISO form HO 00 03, loss settlement): a building is insured for what
    rebuilding it costs, neither for its price nor for its land.
    """
    value = as_floats(value_usd)
    if rebuilding_usd_per_sqft is None:
        return value
    rebuilding = as_floats(living_area_sqft) * rebuilding_usd_per_sqft
    return np.where(np.isnan(rebuilding), value, rebuilding)


def property_tax(
    bill_usd: Values, price_usd: Values, value_usd: Values, tax_rate: float, after_sale: TaxAfterSale
) -> Floats:
    """The buyer's property tax, USD a year.

    Args:
        bill_usd: the recorded bill, which is the seller's.
        price_usd: what the buyer pays.
        value_usd: the market value.
        tax_rate: the county's effective rate, a share of the base.
        after_sale: what a sale does to the tax; the laws stand in config/property_tax_rules.yaml.
    """
    if after_sale == "price":
        return as_floats(price_usd) * tax_rate
    anew = as_floats(value_usd) * tax_rate
    bill = as_floats(bill_usd)
    return anew if after_sale == "value" else np.where(np.isnan(bill), anew, bill)


def turnover_cost(rent_monthly_usd: Values, rent_months: float, tenancy_years: float) -> Floats:
    """What a change of tenants costs, spread over the years they stay, USD a year.

    Letting fee and making ready, in months of rent; the empty weeks are the vacancy rate's affair.
    """
    return as_floats(rent_monthly_usd) * rent_months / tenancy_years


def holding_cost(
    tax_usd: Values, insurance_usd: Values, association_usd: Values, utilities_usd: Values, months: int
) -> Floats:
    """What an empty home costs until it is sold, USD: yearly tax, insurance, association fee, utilities."""
    yearly = as_floats(tax_usd) + as_floats(insurance_usd) + as_floats(association_usd)
    return (yearly + as_floats(utilities_usd)) * months / 12
